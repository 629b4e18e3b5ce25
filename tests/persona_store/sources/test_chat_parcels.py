"""Messages that are set aside come back as they were, in their order, and are let go when there are too many."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources import chat_parcels
from persona_store.sources.chat_line import Line
from persona_store.sources.chat_parcels import Parcels


def line(number: int, chat: str = "ops", inside: str = "", text: str = "words") -> Line:
    return Line(
        id=f"m{number}", chat=chat, at=float(number), ids=("u1", "", ""), name="Lin", text=text, inside=inside,
        parents=("m0",),
    )  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(("", "f1", "f2")), st.text(max_size=40))))
def test_each_comes_back_once_and_in_order(said: list[tuple[str, str, str]]) -> None:
    lines = [line(number, chat, inside, text) for number, (chat, inside, text) in enumerate(said)]
    parcels = Parcels(1 << 20)
    for each in lines[: len(lines) // 2]:
        parcels.add(each)
    later = Parcels(1 << 20, first=parcels.next)
    for each in lines[len(lines) // 2 :]:
        later.add(each)
    parcels.join(later)
    keys = list(parcels.weights)
    assert parcels.weight == sum(parcels.weights.values())
    assert parcels.take(keys) == lines
    assert parcels.take(keys) == []


def test_blocks_are_packed_and_come_back() -> None:
    lines = [line(number, text=f"{number} " * 20) for number in range(3000)]
    tracemalloc.start()
    parcels = Parcels(1 << 30)
    for each in lines:
        parcels.add(each)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert parcels.weight > 2 * chat_parcels.BLOCK
    assert size < parcels.weight / 2
    assert parcels.take([("ops", "")]) == lines


def test_too_many_are_let_go_and_their_weights_kept() -> None:
    parcels, fits = Parcels(1000), Parcels(1 << 20)
    for number in range(50):
        parcels.add(line(number))
        fits.add(line(number))
    assert not parcels.held
    assert parcels.weights == fits.weights
    assert parcels.take([("ops", "")]) == []
    fits.join(parcels)
    assert not fits.held


def test_where_it_stands_in_the_end_may_be_told() -> None:
    parcels = Parcels(1 << 20)
    parcels.add(line(1, chat="elsewhere", inside="f1"), "ops")
    assert parcels.take([("ops", "")]) == [line(1, chat="elsewhere", inside="f1")]
