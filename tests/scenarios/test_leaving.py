"""L07: anybody in the chats says "leave me out", and their words are no context of anybody's persona any more."""

from pathlib import Path

import pytest

from bots.importing import bring_in
from bots.operator import create, keep_consent
from persona_store.consent import draft, signing
from persona_store.model import Persona
from persona_store.sources.slack_export import SlackExport
from tests.persona_store.sources.exports import export, said, write_zip
from tests.scenarios.world import KEY, World

CANARY = "zefivowabanefi"
scripted = pytest.mark.parametrize("w", ["scripted"], indirect=True)


async def material(w: World, tmp_path: Path) -> tuple[Persona, SlackExport]:
    """Somebody of this team asks in an export, and its subject answers."""
    now, key = w.clock.now(), "slack:U0LIN"
    persona = Persona("pay", "Pay", "draft", now, now, subject=key, owner=w.owner.key)
    await create(w.app, persona)
    wishes = draft.Choices(owner=w.owner.key, sources=("slack_export",), audiences=("slack:*",), cooling_off_days=0)
    raw = draft.draft(wishes, now)
    await keep_consent(w.app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    files = export({"payments": [
        said("U0BOB", f"How often does the {CANARY} job run?", 0),
        said("U0LIN", "The retry job runs every 15 minutes.", 60),
    ]})  # fmt: skip
    path = tmp_path.parent / f"{tmp_path.name}.zip"
    return persona, SlackExport(write_zip(path, files), "U0LIN", "")


async def kept(w: World, name: str) -> str:
    return repr(await (await w.app.services.library.file(name)).all())


async def test_l07_whoever_says_so_is_asked_once_more_and_is_out(w: World) -> None:
    """On every platform; the persona of the subject keeps its subject's words and answers on."""
    await w.persona()
    assert "which queue do refunds" in (await kept(w, "lin")).lower()
    await w.say(w.mei, "leave me out", direct=True)
    sure = w.to(w.mei)[-1]
    assert "You need no reason" in sure.post.card.text
    assert "which queue do refunds" in (await kept(w, "lin")).lower(), "not before it is confirmed"
    await w.press(w.mei, sure, "confirm")
    left = await kept(w, "lin")
    assert "which queue do refunds" not in left.lower()
    assert "refund-slow" in left
    assert "taken out: 5" in w.to(w.mei)[-1].post.card.text
    posts = await w.say(w.ann, "Which queue do refunds go to?")
    assert "refund-slow" in str([p.post for p in posts]), "answered, or shown to the owner as a draft"


@scripted
async def test_l07_an_import_does_not_bring_them_back(w: World, tmp_path: Path) -> None:
    """Exclude B, re-import → B's canary 0 hits in store and index, and the report counts what was left out."""
    persona, source = await material(w, tmp_path)
    bob = w.chat.add("U0BOB", "Bob")
    services = w.app.services
    assert (await bring_in(services, persona, source, "x")).context == 1
    assert CANARY in await kept(w, "pay")
    await services.store.commit(await services.directory.bind(bob.key, "slack:U0BOB"))
    await w.say(bob, "leave-me-out", direct=True)
    await w.press(bob, w.to(bob)[-1], "confirm")
    assert CANARY not in await kept(w, "pay")
    again = await bring_in(services, persona, SlackExport(source._path, "U0LIN", ""), "x")
    assert (again.context, again.dropped) == (0, {"LEFT_OUT": 1})
    assert CANARY not in await kept(w, "pay")
    assert CANARY not in repr(await services.library.topics("pay", None, 12))
    await w.say(bob, "/leave-me-out off", direct=True)
    back = await bring_in(services, persona, SlackExport(source._path, "U0LIN", ""), "x")
    assert (back.context, back.dropped) == (1, {})


@scripted
async def test_l07_the_list_of_those_who_left_names_nobody(w: World, tmp_path: Path) -> None:
    await w.persona()
    await w.say(w.mei, "leave-me-out", direct=True)
    await w.press(w.mei, w.to(w.mei)[-1], "confirm")
    marks = [mark async for mark, _ in w.app.services.store.scan("left-out/")]
    assert len(marks) == 1
    assert "MEI" not in marks[0].upper()
    other = w.app.services.vault.stand_in("something else", w.mei.key)
    assert other not in marks[0]


@scripted
async def test_l07_a_guest_may_and_nobody_confirms_for_somebody_else(w: World) -> None:
    await w.persona()
    guest = w.chat.add("U0MEI", "Mei", external=True)
    await w.say(guest, "/leave-me-out", direct=True)
    sure = w.to(guest)[-1]
    await w.press(w.ann, sure, "confirm")
    assert "which queue do refunds" in (await kept(w, "lin")).lower()
    await w.press(guest, sure, "confirm")
    assert "which queue do refunds" not in (await kept(w, "lin")).lower()


@scripted
async def test_l07_a_subjects_own_words_are_theirs_to_withhold_and_stay(w: World) -> None:
    await w.persona()
    await w.say(w.subject, "别用我的话", direct=True)
    await w.press(w.subject, w.to(w.subject)[-1], "confirm")
    assert "refund-slow" in await kept(w, "lin")
