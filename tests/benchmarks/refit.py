"""Whether a persona gets better with every reply: a team's feedback is played, and what it teaches is judged.

    python -m tests.benchmarks.refit DATA [--sets rgb-zh,lean] [--times 20] [--budget 0.1]

Each set is one team. Half of its questions, drawn by lot, come one after the other: what the persona is unsure of
goes to an owner, who answers four in five and sends a draft that is right; below what it answers people press a
button as people do, seldom, and rather when it is wrong. After every fifth question the two numbers are fitted
anew. The other half is then judged with and without them. Sets the calibrator was fitted on stand in a table of
their own. Besides: the same with one asker who praises every answer, and with one who condemns every answer.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct, structs

from bots.agent.confidence import calibration, calibrator, within
from bots.agent.label import RIGHT, WRONG, Label
from bots.agent.refit import UNCHANGED, Refit, refit
from bots.evaluation.measures import figures
from bots.evaluation.model import Judged
from tests.benchmarks.confidence_sets import FITTED, JUDGED
from tests.benchmarks.drafted import Drafted, drafted

UNSEEN = (*JUDGED, "xling")
EVERY = 5  # questions until it is fitted anew
REPLIES = 0.8  # of what an owner is asked, the share they answer
OBJECTS, PRAISES, MISTAKES = 0.3, 0.1, 0.02
"""Of wrong answers, the share that somebody objects to and the owner then corrects; of right ones, the share that
gets a thumb up, and the share that is objected to all the same, which the owner then confirms."""
ASKERS = 10
DAY = date(2026, 1, 1)
HONEST, PRAISE, SPITE = "honest", "one praises everything", "one condemns everything"


class Half(Struct, frozen=True):
    """What came of the questions that taught nothing: per question on average over the runs."""

    answered: float
    risk: float
    useful: float
    ece: float


def taught(stream: Sequence[Drafted], budget: float, dice: random.Random, playing: str) -> tuple[Refit, int]:
    """The numbers after a team has seen these questions go by, and how many labels that took."""
    labels: list[Label] = []
    own = UNCHANGED
    for number, each in enumerate(stream, 1):
        shown = own.chance(each.confidence) >= within(own.thresholds or calibration().thresholds, budget)
        label = Label(each.confidence, calibrator(), DAY, shown)
        if shown:
            labels.append(below(label, each.right, dice, playing))
        elif each.confidence > 0 and dice.random() < REPLIES:
            labels.append(structs.replace(label, owner=RIGHT if each.right else WRONG))
        if number % EVERY == 0:
            own = refit(labels, calibrator(), calibration().thresholds)
    return refit(labels, calibrator(), calibration().thresholds), len(labels)


def below(label: Label, right: bool, dice: random.Random, playing: str) -> Label:
    """What people do below an answer."""
    chance = dice.random()
    if playing == PRAISE:
        label = label.voted("mallory", "up")
    elif playing == SPITE:
        label = label.voted("mallory", "down")
    if right and chance < PRAISES:
        return label.voted(f"asker {dice.randrange(ASKERS)}", "up")
    if right and chance < PRAISES + MISTAKES:
        return structs.replace(label, owner=RIGHT)
    return structs.replace(label, owner=WRONG) if not right and chance < OBJECTS else label


def judged(held: Sequence[Drafted], own: Refit, budget: float) -> list[Judged]:
    threshold = within(own.thresholds or calibration().thresholds, budget)
    rows = []
    for number, each in enumerate(held):
        chance = own.chance(each.confidence)
        answered = chance >= threshold
        rows.append(Judged(number, each.kind, each.answerable, answered, chance, int(each.right), each.right))
    return rows


def run(
    rows: Sequence[Drafted], budget: float, times: int, playing: str = HONEST
) -> tuple[Half, Half, list[Refit], float]:
    """(without, with what was learnt, what was learnt each time, labels on average)"""
    kept: tuple[list[Judged], list[Judged]] = ([], [])
    eces: tuple[list[float], list[float]] = ([], [])
    learnt: list[Refit] = []
    labels = 0
    for seed in range(times):
        dice = random.Random(seed)
        mixed = dice.sample(list(rows), len(rows))
        stream, held = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
        own, count = taught(stream, budget, dice, playing)
        learnt.append(own)
        labels += count
        for n, each in enumerate((UNCHANGED, own)):
            made = judged(held, each, budget)
            kept[n].extend(made)
            eces[n].append(figures(made)["ECE"] or 0.0)
    before, after = (_half(*each) for each in zip(kept, eces, strict=True))
    return before, after, learnt, labels / times


def _half(rows: Sequence[Judged], eces: Sequence[float]) -> Half:
    found = figures(rows)
    accuracy = found["selective_accuracy"]
    risk = 1 - accuracy if accuracy is not None else 0.0
    return Half(found["coverage"] or 0.0, risk, found["useful"] or 0.0, sum(eces) / len(eces))


def table(data: Path, sets: Sequence[str], budget: float, times: int) -> None:
    print(
        "\n| set | answered | wrong of these | wrong of all | useful | ECE | labels | slope, offset | threshold |"
    )
    print("|" + "---|" * 9)
    for name in sets:
        rows = [each for each in drafted(data, name) if each.kind != "adversarial"]
        before, after, learnt, labels = run(rows, budget, times)
        slope, offset = (sum(values) / times for values in zip(*((r.slope, r.offset) for r in learnt), strict=True))
        threshold = sum(within(r.thresholds, budget) for r in learnt) / times
        wrong = [f"{half.answered * half.risk:.3f}" for half in (before, after)]
        cells = (
            *(f"{getattr(before, one):.3f} → {getattr(after, one):.3f}" for one in ("answered", "risk")),
            " → ".join(wrong),
            *(f"{getattr(before, one):.3f} → {getattr(after, one):.3f}" for one in ("useful", "ece")),
            f"{labels:.0f}",
            f"{slope:.2f}, {offset:+.2f}",
            f"{threshold:.3f}",
        )
        print(f"| {name} | " + " | ".join(cells) + " |")


def poisoned(data: Path, sets: Sequence[str], budget: float, times: int) -> None:
    print("\n| set | " + " | ".join(f"{each}: answered, wrong of all" for each in (HONEST, PRAISE, SPITE)) + " |")
    print("|---|---|---|---|")
    for name in sets:
        rows = [each for each in drafted(data, name) if each.kind != "adversarial"]
        after = [run(rows, budget, times, playing)[1] for playing in (HONEST, PRAISE, SPITE)]
        print(f"| {name} | " + " | ".join(f"{a.answered:.3f}, {a.answered * a.risk:.3f}" for a in after) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="", help="comma-separated (default: all)")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--budget", type=float, default=0.10)
    given = parser.parse_args()
    wanted = given.sets.split(",") if given.sets else [*UNSEEN, *FITTED]
    for title, sets in (("Sets the calibrator has never seen", UNSEEN), ("Sets it was fitted on", FITTED)):
        if chosen := [name for name in sets if name in wanted]:
            print(f"\n{title}, the half that taught nothing, before → after:")
            table(given.data, chosen, given.budget, given.times)
    if chosen := [name for name in UNSEEN if name in wanted]:
        print("\nOne person votes on every answer:")
        poisoned(given.data, chosen, given.budget, given.times)


if __name__ == "__main__":
    main()
