"""What counts how much, and that nobody moves a persona alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bots.agent.label import ALONE, EARLIER, EDITED, RIGHT, SILENCE, UNJUDGED, VOTE, WRONG, Label, observations

DAY = date(2026, 6, 2)


def label(chance: float = 0.8, *, shown: bool = True, calibrator: str = "c", **more: Any) -> Label:
    return Label(chance, calibrator, DAY, shown, **more)


def test_one_person_has_one_vote() -> None:
    voted = label().voted("mei", "up").voted("mei", "up").voted("mei", "down")
    assert (voted.up, voted.down) == ((), ("mei",))
    assert voted.without("mei") == label()


@pytest.mark.parametrize(("verdict", "right"), [(RIGHT, 1.0), (EDITED, 1.0), (WRONG, 0.0)])
def test_an_owners_word_counts_whole_and_silences_votes(verdict: str, right: float) -> None:
    [seen] = observations([label(owner=verdict).voted("mei", "down").voted("bo", "up")], "c")
    assert (seen.right, seen.weight) == (right, 1.0)


def test_all_votes_of_one_person_weigh_little() -> None:
    """T05: a thousand thumbs are as much as one word of the owner's."""
    flood = [label().voted("mallory", "up") for _ in range(1000)]
    assert sum(each.weight for each in observations(flood, "c")) == pytest.approx(ALONE)
    [one] = observations([label().voted("mei", "up")], "c")
    assert one.weight == VOTE


def test_a_flood_does_not_thin_the_votes_of_others() -> None:
    flood = [label(0.5).voted("mallory", "up") for _ in range(1000)]
    seen = observations([*flood, label(0.9).voted("mei", "down")], "c")
    assert [each.weight for each in seen if each.chance == 0.9] == [VOTE]


def test_an_answer_nobody_judged_counts_a_little_as_likely_as_it_was() -> None:
    [seen] = observations([label(0.8)], "c")
    assert (seen.right, seen.weight) == (0.8, UNJUDGED)
    assert observations([label(0.8, shown=False)], "c") == []  # asked of a human who never said anything
    many = observations([label(0.8)] * 5000, "c")
    assert sum(each.weight for each in many) == pytest.approx(SILENCE)


def test_what_quoted_an_owners_answer_says_nothing_of_the_calibrator() -> None:
    assert observations([label(taught=True, owner=WRONG)], "c") == []


def test_a_label_of_an_earlier_calibrator_counts_less() -> None:
    [seen] = observations([label(calibrator="before", owner=RIGHT)], "c")
    assert seen.weight == EARLIER
