"""The subject keeps things back in the chat: sees what would be left, says yes, and it is kept back openly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bots import keys
from bots.operator import found
from bots.records import Outcome
from bots.withheld import keeping
from persona_store.model import PersonaRules
from persona_store.protocols import Batch
from persona_store.withheld.levels import Rule
from tests.persona_store.passages import passage as made
from tests.scenarios.world import World, world

CANARY = "quetzalcoatl"
PITFALL = f"Never replay the {CANARY} ledger by hand, otherwise every voucher is paid twice."
ASKED = f"May I replay the {CANARY} ledger by hand?"
NETWORK = "Ask Walter about the mainframe, he is the real owner of the batch window."
BOLD = PersonaRules(risk_budget=0.9, quiet_from="00:00", quiet_to="00:00")  # how sure is not what this is about
RETRY = "How often does the payment retry job run?"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    """On the scripted platform alone: what a platform can show is the contract suite's, this is what is decided."""
    async with world(tmp_path) as it:
        yield it


async def knows(w: World) -> None:
    """A persona that knows a pitfall and a name besides what every persona of these tests knows."""
    persona = await w.persona(rules=BOLD)
    file = await w.app.services.library.file(persona.name)
    author = f"{w.chat.name}:{w.chat.person_id('U0LIN')}"
    at = w.clock.now()
    asked = made("k0", "What should I know about the voucher ledger?", own=False, thread="k", at=at)
    told = made("k1", PITFALL, thread="k", author=author, author_name="Lin Zhou", at=at)
    other = made("k2", NETWORK, thread="n", author=author, author_name="Lin Zhou", at=at)
    await file.add([asked, told, other])


