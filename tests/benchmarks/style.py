"""How well the style facet of one person is told from another's, on messages it never saw.

    python -m tests.benchmarks.style [DATA] [--sets lean,rmail] [--chunks 5,20,50] [--fewest 70]

DATA holds one folder a community (docs.jsonl.gz). Of every person with enough messages the first 70 % in time
make their style; the rest is cut into chunks of so many messages. All people of one comparison belong to one
community and speak of the same things. Beside the facet's likeness, in the same run: the cosine of character
n-grams and of word unigrams (TF-IDF), the usual baselines of authorship, on the same prose, and chance. Needs
nothing but the product.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import log, sqrt
from pathlib import Path
from statistics import mean, pstdev
from typing import Any, NamedTuple

from persona_store.distill.style_likeness import evidence, usual_of
from persona_store.distill.style_measures import FEWEST_PHRASE, SHOWN, Tally, flat, measures
from persona_store.distill.style_prose import prose
from persona_store.model import Passage

BESIDE = Path(__file__).parents[3] / "shared" / "eval" / "data"
SETS = ("lean", "slack-clojure", "slack-racket", "slack-elm", "rmail", "egret-zh")
FIT = 0.7  # of a person's messages, the earliest
MOST_CHUNKS = 12  # of one person, spread over their time: who writes most must not decide the figures
PEOPLE = (10, 20, 50)
DRAWS = 25
Vector = Mapping[str, float]


class Person(NamedTuple):
    name: str
    fit: list[Passage]
    held: list[Passage]


class Row(NamedTuple):
    """One chunk: whose it is, and how much it is like everybody's style."""

    author: str
    scores: Mapping[str, float]


# ------------------------------------------------------------------ the people
def people(folder: Path, fewest: int) -> list[Person]:
    """Everybody with that many messages. What others say before is there without its words: a reply is a reply."""
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        said = sorted((json.loads(line) for line in lines), key=lambda d: (d["ts"], d["id"]))
    counts = Counter(each["author"] for each in said)
    found = []
    for name in sorted(author for author, n in counts.items() if n >= fewest):
        threads = {each["thread"] for each in said if each["author"] == name}
        seen = [passage(each, name) for each in said if each["thread"] in threads]
        own = [each for each in seen if each.by_subject and prose(each.text).words]
        if len(own) < fewest:
            continue
        border = own[int(len(own) * FIT)]
        place = seen.index(border)
        found.append(Person(name, seen[:place], seen[place:]))
    return found


def passage(said: Mapping[str, Any], subject: str) -> Passage:
    own = said["author"] == subject
    return Passage(
        id=said["id"],
        source="slack_export",
        container=said["channel"],
        container_name="",
        thread=said["thread"],
        author=said["author"],
        author_name=said["author"],
        by_subject=own,
        at=datetime.fromtimestamp(said["ts"], UTC),
        text=said["text"] if own else "",
    )


def chunks(held: Sequence[Passage], size: int) -> list[list[Passage]]:
    """Stretches with `size` own messages of prose each, with what stands between them."""
    made: list[list[Passage]] = []
    now: list[Passage] = []
    own = 0
    for each in held:
        now.append(each)
        own += each.by_subject and bool(prose(each.text).words)
        if own == size:
            made.append(now)
            now, own = [], 0
    step = max(1.0, len(made) / MOST_CHUNKS)
    return [made[int(n * step)] for n in range(min(MOST_CHUNKS, len(made)))]


# ------------------------------------------------------------------ the ways to tell
def tallied(passages: Iterable[Passage], *, fewest: int, most: int) -> dict[str, float]:
    tally = Tally()
    for each in passages:
        tally.add(each)
    return flat(measures(tally, fewest=fewest, most=most))


def own_text(passages: Iterable[Passage]) -> str:
    """Their prose with its line breaks, and a mark where code, a link or a handle stood: what the facet sees."""
    return "\n\n".join(prose(each.text).text for each in passages if each.by_subject)


def characters(text: str) -> Counter[str]:
    return Counter(text[n : n + length] for length in (2, 3, 4) for n in range(len(text) - length + 1))


