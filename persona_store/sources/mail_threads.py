"""Which mails belong together, by the ids they carry: Message-ID, In-Reply-To, References. Never by subject alone:
half of all mails are called "Re: question".

About 25 bytes a mail are kept, hashes of ids, however long the mails are.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

from persona_store.sources.hashes import Hashes

_THERE, _OWN, _JOINED, _GIVEN = 1, 2, 4, 8


class Threads:
    """Built from all heads, then asked. A thread is named after the oldest mail anybody refers to, there or not, so
    that a later export names it the same."""

    def __init__(self) -> None:
        self._mails = Hashes()
        self._above = array("I")  # by the mail's number
        self._marks = bytearray()
        self.own = 0  # how many mails the subject wrote

    def add(self, ident: str, answers: Sequence[str], *, own: bool = False) -> None:
        """A mail, and the ids it refers to, oldest first; whether the subject wrote it."""
        mail = self._number(ident)
        self._marks[mail] |= _THERE | (_OWN if own else 0)
        self.own += own
        for other in answers:
            self._put_below(mail, self._number(other))

    def _number(self, ident: str) -> int:
        number = self._mails.number(_hashed(ident))
        if number == len(self._above):
            self._above.append(number)
            self._marks.append(0)
        return number

    def _put_below(self, one: int, other: int) -> None:
        low, high = self._top(one), self._top(other)
        if low != high:
            self._above[low] = high

    def _top(self, one: int) -> int:
        above = self._above
        while (parent := above[one]) != one:
            above[one] = above[parent]
            one = parent
        return one

    def settle(self) -> None:
        """All are added."""
        for mail, marks in enumerate(self._marks):
            if marks & _OWN:
                self._marks[self._top(mail)] |= _JOINED

    def joined(self, ident: str) -> bool:
        """Whether the subject wrote in its thread."""
        return bool(self._marks[self._top(self._number(ident))] & _JOINED)

    def there(self, ident: str) -> bool:
        """Whether the mail of this id is in the material."""
        return self._is(ident, _THERE)

    def wrote(self, ident: str) -> bool:
        """Whether a mail of this id is the subject's."""
        return self._is(ident, _OWN)

    def given(self, ident: str) -> bool:
        """Whether it was given before: `give`."""
        return self._is(ident, _GIVEN)

    def give(self, ident: str) -> None:
        self._marks[self._number(ident)] |= _GIVEN

    def _is(self, ident: str, mark: int) -> bool:
        number = self._mails.find(_hashed(ident))
        return number >= 0 and bool(self._marks[number] & mark)

    def name(self, ident: str) -> str:
        return f"thread-{self._mails[self._top(self._number(ident))]:016x}"


def _hashed(ident: str) -> int:
    return int.from_bytes(hashlib.blake2b(ident.encode("utf-8", "replace"), digest_size=8).digest(), "big")
