"""What a process may do that runs native code on what strangers sent, and how such a process is asked.

Its file is run as a script by whoever asks (`sources/pdf.py`, `sources/ocr.py`, `bots/embedding/local.py`), with
our import path and nothing else of our environment. Native code that breaks then breaks that process only, and
whoever started it ends it when it takes too long.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO


def limit(memory: int, *, seconds: int = 0) -> None:
    """So many bytes of address space, and seconds of processor time if any are said; and no file may be written.
    Windows has no such limits; there only the clock of whoever started it counts."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def shut() -> None:
    """From here on nothing is opened: no file, no connection."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def only_answers() -> BinaryIO:
    """Standard output, for answers alone: whatever a library prints goes where errors go."""
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return told


def asked(given: BinaryIO) -> Iterator[bytes]:
    """Each behind its length (four bytes, big-endian), until nobody asks any more."""
    while len(head := given.read(4)) == 4:
        yield given.read(int.from_bytes(head, "big"))