def words(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in text.lower().split():
        if word.isascii():
            found[word] += 1
        else:
            found.update(word)  # Chinese is counted by the character
    return found


def tfidf(counted: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Sublinear frequency times inverse document frequency, of length 1."""
    weights = {key: (1 + log(n)) * rarity[key] for key, n in counted.items() if key in rarity}
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {key: weight / length for key, weight in weights.items()}


def cosine(a: Vector, b: Vector) -> float:
    small, large = (a, b) if len(a) < len(b) else (b, a)
    return sum(weight * large.get(key, 0.0) for key, weight in small.items())


def rows_by_cosine(
    fits: Mapping[str, list[Passage]], held: Sequence[tuple[str, list[Passage]]], cut: Callable[[str], Counter[str]]
) -> list[Row]:
    """The rarity of a feature is told from stretches of 20 fitted messages, as documents."""
    documents: Counter[str] = Counter()
    number = 0
    for passages in fits.values():
        own = [each for each in passages if each.by_subject]
        for n in range(0, len(own), 20):
            documents.update(set(cut(own_text(own[n : n + 20]))))
            number += 1
    rarity = {key: log((1 + number) / (1 + n)) + 1 for key, n in documents.items() if n > 1}
    vectors = {name: tfidf(cut(own_text(passages)), rarity) for name, passages in fits.items()}
    made = []
    for author, chunk in held:
        vector = tfidf(cut(own_text(chunk)), rarity)
        made.append(Row(author, normed({name: cosine(vector, other) for name, other in vectors.items()})))
    return made


def normed(scores: Mapping[str, float]) -> dict[str, float]:
    """Each less what the others get, in their deviations (T-norm; Auckenthaler et al., 2000): a long chunk is more
    like everybody. Without it the baselines lose a tenth of their AUROC."""
    made = {}
    for name, score in scores.items():
        others = [other for key, other in scores.items() if key != name]
        made[name] = (score - mean(others)) / (pstdev(others) or 1.0)
    return made


def rows_by_facet(
    fits: Mapping[str, list[Passage]], held: Sequence[tuple[str, list[Passage]]]
) -> tuple[list[Row], list[Row]]:
    """With what is usual among these people (as rarity is for the cosine), and without."""
    styles = {name: tallied(passages, fewest=FEWEST_PHRASE, most=SHOWN) for name, passages in fits.items()}
    usual = usual_of(list(styles.values()))
    knowing: list[Row] = []
    alone: list[Row] = []
    for author, chunk in held:
        found = tallied(chunk, fewest=1, most=10_000)
        knowing.append(Row(author, normed({name: evidence(found, other, usual) for name, other in styles.items()})))
        alone.append(Row(author, {name: evidence(found, other) for name, other in styles.items()}))
    return knowing, alone


# ------------------------------------------------------------------ judging
def auroc(rows: Sequence[Row]) -> tuple[float, list[float]]:
    """The chance that a person's own chunk is more like their style than somebody else's chunk is: the mean over
    people, and each person's."""
    each = []
    for name in sorted({row.author for row in rows}):
        own = [row.scores[name] for row in rows if row.author == name]
        other = [row.scores[name] for row in rows if row.author != name]
        wins = sum((a > b) + 0.5 * (a == b) for a in own for b in other)
        each.append(wins / (len(own) * len(other)))
    return mean(each), each


def identified(rows: Sequence[Row], among: int, names: Sequence[str]) -> float:
    """The share of chunks that are most like their author's style, of so many people drawn by lot."""
    dice = random.Random(11)
    shares = []
    for _ in range(1 if among == len(names) else DRAWS):
        drawn = set(dice.sample(sorted(names), among))
        inside = [row for row in rows if row.author in drawn]
        by_author = defaultdict(list)
        for row in inside:
            best = max(sorted(drawn), key=lambda name: row.scores[name])
            by_author[row.author].append(best == row.author)
        shares.append(mean(mean(right) for right in by_author.values()))
    return mean(shares)


def interval(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    """95 % of the mean difference, by drawing people again (percentile bootstrap, 1000 draws)."""
    dice = random.Random(3)
    apart = [x - y for x, y in zip(a, b, strict=True)]
    means = sorted(mean(dice.choices(apart, k=len(apart))) for _ in range(1000))
    return means[25], means[974]


def judge(folder: Path, sizes: Sequence[int], fewest: int) -> None:
    everybody = people(folder, fewest)
    for size in sizes:
        held = [(person.name, chunk) for person in everybody for chunk in chunks(person.held, size)]
        names = sorted({author for author, _ in held})
        if len(names) < 3:
            continue
        fits = {person.name: person.fit for person in everybody if person.name in set(names)}
        knowing, alone = rows_by_facet(fits, held)
        ways = {
            "facet": knowing,
            "facet, alone": alone,
            "characters": rows_by_cosine(fits, held, characters),
            "words": rows_by_cosine(fits, held, words),
        }
        among = sorted({n for n in PEOPLE if n < len(names)} | {len(names)})
        _, base = auroc(ways["characters"])
        for way, rows in ways.items():
            value, each = auroc(rows)
            low, high = interval(each, base)
            shares = " · ".join(f"{100 * identified(rows, n, names):.0f} of {n}" for n in among)
            apart = "" if way == "characters" else f"{low:+.3f} to {high:+.3f}"
            compared = f"{folder.name} | {size} | {len(names)} | {len(held)}"
            print(f"| {compared} | {way} | {value:.3f} | {apart} | {shares} |")
        chance = " · ".join(f"{100 / n:.0f} of {n}" for n in among)
        print(f"| {compared} | chance | 0.500 | | {chance} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", nargs="?", type=Path, default=BESIDE)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--chunks", default="5,20,50")
    parser.add_argument("--fewest", type=int, default=70, help="messages of a person")
    given = parser.parse_args(arguments)
    if not given.data.is_dir():
        print(f"{given.data}: no such folder; give the one with the communities")
        return 0
    print("| community | messages a chunk | people | chunks | way | AUROC | less characters' | first, % |")
    print("|---|---|---|---|---|---|---|---|")
    for name in given.sets.split(","):
        if not (given.data / name / "docs.jsonl.gz").is_file():
            print(f"| {name} | not there | | | | | | |")
            continue
        judge(given.data / name, [int(size) for size in given.chunks.split(",")], given.fewest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
