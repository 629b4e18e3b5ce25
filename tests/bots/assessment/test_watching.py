"""L14: a persona that outgrows its assessment falls silent at the next look, and owner and admin hear what
changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from bots import keys
from bots.assessment import filing, watching
from bots.assessment.installation import Installation, installation
from bots.operator import OPERATOR, create, found, keep_consent, switch
from bots.options import Llm, Rights, Settings
from persona_store.consent import draft, signing
from persona_store.consent.record import Recipient
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put
from tests.bots.assessment.stage import assessed, looked
from tests.scenarios.world import World, folder, passages, world

KEY = signing.generate_key()
QUESTION = "Which queue do refunds go to?"
NAMED = (Recipient("api.example", "processor", "CN", 0, False),)


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield it


async def signed(w: World, **more: Any) -> None:
    """The subject's next record."""
    wishes = {
        "owner": "chat:U0OWN",
        "deputy": "chat:U0DEP",
        "sources": ("slack_export",),
        "audiences": ("chat:*",),
        "cooling_off_days": 0,
        **more,
    }
    before = await w.app.services.consents.newest("lin")
    raw = draft.draft(draft.Choices(**wishes), w.clock.now(), previous=before)
    await keep_consent(w.app, await found(w.app, "lin"), raw, signing.sign(raw, KEY), signing.public_key(KEY))


async def live(w: World) -> Persona:
    """Asked for, signed, approved, accepted, assessed, live, and answering."""
    now = w.clock.now()
    roles: dict[str, Any] = {"subject": "chat:U0LIN", "owner": "chat:U0OWN", "deputy": "chat:U0DEP"}
    roles |= {"approved": "urn:uuid:1", "accepted": dict.fromkeys(("chat:U0OWN", "chat:U0DEP"), "sha256:0")}
    persona = Persona("lin", "Lin's notes", "draft", now, now, chats=("chat:*",), asked_by=OPERATOR, **roles)
    await create(w.app, persona)
    await signed(w)
    await (await w.app.services.library.file("lin")).add(passages("chat", now))
    await assessed(w.app)
    await switch(w.app, await found(w.app, "lin"), "live")
    assert quoted(await w.say(w.mei, QUESTION))
    return await found(w.app, "lin")


def quoted(posts: Any) -> bool:
    return any(p.post.card.quotes for p in posts if p.thread.chat == "general")


def configured(w: World, **more: Any) -> None:
    """As if it had been started with other settings."""
    services = w.app.services
    object.__setattr__(services, "installation", replace(services.installation, **more))


async def states(w: World) -> tuple[str, str]:
    persona = await found(w.app, "lin")
    return persona.state, persona.reason


def told(w: World, who: Any) -> list[str]:
    return [posted.post.card.text for posted in w.to(who) if "assess" in posted.post.card.text]


async def test_l14_one_that_got_wider_is_silent_after_the_next_look_and_two_are_told_once(w: World) -> None:
    await live(w)
    await signed(w, facets=("work_knowledge", "communication_style"), recipients=NAMED)
    await looked(w.app)
    await looked(w.app)
    await w.settle()
    assert await states(w) == ("suspended", watching.STALE)
    assert not quoted(await w.say(w.ann, QUESTION))
    for who in (w.owner, w.admin):
        [text] = told(w, who)
        assert "communication_style" in text
        assert "api.example:CN:0" in text
        assert "understudy assess lin" in text


async def test_l14_one_that_got_narrower_goes_on(w: World) -> None:
    await live(w)
    await signed(w, learn=False, audiences=("chat:general",), direct=False, days=5)
    await looked(w.app)
    assert (await states(w))[0] == "live"
    assert not told(w, w.owner)


@pytest.mark.parametrize(
    ("more", "item"),
    [({"platforms": ("slack",)}, "slack"), ({"model": "gpu.lan", "private": True}, "gpu.lan")],
)
async def test_l14_other_settings_make_it_stale_as_well(w: World, more: dict[str, Any], item: str) -> None:
    await live(w)
    configured(w, **more)
    await looked(w.app)
    await w.settle()
    assert await states(w) == ("suspended", watching.STALE)
    assert item in told(w, w.owner)[0]


