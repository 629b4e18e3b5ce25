"""Pictures of chats, in a folder, a zip or one by one, as the Documents of one colleague: read off by a machine.

Who said something is told by where it stands and what is written above it, so it counts as the subject's only where
nothing is in doubt: on the right, if the operator says whose screenshots these are; on the left, under a name the
operator vouched for, whole and clearly read. Everything else is context at most, or nobody's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, time, tzinfo
from pathlib import Path

from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document, Reading
from persona_store.sources.archive import Archive, read
from persona_store.sources.chat_rooms import EVERY
from persona_store.sources.chat_times import CHINA
from persona_store.sources.members import Limits
from persona_store.sources.ocr import Look, Recogniser
from persona_store.sources.picture import Picture, Sheet, Turn
from persona_store.sources.picture_bubbles import LEFT, RIGHT, scene
from persona_store.sources.picture_chat import alone_with, read_bubbles
from persona_store.sources.picture_page import read_page
from persona_store.sources.picture_rows import read_rows
from persona_store.sources.picture_times import spoken
from persona_store.sources.picture_words import GAP
from persona_store.sources.pull import pulled
from persona_store.sources.single import open_material

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
LARGEST = 32 << 20  # bytes of a picture
NAME_SURE = 0.9
"""A name is short and one wrong character is somebody else, so it has to be read more surely than a sentence."""

_TOLD = 12  # characters of a single message that hardly two people in two pictures write


class Screenshots:
    """`subject` is a person key and `names` what they are called in chats; `me` is whose account made the pictures.
    `mine` are pictures without a chat that are the subject's own, `team_chats` folders the whole team could read;
    `*` is each of them. `taken` is the day of the pictures, else it is each file's own."""

    kind = "screenshot"

    def __init__(
        self,
        path: Path,
        subject: str,
        *,
        names: Sequence[str] = (),
        me: str = "",
        mine: Sequence[str] = (),
        team_chats: Sequence[str] = (),
        taken: date | None = None,
        zone: tzinfo = CHINA,
        limits: Limits | None = None,
        look: Look | None = None,
    ) -> None:
        self._path = Path(path)
        self._subject = subject
        self._name = names[0] if names else subject
        self._vouched = frozenset(map(folded, names)) - {""}
        self._me = me.strip()
        self._mine, self._team = frozenset(mine), frozenset(team_chats)
        self._taken, self._zone = taken, zone
        self._limits = limits
        self._look = look
        self._before: tuple[str, list[tuple[str, str]]] = ("", [])
        self._done = self._total = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._total

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read(), at_once=1)

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop. Raises Refused OCR_LIBRARY without the extra; a picture that
        cannot be read costs only itself."""
        self.dropped.clear()
        self.problems.clear()
        self._before = "", []
        archive = open_material(self._path, ENDINGS, limits=self._limits)
        eyes = Recogniser()  # starts when it is first asked
        try:
            wanted = sorted((name for name in archive.members if name.lower().endswith(ENDINGS)), key=_natural)
            self.dropped["unsupported_type"] += len(archive.members) - len(wanted)
            self._done, self._total = 0, sum(archive.members[name].size for name in wanted)
            for name in wanted:
                yield from self._picture(archive, name, self._look or eyes.look)
                self._done += archive.members[name].size
        finally:
            archive.close()
            eyes.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _picture(self, archive: Archive, name: str, look: Look) -> list[Document]:
        try:
            picture = look(read(archive, name, at_most=LARGEST), name)
        except Refused as refused:  # one bad picture must not cost the others
            if refused.code == "OCR_LIBRARY":
                raise
            self.dropped[refused.code] += 1
            self.problems.append(str(refused))
            return []
        taken = archive.members[name].modified.astimezone(self._zone)
        if self._taken:
            taken = datetime.combine(self._taken, time(), self._zone)
        sheet = read_chat(picture, taken.date())
        if sheet is None:
            return self._page(name, picture, taken)
        self.dropped.update(sheet.left)
        return self._chat(name, sheet, taken)

    # ------------------------------------------------------------------ a chat

    def _chat(self, name: str, sheet: Sheet, taken: datetime) -> list[Document]:
        who = {number: self.whose(turn, sheet) for number, turn in enumerate(sheet.turns)}
        again = self._again(name, [(who[number][0], turn.text) for number, turn in enumerate(sheet.turns)])
        container = self._container(name)
        readers = (
            None if self._team & {EVERY, container} else tuple(sorted({key for key, _ in who.values() if key}))
        )
        direct = not any(turn.name for turn in sheet.turns)
        found: list[Document] = []
        for number, turn in enumerate(sheet.turns):
            key, called = who[number]
            if reason := self._left_out(turn, key, called, number in again):
                self.dropped[reason] += 1
                continue
            document = self._document(f"{name}#{number + 1}", name, self._when(turn, taken))
            document = replace(
                document,
                author=key,
                author_name=called,
                by_subject=key == self._subject,
                text=turn.text,
                readers=readers,
                direct=direct,
                reading=Reading(round(turn.sure, 3), turn.box),
            )
            if turn.quoted:
                quote = {"author": "", "author_name": "", "by_subject": False, "text": turn.quoted}
                seen = Reading(document.reading.confidence, turn.whole) if document.reading else None
                found.append(replace(document, id=f"{document.id}#quoted", reading=seen, **quote))
            if turn.text.replace(GAP, "").strip():
                found.append(document)
            elif not turn.quoted:
                self.dropped["empty"] += 1
        if any(document.by_subject for document in found):
            return found
        self.dropped["outside_subject_threads"] += sum("#quoted" not in document.id for document in found)
        return []

    def _left_out(self, turn: Turn, key: str, reason: str, again: bool) -> str:
        if turn.cut:
            return "cut_off"
        if turn.bot:
            return "bot"
        if not key:
            return reason
        return "duplicate" if again else ""

    def whose(self, turn: Turn, sheet: Sheet) -> tuple[str, str]:
        """(person key, name), or ("", why it is nobody's)."""
        name, sure = turn.name, turn.name_sure
        if turn.side == RIGHT:
            if name and self._me and folded(name) != folded(self._me):
                return "", "unsure_name"
            name, sure = name or self._me, sure if name else 1.0
        elif turn.side == LEFT and not name and not any(each.name for each in sheet.turns):
            name, sure = alone_with(sheet.title), sheet.title_sure
        if not name or turn.side not in (LEFT, RIGHT):
            return "", "no_author"
        if folded(name) not in self._vouched:
            return f"{self.kind}:name/{'_'.join(name.split())}", name
        if sure < NAME_SURE:
            return "", "unsure_name"
        of_subject = folded(self._me) in self._vouched
        if turn.side == LEFT and of_subject and any(each.side == RIGHT for each in sheet.turns):
            return "", "namesake"  # they stand on the right in their own pictures
        return self._subject, name

    def _when(self, turn: Turn, taken: datetime) -> datetime:
        """As the picture tells it, to the minute; else when the picture was made."""
        told = spoken(turn.spoken, taken.date()) if turn.spoken else None
        if told is None:
            return taken
        return datetime.combine(told.day or taken.date(), told.clock or time(), self._zone)

    def _again(self, name: str, said: list[tuple[str, str]]) -> set[int]:
        """Which messages stand in the picture before as well: whoever photographs a long chat scrolls a little."""
        folder, before = self._before
        self._before = self._container(name), said
        if folder != self._container(name):
            return set()
        for length in range(min(len(before), len(said)), 0, -1):
            enough = length > 1 or len(said[0][1]) >= _TOLD
            if enough and before[-length:] == said[:length]:
                return set(range(length))
            if enough and before[:length] == said[-length:]:  # the newest picture first
                return set(range(len(said) - length, len(said)))
        return set()

    # ------------------------------------------------------------------ anything else

    def _page(self, name: str, picture: Picture, taken: datetime) -> list[Document]:
        """A picture of something else than a chat: nobody's, unless the operator says that it is the subject's."""
        if not picture.lines:
            self.dropped["empty"] += 1
            return []
        if not self._mine & {EVERY, name}:
            self.dropped["no_chat"] += 1
            return []
        pieces, unreadable = read_page(picture)
        self.dropped["unreadable"] += unreadable
        container = self._container(name)
        readers = None if self._team & {EVERY, container} else (self._subject,)
        return [
            replace(
                self._document(f"{name}#{number}", name, taken),
                author=self._subject,
                author_name=self._name,
                by_subject=True,
                text=text,
                readers=readers,
                reading=reading,
            )
            for number, (text, reading) in enumerate(pieces, 1)
        ]

    # ------------------------------------------------------------------ either

    def _container(self, name: str) -> str:
        """The folder a picture lies in, below the one that was handed in; a single picture's own folder."""
        top = self._path.resolve()
        root = top.name if top.is_dir() else top.stem if top.suffix.lower() == ".zip" else top.parent.name
        return f"{root or '.'}/{name}".rpartition("/")[0]

    def _document(self, ident: str, name: str, at: datetime) -> Document:
        container = self._container(name)
        return Document(
            id=ident,
            source=self.kind,
            container=container,
            container_name=container,
            thread=name,
            author="",
            author_name="",
            by_subject=False,
            at=at,
            text="",
            title=name.rpartition("/")[2],
        )


def read_chat(picture: Picture, taken: date) -> Sheet | None:
    """The messages in a picture, or None if it is of something else. A name and a time above a bubble look like the
    first row of a message without one; there the words are in the bubble."""
    seen = scene(picture)
    sheet = read_rows(picture, seen, taken)
    if sheet and any(turn.text.replace(GAP, "").strip() for turn in sheet.turns):
        return sheet
    return read_bubbles(picture, seen, taken)


def folded(name: str) -> str:
    """Blanks do not count: in print there are many widths of them, and a machine sees some and not others."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _natural(name: str) -> list[tuple[int, str]]:
    """`IMG_9` before `IMG_10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name)]
