"""A folder (or zip, or single file) of documents, as the Documents of one colleague.

A file is the subject's if it says so by person key or by a name the operator vouched for, or if it says nothing and
the operator imports it as theirs. A file by somebody else, or by several, is left out: quoting it would put their
words into the subject's mouth. Comments, tracked changes and spoken lines have authors of their own.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.archive import Archive, open_archive, read
from persona_store.sources.distill_leave import Leave
from persona_store.sources.docx import read_docx
from persona_store.sources.members import Limits
from persona_store.sources.paper import Handed, Paper, Reader, people_in
from persona_store.sources.pdf import read_pdf
from persona_store.sources.pull import pulled
from persona_store.sources.sheets import read_csv, read_xlsx
from persona_store.sources.single import SingleFile
from persona_store.sources.slides import read_pptx
from persona_store.sources.texts import read_html, read_text
from persona_store.sources.transcript import read_transcript

READERS: dict[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".txt"), read_text),
    **dict.fromkeys((".html", ".htm"), read_html),
    ".pdf": read_pdf,
    **dict.fromkeys((".docx", ".docm"), read_docx),
    **dict.fromkeys((".xlsx", ".xlsm"), read_xlsx),
    **dict.fromkeys((".csv", ".tsv"), read_csv),
    **dict.fromkeys((".pptx", ".pptm"), read_pptx),
    **dict.fromkeys((".srt", ".vtt"), read_transcript),
}
"""What is read, and by whom. Macros (…m) are not looked at."""

LONGEST = 2 << 20  # bytes of a text file
LONGEST_PACKED = 64 << 20  # bytes of a file whose text is a small part of it
PACKED = (".pdf", ".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm")


class Documents:
    """`subject` is a person key. `names` are what the operator knows the subject to be called in files."""

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
        self._encoding = checked_encoding(encoding)
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
        archive = self._opened()
        try:
            leave = Leave(archive)
            self.problems += leave.problems
            there = [name for name in sorted(archive.members) if name not in leave.declared]
            readable = [name for name in there if _kind(name) in READERS]
            wanted = [name for name in readable if not leave.forbids(name)]
            self.dropped["unsupported_type"] += len(there) - len(readable)
            self.dropped["SKILL_LICENCE"] += len(readable) - len(wanted)
            self.dropped["ARCHIVE_LINK"] += archive.skipped_links
            self._done, self._total = 0, sum(archive.members[name].size for name in wanted)
            for name in wanted:
                try:
                    found = list(self._documents(archive, name))
                except Refused as refused:  # one bad file must not cost the others
                    self.dropped[refused.code] += 1
                    self.problems.append(str(refused))
                    continue
                finally:
                    self._done += archive.members[name].size
                yield from found
        finally:
            archive.close()
            self.dropped += Counter()  # leaves out what was counted zero times

    def _opened(self) -> Archive:
        if self._path.is_file() and _kind(self._path.name) in READERS:
            return SingleFile(self._path, self._limits or Limits())
        return open_archive(self._path, limits=self._limits, skip_links=True)

    def _documents(self, archive: Archive, name: str) -> Iterator[Document]:
        """The file's text if it is theirs, and their own comments whosever file it is."""
        modified = archive.members[name].modified
        raw = read(archive, name, at_most=LONGEST_PACKED if _kind(name) in PACKED else LONGEST)
        paper = READERS[_kind(name)](Handed(raw, name, modified, self._encoding, self._is_theirs))
        self.dropped.update(paper.left)
        if paper.hidden:
            self.dropped["hidden_text"] += 1
        whole = self._made(name, paper, paper.date or modified)
        if not all(self._is_theirs(author) for author in paper.authors):
            self.dropped["other_author"] += 1
        elif whole.text:
            yield whole
        elif not paper.left:
            self.dropped["empty"] += 1
        for number, note in enumerate(paper.notes, start=1):
            if not note.author or not self._is_theirs(note.author):
                self.dropped["other_comment"] += 1
            elif note.text:
                ident, title = f"{name}#comment{number}", f"{whole.title} › {number}"
                yield replace(whole, id=ident, thread=ident, text=note.text, title=title, at=note.at or whole.at)

    def _is_theirs(self, author: str) -> bool:
        if _folded(author) in self._known:
            return True
        people = people_in(author)
        return len(people) > 1 and all(_folded(name) in self._known for name in people)

    def _made(self, name: str, paper: Paper, at: datetime) -> Document:
        folder = name.rpartition("/")[0]
        return Document(
            id=name,
            source=self.kind,
            container=folder or ".",
            container_name=folder or self._path.stem,
            thread=name,
            author=self._subject,
            author_name=paper.authors[0] if paper.authors else self._name,
            by_subject=True,
            at=at,
            text=paper.text.strip(),
            title=paper.title or name.rpartition("/")[2].rpartition(".")[0],
        )


def _kind(name: str) -> str:
    return "." + name.lower().rpartition(".")[2]


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def checked_encoding(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name if encoding else ""
    except LookupError:
        raise Refused("ENCODING", f"{encoding[:40]!r} is not an encoding", "try gb18030, big5 or utf-16") from None
