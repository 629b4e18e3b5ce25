"""Dialogues about what was said before the end: it is taken back where it stands, and the certificate counts it."""

from datetime import timedelta

import pytest

from adapters.errors import RateLimited, Rejected, Unreachable
from adapters.model import Post, Receipt
from bots import exports, keys
from persona_store.certificate import Certificate
from persona_store.model import PersonaRules
from persona_store.protocols import Batch
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
REFUND = "Which queue do refunds go to?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"

ANSWERS = PersonaRules(quiet_from="00:00", quiet_to="00:00", risk_budget=0.9)  # what it finds it says

only_scripted = pytest.mark.parametrize("w", ["scripted"], indirect=True)


async def certificate(w: World) -> Certificate:
    signed = await w.app.retiring._retirement.certificate("lin")
    assert signed is not None
    return signed.certificate


def posted(said: Certificate) -> str:
    return next((item.result for item in said.inventory if item.store == "posted messages"), "")


async def test_l12_an_answer_is_shown_to_nobody_after_a_withdrawal(w: World) -> None:
    """L12: on every platform, whatever it lets us do with what we said."""
    await w.persona(rules=ANSWERS)
    await w.say(w.mei, RETRY)
    await w.say(w.ann, REFUND, direct=True)
    assert "every 15 minutes" in str([p.post for p in w.posts])
    await w.say(w.subject, "withdraw", direct=True)
    shown = str([p.post for p in w.posts])
    said = await certificate(w)
    replied_directly = w.chat.name == "dingtalk" and not hasattr(w.chat.adapter, "edit")
    if not replied_directly:  # what a sessionWebhook said has no name by which it could be recalled
        assert "every 15 minutes" not in shown
    assert ("1 posted messages are still there" in str(said.residuals)) == replied_directly
    assert "refund-slow" not in shown
    assert [key async for key, _ in w.app.services.store.scan(keys.POSTED)] == []
    assert await w.app.services.store.get(keys.unsaid("lin")) is None


@only_scripted
async def test_l12_the_certificate_counts_what_was_deleted_marked_and_gone(w: World) -> None:
    await w.persona(rules=ANSWERS)
    w.chat.room("audited", w.chat.audiences["general"])
    w.chat.kept_by_law.add("audited")
    await w.say(w.mei, RETRY)
    await w.say(w.mei, REFUND, chat="audited")
    [gone] = await w.say(w.ann, REFUND)
    await w.chat.adapter.retract(Receipt(gone.id, gone.thread), gone.post)  # by somebody's hand
    await w.say(w.subject, "withdraw", direct=True)
    assert posted(await certificate(w)) == "deleted 1, replaced by a mark 1, gone before 1"
    marked = [p for p in w.in_room("audited") if "retired" in p.post.card.text]
    assert [p.post.card.quotes for p in marked] == [()]


@only_scripted
async def test_l12_a_humans_own_words_stay_and_the_drafts_they_sent_do_not(w: World) -> None:
    await w.persona(rules=ANSWERS)
    await w.say(w.mei, UNKNOWN)
    await w.say(w.owner, "Four hours.", direct=True)
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.mei, answer, "human")
    await w.press(w.owner, w.to(w.owner)[-1], "send")
    await w.say(w.subject, "withdraw", direct=True)
    shown = str([p.post for p in w.posts])
    assert "Four hours." in shown
    assert "every 15 minutes" not in shown


@only_scripted
async def test_l12_a_platform_that_asks_for_patience_gets_it_and_all_else_is_gone_already(w: World) -> None:
    await w.persona(rules=ANSWERS)
    await w.say(w.mei, RETRY)
    retract = w.chat.adapter.retract
    asked = []

    async def busy(receipt: Receipt, marked: Post) -> str:
        asked.append(receipt)
        raise RateLimited("chat", "too many", retry_after=300)

    w.chat.adapter.retract = busy
    await w.say(w.subject, "withdraw", direct=True)
    services = w.app.services
    assert not services.vault.has_key("lin")
    assert (await services.personas.get("lin")).state == "erasing"
    await w.pass_time(minutes=4)
    assert len(asked) == 1, "not before the platform said"
    w.chat.adapter.retract = retract
    await w.pass_time(minutes=10)
    assert (await services.personas.get("lin")).state == "erased"
    assert posted(await certificate(w)).startswith("deleted 1")


@only_scripted
@pytest.mark.parametrize("error", [Unreachable("chat", "away"), RateLimited("chat", "too many", 60)])
async def test_l12_after_a_day_the_certificate_says_what_still_stands(w: World, error: Exception) -> None:
    """Honestly: by number and reason."""
    await w.persona(rules=ANSWERS)
    await w.say(w.mei, RETRY)

    async def away(receipt: Receipt, marked: Post) -> str:
        raise error

    w.chat.adapter.retract = away
    await w.say(w.subject, "withdraw", direct=True)
    await w.pass_time(hours=25)
    said = await certificate(w)
    assert posted(said).startswith("deleted 0")
    assert any("1 posted messages are still there" in each.why for each in said.residuals)


@only_scripted
async def test_l12_what_a_platform_refuses_is_told_with_the_reason_at_once(w: World) -> None:
    await w.persona(rules=ANSWERS)
    await w.say(w.mei, RETRY)

    async def never(receipt: Receipt, marked: Post) -> str:
        raise Rejected("chat", "too old")

    w.chat.adapter.retract = never
    await w.say(w.subject, "withdraw", direct=True)
    said = await certificate(w)
    assert any("the platform refused" in each.why for each in said.residuals)


@only_scripted
async def test_l05_what_a_platform_took_in_the_moment_of_the_silence_is_taken_back(w: World) -> None:
    """L05: placed, but the persona was silenced before that was written down; even after the certificate."""
    await w.persona(rules=ANSWERS)
    post, silenced = w.chat.adapter.post, []

    async def slow(thread: object, what: Post) -> Receipt:
        receipt: Receipt = await post(thread, what)
        if what.card.quotes and not silenced:
            silenced.append(True)
            persona = await w.app.services.personas.get("lin")
            await w.app.services.store.commit(
                await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en")
            )
            await w.app.retiring.erase_now("lin", "withdraw", w.clock.now())
        return receipt

    w.chat.adapter.post = slow
    await w.say(w.mei, RETRY)
    await w.pass_time(minutes=1)
    assert silenced
    assert "every 15 minutes" not in str([p.post for p in w.posts])
    assert [key async for key, _ in w.app.services.store.scan(keys.POSTED)] == []


@only_scripted
async def test_l12_exports_are_listed_as_left_elsewhere(w: World) -> None:
    """§2C: an erasure does not reach a file that was given away, and the certificate does not pretend."""
    await w.persona(rules=ANSWERS)
    services = w.app.services
    await services.store.commit(Batch(puts=(exports.note(services, "lin", "bundle", "Acme Ltd"),)))
    w.clock.advance(timedelta(days=1).total_seconds())
    await services.store.commit(Batch(puts=(exports.note(services, "lin", "page", "lin\n.html"),)))
    await w.say(w.subject, "withdraw", direct=True)
    told = {each.where: each.why for each in (await certificate(w)).residuals}
    assert told["exported bundle"].startswith("written on 2026-06-02 to Acme Ltd:")
    assert told["exported page"].startswith("written on 2026-06-03 to lin .html:")
    assert [key async for key, _ in services.store.scan(keys.EXPORTED)] == []