async def test_l14_it_answers_again_once_it_is_assessed_as_it_is(w: World) -> None:
    """Resumed without, it is refused: in the chat with a sentence that says what is missing."""
    await live(w)
    configured(w, platforms=("slack",))
    await looked(w.app)
    said = await w.say(w.admin, "/resume lin")
    assert any("impact assessment" in p.post.card.text for p in said)
    assert (await states(w))[0] == "suspended"
    w.clock.advance(60)
    await assessed(w.app)
    await w.say(w.admin, "/resume lin")
    assert (await states(w))[0] == "live"
    assert quoted(await w.say(w.mei, QUESTION))


async def test_l14_one_that_is_assessed_and_waits_is_no_longer_once_it_got_wider(w: World) -> None:
    await live(w)
    now = w.clock.now()
    roles: dict[str, Any] = {"subject": "chat:U0MEI", "owner": "chat:U0OWN", "asked_by": OPERATOR}
    await create(w.app, Persona("mei", "Mei's notes", "draft", now, now, chats=("chat:*",), **roles))
    raw = draft.draft(draft.Choices(owner="chat:U0OWN", sources=("doc",), audiences=("chat:*",)), now)
    own = signing.generate_key()
    await keep_consent(w.app, await found(w.app, "mei"), raw, signing.sign(raw, own), signing.public_key(own))
    await assessed(w.app, "mei")
    assert (await found(w.app, "mei")).state == "assessed"
    await looked(w.app)
    assert (await found(w.app, "mei")).state == "assessed"
    configured(w, platforms=("feishu",))
    await looked(w.app)
    assert (await found(w.app, "mei")).state == "cooling"


async def test_l14_the_running_bot_looks_at_its_start_and_every_hour(w: World) -> None:
    await live(w)
    configured(w, platforms=("slack",))
    assert watching.LOOK_EVERY <= 3600
    await w.pass_time(minutes=65)
    assert await states(w) == ("suspended", watching.STALE)


async def test_l14_who_made_it_for_themselves_is_left_alone_unless_the_installation_wants_all(w: World) -> None:
    await w.persona()
    configured(w, platforms=("slack",))
    await looked(w.app)
    assert (await states(w))[0] == "live"
    configured(w, assess="always")
    await looked(w.app)
    assert (await states(w))[0] == "suspended"


async def test_l14_one_that_cannot_be_read_counts_for_nothing_and_stops_nobody_else(w: World) -> None:
    """Broken or tampered with: it falls silent, and the bot goes on looking after the others."""
    await live(w)
    store = w.app.services.store
    [key] = [key async for key, _ in store.scan(f"{keys.ASSESSMENT}lin/signed/")]
    await store.commit(Batch(puts=(Put(key, b"not what was sealed"),)))
    await looked(w.app)
    assert await states(w) == ("suspended", watching.STALE)


async def test_l24_offered_further_while_live_it_falls_silent_at_once(w: World) -> None:
    """Not at the next look: with the very change. Back inside it may go on."""
    persona = await live(w)
    services = w.app.services
    await services.store.commit(await filing.offer(services, persona, "public", OPERATOR))
    assert await states(w) == ("suspended", watching.STALE)
    assert not quoted(await w.say(w.ann, QUESTION))
    with pytest.raises(Refused) as error:
        await switch(w.app, await found(w.app, "lin"), "resume")
    assert error.value.code == "ASSESSMENT_REQUIRED"
    await services.store.commit(await filing.offer(services, await found(w.app, "lin"), "internal", OPERATOR))
    await switch(w.app, await found(w.app, "lin"), "resume")
    assert quoted(await w.say(w.mei, QUESTION))


async def test_nothing_is_changed_where_nothing_is_wrong(w: World) -> None:
    persona = await live(w)
    assert await watching.look(w.app.services, persona) == Batch()


def test_what_the_settings_say_of_an_installation() -> None:
    """Hosts and names; no key and no address with a password in it."""
    llm = Llm(base_url="https://api.example/v1", model="m-1")
    settings = Settings(adapters=("slack", "local"), admins=("slack:U1",), llm=llm, rights=Rights("always"))
    assert installation(settings) == Installation(
        assess="always",
        platforms=("local", "slack"),
        admins=("slack:U1",),
        model="api.example",
        model_name="m-1",
        private=False,
        store="sqlite",
        link_base="",
    )
