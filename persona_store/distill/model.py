"""What a persona is distilled into: facets, each of one closed kind, each with the words it rests on."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct

from persona_store.consent.record import Facet as FacetKind
from persona_store.model import Moment

WorkAspect = Literal[
    "responsibility",
    "boundary",  # what is not theirs
    "system",  # what they know about, by how much they say about it
    "standard",
    "workflow",
    "decision",  # with its reason
    "pitfall",
    "whom_to_ask",
    "term",  # what a word means in this team
    "answer",  # what they answered when somebody asked
]
DecisionAspect = Literal["priority", "push_back", "condition", "trade_off", "asks_first"]
StyleAspect = Literal["length", "openings", "phrases", "punctuation", "emoji", "languages", "shapes"]
NameAspect = Literal["name", "avatar"]
Aspect = WorkAspect | DecisionAspect | StyleAspect | NameAspect

ASPECTS: Mapping[FacetKind, tuple[Aspect, ...]] = {
    "work_knowledge": get_args(WorkAspect),
    "decision_patterns": get_args(DecisionAspect),
    "communication_style": get_args(StyleAspect),
    "name_avatar": get_args(NameAspect),
}
"""Closed: what is not listed is not distilled (EU AI Act 5(1)(f): no mood, health, loyalty, productivity)."""

KIND_OF: Mapping[Aspect, FacetKind] = {aspect: kind for kind, aspects in ASPECTS.items() for aspect in aspects}

Status = Literal[
    "standing",  # several passages say so
    "single",  # one passage says so
    "stale",  # nothing newer than STALE_DAYS says so
    "conflicting",  # another facet says otherwise, about as recently: see `conflicts`
    "superseded",  # a newer facet or a correction says otherwise: see `conflicts`
]
By = Literal["rules", "model", "interview", "correction", "description"]
"""How it came to be said: found by rules or by a model in the Subject's own words, answered by the Subject in the
interview, answered by the Owner, or said by others about the Subject."""

STALE_DAYS = 365


class Citation(Struct, frozen=True):
    """Words that stand in a passage: `quote` is a verbatim part of its text."""

    passage: str  # its id
    quote: str
    at: Moment


class Facet(Struct, frozen=True, omit_defaults=True):
    """One statement about the Subject's work, decisions, style or name. `id` is the same for as long as it rests on
    the same words (see `facet_id`). Others stand in `text` under their pseudonyms only."""

    id: str
    aspect: Aspect
    topic: str  # a few words: what it is about
    text: str  # by rules, the Subject's own words; for style, "" (the measures say it)
    citations: tuple[Citation, ...]
    confidence: float  # 0 to 1: that it says what the Subject meant
    first: Moment  # of what it rests on
    last: Moment
    by: By = "rules"
    status: Status = "single"
    conflicts: tuple[str, ...] = ()  # ids of the facets it does not agree with
    measures: Mapping[str, float] = {}  # style: what was measured, by name

    @property
    def kind(self) -> FacetKind:
        return KIND_OF[self.aspect]


class Portrait(Struct, frozen=True):
    """All facets of a persona as they were at one version."""

    version: int  # 1, 2, …; 0 before the first
    made_at: datetime
    facets: tuple[Facet, ...]


Reason = Literal["unanswered", "unsure", "thin", "stale", "conflicting", "missing"]


class Gap(Struct, frozen=True):
    """Something the material leaves open, for the interview and the page. `question` is a key of the sentences an
    interviewer uses; `topic` fills it in."""

    topic: str  # where everything of one aspect is missing, the aspect
    reason: Reason
    question: str
    weight: float  # how often it was asked, or how much depends on it: the largest first
    passages: tuple[str, ...] = ()  # what it was seen in


def facet_id(aspect: Aspect, *anchor: str) -> str:
    """What identifies a facet over time: its aspect and the words it rests on (passage id and quote), or, where it
    has no one place, its topic. Differences of width, case and blanks are none."""
    parts = (aspect, *(" ".join(unicodedata.normalize("NFKC", part).casefold().split()) for part in anchor))
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]
