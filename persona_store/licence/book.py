"""The ledgers in the store: accounts, lines and statements, for each persona one with each organisation.

They hold no words and outlive the persona, as what is owed does: its key is shredded, and they are not under it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, structs

from persona_store import names
from persona_store.errors import Refused
from persona_store.licence import terms
from persona_store.licence.ledger import Account, Charge, Line
from persona_store.licence.statement import SignedStatement
from persona_store.protocols import Batch, Put, Store

ACCOUNT = "licence-account/"
LINE = "licence-line/"
STATEMENT = "licence-statement/"
ENTERED = "licence-entered/"
KEPT_ONCE = timedelta(days=60)
"""How long it is known that an answer was entered: longer than anything could be that posts it again (an outcome is
kept for thirty days, and a post is tried for three)."""
PAGE = 500


class Opened(Struct, frozen=True):
    """An account as it was read, with the bytes that must still be there when it is changed."""

    account: Account
    raw: bytes | None


class LedgerBook:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(self, persona: str, org: str) -> Opened:
        """An empty one where nothing was entered yet."""
        raw = await self._store.get(_key(ACCOUNT, persona, org))
        return Opened(Account(persona, org) if raw is None else msgspec.json.decode(raw, type=Account), raw)

    async def accounts(self, persona: str = "") -> list[Account]:
        """Of one persona, or all there are."""
        prefix = f"{ACCOUNT}{names.checked(persona)}/" if persona else ACCOUNT
        return [msgspec.json.decode(raw, type=Account) async for _, raw in self._store.scan(prefix)]

    def enter(self, opened: Opened, charges: Sequence[Charge], now: datetime) -> Batch:
        """A Batch that adds a line for each. Of two who add at once one has a Conflict, and reads again."""
        account, puts = opened.account, []
        for charge in charges:
            account, month, raw = account.entered(charge, now.date())
            key = f"{_key(LINE, account.persona, account.org)}/{month}/{account.n:012d}"
            puts.append(Put(key, raw, account.until))
        return Batch(puts=tuple(puts)).plus(self.changed(opened, account)) if puts else Batch()

    async def enter_once(self, charge: Charge, id: str, now: datetime) -> Batch:
        """The same for what happens once under an id; empty if it was entered before."""
        once = f"{_key(ENTERED, charge.persona, charge.org)}/{id}"
        if await self._store.get(once) is not None:
            return Batch()
        entered = self.enter(await self.open(charge.persona, charge.org), (charge,), now)
        return entered.plus(Batch(puts=(Put(once, b"", now + KEPT_ONCE),), unchanged=((once, None),)))

    def changed(self, opened: Opened, account: Account) -> Batch:
        key = _key(ACCOUNT, account.persona, account.org)
        put = Put(key, msgspec.json.encode(account), account.until)
        return Batch(puts=(put,), unchanged=((key, opened.raw),))

    async def lines(self, persona: str, org: str, month: str = "") -> AsyncIterator[bytes]:
        """The bytes of each line in order, of one month or of all."""
        prefix = f"{_key(LINE, persona, org)}/" + (f"{month}/" if month else "")
        async for _, raw in self._store.scan(prefix):
            yield raw

    async def read(self, persona: str, org: str, month: str) -> list[Line]:
        return [msgspec.json.decode(raw, type=Line) async for raw in self.lines(persona, org, month)]

    async def statement(self, persona: str, org: str, month: str) -> SignedStatement | None:
        raw = await self._store.get(f"{_key(STATEMENT, persona, org)}/{month}")
        return None if raw is None else msgspec.json.decode(raw, type=SignedStatement)

    async def statements(self, persona: str, org: str) -> list[SignedStatement]:
        """Oldest first."""
        prefix = f"{_key(STATEMENT, persona, org)}/"
        return [msgspec.json.decode(raw, type=SignedStatement) async for _, raw in self._store.scan(prefix)]

    def stated(self, opened: Opened, signed: SignedStatement) -> Batch:
        """A Batch that keeps a statement, and closes its month; there is one of each."""
        said = signed.statement
        key = f"{_key(STATEMENT, said.persona, said.org)}/{said.month}"
        put = Put(key, msgspec.json.encode(signed), opened.account.until)
        closed = self.changed(opened, opened.account.closed(said.month))
        return Batch(puts=(put,), absent=(key,)).plus(closed)

    async def keep_until(self, persona: str, until: datetime) -> bool:
        """The persona is erased: from now on its ledgers have an end. Whether there were any."""
        accounts = await self.accounts(persona)
        for each in accounts:
            opened = await self.open(persona, each.org)
            await self._store.commit(self.changed(opened, structs.replace(opened.account, until=until)))
            for prefix in (LINE, STATEMENT):
                await self._expire(f"{_key(prefix, persona, each.org)}/", until)
        return bool(accounts)

    async def _expire(self, prefix: str, until: datetime) -> None:
        puts: list[Put] = []
        async for key, raw in self._store.scan(prefix):
            puts.append(Put(key, raw, until))
            if len(puts) == PAGE:
                await self._store.commit(Batch(puts=tuple(puts)))
                puts.clear()
        await self._store.commit(Batch(puts=tuple(puts)))


def _key(room: str, persona: str, org: str) -> str:
    """Neither can hold what would lead out of its room."""
    if terms.ORG.fullmatch(org) is None:
        raise Refused("LICENCE_ORG", f"{org[:60]!r} is no organisation's name", "see `understudy licence show`")
    return f"{room}{names.checked(persona)}/{org}"
