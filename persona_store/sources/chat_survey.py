"""The first reading of a chat export: which chats its files hold, who is in them, whether all of it can be read.

Messages are kept only if all of them are few enough; otherwise they are forgotten again, and what is held grows
with people, chats, files and forwards and not with what was said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct, field

from persona_store.errors import Refused
from persona_store.sources.chat_line import Ids, Line
from persona_store.sources.chat_parcels import Key, Parcels
from persona_store.sources.chat_people import People

Who = tuple[Ids, str]


class Found(Struct):
    """What one file holds."""

    parcels: Parcels
    chats: Counter[str] = field(default_factory=Counter)  # messages by chat
    inside: Counter[str] = field(default_factory=Counter)  # by the forward they were passed on in
    wrote: dict[str, set[Who]] = field(default_factory=dict)
    tenants: set[tuple[Who, str]] = field(default_factory=set)
    people: dict[Who, None] = field(default_factory=dict)  # in the order they were met
    forwards: dict[str, tuple[str, str]] = field(default_factory=dict)  # id → (chat, the forward it stands in)
    dropped: Counter[str] = field(default_factory=Counter)

    def take(self, line: Line | str) -> None:
        """A message, or why there is none."""
        if isinstance(line, str):
            self.dropped[line] += 1
            return
        self.parcels.add(line)
        self._line(line)

    def _line(self, line: Line) -> None:
        who = line.ids, line.name
        self.people[who] = None
        if line.tenant:
            self.tenants.add((who, line.tenant))
        if line.forwards:
            self.forwards[line.id] = (line.chat, line.inside)
        if line.inside:
            self.inside[line.inside] += 1
        else:
            self.chats[line.chat] += 1
            self.wrote.setdefault(line.chat, set()).add(who)


class Survey:
    """What all files hold together."""

    def __init__(self, people: People, at_once: int) -> None:
        """`at_once` is in bytes of messages, as Parcels weigh them."""
        self.people = people
        self.parcels = Parcels(at_once)
        self._at_once = at_once
        self.files: dict[str, list[str]] = defaultdict(list)  # by chat, in order
        self.sizes: Counter[str] = Counter()  # messages by chat
        self.wrote: dict[str, set[Who]] = defaultdict(set)
        self._forwards: dict[str, tuple[str, str]] = {}
        self._tenants: set[tuple[Who, str]] = set()
        self._inside: list[tuple[str, Counter[str]]] = []
        self._passed_on: dict[str, list[str]] = defaultdict(list)  # by chat, the forwards in it
        self.messages = 0

    def file(self) -> Found:
        """To be filled with what the next file holds."""
        return Found(Parcels(self._at_once, first=self.parcels.next, held=self.parcels.held))

    def add(self, file: str, found: Found) -> None:
        for who in found.people:
            self.people.meet(*who)
        for chat, count in found.chats.items():
            self.files[chat].append(file)
            self.sizes[chat] += count
            self.wrote[chat] |= found.wrote[chat]
        self.messages += found.chats.total() + found.inside.total()
        self.parcels.join(found.parcels)
        self._tenants |= found.tenants
        self._forwards |= found.forwards
        if found.inside:
            self._inside.append((file, found.inside))

    def settle(self) -> int:
        """All files were read; raises Refused if it is not clear who the subject is. Returns how many messages were
        passed on in a forward that is not here."""
        self.people.settle()
        lost = 0
        for _, forward in list(self.parcels.weights):
            if forward and (chat := self.outermost(forward)[0]):
                self._passed_on[chat].append(forward)
        for file, inside in self._inside:
            for forward, count in inside.items():
                chat, _ = self.outermost(forward)
                if not chat:
                    lost += count
                    continue
                self.sizes[chat] += count
                if file not in self.files[chat]:
                    self.files[chat].append(file)
        return lost

    def leave_out_others(self) -> int:
        """Chats in which the subject never wrote need no second look. Returns how many messages they have."""
        own = self.people.key_of_subject
        silent = [chat for chat in self.files if all(self.people.key(*who) != own for who in self.wrote[chat])]
        for chat in silent:
            del self.files[chat]
        return sum(self.sizes[chat] for chat in silent)

    def outermost(self, forward: str) -> tuple[str, str]:
        """(chat, id) of the forward that stands in the chat itself; ("", "") if it is not here, or in itself."""
        for _ in range(16):
            chat, above = self._forwards.get(forward, ("", ""))
            if not above:
                return chat, forward if chat else ""
            forward = above
        return "", ""

    def tenants(self) -> frozenset[str]:
        """The companies the subject wrote for."""
        own = self.people.key_of_subject
        return frozenset(tenant for who, tenant in self._tenants if self.people.key(*who) == own)

    def of(self, lines: Iterable[Line], chats: Collection[str]) -> Iterator[tuple[str, Line]]:
        """(chat, message) for those that stand in one of the chats, or were passed on in one."""
        for line in lines:
            chat = self.outermost(line.inside)[0] if line.inside else line.chat
            if chat in chats:
                yield chat, line

    def keys(self, chat: str) -> list[Key]:
        """Under which its messages are set aside."""
        return [(chat, ""), *(("", forward) for forward in self._passed_on.get(chat, ()))]

    def batches(self) -> Iterator[tuple[list[str], list[str]]]:
        """(chats, their files): all chats, as many at a time as weigh so much together, at least one."""
        chats: list[str] = []
        held = 0
        for chat in sorted(self.files):
            weight = sum(self.parcels.weights[key] for key in self.keys(chat))
            if chats and held + weight > self._at_once:
                yield chats, self._files_of(chats)
                chats, held = [], 0
            chats.append(chat)
            held += weight
        if chats:
            yield chats, self._files_of(chats)

    def _files_of(self, chats: list[str]) -> list[str]:
        return sorted({file for chat in chats for file in self.files[chat]})


def nothing_found(name: str, malformed: int) -> Refused:
    what = f"none of {malformed:,} entries is" if malformed else "nothing in it is"
    what = f"{what} a message of {name}"
    return Refused("EXPORT_SHAPE", what, "docs/sources.md lists what can be read")
