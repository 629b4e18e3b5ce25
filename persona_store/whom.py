"""Whom to ask: who has answered questions like this one.

Counted over everything that was imported, not only where the persona spoke: for what it does not know the answer
is elsewhere. Whoever spoke in an episode that somebody else began is taken to have helped in it. A person's place
is how often they help at all, times how much of what is like the question they helped with. It says who wrote about
it and no more: nobody is rated (rights.md L09), and what others wrote is counted here and never shown (L07).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from math import exp, fsum, log

from msgspec import Struct

from persona_store.episodes import Episode, Message
from persona_store.index import Index, View
from persona_store.model import Readers
from persona_store.query import query
from persona_store.ranking import Candidate, candidates
from persona_store.tokens import named, terms

LOOKED_AT = 20  # episodes like the question
SHARP = 4.0  # of the ranking's worth: how fast an episode that is less alike counts for less
HABIT = 0.5  # the weight of how often somebody helps at all, in the logarithm
ELSEWHERE = 0.05  # what is assumed of somebody who helped with nothing like it


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


def whom(
    index: Index,
    text: str,
    *,
    readers: Readers,
    as_of: datetime | None = None,
    without: Collection[str] = (),
    limit: int = 3,
) -> list[Knower]:
    """The likeliest first; nobody if nothing is like the question. `index` holds everybody's episodes."""
    view = index.view(readers, as_of)
    said = terms(text)
    if not said or not view.size:
        return []
    found = candidates(index, view, query(index, view, said), text, named(text)).candidates[:LOOKED_AT]
    shares, theirs, around = _helped(index, view, found)
    habits = _habits(index, view)
    everything = sum(habits.values()) or 1
    place = {
        person: HABIT * log(habits[person] / everything) + log(share + ELSEWHERE)
        for person, share in shares.items()
        if person and person not in without and habits[person]
    }
    chosen = sorted(place, key=lambda person: (-place[person], person))[:limit]
    asked = frozenset(said)
    return [_knower(person, shares[person], _covers(asked, around[person]), theirs[person]) for person in chosen]


def _covers(asked: frozenset[str], around: list[list[Message]]) -> float:
    """The most that one conversation has of the question."""
    words = (frozenset(terms("\n".join(m.passage.text for m in messages))) for messages in around)
    return max(len(asked & each) for each in words) / len(asked)


Helped = tuple[dict[str, float], dict[str, list[Message]], dict[str, list[list[Message]]]]


def _helped(index: Index, view: View, found: list[Candidate]) -> Helped:
    """Each person's share of what is like the question, what they wrote there, and the conversations it was in."""
    likeness = [exp((each.worth - found[0].worth) / SHARP) for each in found]
    total = fsum(likeness) or 1.0
    shares: dict[str, float] = {}
    theirs: dict[str, list[Message]] = {}
    around: dict[str, list[list[Message]]] = {}
    for each, alike in zip(found, likeness, strict=True):
        messages = _episode(index, view, each.episode)
        for person in sorted(_helpers(messages)):
            shares[person] = shares.get(person, 0.0) + alike / total
            theirs.setdefault(person, []).extend(m for m in messages if m.passage.author == person)
            around.setdefault(person, []).append(messages)
    return shares, theirs, around


def _habits(index: Index, view: View) -> Counter[str]:
    """How many episodes each person helped in; counted once for a view and kept with it."""
    if not view.helped:
        for episode in index.episodes():
            view.helped.update(_helpers(_episode(index, view, episode)))
    return view.helped


def _helpers(messages: list[Message]) -> set[str]:
    """Who answered, of those who spoke; who alone wrote something down is the one to ask about it."""
    authors = {message.passage.author for message in messages}
    return authors if len(authors) < 2 else authors - {messages[0].passage.author}


def _episode(index: Index, view: View, episode: Episode) -> list[Message]:
    """Its messages once each, though neighbouring runs share one."""
    messages = {m.passage.id: m for run in index.episode(episode, view) for m in run.messages}
    return list(messages.values())


def _knower(person: str, share: float, covers: float, theirs: list[Message]) -> Knower:
    newest = max(theirs, key=lambda message: message.passage.at).passage
    ids = tuple(dict.fromkeys(message.passage.id for message in theirs))
    return Knower(person, newest.author_name or person, share, covers, ids[:5], newest.at)
