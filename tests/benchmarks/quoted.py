"""What is shown: the gold answer inside the quoted sentences, and questions in another language than the material.

    python -m tests.benchmarks.quoted DATA [--scorer score.py]

Everything at the calibrator that ships and without vectors. Quoted: of the questions whose right document is the
first source, the share whose first quote, two sentences at most, holds the answer.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bots.agent.confidence import calibration
from bots.agent.extractive import draft
from bots.agent.language import language_of
from bots.model import Draft, Question
from persona_store.search import find
from tests.benchmarks.confidence_sets import askings
from tests.benchmarks.fit_confidence import load_scorer

QUOTED = ("squad2", "cmrc-zh", "drcd-zht")
ACROSS = "xling"
BUDGETS = (0.10, 0.20)


def asked(data: Path, name: str) -> list[tuple[dict[str, Any], Draft, list[str]]]:
    """(question, draft, threads of its sources) of each."""
    made = []
    for index, _, questions in askings(data, name):
        for each in questions:
            text = each["text"]
            found = find(index, text, readers=None)
            drafted = draft(Question("", text, language_of(text)), found, calibration())
            made.append((each, drafted, [index.passages[id].thread for id in found.ranked_ids]))
    return made


def quoted(scorer: Any, data: Path, name: str) -> None:
    rows = [
        (drafted.quotes[0], each["gold_answers"])
        for each, drafted, threads in asked(data, name)
        if each["answerable"] and each["gold_answers"] and threads[:1] and threads[0] in each["gold_threads"]
        if drafted.quotes
    ]
    holds = sum(scorer.contains(quote, gold) for quote, gold in rows)
    print(f"| {name} | {len(rows)} | {holds / len(rows):.3f} |")


def across(data: Path) -> None:
    rows = [(each, drafted, threads) for each, drafted, threads in asked(data, ACROSS)]
    answerable = [(each, threads) for each, _, threads in rows if each["answerable"]]
    for most in (1, 3, 5):
        hits = sum(bool(set(each["gold_threads"]) & set(threads[:most])) for each, threads in answerable)
        print(f"hit@{most} {hits / len(answerable):.3f}")
    for budget in BUDGETS:
        given = [row for row in rows if row[1].confidence >= calibration().threshold(budget)]
        wrong = sum(not (e["answerable"] and set(e["gold_threads"]) & set(t[:3])) for e, _, t in given)
        print(f"risk budget {budget:.0%}: {len(given)} answered, {wrong} wrong = {wrong / len(rows):.3f} of all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--scorer", type=Path, help="default: score.py beside DATA")
    given = parser.parse_args()
    scorer = load_scorer(given.scorer or given.data.parent / "score.py")
    print("| set | questions | answer in the quote |\n|---|---|---|")
    for name in QUOTED:
        quoted(scorer, given.data, name)
    print("\nOne language asks, the other answers:")
    across(given.data)


if __name__ == "__main__":
    main()
