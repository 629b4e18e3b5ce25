"""Chats that somebody saved, as the Documents of one colleague: what Feishu's and DingTalk's have in common.

The material is read twice. First as a whole, to know which chats there are, who wrote in them, and that nothing of
it is broken; then chat by chat, since an answer may stand in another file than its question (at once, if there are
not many). In memory are the messages of one chat; of others, packed, as many as AT_ONCE says.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources import hashes
from persona_store.sources.archive import Archive
from persona_store.sources.chat_dialect import Dialect, Place
from persona_store.sources.chat_documents import Chat, documents, latest
from persona_store.sources.chat_json import Json
from persona_store.sources.chat_line import Line
from persona_store.sources.chat_parcels import Parcels
from persona_store.sources.chat_people import People
from persona_store.sources.chat_rooms import Rooms
from persona_store.sources.chat_survey import Found, Survey, nothing_found
from persona_store.sources.chat_times import CHINA
from persona_store.sources.hashes import Hashes
from persona_store.sources.jsonstream import Scope
from persona_store.sources.members import Limits
from persona_store.sources.pages import JSON, TEXT, entries, known_encoding, text
from persona_store.sources.pull import pulled
from persona_store.sources.single import open_material

AT_ONCE = 96 << 20
"""Bytes of messages set aside at a time, before packing (some 350,000 messages), unless one chat has more."""

UNREAD = ("JSON_", "ENCODING")
"""How the reasons begin for which a line of a file that has one entry a line was left out."""

_PAGE = re.compile(r"(?:page|part|messages|history|chat)?[-_ .]?\d*|\d{4}-\d{2}-\d{2}.*", re.I)


class Told(Struct, frozen=True, kw_only=True):
    """What the operator says about the material, because it does not say it itself."""

    ids: tuple[str, ...] = ()  # further ids of the subject
    names: tuple[str, ...] = ()  # what the subject is called where there are no ids
    team_chats: tuple[str, ...] = ()  # chats the whole team could read
    chats: Path | None = None  # a file that lists chats or their members
    account: str = ""  # whose copy it is, where messages say no more than "sent by me"
    encoding: str = ""
    zone: tzinfo = CHINA


class ChatExport:
    """`subject` is an id of the platform, with or without its name before it. Nothing is opened before the first
    Document is asked for."""

    def __init__(
        self, path: Path, subject: str, dialect: Dialect, told: Told | None = None, *, limits: Limits | None = None
    ) -> None:
        self.kind = dialect.kind
        self._path = Path(path)
        self._subject = subject.removeprefix(f"{dialect.platform}:").strip()
        self._dialect = dialect
        self._endings = (*JSON, *TEXT, *dialect.endings)
        self._told = told or Told()
        self._encoding = known_encoding(self._told.encoding)
        self._limits = limits
        self._done = self._total = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._total

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read())

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop."""
        self.dropped.clear()
        self.problems.clear()
        archive = self._opened()
        try:
            people = People(self._dialect.platform, self._subject, ids=self._told.ids, names=self._told.names)
            rooms = Rooms(self._told.team_chats)
            self._read_list(people, rooms)
            survey = self._survey(archive, people, rooms)
            tenants, used = survey.tenants(), Hashes()
            batches = list(survey.batches())
            again = (
                []
                if survey.parcels.held
                else [archive.members[name].size for _, files in batches for name in files]
            )
            self._total = self._done + sum(again)
            for chats, files in batches:
                parcels = survey.parcels if survey.parcels.held else self._parcels(archive, survey, chats, files)
                for chat in chats:
                    lines = parcels.take(survey.keys(chat))
                    yield from self._distinct(self._chat(chat, lines, survey, rooms, tenants), used)
        finally:
            archive.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _opened(self) -> Archive:
        return open_material(self._path, self._endings, limits=self._limits)

    # ------------------------------------------------------------------ the first reading

    def _survey(self, archive: Archive, people: People, rooms: Rooms) -> Survey:
        wanted = [name for name in sorted(archive.members) if name.lower().endswith(self._endings)]
        if not wanted and archive.holds_archives:
            raise Refused("ARCHIVE_DEPTH", "it holds another archive and no messages", "give the inner one")
        self.dropped["unsupported_type"] += len(archive.members) - len(wanted)
        self._done, self._total = 0, 2 * sum(archive.members[name].size for name in wanted)
        survey, refusals = Survey(people, AT_ONCE), []
        for name in wanted:
            try:
                found = self._look_into(archive, name, people, rooms, survey.file())
            except Refused as refused:  # one bad file must not cost the others
                if refused.code.startswith("ARCHIVE_"):
                    raise
                self.dropped[refused.code] += 1
                self.problems.append(str(refused))
                refusals.append(refused)
            else:
                survey.add(name, found)
                self.dropped.update(found.dropped)
                if unread := sum(count for code, count in found.dropped.items() if code.startswith(UNREAD)):
                    self.problems.append(f"{name!r}: {unread:,} lines cannot be read")
            self._done += archive.members[name].size
        if refusals and len(refusals) == len(wanted):
            raise refusals[0]
        alien = self.dropped["malformed"] + self.dropped["no_author"]
        if not wanted or (alien and not survey.messages):
            raise nothing_found(self._dialect.name, alien)
        self.dropped["forwarded_alone"] += survey.settle()
        self.dropped["outside_subject_threads"] += survey.leave_out_others()
        return survey

    def _look_into(self, archive: Archive, name: str, people: People, rooms: Rooms, found: Found) -> Found:
        """A person or chat a file describes is told to `people` and `rooms`; its messages go into `found`."""
        dialect = self._dialect
        scope: Scope = {}
        for entry in self._entries(archive, name):
            if not isinstance(entry, tuple):
                found.take(entry)
                continue
            place, value = entry
            if scope is not place.scope:  # an envelope may tell whose chat it is
                scope = place.scope
                dialect.describe(scope, place, people, rooms)
            if not dialect.describe(value, place, people, rooms):
                for line in dialect.read(value, place):
                    found.take(line)
                found.people.update(dict.fromkeys(dialect.met(value)))
        return found

    def _entries(self, archive: Archive, name: str) -> Iterator[tuple[Place, Json] | Line | str]:
        """What a file holds: lines of a text; objects of JSON and where they stand; why something is neither."""
        place = Place(name, self._chat_of(name), {}, self._told.zone, self._told.account)
        if name.lower().endswith(TEXT):
            for said in self._dialect.text(self._text(archive, name), place):
                yield (place, said) if isinstance(said, dict) else said
            return
        for entry in self._found(archive, name):
            if isinstance(entry, str):
                yield entry
                continue
            scope, value = entry
            if scope is not place.scope:
                place = replace(place, scope=scope)
            yield (place, value) if isinstance(value, dict) else "malformed"

    def _found(self, archive: Archive, name: str) -> Iterator[tuple[Scope, Any] | str]:
        dialect = self._dialect
        if dialect.rows and name.lower().endswith(dialect.endings):
            return dialect.rows(archive, name, self._encoding)
        return entries(archive, name, dialect.is_entry, self._encoding)

    def _text(self, archive: Archive, name: str) -> Iterator[str]:
        return text(archive.chunks(name), name, self._encoding)

    def _chat_of(self, name: str) -> str:
        """What a chat is called whose messages do not tell: its file, or the folder of its pages."""
        folder, _, file = name.rpartition("/")
        stem = file.rpartition(".")[0]
        return folder or self._path.stem if _PAGE.fullmatch(stem) else f"{folder}/{stem}".removeprefix("/")

    def _read_list(self, people: People, rooms: Rooms) -> None:
        """The file that --chats names. Raises Refused if it lists neither chats nor people."""
        if self._told.chats is None:
            return
        archive = open_material(self._told.chats, JSON, limits=self._limits)
        try:
            described = 0
            for name in archive.members:
                for entry in entries(archive, name, self._dialect.is_entry, self._encoding):
                    if isinstance(entry, tuple) and isinstance(entry[1], dict):
                        place = Place(name, "", entry[0], self._told.zone, self._told.account)
                        described += self._dialect.describe(entry[1], place, people, rooms)
        finally:
            archive.close()
        if not described:
            what = f"{str(self._told.chats)!r} lists neither chats nor their members"
            raise Refused("EXPORT_SHAPE", what, "docs/sources.md shows what it may hold")

    # ------------------------------------------------------------------ the second reading

    def _parcels(self, archive: Archive, survey: Survey, chats: Sequence[str], files: Iterable[str]) -> Parcels:
        wanted, found = frozenset(chats), Parcels(sys.maxsize)
        for name in files:
            for entry in self._entries(archive, name):
                for chat, line in survey.of(self._messages(entry, wanted), wanted):
                    found.add(line, chat)
            self._done += archive.members[name].size
        return found

    def _messages(self, entry: tuple[Place, Json] | Line | str, chats: Collection[str]) -> Iterable[Line]:
        """Those an entry holds, unless it shows at a glance that they stand in another chat."""
        if not isinstance(entry, tuple):
            return (entry,) if isinstance(entry, Line) else ()
        place, value = entry
        chat = self._dialect.chat_of(value, place)
        if chat and chat not in chats:
            return ()
        return [line for line in self._dialect.read(value, place) if isinstance(line, Line)]

    def _chat(
        self, chat: str, lines: list[Line], survey: Survey, rooms: Rooms, tenants: frozenset[str]
    ) -> Iterator[Document]:
        room, people = rooms.known(chat), survey.people
        wrote = {people.key(*who) for who in survey.wrote[chat]} - {""}
        where = Chat(
            kind=self.kind,
            id=chat,
            name=room.name or chat,
            readers=rooms.audience(chat, people.keys(room.members), {people.key_of_subject, *wrote}),
            direct=room.direct,
            tenants=tenants,
            topics=frozenset(room.topics),
        )
        yield from documents(where, latest(lines, self.dropped), people, survey.outermost, self.dropped)

    @staticmethod
    def _distinct(found: Iterable[Document], used: Hashes) -> Iterator[Document]:
        """An id that stood in another chat before may be meant to hide what it named."""
        for document in found:
            if not used.add(hashes.of(document.id)):
                document = replace(document, id=f"{document.container}/{document.id}")
            yield document
