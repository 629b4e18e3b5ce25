"""A persona that runs here under a licence, whose Subject tells at an address of theirs whether it still stands:
a bot that runs, a server that speaks TLS, and a clock that moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bots import doctor
from bots.app import open_app
from bots.licensed import checking, taking
from bots.operator import create, found, keep_consent, switch
from bots.options import Data, Settings, Store
from persona_store.consent import draft, licensing, signing
from persona_store.errors import Conflict
from persona_store.licensed import address, standing
from persona_store.licensed.standing import made
from persona_store.model import Persona, PersonaRules
from persona_store.protocols import Batch
from tests.bots.subject.stage import visiting
from tests.persona_store.licensed.server import URL, Site, site
from tests.persona_store.passages import passage
from tests.scenarios.clock import Clock
from tests.scenarios.stages.scripted import ScriptedStage
from tests.scenarios.world import START, World

KEY = signing.generate_key()
QUESTION = "How often does the payment retry job run?"
ANSWER = "every 15 minutes"


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as it:
        yield it


@pytest.fixture
async def w(tmp_path: Path, there: Site) -> AsyncIterator[World]:
    clock, chat = Clock(START), ScriptedStage("chat")
    settings = Settings(
        admins=("chat:U0ADM",),
        data=Data(dir=tmp_path / "data"),
        store=Store(url=f"sqlite:///{tmp_path / 'data' / 'understudy.db'}"),
    )
    async with open_app(settings, adapters={"chat": chat}, clock=clock, fetch=there.fetch) as app:
        w = World(app, chat, clock)
        running = asyncio.create_task(app.run())
        yield w
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def licensed(w: World) -> bytes:
    """As it is after a pack was taken in; the record's bytes."""
    app, now = w.app, w.clock.now()
    rules = PersonaRules(
        quiet_from="00:00", quiet_to="00:00", risk_budget=0.9
    )  # how sure it is is tested elsewhere
    until = now + taking.GRACE
    persona = Persona(
        name="lin", display_name="Lin", state="draft", created_at=now, state_at=now, owner="chat:U0OWN",
        chats=("chat:*",), rules=rules, stands_until=until,
    )  # fmt: skip
    await create(app, persona)
    wishes = draft.Choices(
        owner="chat:U0OWN", sources=("doc",), audiences=("chat:*",), cooling_off_days=0, days=365
    )
    raw = draft.draft(licensing.choices(wishes, "globex", (address.METHOD + URL,)), now)
    await keep_consent(app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    words = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
    own = passage("d1", words, source="doc", container="licensed", author="")
    await (await app.services.library.file("lin")).add([own])
    while True:
        with suppress(Conflict):  # the bot looked at the address meanwhile, and wrote down what it found
            await switch(app, await found(app, "lin"), "live", quiet=True)
            return raw


def publish(there: Site, w: World, raw: bytes, word: str) -> None:
    text = made(draft.digest(raw), "globex", word, KEY, w.clock.now(), "")
    there.pages["/licence.txt"] = web.Response(text=text)


async def answered(w: World) -> bool:
    await w.say(w.mei, f"Lin: {QUESTION}")
    return ANSWER in str(w.in_room()[-1].post.card)


async def hours(w: World, count: float) -> None:
    """The bot looks at the address in between, over a real connection: given the time for it."""
    await w.pass_time(hours=count)
    await asyncio.sleep(0.3)
    await w.settle()


async def test_t36_while_its_subject_says_so_it_answers_for_days(w: World, there: Site) -> None:
    raw = await licensed(w)
    publish(there, w, raw, "stands")
    for _ in range(4):
        await hours(w, 20)
    assert await answered(w)
    assert len(there.asked) >= 4


async def test_t36_a_revocation_at_the_address_silences_and_erases_it(w: World, there: Site) -> None:
    raw = await licensed(w)
    publish(there, w, raw, "stands")
    await hours(w, 1)
    assert await answered(w)
    publish(there, w, raw, "revoked")
    await hours(w, 1)
    assert not await answered(w)
    await w.settle()
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    assert persona.state == "erased"
    assert await w.app.retiring.certificate("lin") is not None
    publish(there, w, raw, "stands")  # nothing undoes it
    await hours(w, 2)
    assert not await answered(w)


async def test_t36_unreached_for_a_day_it_falls_silent_says_why_and_comes_back(w: World, there: Site) -> None:
    raw = await licensed(w)
    await hours(w, 23)
    assert await answered(w)
    await hours(w, 2)
    await hours(w, 2)
    assert not await answered(w)
    assert "licence still stands" in w.in_room()[-1].post.card.text
    told = [p.post.card.text for p in w.to(w.owner) if "could not be seen" in p.post.card.text]
    assert len(told) == 1  # once, and not every hour
    found = await doctor.examine(w.app.services, Settings(data=Data(dir=Path.cwd())))
    assert [each.ok for each in found if "is silent since" in each.what] == [False]
    publish(there, w, raw, "stands")
    await hours(w, 1)
    assert await answered(w)


@pytest.mark.parametrize("what", ["nothing", "another key", "another record", "a redirect"])
async def test_t36_what_the_subject_did_not_sign_is_no_word_of_theirs(w: World, there: Site, what: str) -> None:
    """Neither keeps it going nor ends it."""
    raw = await licensed(w)
    now = w.clock.now()
    other = made(draft.digest(raw), "globex", "revoked", signing.generate_key(), now, "")
    pages = {
        "nothing": web.Response(text="Hello."),
        "another key": web.Response(text=other),
        "another record": web.Response(text=made("sha256:" + "0" * 64, "globex", "revoked", KEY, now, "")),
        "a redirect": web.Response(status=302, headers={"Location": URL}),
    }
    there.pages["/licence.txt"] = pages[what]
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    seen = await checking.check(w.app.services, w.app.retiring, persona, there.fetch)
    assert (seen.standing, seen.until) == ("unreached", persona.stands_until)
    assert await answered(w)
    w.clock.advance(timedelta(hours=25).total_seconds())
    assert not await answered(w)


async def test_t36_a_revocation_that_is_handed_in_is_a_withdrawal(w: World) -> None:
    """In one commit, on which every answer under way relies."""
    raw = await licensed(w)
    services = w.app.services
    text = standing.made(draft.digest(raw), "globex", "revoked", KEY, w.clock.now(), "")
    persona, org = await checking.revocation(services, text)
    assert (persona.name, org) == ("lin", "")
    key, before = await services.consents.key("lin")
    await services.store.commit(await checking.ended(services, w.app.retiring, persona))
    with pytest.raises(Conflict):
        await services.store.commit(Batch(unchanged=((key, before),)))
    assert not await answered(w)


async def test_t36_the_key_of_the_licence_opens_the_page_there_and_ends_it(w: World) -> None:
    """No account is the Subject's there, and none is needed."""
    await licensed(w)
    async with visiting(w) as lin:
        lin.key = KEY
        status, opened = await lin.prove()
        assert status == 200
        lin.token = opened["token"]
        assert ANSWER in str(await lin.do("held"))
        await lin.do("withdraw")
    assert not await answered(w)
    await w.settle()
    assert (await found(w.app, "lin")).state == "erased"


async def test_a_look_that_took_its_time_undoes_nothing(w: World, there: Site) -> None:
    """Withdrawn while the address was asked: what it said then is written over nothing."""
    raw = await licensed(w)
    publish(there, w, raw, "stands")
    services = w.app.services
    persona = await services.personas.get("lin")
    assert persona is not None

    async def slowly(url: str) -> str:
        said = await there.fetch(url)
        await services.store.commit(await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en"))
        return said

    await checking.check(services, w.app.retiring, persona, slowly)
    after = await services.personas.get("lin")
    assert after is not None
    assert after.state in ("erasing", "erased")


async def test_t36_a_licence_that_is_amended_takes_its_address_along(w: World, there: Site) -> None:
    """One that names none is not looked at any more; one that names one has a day from then on."""
    raw = await licensed(w)
    services = w.app.services

    async def amend(*methods: str) -> None:
        wishes = draft.Choices(
            owner="chat:U0OWN", sources=("doc",), audiences=("chat:*",), cooling_off_days=0, days=365
        )
        persona = await services.personas.get("lin")
        assert persona is not None
        newest = await services.consents.newest("lin")
        again = draft.draft(licensing.choices(wishes, "globex", methods), w.clock.now(), previous=newest)
        await keep_consent(w.app, persona, again, signing.sign(again, KEY), signing.public_key(KEY))

    publish(there, w, raw, "stands")
    w.clock.advance(60)
    await amend()
    await hours(w, 30)
    assert await answered(w)
    await amend(address.METHOD + URL)
    await hours(w, 2)
    assert await answered(w)  # what was said of the record before is no word about this one
    await hours(w, 25)
    assert not await answered(w)
    newest = await services.consents.newest("lin")
    assert newest is not None
    publish(there, w, newest, "stands")
    await hours(w, 1)
    assert await answered(w)
