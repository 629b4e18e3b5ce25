"""How far the best episode is ahead of those behind it, in numbers; persona_store/signals.py says what each means.

A lead is a good sign only over those who say something else: in news, and wherever a thing is told several times,
the runner-up is right, too.
"""

from __future__ import annotations

from math import exp, log, sqrt

from persona_store.closeness import Wanted, likeness, weigh
from persona_store.grams import grams
from persona_store.index import Index, View
from persona_store.ranking import Candidate

MESSAGES = 40  # of an episode that are held against the question one by one
ONE_MESSAGE = log(2) + 1e-9  # the `turns` of an episode that nobody replied in
ALIKE = 0.25  # cosine from which on two runs are taken to say much the same
COMPARED = ("bm25", "cosine", "covered", "grams", "lead_cosine", "speaks")


def rivalry(index: Index, view: View, want: Wanted, found: list[Candidate]) -> dict[str, float]:
    best = found[0]
    speaking = [_speaking(index, view, want, each) for each in found[:4]]
    close = [
        {**each.close, "speaks": max(said, default=(0.0, False, False))[0]}
        for each, said in zip(found, speaking, strict=False)
        if each.close
    ]
    if not close:
        return {}
    worth = [each.worth - best.worth for each in found if each.close]
    chances = [exp(each) for each in worth]
    spoken = speaking[0]
    told = {
        "worth_gap_2": -worth[min(1, len(worth) - 1)],
        "worth_gap_4": -worth[min(3, len(worth) - 1)],
        "worth_stands_out": -sum(worth) / len(worth),
        "chance": chances[0] / sum(chances),
        "chance_three": sum(chances[:3]) / sum(chances),
        "apart": _apart(index, view, found[:6]),
        "talk": sum(each.close["turns"] > ONE_MESSAGE for each in found if each.close) / len(worth),
        "speaks": close[0]["speaks"],
        "speaks_own": max((much for much, own, _ in spoken if own), default=0.0),
        "speaks_asking": max((much for much, _, asks in spoken if asks), default=0.0),
        "lead_grams": _lead_grams(index, view, want, best),
        **{name: close[0][name] for name in ("lead_cosine", "lead_jaccard", "bm25_episode")},
    }
    for name in COMPARED:
        told[f"{name}_gap_2"] = close[0][name] - close[min(1, len(close) - 1)][name]
        told[f"{name}_gap_4"] = close[0][name] - close[-1][name]
        told[f"{name}_of_three"] = max(each[name] for each in close[:3])
    return told


def _speaking(index: Index, view: View, want: Wanted, each: Candidate) -> list[tuple[float, bool, bool]]:
    """(likeness to the question, the persona's own, a question itself) of the episode's messages."""
    messages = [m for run in index.episode(each.episode, view) for m in run.messages][:MESSAGES]
    return [
        (likeness(index, view, want, m), m.passage.quotable, "?" in m.passage.text or "？" in m.passage.text)
        for m in messages
    ]


def _apart(index: Index, view: View, found: list[Candidate]) -> float:
    best = found[0]
    for each in found[1:]:
        if each.close and _alike(index, view, best, each) < ALIKE:
            return best.worth - each.worth
    return 6.0 if len(found) < 6 else best.worth - found[-1].worth


def _alike(index: Index, view: View, one: Candidate, other: Candidate) -> float:
    a, b = ({id for m in each.run.messages for id in m.sequence} for each in (one, other))
    mass = [sum(weigh(index, view, id) ** 2 for id in sorted(part)) for part in (a & b, a, b)]
    return mass[0] / (sqrt(mass[1] * mass[2]) or 1.0)


def _lead_grams(index: Index, view: View, want: Wanted, best: Candidate) -> float:
    """Likeness of the question's and the first message's pieces of words (Jaccard)."""
    lead = next(iter(index.episode(best.episode, view))).messages[0].passage.text
    asked, there = grams(want.text), grams(lead)
    return len(asked & there) / (len(asked | there) or 1)
