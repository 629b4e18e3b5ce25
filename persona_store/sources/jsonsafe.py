"""JSON from strangers: bounded and strict, and still as fast as msgspec.

Python's own reader takes NaN, lets the last of two equal keys win, hands out lone surrogates that break at the next
write and dies of `[[[[…`. msgspec's is strict about most of that; the rest is checked on its result.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any

import msgspec

from persona_store.errors import Refused

MAX_DEPTH = 64
MAX_INT = 1 << 63  # WeChat numbers messages with 64 bits

_ESCAPED_COLON = re.compile(rb"\\u003[aA]")
# A pair of surrogates, or (group 1) half of one; escaped backslashes are stepped over so that `\\ud800` stays.
_SURROGATES = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)")


def loads(raw: bytes, name: str) -> Any:
    """The value in `raw`; Refused ENCODING, JSON_BROKEN, JSON_DEPTH, JSON_NUMBER or JSON_DUPKEY names the file."""
    text = _to_utf8(raw, name)
    value = _decode(text, name)
    _check_values(value, name)
    # msgspec keeps the last of two equal keys. Written out again the value then has fewer colons than it came with;
    # a colon spelt \u003a would make up for one, so such a text is always looked at closely.
    if text.count(b":") != msgspec.json.encode(value).count(b":") or _ESCAPED_COLON.search(text):
        _check_keys(text, name)
    return value


def _to_utf8(raw: bytes, name: str) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8"
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(
            "ENCODING", f"{name!r} is not {encoding.upper()} (byte {error.start})", "save it as UTF-8"
        ) from None
    return raw if encoding == "utf-8" else text.encode()


def _decode(text: bytes, name: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise _too_deep(name) from None
    except msgspec.ValidationError:  # a number that no float or integer holds
        raise _bad_number(name) from None
    except msgspec.DecodeError as error:
        whole = _SURROGATES.sub(lambda m: b"\\ufffd" if m[1] else m[0], text)
        if whole != text:
            return _decode(whole, name)
        if re.search(rb"[\[:,]\s*-?(?:NaN|Infinity)\b", text):
            raise _bad_number(name) from None
        where = re.search(r"byte (\d+)", str(error))
        place = f" at byte {where[1]}" if where else ": it ends too early"
        raise Refused("JSON_BROKEN", f"{name!r} is not JSON{place}", "export it again") from None


def _check_values(value: Any, name: str) -> None:
    """Walk level by level: the depth is the number of levels, and recursion has nothing to overflow."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            for inner in item.values() if type(item) is dict else item if type(item) is list else (item,):
                kind = type(inner)
                if kind is dict or kind is list:
                    below.append(inner)
                elif kind is int:
                    if not -MAX_INT < inner < MAX_INT:
                        raise _bad_number(name)
                elif kind is float and not math.isfinite(inner):
                    raise _bad_number(name)
        if not below:
            return
        level = below
    raise _too_deep(name)


def _check_keys(text: bytes, name: str) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise Refused("JSON_DUPKEY", f"{name!r} has an object with the same key twice", "export it again")
        return found

    json.loads(text, object_pairs_hook=unique)


def _too_deep(name: str) -> Refused:
    return Refused("JSON_DEPTH", f"{name!r} is nested deeper than {MAX_DEPTH} levels", "no export is; leave it out")


def _bad_number(name: str) -> Refused:
    return Refused("JSON_NUMBER", f"{name!r} holds a number beyond 64 bits or none at all", "no export does")
