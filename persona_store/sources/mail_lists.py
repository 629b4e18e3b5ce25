"""Where a mail stood, and who could read it: the people it names, or a mailing list.

Who is on a list no mail tells, so a mail to one is for those it names besides, unless the operator says that the
whole team may read the list, or it comes from what is an archive by its look: a file of mails that never lay in
anybody's mailbox and all went to the one list.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from msgspec import Struct

from persona_store.sources.mail_addresses import is_obscured
from persona_store.sources.mail_letter import Letter
from persona_store.sources.mail_signs import is_delivered, list_of

_LIST_HOST = re.compile(r"[^@]+@(?:lists?|groups?|listserv|mailman)\.|[^@]+@(?:googlegroups|freelists)\.", re.I)
EVERY = "*"
AUTHORS = 3  # who writes to a list, at least, for a file to be its archive


class Audience(Struct, frozen=True):
    """`readers` are person keys; None means the whole team."""

    container: str
    name: str
    readers: tuple[str, ...] | None


class _File(Struct):
    """What all mails of one file have in common."""

    delivered: bool = False
    lists: frozenset[str] | None = None  # the lists every one of them went to; None before the first
    authors: set[str] = set()


class Lists:
    """`stem` is what the material is called, for an archive that does not name its list; `own` are the subject's
    addresses, `opened` the lists the whole team may read."""

    def __init__(self, stem: str, own: Collection[str], opened: Collection[str]) -> None:
        self._stem = stem
        self._own = tuple(own)
        self._opened = frozenset(opened)
        self._files: dict[str, _File] = {}

    def add(self, letter: Letter, name: str) -> None:
        file = self._files.setdefault(_place(name), _File())
        file.delivered |= is_delivered(letter.headers)
        named = frozenset(self._lists_of(letter, name))
        file.lists = named if file.lists is None else file.lists & named
        if letter.author and len(file.authors) < AUTHORS:
            file.authors.add(letter.author.address)

    def audience(self, letter: Letter, name: str) -> Audience:
        archived = self._archived(name)
        if archived:
            return Audience(archived, archived, None)
        people, lists = letter.people(), self._lists_of(letter, name)
        opened = [known for known in (*lists, *people) if known in self._opened]
        if lists or opened:
            container = (opened or lists)[0]
            return Audience(container, container, None if opened or EVERY in self._opened else _keys(people))
        mine = next((address for address in self._own if address in people), self._own[0])
        return Audience(mine, mine, _keys(people))

    def _archived(self, name: str) -> str:
        """The list whose archive the file is, or ""."""
        file = self._files.get(_place(name))
        if file is None or file.delivered or len(file.authors) < AUTHORS or not file.lists:
            return ""
        return min(file.lists)

    def _lists_of(self, letter: Letter, name: str) -> list[str]:
        listed = list_of(letter.headers)
        found = [listed] if listed else []
        found += [address for address in letter.people() if _LIST_HOST.match(address)]
        if "to" not in letter.headers and is_obscured(letter.headers.get("from", [])):  # as Pipermail keeps them
            found.append(_stem(name) or self._stem)
        return found


def _place(name: str) -> str:
    """An mbox stands for itself, single mails for their folder."""
    return name.rpartition("/")[0] + "/" if name.lower().endswith((".eml", ".emlx")) else name


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]


def _keys(people: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"mail:{address}" for address in people)
