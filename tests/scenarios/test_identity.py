"""Dialogues of one human with accounts on two platforms: who proves both is one, and nobody else is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.model import Audience, Message, Person, Press, Thread
from adapters.scripted import Posted, ScriptedAdapter
from bots import keys
from bots.app import App, open_app
from bots.options import Data, Settings, Store
from tests.scenarios.clock import Clock
from tests.scenarios.stages.scripted import ScriptedStage
from tests.scenarios.world import START, World, live_persona

UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
CODE = re.compile(r"\*\*([0-9A-Z]{5}-[0-9A-Z]{5})\*\*")


class Two(World):
    """The world of the other dialogues, and a second platform called `work`."""

    def __init__(self, app: App, chat: ScriptedAdapter, work: ScriptedAdapter, clock: Clock) -> None:
        super().__init__(app, chat, clock)
        self.work = work
        self.ann_at_work = work.add("W0ANN", "Ann at work")
        self.admin_at_work = work.add("W0ADM", "Maya at work")
        self.owner_at_work = work.add("W0OWN", "Lan at work")
        self.mallory = work.add("W0MAL", "Mallory")
        work.room("ops", Audience(public=True))
        work.now = clock.now

    async def at_work(self, who: Person, text: str, **where: object) -> list[Posted]:
        before = len(self.work.posted)
        await self.work.say(who, text, **where)  # type: ignore[arg-type]  # passed through
        await self.settle()
        return self.work.posted[before:]

    async def press_at_work(self, who: Person, posted: Posted, action: str) -> list[Posted]:
        before = len(self.work.posted)
        await self.work.press(who, posted, action)
        await self.settle()
        return self.work.posted[before:]

    async def code_of(self, who: Person) -> str:
        [told] = await self.say(who, "/link", direct=True)
        found = CODE.search(told.post.card.text)
        assert found is not None
        return found[1]

    async def link(self, one: Person, other: Person) -> None:
        """Somebody shows that both accounts are theirs."""
        [sure] = await self.at_work(other, f"/link {await self.code_of(one)}", direct=True)
        await self.press_at_work(other, sure, "confirm")

    async def same(self, one: Person, other: Person) -> bool:
        return await self.app.services.directory.same(one.key, other.key)


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Two]:
    clock, chat, work = Clock(START), ScriptedStage("chat"), ScriptedAdapter("work")
    settings = Settings(
        adapters=("local",),
        admins=("chat:U0ADM",),
        data=Data(dir=tmp_path),
        store=Store(url=f"sqlite:///{tmp_path / 'understudy.db'}"),
    )
    async with open_app(settings, adapters={"chat": chat, "work": work}, clock=clock) as app:
        running = asyncio.create_task(app.run())
        try:
            yield Two(app, chat, work, clock)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_who_writes_from_both_accounts_is_one_person(w: Two) -> None:
    """The name behind the code is shown before anything happens, and both accounts hear of it."""
    [sure] = await w.at_work(w.ann_at_work, f"/link {await w.code_of(w.ann)}", direct=True)
    assert "Ann" in sure.post.card.text
    assert "chat:U0ANN" in sure.post.card.text
    assert not await w.same(w.ann, w.ann_at_work)
    [done] = await w.press_at_work(w.ann_at_work, sure, "confirm")
    assert "chat:U0ANN" in done.post.card.text
    assert await w.same(w.ann, w.ann_at_work)
    assert "work:W0ANN" in w.to(w.ann)[-1].post.card.text


async def test_authority_follows_the_human(w: Two) -> None:
    """An admin on one platform is one on the other: it is the same human."""
    await w.persona()
    [no] = await w.at_work(w.admin_at_work, "/pause lin", direct=True)
    assert "may not" in no.post.card.text
    await w.link(w.admin, w.admin_at_work)
    await w.at_work(w.admin_at_work, "/pause lin", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "suspended"


async def test_an_owner_named_on_one_platform_answers_from_the_other(w: Two) -> None:
    await live_persona(w.app, platform="chat")
    await w.link(w.owner, w.owner_at_work)
    await w.say(w.mei, UNKNOWN, id="q")
    await w.at_work(w.owner_at_work, "Four hours.", direct=True)
    assert w.in_room()[-1].post.card.text == "Four hours."
    assert w.in_room()[-1].thread.root == "q"


async def test_a_code_from_a_stranger_shows_the_stranger(w: Two) -> None:
    """T14: an admin who is talked into typing somebody's code reads whose it is, and says no."""
    [told] = await w.at_work(w.mallory, "/link", direct=True)
    code = CODE.search(told.post.card.text)
    assert code is not None
    [sure] = await w.say(w.admin, f"/link {code[1]}", direct=True)
    assert "Mallory" in sure.post.card.text
    await w.press(w.admin, sure, "cancel")
    assert not await w.same(w.admin, w.mallory)
    [again] = await w.say(w.admin, f"/link {code[1]}", direct=True)
    assert "no such code" in again.post.card.text


