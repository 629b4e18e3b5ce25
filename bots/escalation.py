"""An escalation's life, as pure transitions: open → asked → answered | delegated | declined | expired | cancelled.

Every function takes the record and returns a new one; who may do it and what is posted is decided elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from adapters.model import Person
from bots.model import Escalation, Waiter

UNSETTLED = ("open", "asked")
MAX_FOLLOWUPS = 3
REPORTED = "reported"
"""The reason of a complaint about an answer: it joins no question, none joins it, and nothing is learnt of it."""


class Settled(Exception):
    """Too late: it was settled before. Carries the record so that the presser can be told by whom."""

    def __init__(self, record: Escalation) -> None:
        super().__init__(record.state)
        self.record = record


def is_settled(record: Escalation) -> bool:
    return record.state not in UNSETTLED


def join(record: Escalation, waiter: Waiter) -> Escalation:
    """One more who waits for the same words; the human is not asked twice."""
    _unsettled(record)
    if any(w.person.key == waiter.person.key and w.thread.lane == waiter.thread.lane for w in record.askers):
        return record
    return structs.replace(record, askers=(*record.askers, waiter))


def leave(record: Escalation, waiter: Waiter, now: datetime) -> Escalation:
    """An asker takes the question back; with nobody left waiting it is cancelled."""
    _unsettled(record)
    askers = tuple(w for w in record.askers if w != waiter)
    if askers:
        return _noted(structs.replace(record, askers=askers), "left", now, waiter.person.key)
    return _settle(record, "cancelled", now, waiter.person.key)


def ask(record: Escalation, now: datetime) -> Escalation:
    """The assignee has been written to."""
    _unsettled(record)
    return _noted(structs.replace(record, state="asked", asked_at=now), "asked", now, record.assignee.key)


def may_answer(record: Escalation) -> bool:
    """A late answer to an expired question is as welcome as one in time."""
    return not is_settled(record) or record.state == "expired"


def answer(record: Escalation, text: str, by: Person, now: datetime) -> Escalation:
    if not may_answer(record):
        raise Settled(record)
    return structs.replace(_settle(record, "answered", now, by.key), answer=text, settled_name=by.name)


def decline(record: Escalation, by: Person, now: datetime) -> Escalation:
    _unsettled(record)
    return _settle(record, "declined", now, by.key)


def repeats_draft(record: Escalation) -> bool:
    """Whether the answer has a line of the draft in it: words of the subject's, not only the human's own."""
    return any(line.strip() and line.strip() in record.answer for line in record.draft.splitlines())


def cancel(record: Escalation, by: str, now: datetime) -> Escalation:
    """The persona is gone: nobody can answer in its place any more."""
    _unsettled(record)
    return _settle(record, "cancelled", now, by)


def assign(record: Escalation, to: Person, by: str, now: datetime, what: str = "delegated") -> Escalation:
    """Hand on to another human ("not mine", or the deputy's turn): they are asked afresh."""
    _unsettled(record)
    record = structs.replace(record, assignee=to, state="open", asked_at=None, reminded=0, followups=0)
    return _noted(record, what, now, by)


def promise(record: Escalation, by: Person, now: datetime) -> Escalation:
    """ "I'll look": kept in mind, not an answer."""
    _unsettled(record)
    return _noted(structs.replace(record, followups=record.followups + 1), "promised", now, by.key)


def remind(record: Escalation, now: datetime) -> Escalation:
    _unsettled(record)
    return _noted(structs.replace(record, reminded=record.reminded + 1), "reminded", now, record.assignee.key)


def expire(record: Escalation, now: datetime) -> Escalation:
    """Nobody answered: the askers are told plainly. The record stays and a late answer is still relayed."""
    _unsettled(record)
    return _settle(record, "expired", now, "")


def unreachable(record: Escalation, now: datetime) -> Escalation:
    """Nobody could be written to. The askers hear of it once, however many messages fail."""
    _unsettled(record)
    return _noted(record, "unreachable", now, record.assignee.key)


def was_unreachable(record: Escalation) -> bool:
    return any(what == "unreachable" for what, _, _ in record.history)


def _unsettled(record: Escalation) -> None:
    if is_settled(record):
        raise Settled(record)


def _settle(record: Escalation, state: str, now: datetime, by: str) -> Escalation:
    return _noted(structs.replace(record, state=state, settled_at=now, settled_by=by), state, now, by)


def _noted(record: Escalation, what: str, now: datetime, by: str) -> Escalation:
    return structs.replace(record, history=(*record.history, (what, now, by)))
