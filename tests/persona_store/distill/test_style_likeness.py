"""Likeness: one person's messages are more like each other than like another's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.distill.style_likeness import evidence, likeness, usual_of
from persona_store.distill.style_measures import Tally, flat, measures
from tests.persona_store.distill.writers import WRITERS, conversation


def measured(writer: str, seed: int, messages: int = 60) -> dict[str, float]:
    tally = Tally()
    for each in conversation(writer, messages, seed):
        tally.add(each)
    return flat(measures(tally))


@pytest.mark.parametrize("messages", [20, 60])
def test_a_writer_is_most_like_themself(messages: int) -> None:
    known = {writer: measured(writer, 1) for writer in WRITERS}
    usual = usual_of(list(known.values()))
    for writer in WRITERS:
        new = measured(writer, 2, messages)
        for knows in (None, usual):
            scores = {other: likeness(new, style, knows) for other, style in known.items()}
            assert max(scores, key=lambda other: scores[other]) == writer
            assert scores[writer] > 0.9
            assert all(score < 0.1 for other, score in scores.items() if other != writer)


shares = st.dictionaries(
    st.sampled_from(["ends_period", "word:the", "opening:So", "reply_yes", "chars_q2", "emoji"]),
    st.floats(0, 1),
    max_size=6,
)


@given(shares, shares, st.integers(1, 5000), st.integers(1, 5000))
def test_it_is_symmetric_and_a_chance(a: dict[str, float], b: dict[str, float], n: int, m: int) -> None:
    one = {**a, "messages": float(n), "words": 12.0 * n, "replies": float(n)}
    two = {**b, "messages": float(m), "words": 12.0 * m, "replies": float(m)}
    assert 0 <= likeness(one, two) <= 1
    assert likeness(one, two) == pytest.approx(likeness(two, one))
    usual = usual_of([one, two, one])
    assert evidence(one, two, usual) == pytest.approx(evidence(two, one, usual))


def test_nothing_to_compare_is_even_odds() -> None:
    assert likeness({}, {}) == 0.5
    assert likeness({"messages": 0.0}, measured("quick", 1)) == 0.5
    assert likeness({"messages": 9.0, "reply_yes": 1.0}, {"messages": 9.0, "reply_no": 1.0}) == 0.5  # of no replies


def test_the_same_difference_says_more_where_it_rests_on_more() -> None:
    def style(share: float, messages: float) -> dict[str, float]:
        return {"ends_period": share, "messages": messages}

    few, many = (evidence(style(0.1, n), style(0.9, n)) for n in (4, 400))
    assert many < few < 0
    assert evidence(style(0.5, 400), style(0.5, 400)) > evidence(style(0.5, 4), style(0.5, 4)) > 0


def test_agreeing_in_what_is_rare_says_more() -> None:
    """With what is usual known; the mean of the community is a tenth."""
    people = [{"ends_period": share, "messages": 500.0} for share in (0.05, 0.08, 0.1, 0.12, 0.15)]
    usual = usual_of(people)
    rare, common = ({"ends_period": share, "messages": 500.0} for share in (0.9, 0.1))
    assert evidence(rare, rare, usual) > evidence(common, common, usual) > 0
    assert evidence(rare, rare) == pytest.approx(evidence(common, common))


def test_an_opening_that_a_few_messages_have_by_chance_is_not_held_against_them() -> None:
    style = {"messages": 400.0, "opening:So": 0.2}
    chunk = {"messages": 20.0, "opening:So": 0.2}
    noisy = {**chunk, **{f"opening:{n}": 0.05 for n in range(16)}}
    assert evidence(style, noisy) == evidence(style, chunk)
