"""One request, until it is answered or given up: what may pass is tried again, what is refused is asked otherwise.

Each attempt asks the breaker. What is learnt about the endpoint (habits.py) is kept as long as the process lives.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bots.llm import failures
from bots.llm.breaker import Breaker
from bots.llm.failures import Broken, Status, Where
from bots.llm.habits import Habits
from persona_store.errors import ModelError, ModelUnavailable
from persona_store.protocols import Clock

T = TypeVar("T")

ATTEMPTS = 3
FIRST_WAIT = (
    1.0  # seconds before the second attempt, twice as many before the third; of each, half is left to chance
)


class Trying:
    """`patience`: seconds; an endpoint that wants to be left alone for longer is given up at once."""

    def __init__(
        self, where: Where, clock: Clock, *, patience: float, chance: Callable[[], float] = random.random
    ) -> None:
        self.breaker = Breaker(clock)
        self.habits = Habits()
        self._proven: set[str] = set()  # forms this endpoint has answered in
        self._where = where
        self._clock = clock
        self._patience = patience
        self._chance = chance

    async def persist(self, once: Callable[[Habits], Awaitable[T]], *, structured: bool) -> T:
        """`once` is one attempt; it raises Broken, Status or a ModelError, which ends it. A parameter that is
        refused is no attempt. Raises ModelError."""
        habits, attempt = self.habits, 1
        while True:
            if wait := self.breaker.enter():
                what = f"{self._where.host} failed too often and is left alone for a while"
                raise ModelUnavailable("MODEL_DOWN", what, retryable=True, retry_after=wait)
            try:
                found = await once(habits)
            except Broken as broken:
                self.breaker.failed()
                error = failures.of_connection(broken, self._where)
            except Status as status:
                self.breaker.failed() if status.status >= 500 else self.breaker.succeeded()
                changed = self._adapted(habits, status, structured)
                if changed is not None:
                    habits = changed
                    continue
                error = failures.of_status(status, self._where)
            except ModelError:  # an answer, though none that helps
                self.breaker.succeeded()
                raise
            except BaseException:
                self.breaker.left()
                raise
            else:
                self.breaker.succeeded()
                self.habits = habits
                if structured:
                    self._proven.add(habits.form)
                return found
            if attempt == ATTEMPTS or not isinstance(error, ModelUnavailable) or not error.retryable:
                raise error
            await self._wait(attempt, error)
            attempt += 1

    def _adapted(self, habits: Habits, status: Status, structured: bool) -> Habits | None:
        if status.status not in failures.UNSUITED or status.too_long or status.filtered:
            return None
        changed = habits.learn(status.said, structured=structured)
        if changed is None and structured and habits.form not in self._proven:
            return habits.lower()  # it does not say what it dislikes, and this is the likeliest
        return changed

    async def _wait(self, attempt: int, error: ModelUnavailable) -> None:
        """As long as the endpoint says, else by doubling. Raises the error where that would be too long anyway."""
        told, jitter = error.retry_after, 0.5 + self._chance() / 2
        if told is None:
            await self._clock.sleep(FIRST_WAIT * 2 ** (attempt - 1) * jitter)
        elif told >= self._patience:
            raise error
        else:
            await self._clock.sleep(told + jitter)  # not all who were told the same at the same instant