async def test_nobody_else_confirms(w: Two) -> None:
    [sure] = await w.at_work(w.ann_at_work, f"/link {await w.code_of(w.ann)}", direct=True)
    [no] = await w.press_at_work(w.mallory, sure, "confirm")
    assert "Only the person who asked" in no.post.card.text
    assert not await w.same(w.ann, w.mallory)
    assert not await w.same(w.ann, w.ann_at_work)


async def test_a_code_that_others_could_read_is_burnt(w: Two) -> None:
    code = await w.code_of(w.ann)
    [told] = await w.at_work(w.ann_at_work, f"/link {code}", chat="ops")
    assert told.post.only_for == w.ann_at_work
    assert "no longer works" in told.post.card.text
    [late] = await w.at_work(w.mallory, f"/link {code}", direct=True)
    assert "no such code" in late.post.card.text


async def test_a_code_is_good_once_and_for_ten_minutes(w: Two) -> None:
    code = await w.code_of(w.ann)
    await w.at_work(w.ann_at_work, f"/link {code}", direct=True)
    [used] = await w.at_work(w.mallory, f"/link {code}", direct=True)
    assert "no such code" in used.post.card.text
    code = await w.code_of(w.ann)
    w.clock.advance(timedelta(minutes=11).total_seconds())
    [late] = await w.at_work(w.ann_at_work, f"/link {code}", direct=True)
    assert "ten minutes" in late.post.card.text


async def test_a_code_is_read_as_people_write_it(w: Two) -> None:
    code = (await w.code_of(w.ann)).lower().replace("-", " - ").replace("0", "o").replace("1", "l")
    [sure] = await w.at_work(w.ann_at_work, f"/link {code.replace(' ', '')}", direct=True)
    assert "Ann" in sure.post.card.text


async def test_a_code_lies_sealed_in_the_store(w: Two) -> None:
    """Whoever reads the store alone can claim nobody: neither code nor account is in it."""
    code = await w.code_of(w.ann)
    [(key, raw)] = [each async for each in w.app.services.store.scan(keys.LINK)]
    assert code.replace("-", "") not in key
    assert b"U0ANN" not in raw


async def test_unlinking_parts_this_account_alone(w: Two) -> None:
    await w.link(w.ann, w.ann_at_work)
    [done] = await w.at_work(w.ann_at_work, "/unlink", direct=True)
    assert "stands alone" in done.post.card.text
    assert not await w.same(w.ann, w.ann_at_work)
    [alone] = await w.at_work(w.ann_at_work, "/unlink", direct=True)
    assert "not linked" in alone.post.card.text


async def test_an_admin_parts_what_should_never_have_been_joined(w: Two) -> None:
    await w.link(w.ann, w.ann_at_work)
    [no] = await w.at_work(w.mallory, "/unlink chat:U0ANN", direct=True)
    assert "may not" in no.post.card.text
    assert await w.same(w.ann, w.ann_at_work)
    await w.say(w.admin, "/unlink work:W0ANN")
    assert not await w.same(w.ann, w.ann_at_work)


async def test_linking_twice_says_so(w: Two) -> None:
    await w.link(w.ann, w.ann_at_work)
    [told] = await w.say(w.ann, "/link", direct=True)
    assert "work:W0ANN" in told.post.card.text
    [already] = await w.at_work(w.ann_at_work, f"/link {await w.code_of(w.ann)}", direct=True)
    assert "already" in already.post.card.text


async def test_a_stranger_has_nothing_to_link(w: Two) -> None:
    """Guests are told the one line they always get."""
    guest = w.work.add("W0GUEST", "Ann", external=True)
    [told] = await w.at_work(guest, f"/link {await w.code_of(w.ann)}", direct=True)
    assert "members of this team" in told.post.card.text
    assert not await w.same(w.ann, guest)


@pytest.mark.parametrize("verb", ["retire lin", "pause lin", "owner lin chat:U0ANN", "bind lin", "withdraw"])
async def test_what_nobody_vouches_for_changes_nothing(w: Two, verb: str) -> None:
    """T17, WHK-07: a platform whose signature does not cover the words. The person is told, and what only reads
    still works."""
    await w.persona()
    person = w.subject if verb == "withdraw" else w.admin
    direct = Thread("chat", f"dm-{person.id}", "T1", direct=True)
    for number, text in enumerate((f"/{verb}", "/status lin")):
        said = Message(f"forged{number}", direct, person, text, w.clock.now(), addressed=True, unsigned=True)
        await w.chat.deliver(said)
    await w.settle()
    [refused, status] = w.to(person)
    assert "Nobody vouches" in refused.post.card.text
    assert refused.post.card.buttons == ()
    assert "is live" in status.post.card.text
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_a_forged_press_does_not_take_the_second_step(w: Two) -> None:
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin", direct=True)
    nonce = next(b.value for b in sure.post.card.buttons if b.action == "confirm")
    press = Press("p1", sure.thread, w.admin, "confirm", nonce, w.clock.now(), sure.id, unsigned=True)
    await w.chat.deliver(press)
    await w.settle()
    assert (await w.app.services.personas.get("lin")).state == "live"
    await w.press(w.admin, sure, "confirm")
    assert (await w.app.services.personas.get("lin")).state == "erased"