def on_disk(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def kept_back(w: World, text: str = "/withhold pitfalls medium") -> None:
    [sure] = await w.say(w.subject, text, direct=True)
    await w.press(w.subject, sure, "confirm")


async def test_t04_the_subject_sees_what_would_be_left_and_only_then_it_goes(w: World) -> None:
    await knows(w)
    [answer] = await w.say(w.mei, ASKED)
    assert CANARY in str(answer.post.card.quotes)
    [sure] = await w.say(w.subject, "/withhold pitfalls medium", direct=True)
    assert "pitfall experience: 1" in sure.post.card.text
    assert f"now: {PITFALL}" in sure.post.card.text
    assert "then: says that this is kept back by its subject" in sure.post.card.text
    [again] = await w.say(w.ann, ASKED)
    assert CANARY in str(again.post.card.quotes)  # nothing has gone yet
    [done] = await w.press(w.subject, sure, "confirm")
    assert "Kept back: 1 sentences" in done.post.card.text


async def test_t04_the_persona_says_that_it_is_kept_back_and_asks_the_owner(w: World) -> None:
    await knows(w)
    await kept_back(w)
    posts = await w.say(w.mei, ASKED)
    told = [p for p in posts if p.thread.chat == "general"]
    assert "keeps back what would answer this, as is their right" in told[0].post.card.text
    assert told[0].post.card.quotes == ()
    [asked] = w.to(w.owner)
    assert "the colleague keeps back what would answer this" in str(asked.post.card.notes)
    assert "every voucher" not in str([p.post for p in posts])  # the canary itself is in the question
    [still] = await w.say(w.mei, RETRY)
    assert still.post.card.quotes  # the rest answers as before


async def test_the_category_is_told_only_if_the_subject_lets_it(w: World) -> None:
    await knows(w)
    await kept_back(w, "/withhold people medium")
    [card, *_] = await w.say(w.mei, "Who is the real owner of the mainframe batch window?")
    assert "who knows and decides what" not in card.post.card.text
    persona = await w.app.services.personas.get("lin")
    await keeping.tell_category(w.app.services, persona, True, "operator:cli")
    posts = await w.say(w.ann, "Who really owns the mainframe batch window?", id="other")
    assert any("keeps back who knows and decides what" in p.post.card.text for p in posts)


async def test_after_the_owner_has_answered_the_owners_words_are_the_answer(w: World) -> None:
    """They are the owner's knowledge, under the owner's name."""
    await knows(w)
    await kept_back(w)
    await w.say(w.mei, ASKED)
    [card] = w.to(w.owner)
    await w.press(w.owner, card, "mine", text="Only with the ledger frozen, and two of us at the console.")
    [again] = await w.say(w.ann, ASKED)
    assert "two of us at the console" in str(again.post.card.quotes)


async def test_in_chinese_it_is_the_same(w: World) -> None:
    await knows(w)
    await w.say(w.subject, "/lang zh", direct=True)
    [sure] = await w.say(w.subject, "/收回 踩坑 中", direct=True)
    assert "踩坑经验：1" in sure.post.card.text
    [done] = await w.press(w.subject, sure, "confirm")
    assert "已收回 1 句" in done.post.card.text


async def test_nobody_but_the_subject_may_and_a_cancelled_one_keeps_nothing_back(w: World) -> None:
    await knows(w)
    [no] = await w.say(w.admin, "/withhold pitfalls medium", direct=True)
    assert "no persona of you" in no.post.card.text
    [sure] = await w.say(w.subject, "/withhold pitfalls medium", direct=True)
    await w.press(w.owner, sure, "confirm")
    await w.press(w.subject, sure, "cancel")
    await w.press(w.subject, sure, "confirm")
    [answer] = await w.say(w.mei, ASKED)
    assert CANARY in str(answer.post.card.quotes)


async def test_the_preview_is_not_shown_where_others_read(w: World) -> None:
    await knows(w)
    posts = await w.say(w.subject, "/withhold pitfalls medium")
    assert CANARY not in str([p.post for p in posts])
    assert any("direct chat" in p.post.card.text for p in posts)


async def test_a_level_that_keeps_nothing_back_says_so(w: World) -> None:
    await knows(w)
    [no] = await w.say(w.subject, "/withhold people light", direct=True)
    assert "nothing of this is kept back: people network" in no.post.card.text
    assert no.post.card.buttons == ()


async def test_the_subject_narrows_it_again(w: World) -> None:
    """What went stays gone until it is imported again."""
    await knows(w)
    await kept_back(w)
    [done] = await w.say(w.subject, "/withhold release pitfalls", direct=True)
    assert "No longer kept back: pitfall experience" in done.post.card.text
    persona = await w.app.services.personas.get("lin")
    assert (await keeping.standing(w.app.services, persona)) == keeping.Standing(Rule(), {})
    posts = await w.say(w.mei, ASKED)
    assert "keeps back" not in str([p.post for p in posts])


async def test_what_was_quoted_before_is_gone_from_what_the_bot_remembers(w: World) -> None:
    """A thumb down after it was kept back sends the question to the owner, without the words."""
    await knows(w)
    [answer] = await w.say(w.mei, ASKED)
    await kept_back(w)
    services = w.app.services
    outcomes = [services.unseal(raw, key, Outcome) async for key, raw in services.store.scan(keys.OUTCOME)]
    assert [o.quotes for o in outcomes if o.evidence_ids == ()] != []
    assert "every voucher" not in str(outcomes)
    await w.press(w.mei, answer, "down")
    assert "every voucher" not in str([p.post for p in w.to(w.owner)])


async def test_a_draft_that_lies_with_the_owner_loses_its_words(w: World) -> None:
    await knows(w)
    [answer] = await w.say(w.mei, ASKED)
    await w.press(w.mei, answer, "down")
    [card] = w.to(w.owner)
    await kept_back(w)
    posts = await w.press(w.owner, card, "send")
    assert "every voucher" not in str([p.post for p in posts])


async def test_another_persona_that_is_being_erased_stops_no_keeping_back(w: World) -> None:
    """Its key is gone before its records are: they are passed over, and the words go out of everything else."""
    await knows(w)
    [answer] = await w.say(w.mei, ASKED)
    await w.press(w.mei, answer, "down")
    [card] = w.to(w.owner)
    await w.persona("bob", "Bob's notes")
    await w.say(w.ann, "bob: which vendor prints the badge in Lisbon?")
    services, lin = w.app.services, await found(w.app, "lin")
    services.vault.shred("bob")
    planned = await keeping.plan(services, lin, Rule({"pitfall": "medium"}))
    await keeping.keep_back(services, lin, planned, lin.subject)
    posts = await w.press(w.owner, card, "send")
    assert "every voucher" not in str([p.post for p in posts])


async def test_words_that_were_kept_back_are_not_learned_by_way_of_an_owners_answer(w: World) -> None:
    """The owner had copied them before, and sends them in their own name: said once more, and not kept."""
    await knows(w)
    await kept_back(w)
    await w.say(w.mei, ASKED)
    [card] = w.to(w.owner)
    await w.press(w.owner, card, "mine", text=PITFALL)
    file = await w.app.services.library.file("lin")
    assert [p.text for p in await file.all() if p.source == "correction"] == []


async def test_who_is_the_subject_no_more_confirms_nothing(w: World) -> None:
    await knows(w)
    [sure] = await w.say(w.subject, "/withhold pitfalls medium", direct=True)
    services = w.app.services
    persona = await services.personas.get("lin")
    assert persona is not None
    someone = structs.replace(persona, subject=w.ann.key)
    await services.store.commit(Batch(puts=(services.personas.put(someone),)))
    [no] = await w.press(w.subject, sure, "confirm")
    assert "no persona of you" in no.post.card.text
    [answer] = await w.say(w.mei, ASKED)
    assert CANARY in str(answer.post.card.quotes)


async def test_t04_one_line_of_the_log_for_every_act_and_no_content_in_it(w: World) -> None:
    await knows(w)
    await kept_back(w)
    await w.say(w.subject, "/withhold release pitfalls", direct=True)
    lines = [entry.body async for entry in w.app.services.store.log()]
    acts = [body for body in lines if b'"withheld"' in body or b'"released"' in body]
    assert len(acts) == 2
    assert not any(word in body for body in lines for word in (CANARY.encode(), b"voucher"))


async def test_l11_erasing_takes_rule_marks_and_hints_along(w: World, tmp_path: Path) -> None:
    await knows(w)
    await kept_back(w)
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    assert list((tmp_path / "evidence").glob("lin*")) == []
    left = [key async for key, _ in w.app.services.store.scan("withheld/")]
    assert left == []


@pytest.mark.parametrize("words", ["/withhold pitfalls medium", "/withhold k1"])
async def test_t04_canary_words_are_nowhere_in_the_data_folder_nor_under_the_key(
    w: World, tmp_path: Path, words: str
) -> None:
    """Read as whoever has the disk reads it, and as whoever has the persona's key."""
    await knows(w)
    if "k1" in words:
        await w.say(w.subject, words, direct=True)
    else:
        await kept_back(w, words)
    services = w.app.services
    sealed = (await services.library.file("lin")).sealed
    opened: list[Any] = []
    for table in ("passage", "facet", "hint", "said"):
        for row, value in sealed.rows(f"SELECT row, sealed FROM {table}"):
            opened.append(sealed.unseal(row, value))
    assert opened
    assert not any(b"voucher is paid" in plain or CANARY.encode() in plain for plain in opened)
    await services.store.sweep()
    sealed.scrub()
    raw = on_disk(tmp_path)
    assert sum(map(len, raw)) > 10_000
    assert not any(CANARY.encode() in each for each in raw)
