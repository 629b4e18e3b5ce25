"""What nearness by meaning is worth beside words: the fusion. Pure; nearness.py makes the numbers.

Each number is by how many deviations a candidate lies above what stands in its language, so that a model whose
cosines lie elsewhere means the same. It is added to what the words say. The weights lie between what a conditional
logit finds on all sets that may be fitted on (tests/benchmarks/fit_meaning.py: 1.3 and 1.2) and with one of them
left out (up to 3.3 and -0.6), and were set by hand: five sets are too few to tell them closer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import median
from typing import Protocol

from persona_store.episodes import Run
from persona_store.index import View
from persona_store.model import Passage

MISSED = "meaning_missed"  # a signal: 1 = the question's vector did not come in time, and words alone were compared
WORTH = {"whole": 2.5, "one": 1.0}
SPEAKS = 0.1  # of a deviation: in another language it is all there is to tell the messages of an episode apart
HALF = 0.5  # of a question, by weight
ROUGH = 0.25  # of `whole`, beside BM25's 1.0 for the best: who is looked at closely

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[^\W\d_]")


def group_of(text: str) -> int:
    """1 for what is written in Chinese, with whatever English names in it; 0 for the rest."""
    return int(10 * len(_HAN.findall(text)) >= len(_LETTER.findall(text)) and _HAN.search(text) is not None)


class Near(Protocol):
    """persona_store/nearness.py; numbers are deviations above the mean."""

    measured: bool  # by the model that what they are worth was fitted on

    def runs(self, view: View) -> list[int]:
        """Those that hold the nearest passages."""

    def of(self, run: Run) -> dict[str, float]:
        """`whole`: of all its messages together; `one`: of the nearest; `own`: of the nearest that can be quoted.
        Empty where none of its messages has a vector."""

    def one(self, passage: Passage) -> float:
        """0 where nothing is known."""


class Candidate(Protocol):
    near: dict[str, float]

    @property
    def worth(self) -> float: ...

    @property
    def run(self) -> Run: ...


def meant(candidates: Sequence[Candidate], near: Near) -> None:
    """Of a candidate without a vector nothing is known: it is taken for one like the others."""
    for each in candidates:
        each.near = near.of(each.run)
    known = [each.near for each in candidates if each.near]
    usual = {name: median(one[name] for one in known) for name in known[0]} if known else {}
    for each in candidates:
        each.near = each.near or usual


def worth(near: Mapping[str, float]) -> float:
    """To be added to what the words are worth (persona_store/ranking.py)."""
    return sum(weight * near.get(name, 0.0) for name, weight in WORTH.items())


def words(found: Sequence[Candidate], asked: str, covered: Callable[[Run], float]) -> list[float]:
    """What the words of each are taken to be worth. Between two languages they tell nothing: where even the best in
    the question's own speaks of less than half of it, by `covered`, documents in the other stand beside that one,
    and meaning decides. Conversation does not: its short lines come near to everything."""
    lang = group_of(asked)
    own = [each for each in found if group_of(each.run.messages[0].passage.text) == lang]
    if len(own) in (0, len(found)) or max(covered(each.run) for each in own) >= HALF:
        return [each.worth for each in found]
    best = max(each.worth for each in own)
    return [max(each.worth, best) if each not in own and _told(each.run) else each.worth for each in found]


def _told(run: Run) -> bool:
    """By one alone, as a document is."""
    return len({message.passage.author for message in run.messages}) == 1


def rough(near: Mapping[str, float]) -> float:
    return ROUGH * max(0.0, near.get("whole", 0.0))


def speaks(one: float) -> float:
    """How much a message speaks of the question, beside the share of the question's words that stand in it."""
    return SPEAKS * max(0.0, one)


def likenesses(found: Sequence[Candidate], near: Near | None) -> dict[str, float]:
    """The signals of it, for the calibrator; none where nothing is known.

    `meaning`, `meaning_one`, `meaning_own`: of the best, as a whole, its nearest message, its nearest that can be
    quoted; `meaning_gap`: over the best of the others; `meaning_rank`: 1 / how many are as near; `meaning_out`:
    deviations of the best above the candidates; `meaning_three`: the most of the first three; `meaning_measured`: 1
    if it is the model that their worth was fitted on.
    """
    numbers = [each.near["whole"] for each in found if each.near]
    if near is None or not found or not found[0].near:
        return {}
    best, (first, *others) = found[0].near, numbers
    mean = sum(numbers) / len(numbers)
    deviation = sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers)) or 1.0
    return {
        "meaning": first,
        "meaning_one": best["one"],
        "meaning_own": best["own"],
        "meaning_gap": first - max(others, default=0.0),
        "meaning_rank": 1 / (1 + sum(number >= first for number in others)),
        "meaning_out": (first - mean) / deviation,
        "meaning_three": max(numbers[:3]),
        "meaning_measured": float(near.measured),
    }
