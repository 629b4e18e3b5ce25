"""Which mails belong together, by the ids they carry: Message-ID, In-Reply-To, References. Never by subject alone:
half of all mails are called "Re: question".

About 120 bytes a mail are kept, hashes of ids, however long the mails are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


class Threads:
    """Built from all heads, then asked. A thread is named after the oldest mail anybody refers to, there or not, so
    that a later export names it the same."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}
        self._there: set[int] = set()
        self._joined: set[int] = set()

    def add(self, ident: str, answers: Sequence[str]) -> None:
        """A mail, and the ids it refers to, oldest first."""
        own = _hashed(ident)
        self._above.setdefault(own, own)
        self._there.add(own)
        for other in answers:
            self._put_below(own, _hashed(other))

    def _put_below(self, one: int, other: int) -> None:
        self._above.setdefault(other, other)
        low, high = self._top(one), self._top(other)
        if low != high:
            self._above[low] = high

    def _top(self, one: int) -> int:
        above = self._above
        while (parent := above[one]) != one:
            above[one] = above[parent]
            one = parent
        return one

    def join(self, ident: str) -> None:
        """The subject wrote this one: asked for by `joined`, once all are added."""
        self._joined.add(_hashed(ident))

    def settle(self) -> None:
        self._joined = {self._top(own) for own in self._joined}

    def joined(self, ident: str) -> bool:
        """Whether the subject wrote in its thread."""
        return self._top(_hashed(ident)) in self._joined

    def there(self, ident: str) -> bool:
        """Whether the mail of this id is in the material."""
        return _hashed(ident) in self._there

    def name(self, ident: str) -> str:
        return f"thread-{self._top(_hashed(ident)):016x}"


def _hashed(ident: str) -> int:
    return int.from_bytes(hashlib.blake2b(ident.encode("utf-8", "replace"), digest_size=8).digest(), "big")
