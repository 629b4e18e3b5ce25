"""A portrait as it travels inside a skill: `references/portrait.json`, the part a machine reads back.

The Markdown of such a folder is written from this and from nothing else, so that a skill which is imported and
exported again is the same, byte for byte, but for whom it is given to now.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from persona_store.consent.record import Facet as FacetKind
from persona_store.distill.model import ASPECTS, KIND_OF, Aspect, By, Citation, Facet, Status
from persona_store.errors import Refused
from persona_store.importing import Counts, Shelf
from persona_store.model import Document, Moment, Passage
from persona_store.sources.judgements import judged

FORMAT = "understudy.skill/1"
PLACE = "references/portrait.json"
LARGEST = 32 << 20  # bytes
SOURCE = "imported_skill"

Line = Annotated[str, Meta(max_length=2000)]
Words = Annotated[str, Meta(max_length=100_000)]


class Quote(Struct, frozen=True, forbid_unknown_fields=True):
    """Words as they stood somewhere: which passage, when, and what that place was called."""

    passage: Line
    text: Words
    at: Moment
    place: Line
    url: Line = ""


class Statement(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A facet, with its quotes instead of citations."""

    id: Line
    aspect: Aspect
    topic: Words
    text: Words
    quotes: Annotated[tuple[Quote, ...], Meta(max_length=1000)]
    confidence: float
    first: Moment
    last: Moment
    by: By = "rules"
    status: Status = "single"
    conflicts: tuple[Line, ...] = ()
    measures: dict[Line, float] = {}


class SkillPortrait(Struct, frozen=True, forbid_unknown_fields=True):
    format: Line
    name: Line
    display_name: Line
    language: Line
    open: tuple[Line, ...]  # what it does not know
    statements: Annotated[tuple[Statement, ...], Meta(max_length=100_000)]


def encode(portrait: SkillPortrait) -> bytes:
    return msgspec.json.format(msgspec.json.encode(portrait), indent=1) + b"\n"


def digest(portrait: SkillPortrait) -> str:
    return "sha256:" + hashlib.sha256(encode(portrait)).hexdigest()


def decode(raw: bytes) -> SkillPortrait:
    """Raises Refused SKILL_PORTRAIT."""
    way_out = "export it again with this program, or leave the file out: the Markdown is then read instead"
    try:
        portrait = msgspec.json.decode(raw, type=SkillPortrait)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused("SKILL_PORTRAIT", f"{PLACE} cannot be read: {str(error)[:120]}", way_out) from None
    if portrait.format != FORMAT:
        raise Refused(
            "SKILL_PORTRAIT", f"{PLACE} is of format {portrait.format[:40]!r}", f"this version reads {FORMAT}"
        )
    return portrait


def statements(
    facets: Iterable[Facet], passages: Mapping[str, Passage], place: Mapping[str, str]
) -> tuple[Statement, ...]:
    """`place` says what each passage's place is called, by passage id."""
    return tuple(
        Statement(
            id=facet.id,
            aspect=facet.aspect,
            topic=facet.topic,
            text=facet.text,
            quotes=tuple(
                _quote(each, passages[each.passage], place[each.passage])
                for each in facet.citations
                if each.passage in passages
            ),
            confidence=facet.confidence,
            first=facet.first,
            last=facet.last,
            by=facet.by,
            status=facet.status,
            conflicts=facet.conflicts,
            measures=dict(facet.measures),
        )
        for facet in facets
    )


def _quote(citation: Citation, passage: Passage, place: str) -> Quote:
    return Quote(before(passage), citation.quote, citation.at, place, passage.url)


def facets(portrait: SkillPortrait) -> list[Facet]:
    """As they were exported, but for what a skill could only claim: who says in their own words what stands in none
    of their quotes is described."""
    return [
        Facet(
            id=each.id,
            aspect=each.aspect,
            topic=each.topic,
            text=each.text,
            citations=tuple(Citation(_id(portrait, quote), quote.text, quote.at) for quote in each.quotes),
            confidence=min(1.0, max(0.0, each.confidence)),
            first=each.first,
            last=each.last,
            by=each.by if _carried(each) else "description",
            status=each.status,
            conflicts=each.conflicts,
            measures=each.measures,
        )
        for each in portrait.statements
        if not any(judged(words, portrait=True) for words in (each.topic, each.text))
    ]


def documents(portrait: SkillPortrait) -> Iterator[Document]:
    """What the statements quote, as material of its own: what a skill says that somebody said. Quotes of one
    passage stand in it one below the other, and an id is never that of what was imported from where it stood."""
    found: dict[str, list[Quote]] = {}
    kinds: dict[str, FacetKind] = {}
    for statement in portrait.statements:
        for quote in statement.quotes:
            id = _id(portrait, quote)
            found.setdefault(id, []).append(quote)
            kinds.setdefault(id, KIND_OF[statement.aspect])
    for id, quotes in found.items():
        yield Document(
            id=id,
            source=SOURCE,
            container=portrait.name,
            container_name=quotes[0].place,
            thread=id,
            author="",
            author_name=portrait.display_name,
            by_subject=False,
            at=quotes[0].at,
            text="\n\n".join(dict.fromkeys(quote.text for quote in quotes if quote.text)) or portrait.display_name,
            url=quotes[0].url,
            facet=kinds[id],
            whole=True,
        )


def held(found: Iterable[Facet], passages: Mapping[str, Passage]) -> list[Facet]:
    """Those whose words still stand: what redaction took out of a passage, or is withheld here, carries nothing."""
    kept = []
    for facet in found:
        cited = tuple(c for c in facet.citations if c.passage in passages and c.quote in passages[c.passage].text)
        if len(cited) == len(facet.citations):
            kept.append(facet)
    return kept


class Returning:
    """A shelf for what comes in a skill: what the Subject keeps back here does not come back in a copy that was
    made before. `gone` says of an id whether that is so."""

    def __init__(self, shelf: Shelf, gone: Callable[[str], bool]) -> None:
        self._shelf = shelf
        self._gone = gone
        self.held = 0

    async def add(self, passages: Iterable[Passage]) -> Counts:
        given = list(passages)
        left = [passage for passage in given if not self._gone(before(passage))]
        self.held += len(given) - len(left)
        return await self._shelf.add(left)

    async def remove(self, ids: Iterable[str]) -> int:
        return await self._shelf.remove(ids)

    def scan(self) -> AsyncIterator[tuple[int, Passage]]:
        return self._shelf.scan()


def _id(portrait: SkillPortrait, quote: Quote) -> str:
    return f"{_prefix(portrait.name)}{quote.passage}"


def before(passage: Passage) -> str:
    """The id it had before it travelled in a skill."""
    return passage.id.removeprefix(_prefix(passage.container)) if passage.source == SOURCE else passage.id


def _prefix(name: str) -> str:
    return f"skill:{name}/{PLACE}/"


def _carried(each: Statement) -> bool:
    if each.by == "model" or each.aspect not in (*ASPECTS["work_knowledge"], *ASPECTS["decision_patterns"]):
        return True
    said = " ".join(" ".join(quote.text.split()) for quote in each.quotes)
    return all(" ".join(line.split()) in said for line in each.text.split("\n"))
