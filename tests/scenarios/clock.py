"""The clock of the dialogues: it stands still until told to move, and tells whether all it woke are done."""

from __future__ import annotations

from persona_store.clock import ManualClock


class Clock(ManualClock):
    _most = 0

    async def sleep(self, seconds: float) -> None:
        self._most = max(self._most, self._asleep + (seconds > 0))
        await super().sleep(seconds)

    @property
    def _asleep(self) -> int:
        return sum(not woken.done() for _, woken in self._sleepers)

    @property
    def rested(self) -> bool:
        """Whether as many wait for the clock as ever did: whoever it woke is back."""
        return self._asleep == self._most

    def timestamp(self) -> float:
        """For a platform's server, which goes by the same clock."""
        return self.now().timestamp()
