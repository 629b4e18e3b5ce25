"""The tally: right in numbers, bounded in memory."""

from __future__ import annotations

import math
import statistics
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.distill import style_measures
from persona_store.distill.style_counts import count, reply_shapes
from persona_store.distill.style_frequent import Frequent, Sketch
from persona_store.distill.style_measures import LONGEST_COUNTED, Histogram, Tally, flat, measures
from persona_store.distill.style_phrases import openings, phrases
from persona_store.distill.style_prose import prose
from tests.persona_store.distill.writers import conversation
from tests.persona_store.passages import passage


@given(st.lists(st.integers(0, LONGEST_COUNTED), min_size=1, max_size=60))
def test_the_median_is_the_median(values: list[int]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    assert histogram.quantile(0.5) == statistics.median_low(values)
    assert histogram.quantile(1.0) == max(values)
    assert histogram.share_from(10) == pytest.approx(sum(value >= 10 for value in values) / len(values))


def test_what_is_very_long_counts_as_long() -> None:
    histogram = Histogram()
    histogram.add(10**9)
    assert histogram.quantile(0.5) == LONGEST_COUNTED
    assert Histogram().quantile(0.5) == 0


@given(st.lists(st.sampled_from("abcdefghij"), max_size=300))
def test_frequent_items_are_exact_below_the_limit(keys: list[str]) -> None:
    frequent = Frequent(10)
    for key in keys:
        frequent.add(key, 1)
    assert {key: item.messages for key, item in frequent.items.items()} == Counter(keys)
    assert frequent.missed == 0


@given(st.lists(st.integers(0, 60), max_size=600))
def test_beyond_it_they_are_few_and_never_too_many_by_more_than_it_says(keys: list[int]) -> None:
    frequent = Frequent(8)
    for key in keys:
        frequent.add(str(key), 1)
        assert len(frequent.items) <= 16
    true = Counter(map(str, keys))
    for key, item in frequent.items.items():
        assert item.messages <= true[key]


def test_what_is_frequent_survives_any_number_of_rare_things() -> None:
    frequent = Frequent(50)
    for n in range(5_000):
        frequent.add(f"rare {n}", n)
        if n % 5 == 0:
            frequent.add("often", n)
    assert frequent.items["often"].messages > 900
    assert frequent.items["often"].threads == 2


@given(st.lists(st.text(max_size=3), max_size=80))
def test_the_sketch_never_counts_too_few(keys: list[str]) -> None:
    sketch = Sketch()
    for key in keys:
        sketch.add([key])
    for key, times in Counter(keys).items():
        assert sketch.rate(key) * (len(keys) + 1) >= times + 1 - 1e-9


def test_memory_does_not_grow_with_the_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is another one, in a thread of its own, with phrases and signs nobody used before."""
    monkeypatch.setattr(style_measures, "MOST_THREADS", 100)
    tally = Tally()
    tally.openings.most = tally.phrases.most = tally.signs.most = 50

    def letters(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in str(number))

    def feed(start: int, end: int) -> int:
        for n in range(start, end):
            word = letters(n)
            text = f"well {word}, so I think {word}, if that is {word} :{word}x:"
            tally.add(passage(f"m{n}", text, thread=f"t{n}"))
            tally.add(passage(f"o{n}", f"hm {word}", own=False, thread=f"u{n}"))
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        early = feed(0, 250)
        late = feed(250, 850)
    finally:
        tracemalloc.stop()
    assert tally.messages == 850
    assert len(tally.phrases.items) <= 100
    assert late - early < 90_000  # bytes; without any one of the limits it is more
    assert flat(measures(tally))["opening:well"] == 1


def test_one_million_turns_of_phrase_are_bounded_by_the_message() -> None:
    assert len(phrases("if so, then no; " * 5_000)) <= 200
    assert len(openings("a " * 10_000)) <= 3


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("Fine.", "ends_period"),
        ("Fine..", "ends_ellipsis"),
        ("好的。", "ends_full_stop"),
        ("好的。。。", "has_ellipsis_full"),
        ("well…", "has_ellipsis_char"),
        ("wait...", "has_ellipsis_dots"),
        ("好～", "ends_tilde"),
        ("really?!", "has_doubled_mark"),
        ("ok then", "ends_open"),
        ("好,的", "has_halfwidth_in_chinese"),
        ("i see", "lower_i"),
        ("(maybe) so", "has_brackets"),
        ("one - two", "has_dash"),
        ("good job :tada:", "shortcode"),
        ("good :-)", "smiley"),
        ("好的[微笑]", "shortcode"),
        ("so (^_^)", "kaomoji"),
        ("fine 👍🏽", "emoji"),
        ("看下 log", "mixed"),
        ("thanks a lot", "has_thanks"),
        ("Hello all", "has_greeting"),
        ("I think so", "has_softener"),
    ],
)
def test_habits_are_seen(text: str, has: str) -> None:
    assert has in count(prose(text)).has
    assert has not in count(prose("It does what it says; nothing else.")).has - {"ends_period"}


def test_times_and_links_are_no_signs() -> None:
    counted = count(prose("at 10:30:15, std::vector::size and https://x.example/:8 are fine"))
    assert counted.signs == ()
    assert not counted.has & {"emoji", "shortcode", "smiley", "kaomoji"}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("ok", 1),
        ("One. Two! Three?", 3),
        ("Version 1.2 is out.", 1),
        ("好的。我看一下。没问题", 3),
        ("first\nsecond", 2),
        ("so (really.) then", 2),
        ("see `x.y` there", 1),
        ("well... maybe", 2),
    ],
)
def test_sentences_are_counted(text: str, sentences: int) -> None:
    assert count(prose(text)).sentences == sentences


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Which one do you mean? There are two.", "reply_question"),
        ("哪个环境呢", "reply_question"),
        ("https://x.example says it", "reply_link"),
        ("`make all` does it", "reply_code"),
        ("- first this\n- then that", "reply_list"),
        ("Yes, it does", "reply_yes"),
        ("是的，要先加锁", "reply_yes"),
        ("No, it does not", "reply_no"),
        ("不行，会超时", "reply_no"),
        ("It depends on the lock", "reply_depends"),
        ("看情况", "reply_depends"),
        ("thanks, works", "reply_thanks"),
        ("@Bo yes", "reply_yes"),
    ],
)
def test_shapes_of_replies(text: str, shape: str) -> None:
    assert shape in set(reply_shapes(prose(text)))
    assert set(reply_shapes(prose("The lock is held by the job."))) == set()


def test_openings_stand_as_they_are_written() -> None:
    def found(text: str) -> list[str]:
        return [text[start:end] for start, end in openings(text)]

    assert found("Yeah, it is") == ["Yeah,"]
    assert found("Makes sense.") == ["Makes", "Makes sense."]
    assert found("没问题，我来") == ["没问题，"]
    assert found("by the way it is") == ["by", "by the way"]
    assert found("42 it is") == []


def test_measures_name_every_aspect_and_shares_are_shares() -> None:
    tally = Tally()
    for each in conversation("chinese"):
        tally.add(each)
    made = measures(tally)
    assert len(made) == 7
    sizes = (
        "chars",
        "sentences",
        "first_chars",
        "reply_chars",
        "row_median",
        "messages",
        "words",
        "replies",
        "switches",
    )
    for found in made.values():
        for name, value in found.items():
            assert math.isfinite(value)
            assert value >= 0
            assert value <= 1 or name.startswith(sizes), name
