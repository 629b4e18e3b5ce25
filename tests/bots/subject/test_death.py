"""L13: a reported death silences at once; then what the Subject arranged; and a mistake only they can undo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from bots import gate
from bots.operator import found
from bots.subject import death, kin, passes
from persona_store.consent import draft, signing
from persona_store.errors import Conflict, Refused
from persona_store.personas import transition
from persona_store.protocols import Batch
from tests.bots.letters.postbox import Postbox
from tests.bots.letters.stage import at_home, running, text_of
from tests.bots.subject.stage import token_in, visiting
from tests.scenarios.world import KEY, World

Both = tuple[World, Postbox]
QUESTION = "How often does the payment retry job run?"
EVIDENCE = "ab" * 32


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    async with running() as them:
        yield them


async def reported(w: World, name: str = "lin") -> None:
    services = w.app.services
    batch = await death.report(services, await found(w.app, name), "Zhang Wei, HR", EVIDENCE, "operator:cli")
    await services.store.commit(batch)
    await w.settle()


async def kept(w: World, post: Postbox | None = None) -> None:
    """A live persona whose record says `keep_until_end`."""
    await at_home(w)
    services = w.app.services
    before = await services.consents.newest("lin")
    assert before is not None
    old = msgspec.json.decode(before)
    old["term"]["after_death"] = "keep_until_end"
    old["prev_record"] = draft.digest(before)
    old["record_id"] = "urn:uuid:00000000-0000-4000-8000-000000000001"
    old["event"]["type"] = "amended"
    raw = msgspec.json.encode(old)
    await services.store.commit(
        await services.consents.add("lin", raw, signing.sign(raw, KEY), signing.public_key(KEY))
    )


def answered(posts: list[Any]) -> bool:
    return any(p.post.card.quotes for p in posts)


async def test_l13_from_the_report_on_nothing_is_answered(both: Both) -> None:
    w, _ = both
    await at_home(w)
    assert answered(await w.say(w.mei, QUESTION))
    await reported(w)
    assert not answered(await w.say(w.mei, QUESTION))
    assert (await found(w.app, "lin")).state == "deceased"


async def test_l13_licence_calls_are_refused_with_it(both: Both) -> None:
    """A call is an answer: the one gate that every answer passes says no, and nobody but the Subject opens it."""
    w, _ = both
    await at_home(w)
    await reported(w)
    services = w.app.services
    persona, consent = await found(w.app, "lin"), await services.consent("lin")
    assert gate.check(persona, consent, None, "answer", w.clock.now()) is not None
    for event in ("live", "resume", "lift", "restrict", "suspend", "sign"):
        with pytest.raises(Refused, match="ILLEGAL_STATE"):
            transition(persona, event, w.clock.now(), consent=consent)


async def test_l13_the_record_says_delete_and_it_is_erased_after_the_time_to_undo(both: Both) -> None:
    w, post = both
    await at_home(w)
    await reported(w)
    await w.pass_time(days=13)
    assert (await found(w.app, "lin")).state == "deceased"
    await w.pass_time(days=2)
    assert (await found(w.app, "lin")).state == "erased"
    done = await w.app.retiring.certificate("lin")
    assert done is not None
    assert done.certificate.trigger == "death"
    assert "去世" in text_of(post.mails[-1])


async def test_l13_the_record_says_keep_and_it_is_silent_to_the_last_day(both: Both) -> None:
    w, _ = both
    await kept(w)
    await reported(w)
    await w.pass_time(days=60)
    assert (await found(w.app, "lin")).state == "deceased"
    assert not answered(await w.say(w.mei, QUESTION))
    await w.pass_time(days=310)
    done = await w.app.retiring.certificate("lin")
    assert done is not None
    assert done.certificate.trigger == "term"


async def test_l13_a_mistake_is_undone_by_whom_it_is_about_and_by_nobody_else(both: Both) -> None:
    w, post = both
    await at_home(w)
    await reported(w)
    for person in (w.admin, w.owner, w.mei):
        await w.say(person, "/understudy resume lin", direct=True)
        assert (await found(w.app, "lin")).state == "deceased"
    async with visiting(w, token_in(text_of(post.mails[-1]))) as lin:  # the letter to who is said to be dead
        assert (await lin.do("open"))["place"]["state"] == "deceased"
        await lin.do("alive")
    assert (await found(w.app, "lin")).state == "suspended"
    await w.pass_time(days=20)
    assert (await found(w.app, "lin")).state == "suspended"


async def test_l13_in_the_chat_resume_says_that_one_lives(both: Both) -> None:
    w, _ = both
    await at_home(w)
    await reported(w)
    assert any("resume lin" in p.post.card.text for p in w.to(w.subject))
    await w.say(w.subject, "/understudy resume lin", direct=True)
    persona = await found(w.app, "lin")
    assert (persona.state, persona.reason) == ("suspended", "subject")  # and nobody else resumes that


async def test_l13_after_the_stated_time_it_cannot_be_undone(both: Both) -> None:
    w, _ = both
    await kept(w)
    await reported(w)
    await w.pass_time(days=15)
    with pytest.raises(Refused, match="TOO_LATE"):
        await death.undo(w.app.services, await found(w.app, "lin"), "chat:U0LIN")


async def test_the_withdrawal_still_ends_it_at_once(both: Both) -> None:
    w, _ = both
    await kept(w)
    await reported(w)
    await w.say(w.subject, "withdraw", direct=True)
    assert (await found(w.app, "lin")).state == "erased"


async def test_what_shows_it_is_a_hash_and_nothing_else(both: Both) -> None:
    w, _ = both
    await at_home(w)
    with pytest.raises(Refused, match="EVIDENCE"):
        await death.report(w.app.services, await found(w.app, "lin"), "HR", "see the mail", "operator:cli")


# ------------------------------------------------------------------ relatives


async def proposed(w: World, **more: str) -> None:
    services = w.app.services
    given = {"kin": "Lin Mei", "address": "kin@home.example", "by": "chat:U0ADM", **more}
    await services.store.commit(await kin.propose(services, await found(w.app, "lin"), **given))
    await w.settle()


async def test_l13_two_people_let_relatives_in_and_one_cannot(both: Both) -> None:
    w, post = both
    await kept(w)
    await reported(w)
    await proposed(w)
    card = next(p for p in reversed(w.to(w.owner)) if p.post.card.buttons)
    post.box.clear()
    for stranger in (w.mei, w.admin):
        await w.press(stranger, card, "kin")
    assert post.box == []
    await w.press(w.owner, card, "kin")
    (mail,) = post.mails
    assert mail["To"] == "kin@home.example"
    async with visiting(w, token_in(text_of(mail))) as relative:
        told = (await relative.do("open"))["place"]
        assert (told["role"], told["address"]) == ("kin", "")
        items = (await relative.do("held"))["items"]
        assert items
        assert all(item["about"] == "own" for item in items)  # no words of others
        await relative.do("withhold", ids=[items[0]["id"]])
        await relative.do("correct", ids=[items[1]["id"]], text="Refunds went to another queue.")
        for verb in ("approve", "alive", "restrict", "draft", "sign", "close", "receipts", "takeover"):
            assert (await relative.raw(verb))[0] == 404, verb
        await relative.do("erase")
        await w.settle()
        assert (await relative.do("certificate"))["certificate"]
    done = await w.app.retiring.certificate("lin")
    assert done is not None
    assert done.certificate.trigger == "death"


async def test_l13_who_arranged_deletion_has_no_relatives_looking(both: Both) -> None:
    w, _ = both
    await at_home(w)
    with pytest.raises(Refused, match="KIN_ARRANGED"):
        await proposed(w)
    await reported(w)
    with pytest.raises(Refused, match="KIN_ARRANGED"):
        await proposed(w)


async def test_l13_who_is_both_admin_and_owner_is_one_and_not_two(both: Both) -> None:
    w, post = both
    await kept(w)
    persona = msgspec.structs.replace(await found(w.app, "lin"), owner="chat:U0ADM", deputy="")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(persona),)))
    await reported(w)
    before = len(w.posts)
    await proposed(w)
    assert not [p for p in w.posts[before:] if p.post.card.buttons]


async def test_l13_an_owner_who_proposed_as_admin_cannot_agree_on_the_deputys_card(both: Both) -> None:
    w, post = both
    await kept(w)
    persona = msgspec.structs.replace(await found(w.app, "lin"), owner="chat:U0ADM")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(persona),)))
    await reported(w)
    await proposed(w)
    card = next(p for p in reversed(w.to(w.deputy)) if p.post.card.buttons)
    post.box.clear()
    await w.press(w.admin, card, "kin")
    assert post.box == []
    await w.press(w.deputy, card, "kin")
    assert len(post.box) == 1


async def test_l13_without_a_mailbox_the_second_of_the_two_hands_the_link_over(both: Both) -> None:
    w, post = both
    await kept(w)
    await reported(w)
    await proposed(w, address="")
    card = next(p for p in reversed(w.to(w.deputy)) if p.post.card.buttons)
    (said,) = await w.press(w.deputy, card, "kin")
    assert passes.TOKEN.fullmatch(token_in(said.post.card.text))
    await w.press(w.owner, next(p for p in reversed(w.to(w.owner)) if p.post.card.buttons), "kin")
    assert "#t=" not in w.posts[-1].post.card.text  # once


async def test_only_an_admin_proposes(both: Both) -> None:
    w, _ = both
    await kept(w)
    await reported(w)
    with pytest.raises(Refused, match="KIN_ADMIN"):
        await proposed(w, by="chat:U0MEI")


async def test_l13_a_withdrawal_meanwhile_is_not_written_over(both: Both) -> None:
    """Whoever reports or undoes decided on a persona that has begun to go since: nothing brings it back."""
    w, _ = both
    await at_home(w)
    services = w.app.services
    stale = await found(w.app, "lin")
    await services.store.commit(Batch(puts=(services.personas.put(transition(stale, "retire", stale.created_at)),)))
    with pytest.raises(Conflict):
        await death.report(services, stale, "Zhang Wei, HR", EVIDENCE, "operator:cli")
    assert (await found(w.app, "lin")).state == "erasing"
