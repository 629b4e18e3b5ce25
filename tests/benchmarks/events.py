"""Events accepted in a second: from a parsed message through Inbox.receive until it is durable and may be acked.

    python -m tests.benchmarks.events [seconds each] [callers] [folder]

Beside it, in the same run: the same durable append without the inbox (no sealing, no metrics), duplicates being
turned away, and what one fsync of this disk takes, which moves every figure. Nothing is worked on meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from adapters.model import Message, Person, Thread
from bots.app import open_app
from bots.options import Data, Limits, Settings, Store
from tests.benchmarks.store import appending, fsync_p50_ms, per_second

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def said(caller: int, turn: int) -> Message:
    """Everyone asks in a chat of their own."""
    return Message(
        id=f"{caller}.{turn}",
        thread=Thread("slack", f"C{caller}", "T1", root=f"{caller}.{turn}", anchor=f"{caller}.{turn}"),
        author=Person("slack", f"U{caller}", "Somebody", "T1"),
        text="How often do we retry a payment that failed, and after how long?",
        at=NOW,
        addressed=True,
    )


async def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    callers = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else ".") as folder:
        path = Path(folder)
        print(f"fsync p50 {fsync_p50_ms(path):.2f} ms, {callers} callers")
        store = Store(url=f"sqlite:///{path / 'understudy.db'}")
        settings = Settings(data=Data(dir=path), store=store, limits=Limits(0, 0, 0, 0))
        async with open_app(settings) as app:

            async def receive(caller: int, turn: int) -> None:
                await app.inbox.receive(said(caller, turn))

            async def again(caller: int, turn: int) -> None:
                await app.inbox.receive(said(caller, 0))

            bare = await per_second(appending(app.services.store, "bare"), callers, seconds)
            kept = await per_second(receive, callers, seconds)
            turned_away = await per_second(again, callers, seconds)
        print(f"bare append       {bare:8.0f}/s   1.00")
        print(f"Inbox.receive     {kept:8.0f}/s   {kept / bare:.2f} × bare")
        print(f"its duplicates    {turned_away:8.0f}/s   {turned_away / bare:.2f} × bare")


if __name__ == "__main__":
    asyncio.run(main())
