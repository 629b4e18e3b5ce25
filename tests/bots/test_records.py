"""What is remembered of a thread: little, of one persona at a time, and how talkative we were."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bots.records import MAX_TURNS, TURNS_WITHIN, ThreadState

NOW = datetime(2026, 6, 2, tzinfo=UTC)


@given(st.lists(st.tuples(st.sampled_from(["lin", "bo"]), st.text(max_size=5)), max_size=12))
def test_what_was_asked_of_another_persona_is_no_context(asked: list[tuple[str, str]]) -> None:
    """At most three questions are kept, and all of them were asked of the persona that is asked now."""
    state = ThreadState("lin")
    for n, (persona, question) in enumerate(asked):
        state = state.then(persona, "chat:U1", question, f"o{n}", NOW)
    since = 0
    for n, (persona, _) in enumerate(asked):
        if n and persona != asked[n - 1][0]:
            since = n
    if asked:
        same = [question for _, question in asked[since:]]
        assert state.questions == tuple(same)[-3:]
        assert state.persona == asked[-1][0]
        assert len(state.turns) <= MAX_TURNS


def test_six_turns_in_ten_minutes_are_enough_and_time_heals() -> None:
    """T24."""
    state = ThreadState("lin")
    for n in range(MAX_TURNS):
        assert not state.said_enough(NOW)
        state = state.then("lin", "chat:U1", "q", f"o{n}", NOW + timedelta(seconds=n))
    assert state.said_enough(NOW + timedelta(minutes=1))
    assert not state.said_enough(NOW + TURNS_WITHIN)
