"""Leaving a kind of call alone for a while after it failed: asked for each event, it would fail for each."""

from __future__ import annotations

from collections.abc import Callable

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised

SCOPELESS = 600.0  # seconds; a person has to grant the scope
AWAY = 5.0  # seconds after a call that was not answered, or not in time


class Rest:
    """`ticks` are seconds of a clock that never jumps."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._until = float("-inf")

    def over(self) -> bool:
        return self._ticks() >= self._until

    def after(self, error: AdapterError | TimeoutError) -> None:
        """As long as what went wrong will last: what the platform says, or what is known of its kind. A no to one
        question says nothing of the next."""
        if isinstance(error, NotFound | Rejected):
            return
        if isinstance(error, RateLimited):
            wait = error.retry_after
        else:
            wait = SCOPELESS if isinstance(error, Unauthorised) else AWAY
        self._until = max(self._until, self._ticks() + wait)
