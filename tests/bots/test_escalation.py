"""An escalation's transitions: whatever happens in whatever order, what is settled stays settled."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.model import Person, Thread
from bots import escalation
from bots.model import Escalation, Waiter

START = datetime(2026, 6, 2, 10, tzinfo=UTC)
PEOPLE = [Person("chat", f"U{n}", f"Person {n}") for n in range(4)]
STATES = ("open", "asked", "answered", "declined", "expired", "cancelled")


def waiter(n: int) -> Waiter:
    return Waiter(PEOPLE[n], Thread("chat", "general", root=f"q{n}"), START, f"question of {n}")


def opened() -> Escalation:
    return Escalation(
        id="e1",
        persona="lin",
        state="open",
        question="what?",
        lang="en",
        reason="no_evidence",
        askers=(waiter(0),),
        assignee=PEOPLE[2],
        owner=PEOPLE[2],
        deputy=PEOPLE[3],
        opened_at=START,
        due_at=START + timedelta(hours=4),
    )


def step(record: Escalation, what: str, who: int, now: datetime) -> Escalation:
    person = PEOPLE[who]
    match what:
        case "join":
            return escalation.join(record, waiter(who))
        case "leave":
            return escalation.leave(record, waiter(who), now)
        case "ask":
            return escalation.ask(record, now)
        case "answer":
            return escalation.answer(record, "four hours", person, now)
        case "decline":
            return escalation.decline(record, person, now)
        case "cancel":
            return escalation.cancel(record, person.key, now)
        case "assign":
            return escalation.assign(record, person, "", now)
        case "promise":
            return escalation.promise(record, person, now)
        case "remind":
            return escalation.remind(record, now)
        case "unreachable":
            return escalation.unreachable(record, now)
        case _:
            return escalation.expire(record, now)


STEPS = (
    "join", "leave", "ask", "answer", "decline", "cancel", "assign", "promise", "remind", "unreachable", "expire",
)  # fmt: skip
histories = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=25)


@given(histories)
def test_what_is_settled_never_changes_but_for_a_late_answer(steps: list[tuple[str, int]]) -> None:
    """expired → answered is the only way out of a settled state, and every refusal leaves the record as it was."""
    record, now = opened(), START
    for what, who in steps:
        now += timedelta(minutes=7)
        before = record
        try:
            record = step(record, what, who, now)
        except escalation.Settled:
            assert escalation.is_settled(before)
            continue
        assert record.state in STATES
        if escalation.is_settled(before):
            assert (before.state, record.state) == ("expired", "answered")


@given(histories)
def test_somebody_waits_as_long_as_it_is_not_settled(steps: list[tuple[str, int]]) -> None:
    """The last asker who leaves ends it; a settled one says when and, but for the clock, by whom."""
    record, now = opened(), START
    for what, who in steps:
        now += timedelta(minutes=7)
        try:
            record = step(record, what, who, now)
        except escalation.Settled:
            continue
        assert record.askers
        assert escalation.is_settled(record) == (record.settled_at is not None)
        assert (record.state == "answered") == bool(record.answer)
        assert len({(w.person.key, w.thread.lane) for w in record.askers}) == len(record.askers)


@given(histories)
def test_the_history_only_grows_and_runs_forward(steps: list[tuple[str, int]]) -> None:
    record, now = opened(), START
    for what, who in steps:
        now += timedelta(minutes=7)
        before = record
        try:
            record = step(record, what, who, now)
        except escalation.Settled:
            continue
        assert record.history[: len(before.history)] == before.history
        assert [at for _, at, _ in record.history] == sorted(at for _, at, _ in record.history)


def test_a_handed_on_question_is_asked_afresh() -> None:
    record = escalation.remind(escalation.ask(opened(), START), START)
    handed = escalation.assign(record, PEOPLE[1], PEOPLE[2].key, START)
    assert (handed.assignee, handed.state, handed.asked_at, handed.reminded) == (PEOPLE[1], "open", None, 0)
