"""A folder (or zip) of Markdown and text files, as the Documents of one colleague.

A file is the subject's if its front matter says so by person key or by a name the operator vouched for, or if it
says nothing and the operator imports it as theirs. A file by somebody else, or by several, is left out: quoting it
would put their words into the subject's mouth.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.archive import Archive, open_archive, read
from persona_store.sources.front_matter import FrontMatter, moment, split
from persona_store.sources.members import Limits
from persona_store.sources.pull import pulled

KINDS = (".md", ".markdown", ".txt")
LONGEST = 2 << 20


class Documents:
    """`subject` is a person key. `names` are what the operator knows the subject to be called in front matter."""

    kind = "doc"

    def __init__(
        self,
        path: Path,
        subject: str,
        *,
        names: Sequence[str] = (),
        encoding: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._path = Path(path)
        self._subject = subject
        self._name = names[0] if names else subject
        self._known = frozenset(map(_folded, (subject, subject.partition(":")[2], *names))) - {""}
        self._encoding = _checked_encoding(encoding)
        self._limits = limits
        self._done = self._total = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._total

    def documents(self) -> AsyncIterator[Document]:
        return pulled(self.read(), at_once=20)

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop. One file is in memory at a time."""
        self.dropped.clear()
        self.problems.clear()
        archive = open_archive(self._path, limits=self._limits, skip_links=True)
        try:
            wanted = [name for name in sorted(archive.members) if name.lower().endswith(KINDS)]
            self.dropped["unsupported_type"] += len(archive.members) - len(wanted)
            self.dropped["ARCHIVE_LINK"] += archive.skipped_links
            self._done, self._total = 0, sum(archive.members[name].size for name in wanted)
            for name in wanted:
                try:
                    document = self._document(archive, name)
                except Refused as refused:  # one bad file must not cost the others
                    self.dropped[refused.code] += 1
                    self.problems.append(str(refused))
                    continue
                finally:
                    self._done += archive.members[name].size
                if isinstance(document, Document):
                    yield document
                else:
                    self.dropped[document] += 1
        finally:
            archive.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _document(self, archive: Archive, name: str) -> Document | str:
        """The document, or the reason why there is none."""
        said, body = split(self._text(read(archive, name, at_most=LONGEST), name))
        if not self._is_theirs(said):
            return "other_author"
        at = moment(said.date) if said.date else archive.members[name].modified
        if at is None:
            return "BAD_TIME"
        text, hidden = without_comments(body)
        if hidden:
            self.dropped["hidden_text"] += 1
        return self._made(name, said, at, text.strip()) if text.strip() else "empty"

    def _is_theirs(self, said: FrontMatter) -> bool:
        return all(_folded(author) in self._known for author in said.authors)

    def _text(self, raw: bytes, name: str) -> str:
        encoding = self._encoding or "utf-8"
        if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif raw.startswith(codecs.BOM_UTF8):
            encoding = "utf-8-sig"
        elif b"\x00" in raw:
            raise Refused("TYPE_MISMATCH", f"{name!r} is not a text file", "leave it out")
        try:
            return raw.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            what = f"{name!r} is not {encoding.upper()} (byte {error.start})"
            raise Refused("ENCODING", what, "save it as UTF-8, or say what it is: --encoding gb18030") from None

    def _made(self, name: str, said: FrontMatter, at: datetime, text: str) -> Document:
        folder = name.rpartition("/")[0]
        return Document(
            id=name,
            source=self.kind,
            container=folder or ".",
            container_name=folder or self._path.stem,
            thread=name,
            author=self._subject,
            author_name=said.authors[0] if said.authors else self._name,
            by_subject=True,
            at=at,
            text=text,
            title=said.title or name.rpartition("/")[2].rpartition(".")[0],
        )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _checked_encoding(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name if encoding else ""
    except LookupError:
        raise Refused("ENCODING", f"{encoding[:40]!r} is not an encoding", "try gb18030, big5 or utf-16") from None


_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_UNSEEN = re.compile(
    r"<(\w{1,10})\b[^<>]{0,200}display\s{0,3}:\s{0,3}none[^<>]{0,200}>.{0,2000}?</\1>", re.S | re.I
)


def without_comments(text: str) -> tuple[str, bool]:
    """(the text a reader of the rendered page sees, whether there was more): rights.md T03."""
    seen = _UNSEEN.sub("", _COMMENT.sub("", text)) if "<" in text else text
    return seen, seen != text
