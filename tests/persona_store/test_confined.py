"""What a process may still do once it is confined, and what it hears; each is tried in a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from persona_store import confined

ROOT = Path(confined.__file__).parents[1]


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", f"from persona_store import confined\n{code}", *arguments]
    return subprocess.run(command, capture_output=True, cwd=ROOT, timeout=30, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_it_has_so_much_memory_and_time_and_writes_no_file(tmp_path: Path) -> None:
    code = (
        "import resource, sys\n"
        "confined.limit(1 << 30, seconds=7)\n"
        "try: bytearray(2 << 30)\n"
        "except MemoryError: print('memory')\n"
        "try: open(sys.argv[1], 'wb', buffering=0).write(b'x')\n"
        "except OSError: print('file')\n"
        "print(*resource.getrlimit(resource.RLIMIT_CPU))"
    )
    assert run(code, str(tmp_path / "x")).stdout.split() == [b"memory", b"file", b"7", b"7"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_once_shut_it_opens_no_file_and_no_connection_and_still_answers() -> None:
    code = (
        "import socket\n"
        "told = confined.only_answers()\n"
        "confined.shut()\n"
        "for each in (lambda: open('/etc/hostname'), socket.socket):\n"
        "    try: each()\n"
        "    except OSError: told.write(b'refused ')\n"
        "told.flush()"
    )
    assert run(code).stdout == b"refused refused "


def test_what_a_library_prints_is_no_answer() -> None:
    code = (
        "import os\n"
        "told = confined.only_answers()\n"
        "print('from Python', flush=True)\n"
        "os.write(1, b'from native code')\n"
        "told.write(b'answer')\n"
        "told.flush()"
    )
    done = run(code)
    assert done.stdout == b"answer"
    assert b"from Python" in done.stderr
    assert b"from native code" in done.stderr


def test_requests_are_heard_one_by_one_until_the_pipe_ends() -> None:
    """Also one of nothing; half a length is the end."""
    pipe = io.BytesIO(b"\0\0\0\3abc" + b"\0\0\0\0" + b"\0\0\1\0" + b"x" * 256 + b"\0\0")
    assert list(confined.asked(pipe)) == [b"abc", b"", b"x" * 256]
