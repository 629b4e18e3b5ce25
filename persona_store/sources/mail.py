"""Mail (.eml, mbox, a folder or a zip of them) as the Documents of one colleague.

Yielded are the threads the subject wrote in: their own words, and those of others as context. Who wrote a mail is
decided by the address in its From alone. What a mail quotes or forwards is nobody's; a mail it carries as a whole
is its own author's.

Read twice: the heads for the threads, then the mails. One mail is in memory at a time, and about 25 bytes of each.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.archive import Archive, open_archive
from persona_store.sources.mail_addresses import folded, is_address
from persona_store.sources.mail_boxes import LONGEST, mails
from persona_store.sources.mail_footers import without_footers
from persona_store.sources.mail_headers import divide, parse
from persona_store.sources.mail_letter import Letter, read_letter
from persona_store.sources.mail_lists import Audience, Lists
from persona_store.sources.mail_parts import Content, content_of
from persona_store.sources.mail_quotes import split
from persona_store.sources.mail_threads import Threads
from persona_store.sources.members import Limits
from persona_store.sources.pull import pulled
from persona_store.sources.single import SingleFile

DEEPEST_MAIL = 3
"""Mails within mails that are read."""
LARGEST = 64 << 30
"""Bytes of all mails. They are read one by one, so that it is only time."""
LONGEST_LETTER = 50_000  # characters kept of a mail: more is a log somebody pasted
MOST_PROBLEMS = 100  # lines about single mails; all are counted
LONGEST_QUOTE = 2000  # characters kept of what a mail quotes


class Mail:
    """`subject` are the subject's addresses. `team_lists` are the lists the whole team may read, by List-Id or
    address; `*` is every list."""

    kind = "mail"

    def __init__(
        self,
        path: Path,
        subject: Sequence[str],
        *,
        team_lists: Sequence[str] = (),
        max_files: int = Limits().members,
    ) -> None:
        self._path = Path(path)
        self._own = tuple(dict.fromkeys(map(folded, subject)))
        for address in self._own:
            if not is_address(address):
                fix = "give it as in --subject lin@example.com; several are divided by commas"
                raise Refused("SUBJECT_UNKNOWN", f"{address[:80]!r} is no mail address", fix)
        self._team_lists = frozenset(map(folded, team_lists))
        self._limits = Limits(members=max_files, total=LARGEST)
        self._done = self._total = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._total

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read(), at_once=100)

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop."""
        self.dropped.clear()
        self.problems.clear()
        archive = _opened(self._path, self._limits)
        try:
            wanted = sorted(archive.members)
            self._done, self._total = 0, 2 * sum(archive.members[name].size for name in wanted)
            self.dropped["ARCHIVE_LINK"] += archive.skipped_links
            survey = _Survey(self._own, Lists(self._path.stem, self._own, self._team_lists))
            readable = [name for name in wanted if self._surveyed(archive, name, survey)]
            survey.finish()
            for name in readable:
                yield from self._mails(archive, name, survey)
        finally:
            archive.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _surveyed(self, archive: Archive, name: str, survey: _Survey) -> bool:
        """Read its heads. False for a file that cannot be read, or holds no mail: it must not cost the others."""
        count = 0
        try:
            for raw in mails(archive.chunks(name)):
                count += 1
                if raw is not None:
                    survey.add(raw, name)
        except Refused as refused:
            self.dropped[refused.code] += 1
            self.problems.append(str(refused))
            count = 0
        else:
            self.dropped["unsupported_type"] += not count
        self._done += archive.members[name].size * (1 if count else 2)
        return count > 0

    # ------------------------------------------------------------------ one mail

    def _mails(self, archive: Archive, name: str, survey: _Survey) -> Iterator[Document]:
        for number, raw in enumerate(mails(archive.chunks(name)), start=1):
            try:
                found = self._mail(raw, name, survey)
            except Refused as refused:
                self.dropped[refused.code] += 1
                what = f"{name!r}, mail {number}: {refused.what}"
                if len(self.problems) < MOST_PROBLEMS:
                    self.problems.append(str(Refused(refused.code, what, refused.fix)))
                continue
            if isinstance(found, str):
                self.dropped[found] += 1
            else:
                yield from found
        self._done += archive.members[name].size

    def _mail(self, raw: bytes | None, name: str, survey: _Survey) -> list[Document] | str:
        """What it says, or the reason why it is left out."""
        if raw is None:
            raise Refused("MEMBER_SIZE", f"it has more than {LONGEST:,} bytes", "leave it out")
        letter, body = _letter(raw, self._own)
        if letter.reason:
            return letter.reason
        if survey.is_double(letter):
            return "duplicate"
        if not survey.threads.joined(letter.id):
            return "outside_subject_threads"
        if letter.author is None:
            return "no_author"
        at = letter.at
        if at is None:
            return "BAD_TIME"
        content = content_of(letter.headers, body)
        if content.invitation:
            return "invitation"
        if content.encrypted:
            return "encrypted"
        said = self._document(letter, at, survey, survey.lists.audience(letter, name))
        return [*self._carried(content, said, depth=1), *self._said(content, said, letter, survey)] or "empty"

    def _document(self, letter: Letter, at: datetime, survey: _Survey, audience: Audience) -> Document:
        assert letter.author is not None
        begins = not any(survey.threads.there(other) for other in letter.answers)
        return Document(
            id=letter.id,
            source=self.kind,
            container=audience.container,
            container_name=audience.name,
            thread=survey.threads.name(letter.id),
            author=f"mail:{letter.author.address}",
            author_name=letter.author.name or letter.author.address,
            by_subject=letter.own,
            at=at,
            text="",
            title=letter.title if begins else "",  # else each answer would weigh as much as what was asked
            readers=audience.readers,
            direct=audience.readers is not None and len(audience.readers) <= 2,
        )

    def _said(self, content: Content, said: Document, letter: Letter, survey: _Survey) -> Iterator[Document]:
        parts = split(content.text)
        own = "\n".join(filter(None, [without_footers(parts.own), *(f"[{name}]" for name in content.files)]))
        known = any(survey.threads.there(other) for other in letter.answers)
        if parts.quoted and said.by_subject and not known:  # else it stands in the thread already, as its author's
            text = parts.quoted[:LONGEST_QUOTE]
            yield replace(said, id=f"{said.id}#quoted", author="", author_name="", by_subject=False, text=text)
        if len(own) > LONGEST_LETTER:
            self.dropped["too_long"] += 1
        if own:
            yield replace(said, text=own[:LONGEST_LETTER])

    def _carried(self, content: Content, outer: Document, depth: int) -> Iterator[Document]:
        """Mails attached to it or forwarded as a whole. That one of them is the subject's is only believed where
        the subject sent it along: anybody can write such a mail."""
        if depth > DEEPEST_MAIL and content.mails:
            raise Refused("MIME_DEPTH", f"it carries mails {depth} deep", "it was made to do harm")
        for number, raw in enumerate(content.mails, start=1):
            letter, body = _letter(raw, self._own)
            inner = content_of(letter.headers, body)
            who = letter.author
            said = replace(
                outer,
                id=f"{outer.id}#mail{number}" if depth == 1 else f"{outer.id}.{number}",
                author=f"mail:{who.address}" if who else "",
                author_name=(who.name or who.address) if who else "",
                by_subject=letter.own and outer.by_subject and not letter.reason,
                at=min(letter.at or outer.at, outer.at),
                title=letter.title,
            )
            text = without_footers(split(inner.text).own)
            if text:
                yield replace(said, text=text)
            yield from self._carried(inner, said, depth + 1)


