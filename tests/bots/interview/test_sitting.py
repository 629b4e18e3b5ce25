"""An interview that is going on, question by question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bots.interview.plan import Question
from bots.interview.sitting import OPEN_FOR, Sitting, answered, begin, skipped

NOW = datetime(2026, 6, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ONE, TWO = Question("interview.thin", "one"), Question("interview.thin", "two")


def sitting() -> Sitting:
    return begin("s", "lin", "slack:D1", "en", (ONE, TWO), NOW)


def test_each_answer_opens_the_next_question_with_a_deadline_of_its_own() -> None:
    first = sitting()
    assert (first.open, first.number, first.of, first.until) == (ONE, 1, 2, NOW + OPEN_FOR)
    second = answered(first, "because", LATER)
    assert second is not None
    assert (second.open, second.number, second.kept, second.until) == (TWO, 2, 1, LATER + OPEN_FOR)
    assert first.turn != second.turn
    assert answered(second, "so", LATER) is None


def test_what_was_written_before_the_question_came_belongs_to_the_one_before() -> None:
    second = answered(sitting(), "because", LATER)
    assert second is not None
    assert second.went_on(LATER - timedelta(seconds=1))
    assert not second.went_on(LATER)
    assert not sitting().went_on(NOW - timedelta(seconds=1))


def test_after_a_skip_nothing_is_added_to_anything() -> None:
    second = skipped(sitting(), LATER)
    assert second is not None
    assert (second.kept, second.before, second.before_text) == (0, None, "")
    assert not second.went_on(NOW)
