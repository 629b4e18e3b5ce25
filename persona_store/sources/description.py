"""What somebody says about the Subject, in the fields of 同事.skill: Documents that are the describer's, never the
Subject's words, and that give way to them wherever both speak (bots/agent/describing.py).

Only what is about the work, decisions or style is kept, sentence by sentence. Labels for a person are refused: what
damages a name is told by its own line (Civil Code of the PRC 1024), what grades or types somebody is counted (EU AI
Act 5(1)(f); rights.md L35). A level in a company's ranks says nothing about the work and is left out, too (PIPL 6).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources import skill_titles
from persona_store.sources.archive import read
from persona_store.sources.description_fields import NAMES, Fields, of_markdown, of_meta
from persona_store.sources.documents import checked_encoding
from persona_store.sources.front_matter import moment
from persona_store.sources.jsonsafe import loads
from persona_store.sources.judgements import DEFAMING, JUDGEMENT, judged, tag
from persona_store.sources.members import Limits
from persona_store.sources.paper import Handed
from persona_store.sources.single import SingleFile
from persona_store.sources.skill_parts import sort
from persona_store.sources.skill_titles import DECISIONS, NOTHING, STYLE, WORK
from persona_store.sources.texts import decoded

CONTAINER = "description"
LONGEST = 2 << 20  # bytes of a description
SHOWN = 40  # characters of a tag that is refused

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_SENTENCE = re.compile(r"[^。！？!?；;.\n]*(?:[。！？!?；;]+|\.+(?=\s|$)|\.|$)")
_SOMEBODY = re.compile(r"\b(?:he|she|they|him|her|his|hers|their|theirs|them)\b|[他她]|\bTA\b", re.IGNORECASE)
SECTIONS = ("work", "decisions", "style", "impression")
_FACETS = {"role": WORK, "company": WORK, "work": WORK, "decisions": DECISIONS, "style": STYLE, "impression": WORK}
_TITLED = {spelling: name for name in _FACETS for spelling in NAMES[name]}


class Section(Struct, frozen=True):
    titles: tuple[str, ...]
    text: str


def of_file(path: Path, encoding: str = "") -> Callable[[], Handed]:
    """Not opened before it is asked for. Raises Refused where it is no file."""
    encoding = checked_encoding(encoding)

    def hand() -> Handed:
        try:
            archive = SingleFile(path, Limits())
        except OSError as error:
            what = f"{str(path)!r} cannot be read: {error.strerror}"
            raise Refused("NOT_READABLE", what, "give the file of the description") from None
        raw = read(archive, path.name, at_most=LONGEST)
        return Handed(raw, path.name, archive.members[path.name].modified, encoding, lambda _: False)

    return hand


class Description:
    """Implements Source. `by` is the describer's key; `names` are those of the Subject. One describer has one
    description of somebody: a later one replaces it."""

    kind = "description"

    def __init__(
        self, handed: Callable[[], Handed], *, by: str, by_name: str = "", names: Sequence[str] = ()
    ) -> None:
        self._handed = handed
        self._by = by
        self._by_name = by_name or by.partition(":")[2]
        self._names = tuple(names)
        self._size = self._done = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, self._size

    async def documents(self) -> AsyncIterator[Document]:
        for document in self.read():
            yield document

    def read(self) -> Iterator[Document]:
        """The same, for callers without an event loop."""
        self.dropped.clear()
        self.problems.clear()
        handed = self._handed()
        self._size = len(handed.raw)
        said = self._fields(handed)
        at = moment(said.one("date")) or handed.modified
        self._labels(said)
        id = hashlib.sha256(self._by.encode()).hexdigest()[:16]
        called = " ".join((said.one("name") or (self._names[0] if self._names else "")).split())[:100]
        for facet, text in self._texts(said).items():
            yield Document(
                id=f"{CONTAINER}/{id}/{facet}",
                source=self.kind,
                container=CONTAINER,
                container_name="",
                thread=f"{CONTAINER}/{id}/{facet}",
                author=self._by,
                author_name=self._by_name,
                by_subject=False,
                at=at,
                text=text,
                title=called,
                facet=facet,
            )
        self._done = self._size
        self.dropped += Counter()  # leaves out what was counted zero times

    def _fields(self, handed: Handed) -> Fields:
        if handed.name.lower().endswith(".json"):
            return of_meta(loads(handed.raw, handed.name))
        return of_markdown(decoded(handed))

    def _labels(self, said: Fields) -> None:
        """All of them are refused."""
        for label in said.all("personality", "culture"):
            reason = tag(label)
            self.dropped[reason] += 1
            if reason == DEFAMING:
                what = f"the tag {label[:SHOWN]!r} damages a colleague's name and is not taken"
                self.problems.append(f"{what} · say what happened at work, and when")
        self.dropped[JUDGEMENT] += sum(1 for name in ("gender", "mbti") if said.one(name))
        self.dropped[NOTHING] += bool(said.one("level"))

    def _texts(self, said: Fields) -> dict[str, str]:
        """Markdown by facet."""
        parts: dict[str, list[str]] = {WORK: [], DECISIONS: [], STYLE: []}
        fields = [(name, said.line(name)) for name in ("role", "company")]
        fields += [(name, said.one(name)) for name in SECTIONS]
        for section in [*(Section((name,), text) for name, text in fields), *sections(said.body)]:
            if section.text.strip() and (facet := self._facet(section)):
                scrubbed = self._scrubbed(section, facet)
                found = sort(scrubbed, "work")  # orders to a model and hidden words go, too
                self.dropped.update(found.left)
                self.dropped["hidden_text"] += found.hidden
                parts[facet] += filter(None, map(str.strip, found.texts.values()))
        return {facet: "\n\n".join(texts) for facet, texts in parts.items() if texts}

    def _facet(self, section: Section) -> str:
        """By the innermost of the form's own headings, else as it is of a skill that tells of a person; without any
        heading it is about the work. "" for what has none, which is counted."""
        for title in reversed(section.titles):
            if own := _FACETS.get(_name(title)):
                return own
        if len(section.titles) == 1:
            return WORK
        facet = skill_titles.kind(section.titles, "memory")
        if facet in (WORK, DECISIONS, STYLE):
            return facet
        self.dropped[facet] += 1
        return ""

    def _scrubbed(self, section: Section, facet: str) -> str:
        """Without the sentences that judge. About the work the same words may be technical (lazy loading), unless
        the sentence is about somebody or stands in an impression."""
        portrait = facet != WORK or "impression" in map(_name, section.titles)
        return "\n".join(self._line(line, portrait=portrait) for line in section.text.split("\n"))

    def _line(self, line: str, *, portrait: bool) -> str:
        kept = []
        for sentence in (found[0] for found in _SENTENCE.finditer(line)):
            about = portrait or _SOMEBODY.search(sentence) or any(n and n in sentence for n in self._names)
            if reason := judged(sentence, portrait=bool(about)):
                self.dropped[reason] += 1
            else:
                kept.append(sentence)
        text = "".join(kept).rstrip()
        return "" if re.fullmatch(r"\s*(?:[-*+•]|\d+[.)、])?", text) else text


def sections(body: str) -> Iterator[Section]:
    """Each stretch below a heading, with the titles above it, outermost first: that of the whole stands as ""."""
    above: list[tuple[int, str]] = []
    lines: list[str] = []
    for line in [*body.split("\n"), "# end"]:
        found = _HEADING.fullmatch(line.rstrip())
        if found is None:
            lines.append(line)
            continue
        told = (title for level, title in above if level > 1 or _name(title))
        yield Section(("", *told), "\n".join(lines))
        level, lines = len(found[1]), []
        above = [*(each for each in above if each[0] < level), (level, found[2].strip("#* \t"))]


def _name(title: str) -> str:
    """The field a title, or a field's own name, stands for."""
    return _TITLED.get(title.strip(" ：:").lower(), "")
