"""§2B as a property: whatever happens in whatever order, nobody gets an answer unless the persona is live."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from bots import accountability
from bots.assessment import keeping
from bots.assessment.footprint import footprint
from bots.assessment.model import Answer
from bots.operator import found, switch
from bots.people import person_of
from bots.subject import death
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Persona
from tests.bots.assessment.stage import NO, YES, assessed, looked
from tests.bots.subject.stage import Visitor, asked, fresh, known, linked, visiting
from tests.scenarios.world import folder, world

QUESTION = "Which queue do refunds go to?"
DEEDS = ("approve", "restrict", "lift", "decline")


class Life(RuleBasedStateMachine):
    """A persona from its first request to its end, with a real bot, store and page; people ask all the while."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.answered = 0
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        path = self.stack.enter_context(folder())
        self.w = linked(await self.stack.enter_async_context(world(path)))
        self.lin: Visitor = await self.stack.enter_async_context(visiting(self.w))
        await fresh(self.w)
        await known(self.w)
        self.signed = False

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def attempt(self, step: Any) -> None:
        """What is refused has no effect, which is what the invariant then finds out."""

        async def trying() -> None:
            try:
                await step
            except (Refused, AssertionError, StopIteration, RuntimeError):
                return

        self.runner.run(trying())

    # ------------------------------------------------------------------ what may happen

    @initialize(so_far=st.integers(0, 7))
    def go_on_from(self, so_far: int) -> None:
        """Half of the lives begin where there is something to lose."""
        steps = (self.request, self.sign, self.accept, lambda: self.on_the_page("approve"), self.assess)
        for step in (*steps, lambda: self.wait(8), lambda: self.operate("live"))[:so_far]:
            step()

    @rule()
    def request(self) -> None:
        async def step() -> None:
            self.lin.token = await asked(self.w, await found(self.w.app, "lin"))

        self.attempt(step())

    @rule()
    def sign(self) -> None:
        async def step() -> None:
            await self.lin.sign()

        self.attempt(step())

    @rule(verb=st.sampled_from(DEEDS))
    def on_the_page(self, verb: str) -> None:
        self.attempt(self.lin.do(verb))

    @rule()
    def accept(self) -> None:
        async def step() -> None:
            for who in ("chat:U0OWN", "chat:U0DEP"):
                persona = await found(self.w.app, "lin")
                batch = await accountability.typed(self.w.app.services, persona, who, "en")
                await self.w.app.services.store.commit(batch)

        self.attempt(step())

    @rule(answer=st.sampled_from((YES, YES, NO)))
    def assess(self, answer: Answer = YES) -> None:
        """By somebody who is not concerned; now and then they say no."""

        async def step() -> None:
            await assessed(self.w.app, labour=answer)
            await looked(self.w.app)

        self.attempt(step())

    @rule(platforms=st.sampled_from(((), ("slack",), ("feishu", "slack"))))
    def reconfigure(self, platforms: tuple[str, ...]) -> None:
        """Started anew with other settings: the bot looks at the papers first thing."""

        async def step() -> None:
            services = self.w.app.services
            object.__setattr__(services, "installation", replace(services.installation, platforms=platforms))
            await looked(self.w.app)

        self.attempt(step())

    @rule()
    def look(self) -> None:
        """What the bot does every hour."""
        self.attempt(looked(self.w.app))

    @rule(event=st.sampled_from(("live", "suspend", "resume")))
    def operate(self, event: str) -> None:
        async def step() -> None:
            await switch(self.w.app, await found(self.w.app, "lin"), event)

        self.attempt(step())

    @rule(days=st.sampled_from((1, 8, 30, 120)))
    def wait(self, days: int) -> None:
        async def step() -> None:
            self.w.clock.advance(timedelta(days=days).total_seconds())
            await self.w.settle()

        self.attempt(step())

    @rule(undone=st.booleans())
    def die(self, undone: bool) -> None:
        """Somebody reports it; the Subject may be there to say that it is wrong (rights.md L13)."""

        async def step() -> None:
            persona = await found(self.w.app, "lin")
            services = self.w.app.services
            await services.store.commit(await death.report(services, persona, "HR", "ab" * 32, "operator:cli"))
            if undone:
                await self.lin.do("alive")

        self.attempt(step())

    @rule(trigger=st.sampled_from(("retire", "withdraw")))
    def end(self, trigger: str) -> None:
        async def step() -> None:
            persona = await found(self.w.app, "lin")
            batch = await self.w.app.retiring.begin(persona, person_of("chat:U0LIN"), trigger, None, "en")
            await self.w.app.services.store.commit(batch)

        self.attempt(step())

    # ------------------------------------------------------------------ what must hold

    @invariant()
    def only_the_living_answer(self) -> None:
        async def look() -> None:
            persona = await found(self.w.app, "lin")
            posts = await self.w.say(self.w.mei, QUESTION)
            quoted = [p for p in posts if p.thread.chat == "general" and p.post.card.quotes]
            if quoted:
                assert persona.state == "live"
                consent = await self.w.app.services.consents.current("lin")
                assert consent is not None
                assert consent.effective_at <= self.w.clock.now() < consent.ends_at
                assert persona.approved
                assert {"chat:U0OWN", "chat:U0DEP"} <= set(persona.accepted)
                assert await self.verdict(persona, consent) == "approved"
                Life.seen += 1

        self.runner.run(look())

    async def verdict(self, persona: Persona, consent: Consent) -> str:
        """Of the newest assessment, if nothing has got wider since: looked up without the code that decides it."""
        signed = await keeping.newest(self.w.app.services, "lin")
        assert signed is not None
        reach = footprint(persona, consent, self.w.app.services.installation)
        assert set(reach.platforms) <= set(signed.assessed.assessment.configuration.reach.platforms)
        return signed.assessed.opinion.verdict

    seen = 0


def test_no_answer_outside_live() -> None:
    """Random lives; and one that is known to get there, so that the property is about something."""
    Life.seen = 0
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis's own
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )
    life = Life()
    try:
        for step in (life.request, life.sign, life.accept):
            step()
        life.on_the_page("approve")
        life.wait(8)
        life.operate("live")
        Life.seen = 0
        life.only_the_living_answer()
        assert not Life.seen, "nobody has assessed it"
        life.assess()
        life.operate("live")
        life.only_the_living_answer()
        assert Life.seen
        before = Life.seen
        life.on_the_page("restrict")
        life.only_the_living_answer()
        assert Life.seen == before
        life.on_the_page("lift")
        life.only_the_living_answer()
        assert Life.seen == before + 1
        life.reconfigure(("slack",))
        life.only_the_living_answer()
        assert Life.seen == before + 1, "it has outgrown what was assessed"
        life.operate("resume")
        life.only_the_living_answer()
        assert Life.seen == before + 1
        life.wait(1)
        life.assess()
        life.operate("resume")
        life.only_the_living_answer()
        assert Life.seen == before + 2
        life.end("withdraw")
        life.only_the_living_answer()
        assert Life.seen == before + 2
    finally:
        life.teardown()
