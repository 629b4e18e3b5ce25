"""Whom to ask: who has answered questions like this one.

Counted over everything that was kept for the persona, not only what it can be quoted from: of a chat those are the
threads the subject took part in, and so the colleagues they worked with. Each episode like the question is a vote
for those who helped in it, the likest weighing most (reciprocal ranks; Macdonald and Ounis, Voting for candidates,
CIKM 2006). A person's place is their share of the votes times how much they help around the time it is asked: the
topic tells the specialist, the habit who answers at all. Whom the question calls by name counts CALLED times, if
they helped with anything like it. It says who wrote about it and no more: nobody is rated (rights.md L09), and what
others wrote is counted here and never shown (L07).

docs/evaluation.md says what it is worth; tests/benchmarks/whom.py measures it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from math import fsum

from msgspec import Struct, field

from persona_store.episodes import Message
from persona_store.helping import habits, helpers, month, spoken
from persona_store.index import Index, View
from persona_store.model import Readers
from persona_store.query import query
from persona_store.ranking import Candidate, candidates
from persona_store.tokens import named, terms

LOOKED_AT = 100  # episodes like the question
FLAT = 10  # added to a rank before its reciprocal: the first ten or so tell the topic, none of them alone
ELSEWHERE = 0.05  # of all votes, given to everybody: not to have helped with the very like says little
CALLED = 20.0  # times the place of whom the question calls by name


class Knower(Struct, frozen=True):
    """Somebody who wrote about it. `share`: of what is like the question, by likeness; `ids`: what of theirs was
    counted, the likest first. `covers`: of the question's words, those that stand in one conversation they helped
    in; somebody is always the likeliest, and with little in common that says nothing."""

    person: str  # key
    name: str
    share: float
    covers: float
    ids: tuple[str, ...]
    last_at: datetime


class _Votes(Struct):
    """What speaks for one person."""

    share: float = 0.0
    covers: float = 0.0
    theirs: list[Message] = field(default_factory=list)

    @property
    def name(self) -> str:
        return max(self.theirs, key=lambda message: message.passage.at).passage.author_name


def whom(
    index: Index,
    text: str,
    *,
    readers: Readers,
    as_of: datetime | None = None,
    asked_at: datetime | None = None,
    without: Collection[str] = (),
    limit: int = 3,
) -> list[Knower]:
    """The likeliest first; nobody if nothing is like the question. `index` holds everybody's episodes. `asked_at`:
    who helped lately comes before who did long ago; where it is not known, the question is taken to be as old as
    what is like it."""
    view = index.view(readers, as_of)
    said = terms(text)
    if not said or not view.size:
        return []
    found = candidates(index, view, query(index, view, said), text, named(text)).candidates[:LOOKED_AT]
    if not found:
        return []
    weights = _weights(len(found))
    votes = _votes(index, view, found, weights, frozenset(said))
    helping = habits(index, view, {month(asked_at): 1.0} if asked_at else _ages(found, weights))
    place = {
        person: helping[person] * (each.share + ELSEWHERE) * (CALLED if _calls(text, each.name) else 1.0)
        for person, each in votes.items()
        if person and person not in without
    }
    chosen = sorted(place, key=lambda person: (-place[person], person))[:limit]
    return [_knower(person, votes[person]) for person in chosen]


def _weights(several: int) -> list[float]:
    """By rank; together 1."""
    votes = [1 / (FLAT + rank) for rank in range(several)]
    total = fsum(votes)
    return [vote / total for vote in votes]


def _votes(
    index: Index, view: View, found: list[Candidate], weights: list[float], asked: frozenset[str]
) -> dict[str, _Votes]:
    ids = {index.postings.known(term) for term in asked} - {None}
    votes: dict[str, _Votes] = {}
    for each, weight in zip(found, weights, strict=True):
        messages = spoken(index, view, each.episode)
        there: set[int | None] = set().union(*(message.sequence[: message.body] for message in messages))
        covers = len(ids & there) / len(asked)
        for person in helpers(messages):
            of = votes.setdefault(person, _Votes())
            of.share += weight
            of.covers = max(of.covers, covers)
            of.theirs.extend(message for message in messages if message.passage.author == person)
    return votes


def _ages(found: list[Candidate], weights: list[float]) -> dict[int, float]:
    """The months from which what is like the question comes."""
    ages: dict[int, float] = {}
    for each, weight in zip(found, weights, strict=True):
        when = month(each.run.last_at)
        ages[when] = ages.get(when, 0.0) + weight
    return ages


def _calls(text: str, name: str) -> bool:
    """Whether it says "@Bo Tan": how a mention reads once a platform's own marks are undone."""
    if not name or "@" not in text:
        return False
    return re.search(rf"@{re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _knower(person: str, votes: _Votes) -> Knower:
    newest = max(message.passage.at for message in votes.theirs)
    ids = tuple(dict.fromkeys(message.passage.id for message in votes.theirs))
    return Knower(person, votes.name or person, votes.share, votes.covers, ids[:5], newest)
