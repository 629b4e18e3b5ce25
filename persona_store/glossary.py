"""What a term may be called in the other language: a table of neighbours that ships, and how it was made stands on
top of it (glossary.txt).

It is no dictionary: many neighbours are only alike, and some are wrong. But a question has several terms, and what
most of them point at is usually right. Enough to find material in the other language, never to answer from it.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files


@lru_cache(maxsize=1 << 12)
def translations(term: str) -> tuple[tuple[str, float], ...]:
    """(term of the other language, likeness between 0 and 1), likeliest first; () where nothing is known."""
    table, key = _table(), term.encode() + b"\t"
    low, high = 0, len(table)
    while low < high:  # a search by halves for the line, in the sorted bytes themselves: no dictionary is built
        middle = table.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = table.find(b"\n", middle)
        line = table[middle : end + 1]
        if line.startswith(key):
            return tuple(_one(each) for each in line[len(key) :].decode().split())
        if line.split(b"\t", 1)[0] + b"\t" < key:
            low = end + 1
        else:
            high = middle
    return ()


def _one(written: str) -> tuple[str, float]:
    term, _, likeness = written.rpartition(":")
    return term, int(likeness) / 100


@cache
def _table() -> bytes:
    """The lines without the comments, each with its end. A megabyte; read when first asked for."""
    whole = files("persona_store").joinpath("glossary.txt").read_bytes()
    return b"".join(line for line in whole.splitlines(keepends=True) if not line.startswith(b"#"))
