"""What counting costs, measured: `python -m tests.benchmarks.licence [LINES]`.

1. The commit that remembers a post, with the line of a ledger in it, beside the same commit without one.
2. Whether a licence lets the persona answer, asked before every answer, beside a record that costs nothing.
3. Verifying a ledger of so many lines from its bytes, beside hashing the same bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.model import Thread
from bots.licence import standing
from persona_store.licence import terms
from persona_store.licence.book import LedgerBook
from persona_store.licence.ledger import Account, Charge
from persona_store.licence.verifying import verify
from persona_store.protocols import Batch, Put
from tests.bots.services import idle
from tests.scenarios.world import START, World, live_persona

COMMITS, ASKS = 500, 2000
ROOM = Thread("chat", "general", "T1", root="q")
DUE = Charge("acme", "lin", "urn:uuid:00000000-0000-4000-8000-000000000001", "call", 50, "CNY")


async def each(times: int, do: Callable[[int], Awaitable[object]]) -> float:
    """Microseconds."""
    began = time.perf_counter()
    for number in range(times):
        await do(number)
    return (time.perf_counter() - began) / times * 1e6


async def commits(w: World) -> tuple[float, float]:
    services, book = w.app.services, LedgerBook(w.app.services.store)

    async def plain(number: int) -> None:
        await services.store.commit(Batch(puts=(Put(f"receipt/plain{number}", b"{}"),)))

    async def counted(number: int) -> None:
        entered = await book.enter_once(DUE, f"q{number}", services.clock.now())
        await services.store.commit(Batch(puts=(Put(f"receipt/counted{number}", b"{}"),)).plus(entered))

    return await each(COMMITS, plain), await each(COMMITS, counted)


async def asks(w: World) -> tuple[float, float]:
    services = w.app.services
    free, paid = await services.consent("free"), await services.consent("lin")
    return (
        await each(ASKS, lambda _: standing.refusal(services, "free", free, ROOM)),
        await each(ASKS, lambda _: standing.refusal(services, "lin", paid, ROOM)),
    )


def ledger(lines: int) -> list[bytes]:
    account, made = Account("lin", "acme"), []
    for number in range(lines):
        account, _, raw = account.entered(DUE, (START + timedelta(minutes=number)).date())
        made.append(raw)
    return made


def reading(lines: list[bytes]) -> tuple[float, float]:
    """Seconds: hashed, verified."""
    began = time.perf_counter()
    for raw in lines:
        hashlib.sha256(raw).hexdigest()
    hashed = time.perf_counter()
    assert verify(lines).lines == len(lines)
    return hashed - began, time.perf_counter() - hashed


async def main(count: int) -> None:
    with TemporaryDirectory() as path:
        async with idle(Path(path)) as w:
            await live_persona(w.app, licence=terms.terms("per_call", price="0.50", orgs=("acme",)))
            await live_persona(w.app, "free", "Free")
            without, with_line = await commits(w)
            free, paid = await asks(w)
    print(f"commit without and with a line: {without:.0f} µs, {with_line:.0f} µs ({with_line / without:.2f} ×)")
    print(f"may it answer, free and paid: {free:.1f} µs, {paid:.1f} µs")
    lines = ledger(count)
    hashed, verified = reading(lines)
    size = sum(map(len, lines)) / 1e6
    ratio = verified / hashed
    print(f"{count} lines ({size:.1f} MB) hashed, verified: {hashed:.2f} s, {verified:.2f} s ({ratio:.0f} ×)")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
