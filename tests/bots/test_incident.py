"""L16: a key leaked: exactly whose it is, also of who is erased, and drafts that say what the law asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bots import incident
from bots.incident import Affected
from persona_store.errors import Refused
from tests.bots.letters.stage import gave_address
from tests.scenarios.world import World, folder, world

WORDS = ("retry", "refund", "vault", "river")


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(Path(path)) as it:
            for name in ("lin", "mo", "ann"):
                await it.persona(name=name, display=f"{name.title()}'s notes")
            yield it


async def whose(w: World, name: str = "", key: str = "") -> tuple[Affected, ...]:
    return await incident.affected(w.app.services, w.app.retiring, name, key)


async def test_l16_the_drill_one_key_leaked_and_exactly_its_subject_is_named(w: World) -> None:
    await gave_address(w, "mo")
    leaked = w.app.services.vault.key_id("mo")
    (one,) = await whose(w, key=leaked)
    assert (one.persona, one.subject, one.address) == ("mo", "chat:U0LIN", "l…@h…")
    assert one.items == 10
    assert dict(one.kinds) == {"slack_export": 10}
    assert one.people == 1
    assert one.first <= one.last
    assert {each.persona for each in await whose(w, name="ann")} == {"ann"}


async def test_l16_the_key_of_the_installation_is_everybodys(w: World) -> None:
    assert [each.persona for each in await whose(w, key=incident.ALL)] == ["ann", "lin", "mo"]
    assert {name for name, _ in await incident.keys_there_are(w.app.services)} == {"ann", "lin", "mo"}
    assert len({id for _, id in await incident.keys_there_are(w.app.services)}) == 3


async def test_l16_a_key_that_was_destroyed_may_still_be_in_a_copy(w: World) -> None:
    """An old backup opens with it: its subject is affected, although nothing is held here any more."""
    leaked = w.app.services.vault.key_id("lin")
    await w.say(w.subject, "/understudy withdraw lin", direct=True)
    await w.pass_time(minutes=1)
    (one,) = await whose(w, key=leaked)
    assert (one.persona, one.state, one.items) == ("lin", "erased", 0)
    assert one.certificate
    assert one.controller  # the record is kept, and says whom to ask


async def test_l16_a_key_that_is_nobodys_is_one_line(w: World) -> None:
    for name, key in (("", "0" * 32), ("nobody", "")):
        with pytest.raises(Refused, match="INCIDENT"):
            await whose(w, name, key)


async def test_l16_the_drafts_say_what_is_known_and_leave_open_what_is_not(w: World) -> None:
    """PIPL 57 and GDPR 33(3), 34: nature, numbers, consequences, measures, contact, and by when."""
    leaked = w.app.services.vault.key_id("mo")
    found = await whose(w, key=leaked)
    noticed = w.clock.now() - timedelta(hours=5)
    files = incident.drafts(found, key_id=leaked, at=w.clock.now(), noticed=noticed)
    assert set(files) == {"authority.en.md", "authority.zh-CN.md", "subject.mo.en.md", "subject.mo.zh-CN.md"}
    authority = files["authority.en.md"].decode()
    due = "2026-06-05 05:00 UTC"
    for told in ("PIPL 57", "GDPR 33", leaked, due, "slack_export", "Measures", "To be filled in", "Mo's notes"):
        assert told in authority, told
    assert "最迟" in files["authority.zh-CN.md"].decode()
    subject = files["subject.mo.zh-CN.md"].decode()
    for told in ("第五十七条", "你可以做什么", "撤回", "consent withdraw mo"):
        assert told in subject, told
    for text in files.values():
        assert not any(word in text.decode() for word in WORDS)  # no word of anybody's


async def test_a_name_with_a_pipe_breaks_no_table(w: World) -> None:
    (one,) = await whose(w, name="lin")
    odd = replace(one, controller="A|B\n| injected | row |")
    text = incident.drafts((odd,), key_id="k", at=w.clock.now(), noticed=w.clock.now())[
        "subject.lin.en.md"
    ].decode()
    assert "| injected |" not in text
    assert isinstance(one.kinds, tuple)
