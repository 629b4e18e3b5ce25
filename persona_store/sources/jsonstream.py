"""Items of a large JSON file one by one, as strict as jsonsafe and without the file in memory.

An export of a million messages is one list inside of an envelope or two. The envelopes are walked; each element of
the list is decoded when its last character has been read, and checked by jsonsafe like a file of its own. What is
held is one element and the chunk it came in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from persona_store.errors import Refused
from persona_store.sources.jsonsafe import loads

LONGEST = 64 << 20
"""Characters of one element. A conversation with all of its messages may be one."""

ENVELOPES = 8
"""How deep the list may stand. Real ones stand two or three deep."""

_BLANK = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode

Scope = dict[str, Any]


def stream(
    chunks: Iterable[str], name: str, lists: Collection[str], nested: Collection[str] = ()
) -> Iterator[tuple[Scope, Any]]:
    """(what the envelopes around it say, element) for each element of the lists under these keys, or a bare list.

    Elements of the lists under `nested`, also where these are one envelope deeper under `list`, are envelopes
    themselves: Telegram's whole history is `{"chats": {"list": [{"messages": […]}, …]}}`. Several values below each
    other are read one after the other. Raises Refused as `jsonsafe.loads` does.
    """
    reader = _Reader(iter(chunks), name, lists, nested)
    while reader.peek():
        yield from reader.walk({}, 0)


class _Reader:
    def __init__(self, chunks: Iterator[str], name: str, lists: Collection[str], nested: Collection[str]) -> None:
        self._chunks = chunks
        self._name = name
        self._lists = lists
        self._nested = nested
        self._text = ""
        self._at = 0

    def walk(self, scope: Scope, depth: int, nested: bool = False) -> Iterator[tuple[Scope, Any]]:
        first = self.peek()
        if first == "{" and depth < ENVELOPES:
            yield from self._envelope(scope, depth, nested)
        elif first == "[":
            for _ in self._between("]"):
                if nested and depth < ENVELOPES and self.peek() == "{":
                    yield from self._envelope(scope, depth, nested=False)
                else:
                    yield scope, self._value()
        else:
            yield scope, self._value()

    def _envelope(self, scope: Scope, depth: int, nested: bool) -> Iterator[tuple[Scope, Any]]:
        """An object without any of the lists is no envelope but an element that stands alone."""
        said: Scope = dict(scope)
        alone: Scope = {}
        seen: set[str] = set()
        for _ in self._between("}"):
            key = self._value()
            if not isinstance(key, str) or self.peek() != ":":
                raise self._broken()
            if key in seen:
                what = f"{self._name!r} has an object with the same key twice"
                raise Refused("JSON_DUPKEY", what, "export it again")
            seen.add(key)
            self._at += 1
            if key in self._lists and self.peek() in "[{":
                yield from self.walk(said, depth + 1, key in self._nested or (nested and key == "list"))
            else:
                said[key] = alone[key] = self._value()
        if alone and not seen & set(self._lists):
            yield scope, alone

    def _between(self, closing: str) -> Iterator[None]:
        """Once for each element up to the closing bracket; the caller reads the element."""
        self._at += 1
        if self.peek() == closing:
            self._at += 1
            return
        while True:
            yield
            mark = self.peek()
            self._at += 1
            if mark == closing:
                return
            if mark != ",":
                raise self._broken()

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        self.peek()
        while True:
            try:
                _, end = _decode(self._text, self._at)
            except json.JSONDecodeError:
                if not self._more():
                    raise self._broken() from None
                continue
            except RecursionError:
                raise Refused("JSON_DEPTH", f"{self._name!r} is nested too deeply", "leave it out") from None
            except ValueError:  # an integer of more digits than Python converts
                what = f"{self._name!r} holds a number beyond 64 bits"
                raise Refused("JSON_NUMBER", what, "no export does") from None
            if end == len(self._text) and self._more():
                continue  # a number may go on in the next chunk
            value = loads(self._text[self._at : end].encode(), self._name)
            self._at = end
            return value

    def _more(self) -> bool:
        """Forget what was read and take in as much again as is still being looked at."""
        rest = self._text[self._at :]
        if len(rest) > LONGEST:
            what = f"{self._name!r} has an entry of more than {LONGEST:,} characters"
            raise Refused("MEMBER_SIZE", what, "export a shorter span of time")
        parts, size = [rest], 0
        for chunk in self._chunks:
            parts.append(chunk)
            size += len(chunk)
            if size >= max(len(rest), 1):
                break
        if not size:
            return False
        self._text, self._at = "".join(parts), 0
        return True

    def _broken(self) -> Refused:
        what = f"{self._name!r} is not JSON: it breaks off or holds something else"
        return Refused("JSON_BROKEN", what, "export it again")
