"""A set of hashes: does what Python's does, in a sixth of the memory."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.hashes import MASK, Hashes, of


@given(st.lists(st.integers(0, 50) | st.integers(0, MASK), max_size=300))
def test_it_numbers_what_comes_and_knows_it_again(values: list[int]) -> None:
    hashes = Hashes()
    known: dict[int, int] = {}
    for value in values:
        assert hashes.find(value) == known.get(value, -1)
        assert hashes.add(value) == (value not in known)
        known.setdefault(value, len(known))
        assert hashes.number(value) == known[value]
    assert [hashes[number] for number in range(len(hashes))] == list(known)


def test_it_stays_right_while_it_grows() -> None:
    dice = random.Random(3)
    values = [dice.getrandbits(64) for _ in range(5000)]
    hashes = Hashes()
    assert all(hashes.add(value) for value in values)
    assert not any(hashes.add(value) for value in values)
    assert [hashes.find(value) for value in values] == list(range(5000))


def test_neighbours_do_not_crowd() -> None:
    """Numbers one after the other, and such as differ in their upper half only, are spread as well as any: three
    times as many take about three times as long, not nine."""
    for step in (1, 1 << 32):
        hashes = Hashes()
        assert all(hashes.add(number * step & MASK) for number in range(30_000))
        assert hashes.find(MASK - 7) == -1


def test_it_takes_little_memory() -> None:
    def held(make: Callable[[], Any]) -> int:
        tracemalloc.start()
        kept = make()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(kept) == 20_000
        return size

    def hashes() -> Hashes:
        made = Hashes()
        for number in range(20_000):
            made.add(of(f"message-{number}"))
        return made

    assert held(hashes) < 20_000 * 24
    assert held(lambda: {hash(f"message-{number}") for number in range(20_000)}) > 3 * 20_000 * 24
