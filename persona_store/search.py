"""Finding: from a question to Findings. Pure over the index; persona_store/library.py gives it one to work on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from persona_store.abroad import HALF, LEAST, Elsewhere, abroad
from persona_store.episodes import Message
from persona_store.index import Index, View
from persona_store.meant import Near, likenesses, speaks
from persona_store.model import Evidence, Findings, Readers
from persona_store.query import Query, coverage, query
from persona_store.ranking import Candidate, candidates
from persona_store.signals import signals
from persona_store.tokens import named, terms

THIN = 2  # a question of fewer content terms leans on what was said before it
RANKED = 20
PER_EPISODE = 4
TAUGHT = 0.6  # from here on a question is taken for the one an owner has answered


def find(
    index: Index,
    text: str,
    *,
    context: str = "",
    readers: Readers,
    as_of: datetime | None = None,
    limit: int = 20,
    nearness: Callable[[View], Near] | None = None,
) -> Findings:
    """The passages to answer from, best episode first, quotable ones only; and how well it went. `nearness`: how
    near they are by meaning, where vectors of them and of the question are at hand."""
    view = index.view(readers, as_of)
    said = terms(text)
    if is_thin(said):
        said += [term for term in terms(context) if term not in said]
    if not said or not view.size:
        return Findings((), {})
    asked = query(index, view, said)
    names = named(text)
    near = nearness(view) if nearness is not None else None
    ranked = candidates(index, view, asked, text, names, near)
    found, taught = _taught_first(ranked.candidates, asked)
    told = signals(index, view, ranked.want, found, names)
    elsewhere = abroad(index, view, asked) if near is None and not taught else []
    found = _before(found, elsewhere, told.get("covered", 0.0))
    per_episode = [_quotable(index, view, asked, each, near) for each in found[:RANKED]]
    evidence = [each for several in per_episode for each in several[:PER_EPISODE]][:limit]
    return Findings(
        evidence=tuple(evidence),
        signals={**told, **likenesses(found, near), "taught": taught, "abroad": _beside(elsewhere, told)},
        ranked_ids=_ranked(per_episode),
        weights=_weights(index, asked),
    )


def _before(found: list[Candidate], elsewhere: list[Elsewhere], covered: float) -> list[Candidate]:
    """What stands in the other language goes first where it speaks of the question about as much as the best in its
    own does."""
    enough = max(LEAST, HALF * covered)
    first = {each.run.episode: each.run for each in elsewhere if each.share >= enough}
    others = [each for each in found if each.episode not in first]
    return [Candidate(episode, run, 0.0, 0.0, fused=1.0) for episode, run in first.items()] + others


def _beside(elsewhere: list[Elsewhere], told: Mapping[str, float]) -> float:
    return elsewhere[0].share / max(LEAST, told.get("covered", 0.0)) if elsewhere else 0.0


def is_thin(said: Collection[str]) -> bool:
    """Whether a question of these terms only makes sense with what was said before it."""
    return len(set(said)) < THIN


def _ranked(per_episode: list[list[Evidence]]) -> tuple[str, ...]:
    """The best passage of each episode first, then their second-best: what a list of sources should show."""
    deepest = max(map(len, per_episode), default=0)
    ids = (several[depth].passage.id for depth in range(deepest) for several in per_episode if depth < len(several))
    return tuple(dict.fromkeys(ids))[:RANKED]


def _taught_first(found: list[Candidate], asked: Query) -> tuple[list[Candidate], float]:
    """An owner's answer to this very question goes before everything, the newest of several before the others."""
    taught: list[tuple[float, Candidate]] = []
    for each in found:
        last = each.run.messages[-1]
        if last.passage.source == "correction":
            likeness = same_question(asked, last)
            if likeness >= TAUGHT:
                taught.append((likeness, each))
    if not taught:
        return found, 0.0
    taught.sort(key=lambda pair: pair[1].run.last_at, reverse=True)
    first = [each for _, each in taught]
    return first + [each for each in found if each not in first], taught[0][0]


def same_question(asked: Query, answered: Message) -> float:
    """Likeness of a question and the one that was answered: shared terms of both (Dice), and the share of what is
    asked now by weight, half and half."""
    before = set(answered.sequence[answered.body :])
    if not before:
        return 0.0
    shared = asked.weights.keys() & before
    covered = sum(map(asked.weights.__getitem__, shared)) / (asked.mass or 1.0)
    return len(shared) / (len(set(asked.terms)) + len(before)) + covered / 2


def _quotable(index: Index, view: View, asked: Query, each: Candidate, near: Near | None) -> list[Evidence]:
    """The persona's messages of an episode, best first: those of the best run, or else the nearest after it."""
    own = _own(asked, each.run.messages, near)
    if not own:
        messages = [m for run in index.episode(each.episode, view) for m in run.messages]
        later = [m for m in messages if m.passage.at >= each.run.last_at]
        own = _own(asked, tuple(later), near) or _own(asked, tuple(messages), near)
    own.sort(key=lambda pair: -pair[0])
    seen = dict.fromkeys(message.passage for _, message in own)
    scores = {message.passage.id: score for score, message in own}
    return [Evidence(passage, each.fused * (1 + scores[passage.id])) for passage in seen]


def _own(asked: Query, messages: tuple[Message, ...], near: Near | None) -> list[tuple[float, Message]]:
    """(how likely it answers, message) of each quotable one: it speaks of the question, or stands below where
    somebody else spoke of it or the persona asked. Below what the persona itself told of it stand afterthoughts."""
    found, above = [], 0.0
    for message in messages:
        covered = coverage(asked, message) + (speaks(near.one(message.passage)) if near is not None else 0.0)
        if message.passage.quotable:
            found.append((covered + 0.7 * above, message))
        told = message.passage.quotable and not message.passage.text.rstrip().endswith(("?", "？"))
        above = 0.8 * above if told else max(0.8 * above, covered)
    return found


def _weights(index: Index, asked: Query) -> dict[str, float]:
    known = {index.postings.word(id): weight for id, weight in asked.weights.items()}
    return {term: known.get(term, 0.0) for term in dict.fromkeys(asked.terms)}
