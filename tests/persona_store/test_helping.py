"""Who helps, and when: help near the time that matters counts most, and no help is ever nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.helping import HALF_LIFE, LATELY, MONTH, habits, helpers, month, spoken
from persona_store.index import Index
from persona_store.model import Passage
from tests.persona_store.passages import START, passage


def answered(who: str, day: int, name: str, **more: object) -> list[Passage]:
    """Somebody asks and `who` answers, so many days after START."""
    at = day * 1440
    return [
        passage(f"{name}q", "How?", thread=name, minutes=at, author="asker", **more),
        passage(f"{name}a", "So.", thread=name, minutes=at + 1, author=who, **more),
    ]


def of(*episodes: list[Passage]) -> Index:
    index = Index(everybody=True)
    index.add(passage for episode in episodes for passage in episode)
    return index


def shares(index: Index, when: datetime) -> dict[str, float]:
    return habits(index, index.view(None, None), {month(when): 1.0})


def test_who_began_it_did_not_help_and_who_alone_wrote_it_down_did() -> None:
    index = of(answered("mei", 0, "a"), [passage("n", "A note.", author="tom")])
    talked = [helpers(spoken(index, index.view(None, None), each)) for each in index.episodes()]
    assert talked == [{"mei"}, {"tom"}]


def test_of_two_who_helped_alike_the_one_who_did_lately_helps_more() -> None:
    index = of(answered("old", 0, "a"), answered("new", 360, "b"))
    now = shares(index, START + timedelta(days=365))
    assert now["new"] > 5 * now["old"]
    then = shares(index, START)
    assert then["old"] > 5 * then["new"]


def test_half_a_life_later_it_counts_half() -> None:
    months = int(HALF_LIFE)
    index = of(answered("old", 0, "a"), answered("new", 30 * months, "b"))
    now = shares(index, START + timedelta(days=30 * months))
    assert now["old"] == pytest.approx(LATELY / 3 + (1 - LATELY) / 2)


def test_long_ago_is_little_and_not_nothing() -> None:
    """However far away the question is, those who helped are still told apart, and all shares are numbers."""
    index = of(answered("old", 0, "a"), answered("new", 30_000, "b"))
    for when in (START + timedelta(days=30_000), START + timedelta(days=2_900_000)):
        now = shares(index, when)
        assert 0.01 < now["old"] < 0.2


def test_what_the_readers_may_not_read_counts_for_nothing() -> None:
    """T06, T09: neither who helped there nor how often."""
    index = of(answered("mei", 0, "a"), answered("spy", 0, "b", readers=("slack:U9",)))
    assert shares(index, START) == {"mei": pytest.approx(1.0)}


def test_what_changed_is_counted_anew() -> None:
    index = of(answered("mei", 0, "a"))
    assert shares(index, START) == {"mei": pytest.approx(1.0)}
    index.add(answered("tom", 0, "b"))
    assert shares(index, START) == {"mei": pytest.approx(0.5), "tom": pytest.approx(0.5)}
    index.remove(["aq", "aa"])
    assert shares(index, START) == {"tom": pytest.approx(1.0)}


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4000)), min_size=1, max_size=12),
    st.dictionaries(st.integers(-50, 900), st.floats(0.01, 1.0), min_size=1, max_size=4),
)
def test_all_shares_together_are_one(helped: list[tuple[str, int]], around: dict[int, float]) -> None:
    index = of(*(answered(who, day, f"t{n}") for n, (who, day) in enumerate(helped)))
    found = habits(index, index.view(None, None), around)
    assert sum(found.values()) == pytest.approx(1.0)
    assert set(found) == {who for who, _ in helped}
    assert min(found.values()) > 0


def test_it_is_counted_once_and_not_for_each_question() -> None:
    index = of(answered("mei", 0, "a"), answered("tom", 90, "b"))
    view = index.view(None, None)
    shares(index, START)
    counted = {when: dict(counts) for when, counts in view.helped.items()}
    shares(index, START)
    assert {when: dict(counts) for when, counts in view.helped.items()} == counted
    assert sum(sum(counts.values()) for counts in counted.values()) == 2


def test_a_month_is_thirty_days_also_before_1970() -> None:
    at = datetime.fromisoformat("1969-12-31T23:59:59+00:00")
    assert (month(at), month(at + timedelta(seconds=1))) == (-1, 0)
    assert month(at + timedelta(seconds=1 + MONTH)) == 1
