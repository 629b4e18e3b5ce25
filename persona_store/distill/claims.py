"""What a model is asked about some episodes, and which of its claims are believed. Pure.

A claim counts only if it quotes the Subject word for word and says nothing that the quoted passages do not:
whatever the model makes up, or is talked into by what it reads, finds no passage and is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Annotated
from zlib import crc32

from msgspec import Meta, Struct

from persona_store.completion import Prompt
from persona_store.consent.record import Facet as FacetKind
from persona_store.distill.model import ASPECTS, Aspect, Citation, Facet, facet_id
from persona_store.distill.reading import Episode
from persona_store.distill.status import NEGATION
from persona_store.fencing import fence, unmarked
from persona_store.hidden_text import reveal
from persona_store.model import Passage
from persona_store.support import support, verbatim

BATCH_CHARS = 12_000  # of material in one prompt
PASSAGE_CHARS = 4_000  # of one passage; what is longer is cut
CUT = 16  # one episode in so many begins a batch of its own
CONTEXT_CHARS = 400  # of what somebody else said
ANSWER_TOKENS = 3_000
MATERIAL = "material"  # the mark round it, as prompts/claims.md calls it
SUPPORT = 0.5  # of a claim's content words that must stand in what it cites

Readership = tuple[str, ...] | None
_CLAUSE = re.compile(r"[,;:.!?](?=\s)|[，；：。！？\n]")

MEANINGS: dict[Aspect, str] = {
    "responsibility": "what S is in charge of",
    "boundary": "what is not S's, and whose it is",
    "system": "what a system, service or tool is for and how it behaves",
    "standard": "how things are to be done: conventions, limits, requirements",
    "workflow": "the steps of getting something done, in order",
    "decision": "what was decided, and why",
    "pitfall": "what goes wrong, when, and what to do instead",
    "whom_to_ask": "which team or role knows about something",
    "term": "what a word or abbreviation means in this team",
    "answer": "what S answered when somebody asked",
    "priority": "what S puts first when not everything can be done",
    "push_back": "what S objects to, and with which reason",
    "condition": "under which condition S agrees to something",
    "trade_off": "what S prefers to what, and why",
    "asks_first": "what S wants to know before agreeing",
}
"""Style and name are measured, never claimed."""


class CitedWords(Struct, frozen=True):
    passage: int
    quote: Annotated[str, Meta(max_length=2000)]


class Claim(Struct, frozen=True):
    aspect: str
    topic: Annotated[str, Meta(max_length=80)]
    text: Annotated[str, Meta(min_length=1, max_length=600)]
    citations: Annotated[list[CitedWords], Meta(min_length=1, max_length=8)]


class Claims(Struct, frozen=True):
    """What the model returns."""

    claims: Annotated[list[Claim], Meta(max_length=60)]


class Asking(Struct, frozen=True):
    """One prompt, and the passages its numbers stand for (number 1 first)."""

    prompt: Prompt
    passages: tuple[Passage, ...]


def aspects_of(kinds: Iterable[FacetKind]) -> tuple[Aspect, ...]:
    """What a model may be asked for, of the kinds that are granted."""
    return tuple(aspect for kind in kinds for aspect in ASPECTS[kind] if aspect in MEANINGS)


class Batches:
    """As many whole episodes at a time as fit in a prompt; those without a word of the Subject are left out.

    Where a batch ends depends on what is in it, not on how much came before: with new material the batches before
    and after it stay the same, and what was asked of them need not be asked again.

    Together are only what the same people may read: what the model says of the one could be worded by the other."""

    def __init__(self) -> None:
        self._batches: dict[frozenset[Readership], list[Episode]] = {}

    def push(self, episode: Episode) -> list[Episode]:
        """The batch that is full now, or nothing."""
        if not any(passage.by_subject for passage in episode):
            return []
        readers = frozenset(passage.readers for passage in episode)
        batch = self._batches.setdefault(readers, [])
        held = sum(map(_size, batch))
        full = held + _size(episode) > BATCH_CHARS or crc32(episode[0].id.encode(errors="replace")) % CUT == 0
        if full:
            self._batches[readers] = [episode]
            return batch
        batch.append(episode)
        return []

    def flush(self) -> list[list[Episode]]:
        """Those that did not get full."""
        done, self._batches = list(self._batches.values()), {}
        return done


def _size(episode: Episode) -> int:
    return sum(min(len(passage.text), PASSAGE_CHARS) for passage in episode)


def asking(batch: Sequence[Episode], aspects: Sequence[Aspect], *, context: bool) -> Asking:
    """`context`: what others said goes along under pseudonyms. It must not where the model is somebody else's: they
    never agreed to that (rights.md L07)."""
    shown: list[Passage] = []
    lines: list[str] = []
    for number, episode in enumerate(batch, 1):
        others: dict[str, str] = {}
        lines.append(f"\n## {number}")
        for passage in episode:
            if not passage.by_subject and not context:
                continue
            who = "S" if passage.by_subject else others.setdefault(passage.author, f"P{len(others) + 1}")
            most = PASSAGE_CHARS if passage.by_subject else CONTEXT_CHARS
            shown.append(passage)
            title = f" {_line(passage.title)}:" if passage.title else ""
            text = unmarked(MATERIAL, passage.text[:most])
            lines.append(f"[{len(shown)}] ({who}) {passage.at.date().isoformat()}{title} {text}")
    user = fence(MATERIAL, "\n".join(lines).strip())
    return Asking(Prompt(instructions(aspects), user, ANSWER_TOKENS), tuple(shown))


def instructions(aspects: Sequence[Aspect]) -> str:
    """The same for every batch, so that an endpoint can keep what it made of it."""
    text = files("persona_store.distill").joinpath("prompts", "claims.md").read_text(encoding="utf-8")
    meanings = "\n".join(f"- {aspect}: {MEANINGS[aspect]}" for aspect in aspects)
    return text.replace("{aspects}", ", ".join(aspects)).replace("{meanings}", meanings)


def believed(claims: Claims, asked: Asking, aspects: Sequence[Aspect]) -> tuple[list[Facet], Counter[str]]:
    """The claims that hold, as facets, and how many were dropped, by reason: ASPECT, NO_PASSAGE, NOT_SUBJECT,
    MISQUOTED, UNGROUNDED."""
    facets: list[Facet] = []
    dropped: Counter[str] = Counter()
    for claim in claims.claims:
        facet = _facet(claim, asked, aspects)
        if isinstance(facet, str):
            dropped[facet] += 1
        else:
            facets.append(facet)
    return facets, dropped


def _facet(claim: Claim, asked: Asking, aspects: Sequence[Aspect]) -> Facet | str:
    aspect = next((aspect for aspect in aspects if aspect == claim.aspect), None)
    if aspect is None:
        return "ASPECT"
    citations: dict[tuple[str, str], Citation] = {}
    cited: list[Passage] = []
    clauses: list[str] = []
    for words in claim.citations:
        if not 1 <= words.passage <= len(asked.passages):
            return "NO_PASSAGE"
        passage = asked.passages[words.passage - 1]
        if not passage.by_subject:
            return "NOT_SUBJECT"
        quote = verbatim(words.quote, passage.text)
        if quote is None:
            return "MISQUOTED"
        citations[passage.id, quote] = Citation(passage.id, quote, passage.at)
        cited.append(passage)
        clauses.append(_clause(passage.text, quote))
    text, topic = _clean(claim.text), _clean(claim.topic)
    source = "\n".join(f"{passage.title}\n{passage.text}" for passage in cited)
    supported = support(text, source)
    # "never retry" is not "retry", nor is it where the quotation begins after its "never".
    turned = bool(NEGATION.search(text)) != bool(NEGATION.search(" ".join(clauses)))
    if supported < SUPPORT or not text or turned:
        return "UNGROUNDED"
    several = len({citation.passage for citation in citations.values()}) > 1
    return Facet(
        id=facet_id(aspect, text),
        aspect=aspect,
        topic=topic if support(topic, source) >= SUPPORT else "",
        text=text,
        citations=tuple(citations.values()),
        confidence=round(min(0.95, 0.4 + 0.5 * supported + 0.05 * several), 2),
        first=min(passage.at for passage in cited),
        last=max(passage.at for passage in cited),
        by="model",
    )


def _clause(text: str, quote: str) -> str:
    """The quotation and the rest of the clauses it begins and ends in."""
    start = text.find(quote)
    end = start + len(quote)
    after = _CLAUSE.search(text, end)
    return (
        text[max((mark.end() for mark in _CLAUSE.finditer(text, 0, start)), default=0) : end]
        + (text[end : after.start() if after else len(text)])
    )


def _clean(text: str) -> str:
    return " ".join(reveal(text)[0].split())


def _line(text: str) -> str:
    return unmarked(MATERIAL, " ".join(text.split()))
