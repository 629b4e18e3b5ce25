"""How well a search went, in numbers that mean the same for every team and every language.

All are shares, ratios or logarithms. Each is about the best episode unless its name says otherwise:

    bm25, bm25_2, bm25_3     score / the score of a run that repeats the whole question; of the second, the third
    cosine, cosine_2         angle between question and run
    covered                  share of the question, by weight, in the best run
    covered_own              … in the best single message the persona can be quoted with
    covered_one              … in the best single message of anybody
    covered_episode          … anywhere in the episode
    covered_three            … in the best runs of the first three episodes together
    phrases                  share of the question's neighbouring pairs that are neighbours there
    rare                     share of the question's three weightiest terms in the best run
    unseen                   share of the question, by weight, in words that stand nowhere
    agree                    1 if both rankings put it first; `agree_rank`: 1 / (1 + its worse rank)
    gap_2, gap_3, gap_5      (bm25 − bm25 of the n-th) / bm25; `cosine_gap_2` likewise
    rivals                   how many of the first ten cover at least nine tenths of what the best covers, / 10
    twin                     likeness of the first and the second: they say the same, or contradict
    worth_gap_2, worth_gap_4 worth − worth of the n-th, by what decides the order (persona_store/ranking.py)
    worth_stands_out         worth − the mean of all candidates that were looked at closely
    chance, chance_three     what the ranking gives the first, the first three, if the right one is among them
    apart                    worth − worth of the first that does not say much the same as the best
    talk                     share of the episodes looked at closely that somebody replied in: 0 = documents
    cosine_*, lead_cosine_*, grams_*, covered_*, speaks_*
                             `gap_2`, `gap_4`: of the best − of the n-th; `of_three`: the best of the first three
    speaks, speaks_own, speaks_asking
                             the best likeness of the question and one message of the episode, anybody's, one of
                             the persona, one that asks
    lead_cosine, lead_jaccard, lead_grams, bm25_episode
                             as in persona_store/closeness.py
    bits, bits_2             log of the weight, not the share, of what the best run covers; of the second
    sharp                    share covered when rare terms count twice over
    typical                  mean weight of a term / the weight of an unseen one: low = everyday words
    named, named_missing     log of how many names and identifiers the question has; the share the episode lacks
    lead                     share of the question in the episode's first message
    near                     … in the best two neighbouring messages of the run
    own                      the persona's share of the run's messages
    stands_out               (bm25 − mean of the candidates) / their deviation
    terms, length, turns     log of the number of distinct terms asked, of the terms in the run, of its messages
    abroad                   share of the question that something in the other language may speak of / `covered`
    taught                   how much of the question is the very question an owner has answered, 0 if none
"""

from __future__ import annotations

from itertools import chain, pairwise
from math import log, sqrt

from persona_store.closeness import LONGEST_EPISODE, Wanted
from persona_store.episodes import Message
from persona_store.index import Index, View, counted
from persona_store.query import Query, coverage, phrases, rarest
from persona_store.ranking import Candidate
from persona_store.rivalry import rivalry


def signals(
    index: Index, view: View, want: Wanted | None, found: list[Candidate], names: frozenset[str]
) -> dict[str, float]:
    """Empty if nothing was found."""
    if not found or want is None:
        return {}
    best, asked = found[0], want.asked
    bm25 = [each.bm25 / want.ideal for each in found[:10]] + [0.0] * 10
    cosine = [each.cosine for each in found[:10]] + [0.0] * 10
    messages = best.run.messages
    episode = [message for run in index.episode(best.episode, view) for message in run.messages]
    covers = [coverage(asked, *each.run.messages) for each in found[:10]]
    return {
        "bm25": bm25[0],
        "bm25_2": bm25[1],
        "bm25_3": bm25[2],
        "cosine": cosine[0],
        "cosine_2": cosine[1],
        "covered": covers[0],
        "covered_own": max((coverage(asked, m) for m in messages if m.passage.quotable), default=0.0),
        "covered_one": max(coverage(asked, m) for m in messages),
        "covered_episode": coverage(asked, *episode[:LONGEST_EPISODE]),
        "covered_three": coverage(asked, *(m for each in found[:3] for m in each.run.messages)),
        "phrases": phrases(asked, *messages),
        "rare": _rare(asked, best),
        "unseen": asked.unseen / (asked.mass or 1.0),
        "agree": float(best.by_bm25 == best.by_cosine == 0),
        "agree_rank": 1 / (1 + max(best.by_bm25, best.by_cosine)),
        "gap_2": _gap(bm25, 1),
        "gap_3": _gap(bm25, 2),
        "gap_5": _gap(bm25, 4),
        "cosine_gap_2": _gap(cosine, 1),
        "rivals": sum(cover >= 0.9 * covers[0] for cover in covers[1:]) / 10,
        "twin": _likeness(best, found[1]) if len(found) > 1 else 0.0,
        **rivalry(index, view, want, found),
        "bits": log(1 + covers[0] * asked.mass),
        "bits_2": log(1 + (covers[1] if len(covers) > 1 else 0.0) * asked.mass),
        "sharp": _sharp(asked, best, view),
        "typical": asked.mass / max(1, len(set(asked.terms))) / rarest(view),
        "named": log(1 + len(names)),
        "named_missing": _missing(index, names, episode),
        "lead": coverage(asked, episode[0]),
        "near": max((coverage(asked, *pair) for pair in pairwise(messages)), default=covers[0]),
        "own": sum(m.passage.quotable for m in messages) / len(messages),
        "stands_out": _stands_out([each.bm25 for each in found]),
        "terms": log(1 + len(set(asked.terms))),
        "length": log(1 + best.run.length),
        "turns": log(1 + len(messages)),
    }


def _sharp(asked: Query, best: Candidate, view: View) -> float:
    counts = counted(best.run.messages)
    total = sum(weight**2 for weight in asked.weights.values()) + asked.unseen * rarest(view)
    return sum(weight**2 for id, weight in asked.weights.items() if id in counts) / (total or 1.0)


def _missing(index: Index, names: frozenset[str], episode: list[Message]) -> float:
    there = set(chain.from_iterable(message.sequence for message in episode[:LONGEST_EPISODE]))
    return sum(index.postings.known(name) not in there for name in names) / (len(names) or 1)


def _rare(asked: Query, best: Candidate) -> float:
    """An unseen term is rarer than any that was seen, so it takes one of the three places."""
    counts = counted(best.run.messages)
    missing = len(set(asked.terms)) - len(asked.weights)
    seen = sorted(asked.weights, key=lambda id: -asked.weights[id])[: max(0, 3 - missing)]
    return sum(id in counts for id in seen) / min(3, len(set(asked.terms)) or 1)


def _gap(scores: list[float], place: int) -> float:
    return (scores[0] - scores[place]) / scores[0] if scores[0] else 0.0


def _likeness(one: Candidate, other: Candidate) -> float:
    """Jaccard of the two runs' terms."""
    a, b = set(counted(one.run.messages)), set(counted(other.run.messages))
    return len(a & b) / (len(a | b) or 1)


def _stands_out(scores: list[float]) -> float:
    mean = sum(scores) / len(scores)
    deviation = sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    return (scores[0] - mean) / deviation if deviation else 0.0
