"""Which way of choosing a threshold keeps its budget, and how much it answers.

    python -m tests.benchmarks.guarantee [DATA]

First by simulation, where the truth is known: questions are drawn, a threshold is chosen from those that were
judged, and the risk of answering from there on is computed exactly. Then, with DATA (a folder a set), on sets that
the calibrator has not seen: each in turn is left out, the threshold is chosen on the others, and the one left out
is answered with it. Nothing is fitted.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bots.agent.guarantee import Judged, binomial, learn_then_test
from tests.benchmarks.confidence_sets import JUDGED
from tests.benchmarks.drafted import drafted

DOUBT = 0.05
BUDGETS = (0.05, 0.10, 0.20)
DRAWS, SIZES = 300, (200, 1000, 3000)
Rule = Callable[[Sequence[Judged], float], float | None]


def pointwise(judged: Sequence[Judged], budget: float) -> float | None:
    """The lowest confidence whose own Clopper-Pearson bound keeps the budget with 99 %, of all that were looked at:
    as if each had been the only one."""
    best, wrong = None, 0
    for answered, (confidence, right) in enumerate(sorted(judged, reverse=True), 1):
        wrong += not right
        if answered % 5 == 0 and wrong <= budget * answered and binomial(wrong, answered, budget) <= 0.01:
            best = confidence
    return best


def risk_control(judged: Sequence[Judged], budget: float) -> float | None:
    """The lowest confidence from which on (wrong + 1) / (answered + 1) is within `budget`.

    Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster, ICLR 2024; arXiv 2208.02814) of the loss
    answered × (wrong − budget), whose upper bound is 1 − budget. It promises the budget on average over draws of
    the judged answers, not for the one draw there is, and only as far as the loss falls with the threshold: that
    holds where confidence ranks well, and is not given in general. Exchangeability is assumed, as by Learn then
    Test."""
    best, wrong = None, 0
    ranked = sorted(judged, reverse=True)
    for answered, (confidence, right) in enumerate(ranked, 1):
        wrong += not right
        tied = answered < len(ranked) and ranked[answered][0] == confidence
        if not tied and wrong + 1 <= budget * (answered + 1):
            best = confidence
    return best


def certified(judged: Sequence[Judged], budget: float) -> float | None:
    return learn_then_test(judged, budget, doubt=DOUBT)


RULES: dict[str, Rule] = {
    "Clopper–Pearson 99 %, pointwise": pointwise,
    "conformal risk control": risk_control,
    "Learn then Test 95 %": certified,
}


# ------------------------------------------------------------------ where the truth is known
def truth(confidence: float) -> float:
    """A calibrator that promises a little too much in the middle, as ours does on sets it has not seen."""
    return confidence - 0.15 * confidence * (1 - confidence)


def drawn(dice: random.Random, size: int) -> list[Judged]:
    """Confidences as a persona has them: many low, many high."""
    found = []
    for _ in range(size):
        confidence = dice.betavariate(0.6, 0.9)
        found.append((confidence, dice.random() < truth(confidence)))
    return found


def simulated(rule: Rule, size: int, budget: float, population: Sequence[float]) -> tuple[float, float]:
    """(the share of draws in which the true risk is above the budget, the mean share of questions answered)"""
    dice, broken, answered = random.Random(size), 0, 0.0
    for _ in range(DRAWS):
        threshold = rule(drawn(dice, size), budget)
        given = [each for each in population if threshold is not None and each >= threshold]
        risk = sum(1 - truth(each) for each in given) / len(given) if given else 0.0
        broken, answered = broken + (risk > budget), answered + len(given) / len(population)
    return broken / DRAWS, answered / DRAWS


# ------------------------------------------------------------------ on sets nobody has seen
def left_out(rule: Rule, sets: dict[str, list[Judged]], budget: float) -> list[tuple[str, int, int, int]]:
    """(set, questions, answered, wrong), with the threshold of all the others."""
    rows = []
    for name, mine in sets.items():
        threshold = rule([each for other, judged in sets.items() if other != name for each in judged], budget)
        given = [right for confidence, right in mine if threshold is not None and confidence >= threshold]
        rows.append((name, len(mine), len(given), len(given) - sum(given)))
    return rows


def halves(rule: Rule, sets: dict[str, list[Judged]], budget: float) -> tuple[float, float]:
    """The same as `simulated`, over random halves of all of them together: of one kind, as the theorems want it."""
    everything, broken, answered = [each for judged in sets.values() for each in judged], 0, 0.0
    for seed in range(100):
        mixed = random.Random(seed).sample(everything, len(everything))
        first, second = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        threshold = rule(first, budget)
        given = [right for confidence, right in second if threshold is not None and confidence >= threshold]
        broken += bool(given) and len(given) - sum(given) > budget * len(given)
        answered += len(given) / len(second)
    return broken / 100, answered / 100


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    head = list(head)
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?")
    given = parser.parse_args()
    population = [each for each, _ in drawn(random.Random(0), 20_000)]
    head = ("rule", *(f"{budget:.0%} of {size}" for budget in BUDGETS for size in SIZES))
    print(f"Budget not kept (of {DRAWS} draws), and answered; doubt {DOUBT:.0%}:")
    table(
        head,
        (
            (name, *(_pair(simulated(rule, size, budget, population)) for budget in BUDGETS for size in SIZES))
            for name, rule in RULES.items()
        ),
    )
    if given.data is None:
        return
    sets = {
        name: [(each.confidence, each.right) for each in drafted(given.data, name) if each.kind != "adversarial"]
        for name in JUDGED
    }
    print("\nRandom halves of all unseen sets together: budget not kept, and answered:")
    table(
        ("rule", *(f"{budget:.0%}" for budget in BUDGETS)),
        ((name, *(_pair(halves(rule, sets, budget)) for budget in BUDGETS)) for name, rule in RULES.items()),
    )
    print("\nEach set with the threshold of all the others: wrong of answered:")
    table(
        ("rule", "budget", *sets),
        (
            (name, f"{budget:.0%}", *(f"{wrong} of {count}" for _, _, count, wrong in left_out(rule, sets, budget)))
            for name, rule in RULES.items()
            for budget in BUDGETS
        ),
    )


def _pair(of: tuple[float, float]) -> str:
    return f"{of[0]:.1%}, {of[1]:.3f}"


if __name__ == "__main__":
    main()
