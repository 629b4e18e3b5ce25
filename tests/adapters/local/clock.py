"""A clock for the chat: each look at it is a second later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count


def ticking(start: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)) -> Callable[[], datetime]:
    seconds = count()
    return lambda: start + timedelta(seconds=next(seconds))
