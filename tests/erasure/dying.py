"""An erasure that dies at its n-th step: `python -m tests.erasure.dying DATA N before|after` by SIGKILL, and in the
tests by an exception nobody catches. A step is whatever changes something: a commit, a sweep, a shredded key, an
unlinked file, a post that is taken back."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.model import Post, Receipt
from bots.app import App, open_app
from bots.options import Data, Settings, Store
from bots.people import person_of
from persona_store.clock import ManualClock
from tests.scenarios.world import START


class Crash(BaseException):
    """Nothing that the code under test catches."""


class Platform:
    """A platform on which everything stands that was said, and is deleted once."""

    name = "chat"

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def retract(self, receipt: Receipt, marked: Post) -> str:
        if receipt.message_id in self.deleted:
            return "gone"
        self.deleted.append(receipt.message_id)
        return "deleted"


class Fuse:
    """Counts steps and dies at the `at`-th, `before` or `after` it was done."""

    def __init__(self, at: int, when: str, die: Callable[[], None]) -> None:
        self.left, self._when, self._die = at, when, die

    def around(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        async def later(*given: Any, **named: Any) -> Any:
            with self:
                return await real(*given, **named)

        def now(*given: Any, **named: Any) -> Any:
            with self:
                return real(*given, **named)

        setattr(owner, name, later if asyncio.iscoroutinefunction(real) else now)

    def __enter__(self) -> None:
        self.left -= 1
        if self.left == 0 and self._when == "before":
            self._die()

    def __exit__(self, *_: object) -> None:
        if self.left == 0 and self._when == "after":
            self._die()


def settings_for(data: Path) -> Settings:
    return Settings(
        adapters=("local",), data=Data(dir=data), store=Store(url=f"sqlite:///{data / 'understudy.db'}")
    )


async def withdrawn(app: App) -> None:
    """From wherever it stands to its end, as the running bot does it."""
    persona = await app.services.personas.get("lin")
    assert persona is not None
    if persona.state not in ("erasing", "erased"):
        subject = person_of(persona.subject)
        await app.services.store.commit(await app.retiring.begin(persona, subject, "withdraw", None, "en"))
        persona = await app.services.personas.get("lin")
        assert persona is not None
    await app.retiring.erase_now("lin", "withdraw", persona.state_at)


async def dying(data: Path, at: int, when: str, platform: Platform, die: Callable[[], None]) -> bool:
    """Whether it came to its end before the fuse did."""
    async with open_app(settings_for(data), adapters={"chat": platform}, clock=ManualClock(START)) as app:
        fuse, services = Fuse(at, when, die), app.services
        for owner, names in ((services.store, ("commit", "sweep")), (services.vault, ("shred",))):
            for name in names:
                fuse.around(owner, name)
        fuse.around(app.retiring._retirement, "_unlink_files")
        fuse.around(platform, "retract")
        await withdrawn(app)
    return fuse.left > 0


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(dying(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Platform(), killed))
