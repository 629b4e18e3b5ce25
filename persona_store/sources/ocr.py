"""Pictures into lines and areas, by a process of its own for as long as pictures come (`ocr_worker.py`)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from persona_store.errors import Refused
from persona_store.sources import ocr_worker
from persona_store.sources.image_header import MOST_PIXELS, check_image
from persona_store.sources.picture import Picture

SECONDS = 60.0  # a picture, by the clock: a very long one has twenty screens, and each takes one
LOADING = 30.0  # the models, once
MOST_OUTPUT = 16 << 20  # bytes of an answer

Look = Callable[[bytes, str], Picture]
"""A picture's bytes and its name, for errors."""


class Recogniser:
    """Loads the models with the first picture, and again after one that broke it. `close` when no more will come.

    One process sees many pictures: loading takes longer than reading. What a picture does to the process ends with
    it, since a process that died, was late or said nonsense is not used again."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, raw: bytes, name: str) -> Picture:
        """Raises Refused TYPE_MISMATCH, IMAGE_PIXELS, IMAGE_BROKEN, IMAGE_LIMITS, or OCR_LIBRARY where the extra is
        not installed."""
        width, height = check_image(raw, name)
        told = self._told(raw, name)
        if told == {"broken": True}:
            raise Refused("IMAGE_BROKEN", f"{name!r} is damaged", "save it again")
        try:
            picture = msgspec.convert(told, Picture)
        except msgspec.ValidationError:
            self.close()
            raise _limits(name) from None
        if sorted((picture.width, picture.height)) != sorted((width, height)):  # a phone's may be turned
            raise Refused("IMAGE_BROKEN", f"{name!r} is not as large as it says", "save it again")
        return picture

    def close(self) -> None:
        process, self._process = self._process, None
        if process:
            process.kill()
            with contextlib.suppress(OSError), process:  # closes its pipes, of which one may be broken, and waits
                pass

    def _told(self, raw: bytes, name: str) -> object:
        fresh = self._process is None
        process = self._process = self._process or _started()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Timer(self._seconds + LOADING * fresh, process.kill)
        late.start()
        try:
            process.stdin.write(len(raw).to_bytes(4, "big") + raw)
            process.stdin.flush()
            line = process.stdout.readline(MOST_OUTPUT)
        except OSError:
            line = b""  # it ended before it had read everything
        finally:
            late.cancel()
        if line.endswith(b"\n"):
            try:
                return msgspec.json.decode(line)
            except msgspec.DecodeError:
                process.kill()  # what talks nonsense is not asked again
        if process.poll() is None and line:
            process.kill()
        if process.wait(timeout=self._seconds) == ocr_worker.NO_LIBRARY:
            self.close()
            raise Refused("OCR_LIBRARY", f"{name!r} cannot be read", "pip install 'understudy[ocr]'")
        self.close()
        raise _limits(name)


def _started() -> subprocess.Popen[bytes]:
    """It gets our import path and nothing else of our environment: no credentials, no proxy to go out by."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter and file; the pictures are on its standard input
        [sys.executable, "-P", str(Path(ocr_worker.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(sys.path), "OPENCV_IO_MAX_IMAGE_PIXELS": str(MOST_PIXELS)},
    )


def _limits(name: str) -> Refused:
    return Refused("IMAGE_LIMITS", f"reading {name!r} took too long or too much memory", "cut it into several")
