"""Spares an endpoint that is down, and those who would wait for it: after some failures in a row nobody asks for a
while; then one goes ahead, and the others follow if that went well."""

from __future__ import annotations

from datetime import datetime, timedelta

from persona_store.protocols import Clock

FAILURES = 5
PAUSE = 30.0  # seconds


class Breaker:
    """closed → (FAILURES in a row) open → (PAUSE) half open: one probe → closed or open again.

    `enter` before each attempt, and afterwards exactly one of `succeeded`, `failed`, `left`. The last is for what
    says nothing about the endpoint, such as a caller who went away.
    """

    def __init__(self, clock: Clock, *, failures: int = FAILURES, pause: float = PAUSE) -> None:
        self._clock = clock
        self._most = failures
        self._pause = timedelta(seconds=pause)
        self._failures = 0
        self._until: datetime | None = None  # open or half open
        self._probing = False

    @property
    def state(self) -> str:
        if self._until is None:
            return "closed"
        return "half_open" if self._clock.now() >= self._until else "open"

    def enter(self) -> float:
        """0 if one may ask now, else in how many seconds to come again."""
        if self._until is None:
            return 0.0
        wait = (self._until - self._clock.now()).total_seconds()
        if wait > 0:
            return wait
        if self._probing:
            return self._pause.total_seconds()
        self._probing = True
        return 0.0

    def succeeded(self) -> None:
        self._failures, self._until, self._probing = 0, None, False

    def failed(self) -> None:
        self._failures += 1
        self._probing = False
        if self._until is not None or self._failures >= self._most:
            self._until = self._clock.now() + self._pause

    def left(self) -> None:
        self._probing = False
