"""Events that come in several frames, in any order. Pure, but for what it holds meanwhile.

The SDK puts them together too, and makes room for as many parts as the first of them claims there are.
"""

from __future__ import annotations

from collections import OrderedDict

WAIT = 5.0  # seconds the parts of an event are kept
MOST = 64  # events in parts at once, and parts of one event


class Parts:
    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, dict[int, bytes]]] = OrderedDict()

    def whole(self, id: str, total: str, number: str, payload: bytes, now: float) -> bytes | None:
        """The payload of event `id`, once all `total` parts of it are there; None until then, and for what cannot
        be a part. What says nothing of parts is one."""
        if total in ("", "0", "1"):
            return payload
        if not (_counts(total) and _counts(number) and int(number) < int(total) <= MOST):
            return None
        while self._held and (next(iter(self._held.values()))[0] < now - WAIT or len(self._held) > MOST):
            self._held.popitem(last=False)
        _, parts = self._held.setdefault(id, (now, {}))
        parts[int(number)] = payload
        if not all(n in parts for n in range(int(total))):
            return None
        del self._held[id]
        return b"".join(parts[n] for n in range(int(total)))


def _counts(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 4
