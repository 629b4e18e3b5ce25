"""What is due later: jobs that say what to do with which escalation, and whose digest to write."""

from __future__ import annotations

from datetime import datetime

from persona_store.protocols import NewJob

TIMER = "timer"
TIMERS = ("ask", "remind", "deputy", "expire")
DIGEST = "digest"


def timer(id: str, what: str, due: datetime) -> NewJob:
    """Every timer has a lane of its own: a waiting one must not hold up another."""
    return NewJob(TIMER, timer_id(id, what), f"{what}:{id}".encode(), due, id=timer_id(id, what))


def timer_id(id: str, what: str) -> str:
    return f"timer:{what}:{id}"


def digest_timer(person_key: str, due: datetime) -> NewJob:
    """At most one waits for each human."""
    name = f"{DIGEST}:{person_key}"
    return NewJob(TIMER, name, name.encode(), due, id=name)
