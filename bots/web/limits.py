"""How often somebody may try: a sliding minute for each address or link, kept in memory and bounded."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
KNOWN = 10_000  # whom is remembered; whoever tried least lately goes first


class Limit:
    def __init__(self, most: int) -> None:
        self._most = most
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def full(self, who: str, now: datetime) -> bool:
        """Whether they have had their tries for now; counts nothing."""
        tries = self._tries.get(who)
        if tries is None:
            return False
        while tries and now - tries[0] >= MINUTE:
            tries.popleft()
        return len(tries) >= self._most

    def count(self, who: str, now: datetime) -> None:
        self._tries.setdefault(who, deque(maxlen=self._most)).append(now)
        self._tries.move_to_end(who)
        while len(self._tries) > KNOWN:
            self._tries.popitem(last=False)
