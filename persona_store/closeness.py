"""How close an episode is to a question, in numbers that mean the same for every team and both languages.

Shares of the question (by the weight of its terms), cosines and logarithms; persona_store/ranking.py adds them up:

    bm25, bm25_episode        of the best run, of the whole episode / the score of a run that repeats the question
    cosine                    angle between question and run, lnc.ltc
    likelihood                of the question in the episode (persona_store/likelihood.py)
    lead_cosine, lead_jaccard likeness of the question and the episode's first message, often a question itself
    lead                      share of the question in that first message
    one, one_own, episode     … in the best single message, the persona's best one, anywhere in the episode
    headline                  … of the question's first line, often its subject, in the episode
    phrases, proximity        neighbours that are neighbours; heavy terms that stand within ten terms of each other
    grams                     share of its pieces of words, whatever the spelling
    expanded                  share of the terms that its best matches have in common, in the episode
    expanded_run              … in the run
    named                     share of its names and identifiers, 1 if it has none
    length, turns             log of the terms in the run, of the messages in the episode
    *_share                   the same beside the largest among the candidates
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import fsum, log, sqrt

from msgspec import Struct

from persona_store.episodes import Message, Run
from persona_store.grams import shares
from persona_store.index import Index, View, counted
from persona_store.query import K1, Query, coverage, phrases, rarest
from persona_store.tokens import terms

LONGEST_EPISODE = 200  # messages of one that are looked at
HEAVY = 8  # terms whose neighbourhood is looked at
WITHIN = 10  # terms
RELATIVE = ("cosine", "bm25_episode", "phrases", "covered")


class Wanted(Struct, frozen=True):
    """What all candidates of one question are held against."""

    asked: Query
    text: str
    names: frozenset[int | None]
    headline: Mapping[int, float]
    headline_mass: float
    ideal: float
    square: float  # sum of the squared weights of all its terms
    expanded: Mapping[int, float]


def wanted(
    index: Index, view: View, asked: Query, text: str, names: frozenset[str], more: dict[int, float]
) -> Wanted:
    first = {index.postings.known(term) for term in terms(text.strip().partition("\n")[0])}
    headline = {id: asked.weights[id] for id in first if id in asked.weights}
    unseen = rarest(view) * sum(id not in asked.weights for id in first)
    heavy = sum(weight**1.5 for weight in asked.weights.values()) + asked.unseen * sqrt(rarest(view))
    return Wanted(
        asked=asked,
        text=text,
        names=frozenset(index.postings.known(name) for name in names),
        headline=headline,
        headline_mass=sum(headline.values()) + unseen,
        ideal=heavy * (K1 + 1) or 1.0,
        square=sum(weight**2 for weight in asked.weights.values()) + asked.unseen * rarest(view) or 1.0,
        expanded=more,
    )


def closeness(
    index: Index, view: View, want: Wanted, several: Sequence[tuple[Run, float, float, float]]
) -> list[dict[str, float]]:
    """Of each candidate, given as (best run, its BM25, its cosine, the episode's likelihood)."""
    pieces = shares(want.text, [" ".join(m.passage.text for m in run.messages) for run, *_ in several])
    found = [
        {**_of_run(want, run), **_of_episode(index, view, want, run), "bm25": bm25 / want.ideal, "cosine": cosine}
        | {"likelihood": likely, "grams": piece}
        for (run, bm25, cosine, likely), piece in zip(several, pieces, strict=True)
    ]
    for name in RELATIVE:
        most = max((each[name] for each in found), default=0.0) or 1.0
        for each in found:
            each[f"{name}_share"] = each[name] / most
    return found


def _of_run(want: Wanted, run: Run) -> dict[str, float]:
    asked, messages = want.asked, run.messages
    there = {id for message in messages for id in message.sequence}
    covers = [coverage(asked, message) for message in messages]
    return {
        "covered": coverage(asked, *messages),
        "one": max(covers),
        "one_own": max((c for c, m in zip(covers, messages, strict=True) if m.passage.quotable), default=0.0),
        "phrases": phrases(asked, *messages),
        "proximity": proximity(asked, messages),
        "expanded_run": fsum(weight for id, weight in want.expanded.items() if id in there),
        "length": log(1 + run.length),
    }


def _of_episode(index: Index, view: View, want: Wanted, run: Run) -> dict[str, float]:
    asked = want.asked
    episode = [m for each in index.episode(run.episode, view) for m in each.messages][:LONGEST_EPISODE]
    counts = counted(episode)
    longer = K1 * (0.25 + 0.75 * counts.total() / (2 * view.average))
    there = {id: counts[id] for id in asked.weights if id in counts}
    bm25 = sum(asked.weights[id] ** 1.5 * count * (K1 + 1) / (count + longer) for id, count in there.items())
    lead, covered = episode[0], coverage(asked, episode[0])
    mass = sum(weigh(index, view, id) for id in sorted(set(lead.sequence)))
    both = covered * asked.mass
    return {
        "bm25_episode": bm25 / want.ideal,
        "lead": covered,
        "lead_cosine": likeness(index, view, want, lead),
        "lead_jaccard": both / (mass + asked.mass - both or 1.0),
        "episode": sum(map(asked.weights.__getitem__, there)) / (asked.mass or 1.0),
        "headline": sum(w for id, w in want.headline.items() if id in counts) / (want.headline_mass or 1.0),
        "expanded": fsum(weight for id, weight in want.expanded.items() if id in counts),
        "named": sum(name in counts for name in want.names) / len(want.names) if want.names else 1.0,
        "turns": log(1 + len(episode)),
    }


def weigh(index: Index, view: View, id: int) -> float:
    """A term's idf, as in BM25."""
    known = view.weights.get(id)
    if known is None:
        df = index.frequency(view, id)
        known = view.weights[id] = log(1 + (view.size - df + 0.5) / (df + 0.5))
    return known


def likeness(index: Index, view: View, want: Wanted, message: Message) -> float:
    """The cosine of question and message as sets of terms, each weighing its idf."""
    there = set(message.sequence)
    shared = sum(weight**2 for id, weight in want.asked.weights.items() if id in there)
    if not shared:
        return 0.0
    return shared / sqrt(want.square * sum(weigh(index, view, id) ** 2 for id in sorted(there)))


def proximity(asked: Query, messages: Sequence[Message]) -> float:
    """Which share of the pairs of its heaviest terms stands close together, by the lighter one's weight; a pair
    that is n terms apart counts 1/n."""
    heavy = sorted(asked.weights, key=lambda id: (-asked.weights[id], id))[:HEAVY]
    total = sum(min(asked.weights[a], asked.weights[b]) for a, b in combinations(heavy, 2))
    places = [
        (place, id) for place, id in enumerate(id for message in messages for id in message.sequence) if id in heavy
    ]
    closest: dict[tuple[int, int], float] = {}
    for n, (place, id) in enumerate(places):
        for later, other in places[n + 1 : n + 6]:
            if later - place > WITHIN:
                break
            if other != id:
                pair = (min(id, other), max(id, other))
                closest[pair] = max(closest.get(pair, 0.0), 1 / (later - place))
    return sum(min(asked.weights[a], asked.weights[b]) * near for (a, b), near in closest.items()) / (total or 1.0)
