"""What was distilled under a consent that is another one by now: narrowed, ended, taken back, or frozen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from msgspec import structs

from bots.app import open_app
from bots.distilling import book_of, distil_by_rules, roll_back, still_granted
from bots.exchanging import seal_bundle
from bots.operator import OPERATOR
from bots.options import Data, Settings, Store
from bots.portrait.looking import look
from bots.portrait.markdown import markdown
from bots.services import Services
from bots.skills.exporting import export_skill
from persona_store.clock import ManualClock
from persona_store.distill.book import FacetBook
from persona_store.envelope import Identity
from persona_store.errors import Refused
from persona_store.protocols import Batch
from tests.bots.cli.shell import Shell
from tests.bots.cli.test_distilling import PITFALL, distilled, facets, live, sign
from tests.persona_store.distill.facets import facet


@asynccontextmanager
async def inside(sh: Shell, clock: ManualClock | None = None) -> AsyncIterator[Services]:
    settings = Settings(data=Data(dir=sh.data), store=Store(url=f"sqlite:///{sh.data / 'understudy.db'}"))
    async with open_app(settings, adapters={}, clock=clock) as app:
        yield app.services


def silent(done: int, total: int) -> None: ...


def test_of_kinds_that_consent_names_no_more_nothing_is_shown(sh: Shell) -> None:
    live(sh)
    distilled(sh)
    before = {facet["aspect"] for facet in facets(sh)}
    sign(sh, facets="work_knowledge")
    assert "name" in before - {facet["aspect"] for facet in facets(sh)}
    sh.done("persona", "rollback", "lin", "1")
    assert "name" not in {facet["aspect"] for facet in facets(sh)}
    sh.done("consent", "withdraw", "lin", "--yes")
    assert sh("persona", "facets", "lin").status == 2
    assert sh("persona", "compare", "lin").status == 2


def test_a_strike_of_a_measure_or_a_name_leaves_its_examples(sh: Shell) -> None:
    """The name stands above some message, which says something else."""
    live(sh)
    distilled(sh)
    passages = sh.done("persona", "show", "lin", "--json").json["passages"]
    [name] = facets(sh, "--aspect", "name")
    assert sh.done("persona", "strike", "lin", name["id"], "--json").json["passages"] == 0
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == passages
    distilled(sh)
    assert facets(sh, "--aspect", "name") == []


async def test_nothing_leaves_and_nothing_is_kept_while_the_subject_froze_it(sh: Shell) -> None:
    """GDPR 18: what is restricted is stored and nothing else. `persona` is as it was when the command began."""
    await asyncio.to_thread(live, sh, "--recipients", "acme.example:CN:0")  # the shell has a loop of its own
    await asyncio.to_thread(distilled, sh)
    async with inside(sh) as services:
        persona = await services.personas.get("lin")
        assert persona is not None
        frozen = structs.replace(persona, state="restricted")
        await services.store.commit(Batch(puts=(services.personas.put(frozen),)))
        with pytest.raises(Refused, match="RESTRICTED"):
            await distil_by_rules(services, persona, OPERATOR, progress=silent)
        with pytest.raises(Refused, match="RESTRICTED"):
            await still_granted(services, persona)
        with pytest.raises(Refused, match="RESTRICTED"):
            await roll_back(services, frozen, 1, OPERATOR)
        with pytest.raises(Refused, match="RESTRICTED"):
            await export_skill(services, frozen, recipient="acme.example", lang="en", actor=OPERATOR)
        to = Identity.kept_in(sh.folder / "key.age").address
        with pytest.raises(Refused, match="RESTRICTED"):
            await seal_bundle(services, frozen, to=to, recipient="acme.example", actor=OPERATOR)
        assert [each.number for each in await (await book_of(services, persona)).versions()] == [1]


async def test_a_consent_that_ends_while_it_is_distilled_leaves_nothing(sh: Shell) -> None:
    await asyncio.to_thread(live, sh)
    clock = ManualClock(datetime.now(UTC))
    async with inside(sh, clock) as services:
        persona = await services.personas.get("lin")
        assert persona is not None
        with pytest.raises(Refused, match="CONSENT_EXPIRED"):
            await distil_by_rules(services, persona, OPERATOR, progress=lambda *_: clock.advance(1e7))
        assert (await (await book_of(services, persona)).portrait()).version == 0


async def test_after_a_consent_has_ended_there_is_no_page(sh: Shell) -> None:
    await asyncio.to_thread(live, sh)
    clock = ManualClock(datetime.now(UTC))
    async with inside(sh, clock) as services:
        persona = await services.personas.get("lin")
        assert persona is not None
        await distil_by_rules(services, persona, OPERATOR, progress=silent)
        assert (await look(services, persona, "en")).chapters
        clock.advance(1e7)
        with pytest.raises(Refused, match="CONSENT_EXPIRED"):
            await look(services, persona, "en")


async def test_a_gap_brings_nothing_back_that_consent_no_longer_covers(sh: Shell) -> None:
    """A contradiction is told among what is open, with the passages it was seen in, and by its words if it has no
    topic."""
    await asyncio.to_thread(live, sh)
    async with inside(sh) as services:
        persona = await services.personas.get("lin")
        assert persona is not None
        file = await services.library.file("lin")
        [warning] = [each async for _, each in file.scan() if each.text == PITFALL]
        [other] = [each async for _, each in file.scan() if "15 minutes" in each.text]
        kept = [
            facet("pitfall", warning, status="conflicting", topic=""),
            facet("priority", other, status="conflicting", topic=""),
            facet("standard", other),
        ]
        await FacetBook(file.sealed).keep(kept, services.clock.now())
        told = markdown(await look(services, persona, "en"))
        assert PITFALL in told
        await asyncio.to_thread(sign, sh, "--exclude", "refund", facets="work_knowledge")
        told = markdown(await look(services, persona, "en"))
        assert "refund" not in told.casefold()
        assert told.count("15 minutes") == 1  # as a standard, not as what contradicts itself
