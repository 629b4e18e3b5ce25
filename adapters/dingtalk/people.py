"""Who is behind a staffId: the organisation's directory, by the old API, cached because it is asked for every
event."""

from __future__ import annotations

from collections.abc import Callable, Collection

from adapters.dingtalk.addresses import is_outsider
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.failures import PLATFORM
from adapters.errors import NotFound
from adapters.model import Person
from adapters.once import Once

FRESH = 600.0  # seconds; `user_leave_org` and `user_modify_org` forget sooner


class People:
    """One organisation's people. `ticks` is a monotonic clock in seconds."""

    def __init__(self, calls: Calls, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._ticks = ticks
        self._known: dict[str, tuple[float, Person]] = {}
        self._once = Once[Person]()

    def known(self, id: str) -> Person | None:
        """Somebody whose profile is at hand and fresh."""
        at, person = self._known.get(id, (0.0, None))
        return person if person is not None and at >= self._ticks() - FRESH else None

    def forget(self, ids: Collection[str]) -> None:
        for id in ids:
            self._known.pop(id, None)

    async def person(self, id: str) -> Person:
        """Raises NotFound for somebody who is not, or no longer, in the organisation. A person from outside is
        known by being one: no call says more."""
        if is_outsider(id):
            return Person(PLATFORM, id, external=True)
        known = self.known(id)
        return known if known is not None else await self._once.ask(id, lambda: self._ask(id))

    async def _ask(self, id: str) -> Person:
        profile = (await self._calls.old("topapi/v2/user/get", {"userid": id})).get("result")
        if not isinstance(profile, dict) or str(profile.get("userid") or "") != id:
            raise NotFound(PLATFORM, f"nobody has the id {id!r}")
        person = Person(PLATFORM, id, name=str(profile.get("name") or ""))
        self._known[id] = (self._ticks(), person)
        return person
