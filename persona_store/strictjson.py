"""JSON for what is signed: one meaning or none.

Python's reader takes NaN, lets the last of two equal keys win, hands out lone surrogates and dies of `[[[[…`; two
readers that settle such things differently would see two different records under one signature. Imported files are
read by persona_store/sources/jsonsafe.py, which forgives what a stranger's exporter did; nothing is forgiven here.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_DIGITS = 18

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class NotStrict(ValueError):
    """Says in a few words what is wrong; never quotes the content."""


def loads(raw: bytes) -> Any:
    """The value, without floats, duplicate keys, lone surrogates or surprises of encoding. Raises NotStrict."""
    if len(raw) > MAX_BYTES:
        raise NotStrict(f"it is larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict(f"byte {error.start} is not UTF-8") from None
    _check_depth(raw)
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_float=_no_float, parse_int=_short_int, parse_constant=_no_float
        )
        text_of = json.dumps(value, ensure_ascii=False)
        text_of.encode("utf-8")  # an escape like \ud800 without its other half has no UTF-8 form
    except json.JSONDecodeError as error:
        raise NotStrict(f"it is not JSON from character {error.pos} on") from None
    except UnicodeEncodeError:
        raise NotStrict("it holds half of a surrogate pair") from None
    return value


def _check_depth(raw: bytes) -> None:
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NotStrict(f"it is nested deeper than {MAX_DEPTH} levels")
        elif byte in b"]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotStrict("an object has the same key twice")
    return found


def _no_float(_: str) -> NoReturn:
    raise NotStrict("numbers are whole; floats, NaN and Infinity do not exist here")


def _short_int(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        raise NotStrict(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)