class _Survey:
    """What the heads of all mails tell, before any mail is read."""

    def __init__(self, own: Sequence[str], lists: Lists) -> None:
        self.threads = Threads()
        self.lists = lists
        self._own = own
        self._authors: Counter[str] = Counter()
        self._count = 0

    def add(self, raw: bytes, name: str) -> None:
        letter, _ = _letter(raw, self._own)
        self._count += 1
        if letter.author and len(self._authors) < 10_000:
            self._authors[letter.author.address] += 1
        if letter.reason:
            return
        self.threads.add(letter.id, letter.answers, own=letter.own)
        self.lists.add(letter, name)

    def finish(self) -> None:
        """Raises Refused where there is no mail at all, or none of the subject's."""
        if not self._count:
            raise Refused(
                "TYPE_MISMATCH", "there is no mail in it", "give an .eml or mbox, or a folder or zip of them"
            )
        if not self.threads.own and not any(self._authors[address] for address in self._own):
            near = difflib.get_close_matches(self._own[0], self._authors, n=3, cutoff=0.6)
            fix = f"did you mean: {', '.join(near)}" if near else "give the address they sent mail from"
            raise Refused("SUBJECT_UNKNOWN", f"nothing of {self._count:,} mails is from {self._own[0]!r}", fix)
        self.threads.settle()

    def is_double(self, letter: Letter) -> bool:
        """Whether it was there before. Senders choose ids, so nobody's mail ever hides one of the subject's."""
        if self.threads.given(letter.id) or (self.threads.wrote(letter.id) and not letter.own):
            return True
        if self.threads.joined(letter.id):
            self.threads.give(letter.id)
        return False


def _letter(raw: bytes, own: Sequence[str]) -> tuple[Letter, bytes]:
    head, body = divide(raw)
    return read_letter(parse(head), own, lambda: hashlib.blake2b(raw, digest_size=16).hexdigest()), body


def _opened(path: Path, limits: Limits) -> Archive:
    try:
        if path.is_file():
            with path.open("rb") as file:
                if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                    return SingleFile(path, limits)
    except OSError as error:
        raise Refused("NOT_READABLE", f"{str(path)!r} cannot be read: {error.strerror}", "check it") from None
    return open_archive(path, limits=limits, skip_links=True)
