"""§2A as a property: whatever is asked, dropped, cut off, paid and contested in whatever order, the ledger comes to
what was posted, and nothing is posted while it is stopped."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from adapters.errors import RateLimited, Rejected, Unreachable
from adapters.model import Receipt, Thread
from bots.desk import Desk
from bots.licence import monthly, paying
from bots.operator import found
from bots.outbox import POST, Outbox, Outgoing
from bots.pipeline import Asked, Pipeline
from persona_store.errors import Conflict, Refused
from persona_store.licence import terms
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import day_of, month_of
from persona_store.licence.ledger import Account
from persona_store.licence.verifying import verify
from persona_store.protocols import Claim
from tests.bots.services import idle
from tests.scenarios.world import folder, live_persona

QUESTION = "How often does the payment retry job run?"
PRICE, STOP_AFTER = 50, 10
FATES = {
    "placed": None,
    "refused for good": Rejected("chat", "not allowed"),
    "put off": RateLimited("chat", "slow down", 40),
    "placed, and the answer lost": Unreachable("chat", "timed out", placed=True),
    "not reached": Unreachable("chat", "no route"),
}


class Died(BaseException):
    """The process is gone."""


class DyingOutbox(Outbox):
    """Gone in the moment after the platform took it, before that is written down."""

    async def _keep(self, claim: Claim, out: Outgoing, receipt: Receipt) -> None:
        raise Died


class Licensed(RuleBasedStateMachine):
    """A licensed persona on a real store, with nothing running: each step is taken by hand. What should be is kept
    apart, as plainly as can be: the days on which something was entered, and which months are paid."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.asked, self.by = 0, "mei"
        self.theirs: set[str] = set()  # questions of the subject's own
        self.entered: list[date] = []
        self.paid: set[str] = set()
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        self.w = await self.stack.enter_async_context(idle(self.stack.enter_context(folder())))
        licence = terms.terms("per_call", price="0.50", orgs=("acme",), stop_after=STOP_AFTER)
        await live_persona(self.w.app, licence=licence)
        self.services = self.w.app.services
        self.pipeline = Pipeline(self.services, Desk(self.services))

    def teardown(self) -> None:
        self.runner.run(self._ended())
        self.runner.run(self.stack.aclose())
        self.runner.close()

    # ------------------------------------------------------------------ what may happen

    @rule(again=st.booleans(), by=st.sampled_from(("mei", "ann", "subject")))
    def ask(self, again: bool, by: str) -> None:
        if not again:
            self.asked += 1
            self.by = by
            if by == "subject":
                self.theirs.add(f"q{self.asked}")

        async def step() -> None:
            persona = await found(self.w.app, "lin")
            id = f"q{self.asked}"
            thread = Thread("chat", "general", "T1", root=id)
            asked = Asked(id, persona, QUESTION, "en", getattr(self.w, self.by), thread)
            await self.services.store.commit(await self.pipeline.answer(asked))

        self.runner.run(step())

    @rule(fate=st.sampled_from((*FATES, "dies")))
    def deliver(self, fate: str) -> None:
        self.runner.run(self._deliver(fate))

    async def _deliver(self, fate: str) -> bool:
        claim = await self.services.store.claim((POST,), lease=60)
        if claim is None:
            return False
        stopped, before = self.stopped(), self.answers()
        self.w.chat._failures.clear()
        if (error := FATES.get(fate)) is not None:
            self.w.chat.fail(error)
        with suppress(Died, Conflict):
            await (DyingOutbox if fate == "dies" else Outbox)(self.services).send(claim)
        if stopped:
            assert self.answers() == before, "an answer was posted while it is stopped"
        account = await self.account()
        if account.n > len(self.entered):
            self.entered.append(self.w.clock.now().date())
            Licensed.charged += 1
        return True

    @rule(days=st.sampled_from((1, 9, 25)))
    def wait(self, days: int) -> None:
        self.w.clock.advance(timedelta(days=days).total_seconds())

    @rule()
    def retry(self) -> None:
        self.w.clock.advance(90)

    @rule()
    def look(self) -> None:
        self.runner.run(monthly.look(self.services))

    @rule(months_ago=st.integers(0, 3))
    def pay(self, months_ago: int) -> None:
        self._say(months_ago, paying.paid, self.paid.add)

    @rule(months_ago=st.integers(0, 3))
    def contest(self, months_ago: int) -> None:
        self._say(months_ago, paying.contested, self.paid.discard)

    def _say(self, months_ago: int, what: Any, then: Any) -> None:
        async def step() -> None:
            persona = await found(self.w.app, "lin")
            month = month_of(day_of(month_of(self.w.clock.now().date()), -months_ago))
            try:
                batch = await what(self.services, persona, "acme", month, "operator:cli")
            except Refused:
                return
            await self.services.store.commit(batch)
            then(month)

        self.runner.run(step())

    # ------------------------------------------------------------------ what must hold

    def answers(self) -> int:
        """What stands on the platform and is charged for: what the subject asked is not."""
        answers = {p.post.key.removesuffix(":answer") for p in self.w.chat.posted if p.post.card.quotes}
        return len(answers - self.theirs)

    def stopped(self) -> bool:
        today = self.w.clock.now().date()
        owed = {month_of(day) for day in self.entered} - self.paid
        return any(today >= day_of(month, 1) + timedelta(days=STOP_AFTER) for month in owed)

    async def account(self) -> Account:
        return (await LedgerBook(self.services.store).open("lin", "acme")).account

    @invariant()
    def it_never_comes_to_more_than_was_posted(self) -> None:
        async def look() -> None:
            assert (await self.account()).n == len(self.entered) <= self.answers()

        self.runner.run(look())

    async def _ended(self) -> None:
        """Whatever is under way comes to its end; then it is the same."""
        for _ in range(200):
            if not await self._deliver("placed"):
                backlog = await self.services.store.backlog()
                if not (backlog.by_kind.get(POST, 0) or backlog.claimed or backlog.delayed):
                    break
            self.w.clock.advance(70)
        account = await self.account()
        assert account.n == self.answers()
        assert sum(of.sums["CNY"] for of in account.months.values()) == PRICE * self.answers()
        book = LedgerBook(self.services.store)
        statements = [each.statement for each in await book.statements("lin", "acme")]
        report = verify([raw async for raw in book.lines("lin", "acme")], statements)
        assert report.ok, report.detail

    charged = 0


def test_t36_the_ledger_comes_to_what_was_posted_and_nothing_is_posted_while_it_is_stopped() -> None:
    Licensed.charged = 0
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis's own
        Licensed,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Licensed.charged > 0, "the property is about something"
