"""The frozen data of the deciding side: a Question, what was drafted for it, and what came of it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from adapters.model import Person, Thread
from persona_store.model import Evidence


class Question(Struct, frozen=True):
    """What is asked of one persona. `context` is the asker's earlier words in the same thread, newest last."""

    persona: str
    text: str
    lang: str  # "zh-CN" | "en"
    context: str = ""


class Cited(Struct, frozen=True):
    """One sentence of a summary, and the numbers of the quotes that carry it (the first is 1)."""

    text: str
    cites: tuple[int, ...]


class Draft(Struct, frozen=True):
    """A possible answer. `confidence` is the calibrated chance that it is right; `features` is what it was
    computed from and `why` the words a person gets when asking why: (wording key, parameters)."""

    evidence: tuple[Evidence, ...]  # the passages that are quoted, in reading order; empty = nothing found
    quotes: tuple[str, ...]  # for each of them the sentences that are shown
    confidence: float
    ranked_ids: tuple[str, ...] = ()
    features: dict[str, float] = field(default_factory=dict)
    why: tuple[tuple[str, dict[str, str]], ...] = ()
    summary: tuple[Cited, ...] = ()  # a model's words for what is quoted; none: the quotes speak for themselves
    model: str = ""  # which one wrote it
    forsaken: bool = False  # a model was asked for one and gave none that can be shown
    shipped: float = 0.0  # confidence as the calibrator gave it, before what the team said of earlier answers
    thresholds: tuple[tuple[float, float], ...] = ()  # confidence by risk budget, where the persona has its own


class Escalation(Struct, frozen=True):
    """A Question handed to a human, until it is answered, delegated, declined or expired. The record is the
    truth and chat only a view of it."""

    id: str
    persona: str
    state: str  # open | asked | answered | delegated | declined | expired | cancelled
    question: str
    lang: str
    # no_evidence | unconfirmed | low_confidence | thumbs_down | asked_for_human | closed_topic | in_danger |
    # conflict | disputed | reported
    reason: str
    askers: tuple[Waiter, ...]  # everyone who waits for these words
    assignee: Person  # who is asked now
    owner: Person
    deputy: Person | None
    opened_at: datetime
    due_at: datetime  # what the askers were told
    draft: str = ""  # what would have been said, as far as everyone in the team may read it
    evidence_ids: tuple[str, ...] = ()
    summary: str = ""  # a model's words that were said above it
    outcome: str = ""  # what was drafted for the first who asked
    objection: str = ""  # what somebody said against the answer, in their words
    corrects: tuple[str, ...] = ()  # what was quoted and is wrong, as the answer says
    asked_at: datetime | None = None
    reminded: int = 0
    followups: int = 0  # how often "I'll look" was not taken for an answer
    may_know: tuple[Person, ...] = ()  # who wrote about it, as far as they can be reached
    settled_at: datetime | None = None
    settled_by: str = ""  # person key
    settled_name: str = ""
    answer: str = ""
    history: tuple[tuple[str, datetime, str], ...] = ()  # (what, when, by person key)
    revision: int = 0  # counts what was written, so that two who change it at once notice


class Waiter(Struct, frozen=True):
    """One asker, the place their answer goes, and how they put it: one's wording is not another's to read."""

    person: Person
    thread: Thread
    asked_at: datetime
    question: str = ""
