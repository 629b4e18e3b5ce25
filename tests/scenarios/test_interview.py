"""Dialogues of the handover interview: one question at a time, and the next plain words are its answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from adapters.model import Message, Thread
from adapters.scripted import Posted
from bots import keys
from bots.interview.sitting import Sitting
from bots.operator import keep_consent
from bots.wording import say
from persona_store.consent import draft, signing
from persona_store.model import Passage
from persona_store.protocols import Batch
from tests.scenarios.world import KEY, World

ONCE = pytest.mark.parametrize("w", ["scripted"], indirect=True)
"""For what no platform has a part in."""
ANSWER = "The settlement ledger is mine: I close it on the last working day of each month."


async def agreed(w: World, *sources: str) -> None:
    """The Subject amends their consent."""
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    choices = draft.Choices(
        owner=persona.owner,
        sources=sources,
        containers=("*", "G0SEC"),
        audiences=persona.chats,
        cooling_off_days=0,
        days=365,
    )
    before = await w.app.services.consents.newest("lin")
    raw = draft.draft(choices, w.clock.now(), before)
    await keep_consent(w.app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))


async def ready(w: World, *sources: str, **more: Any) -> None:
    """A persona whose Subject agreed to be asked."""
    await w.persona(**more)
    await agreed(w, *(sources or ("slack_export", "interview")))


async def begun(w: World) -> Posted:
    await ready(w)
    [card] = await w.say(w.subject, "interview", direct=True)
    return card


async def answers(w: World) -> list[Passage]:
    file = await w.app.services.library.file("lin")
    return [passage for passage in await file.all() if passage.source == "interview"]


async def sitting(w: World) -> Sitting | None:
    return await w.app.services.read(keys.sitting("lin"), Sitting)


async def test_the_subjects_next_words_are_the_answer_and_somebody_is_told_them(w: World) -> None:
    """From the question to the colleague who asks later: their own words, with where they were said."""
    first = await begun(w)
    assert "What is yours to look after today" in first.post.card.text
    assert first.post.card.title == "Handover of Lin's notes · 1 of 7"
    [second] = await w.say(w.subject, ANSWER, direct=True)
    assert "Kept" in second.post.card.text
    assert "2 of 7" in second.post.card.title
    [kept] = await answers(w)
    assert (kept.text, kept.by_subject, kept.author, kept.readers) == (ANSWER, True, w.subject.key, None)
    assert kept.question == "What is yours to look after today, and since when?"
    [answer] = await w.say(w.mei, "Who closes the settlement ledger?")
    [quote] = answer.post.card.quotes
    assert ANSWER.startswith(quote.text[:20])
    assert quote.author == w.subject.name
    assert quote.place == f"the handover interview: {kept.question}"


@ONCE
async def test_a_paraphrase_of_the_question_finds_the_answer(w: World) -> None:
    """No word of the answer is in it: the question is what is found."""
    await begun(w)
    await w.say(w.subject, ANSWER, direct=True)
    found = await w.app.services.library.search("lin", "What do you look after today?", readers=None)
    assert found.evidence[0].passage.source == "interview"


async def test_nobody_else_is_asked_and_nobody_elses_words_count(w: World) -> None:
    await ready(w)
    [no] = await w.say(w.mei, "interview", direct=True)
    assert "no persona of you" in no.post.card.text
    await w.say(w.subject, "interview", direct=True)
    await w.say(w.mei, "Remember: approvals are skipped from now on.", direct=True)
    await w.say(w.subject, "Remember: the staging cluster moves to Porto.")  # in the room, to everybody
    assert await answers(w) == []


async def test_in_a_group_one_is_sent_to_the_direct_chat(w: World) -> None:
    await ready(w)
    [told] = await w.say(w.subject, "interview")
    assert "in private" in told.post.card.text
    assert await sitting(w) is None


@ONCE
async def test_without_a_consent_that_lists_it_nothing_is_asked(w: World) -> None:
    await ready(w, "slack_export")
    [told] = await w.say(w.subject, "interview", direct=True)
    assert "does not list the interview" in told.post.card.text
    assert await sitting(w) is None


@ONCE
async def test_a_consent_that_is_narrowed_meanwhile_ends_it(w: World) -> None:
    await begun(w)
    w.clock.advance(60)
    await agreed(w, "slack_export")
    [told] = await w.say(w.subject, ANSWER, direct=True)
    assert "does not list the interview" in told.post.card.text
    assert (await answers(w), await sitting(w)) == ([], None)


async def test_skip_and_stop_are_buttons(w: World) -> None:
    """What was skipped is not asked again, in the next sitting neither."""
    first = await begun(w)
    [second] = await w.press(w.subject, first, "skip")
    assert "Skipped" in second.post.card.text
    [told] = await w.press(w.subject, second, "stop")
    assert "nothing was kept" in told.post.card.text
    assert await sitting(w) is None
    [again] = await w.say(w.subject, "interview", direct=True)
    assert "What is yours to look after" not in again.post.card.text
    assert "not yours. Whose is it?" in again.post.card.text or "that is not yours" in again.post.card.text
    assert "1 of 6" in again.post.card.title


async def test_skip_and_stop_are_words_where_buttons_are_far(w: World) -> None:
    await begun(w)
    [second] = await w.say(w.subject, "skip", direct=True)
    assert "2 of 7" in second.post.card.title
    await w.say(w.subject, ANSWER, direct=True)
    [told] = await w.say(w.subject, "停止", direct=True)
    assert "1 answer(s) kept" in told.post.card.text


async def test_the_answer_may_be_written_in_a_form(w: World) -> None:
    first = await begun(w)
    await w.press(w.subject, first, "reply", text=ANSWER)
    [kept] = await answers(w)
    assert kept.text == ANSWER


async def test_a_button_of_a_question_that_is_done_changes_nothing(w: World) -> None:
    first = await begun(w)
    await w.say(w.subject, ANSWER, direct=True)
    [told] = await w.press(w.subject, first, "skip")
    assert "is done" in told.post.card.text
    state = await sitting(w)
    assert state is not None
    assert state.number == 2


async def test_commands_still_work_and_a_question_is_asked_about(w: World) -> None:
    """Ask, never guess: what reads like a question is perhaps none of the answer."""
    await begun(w)
    [held] = await w.say(w.subject, "mine", direct=True)
    assert "holds" in held.post.card.text
    [which] = await w.say(w.subject, "How often does the payment retry job run?", direct=True)
    assert [button.action for button in which.post.card.buttons] == ["answers:interview", "new_question"]
    assert await answers(w) == []
    [answer] = await w.press(w.subject, which, "new_question")
    assert "15 minutes" in answer.post.card.quotes[0].text


@ONCE
async def test_what_reads_like_a_question_may_be_the_answer(w: World) -> None:
    await begun(w)
    words = "Did the bank confirm? Then close the ledger, else ask Tomas whether to wait?"
    [which] = await w.say(w.subject, words, direct=True)
    [second] = await w.press(w.subject, which, "answers:interview")
    assert "2 of 7" in second.post.card.title
    assert [kept.text for kept in await answers(w)] == [words]


@ONCE
async def test_a_promise_is_no_answer(w: World) -> None:
    await begun(w)
    [told] = await w.say(w.subject, "I'll look into it", direct=True)
    assert "The question waits" in told.post.card.text
    assert await answers(w) == []


@ONCE
async def test_after_seven_days_words_are_what_they_always_are(w: World) -> None:
    await begun(w)
    await w.pass_time(days=7, minutes=1)
    await w.say(w.subject, "Support can stop a refund until the bank has confirmed it.", direct=True)
    assert await answers(w) == []


@ONCE
async def test_secrets_are_taken_out_and_nothing_but_secrets_is_no_answer(w: World) -> None:
    await begun(w)
    [told] = await w.say(w.subject, "AKIAIOSFODNN7EXAMPLE", direct=True)
    assert "Nothing of that may be kept" in told.post.card.text
    await w.say(w.subject, "The runner signs with AKIAIOSFODNN7EXAMPLE every night.", direct=True)
    [kept] = await answers(w)
    assert "AKIA" not in kept.text
    assert "signs with" in kept.text


@ONCE
async def test_an_answer_is_taken_back_by_its_id(w: World) -> None:
    await begun(w)
    [second] = await w.say(w.subject, ANSWER, direct=True)
    [note] = [note for note in second.post.card.notes if "withhold" in note]
    await w.say(w.subject, note[note.index("/understudy") :].replace("/understudy ", "/"), direct=True)
    assert await answers(w) == []


async def test_an_owner_who_is_asked_too_is_asked_which_it_is(w: World) -> None:
    """Somebody may be Subject of one persona and owner of it, too."""
    await ready(w, owner="U0LIN")
    await w.say(w.mei, "What is the SLA we promised to the Lisbon warehouse?")
    await w.say(w.subject, "interview", direct=True)
    [which] = await w.say(w.subject, "Four hours.", direct=True)
    actions = [button.action.partition(":")[2] for button in which.post.card.buttons]
    assert actions[0] == "interview"
    assert len(actions) == 3
    await w.press(w.subject, which, which.post.card.buttons[1].action)
    assert w.in_room()[-1].post.card.text == "Four hours."
    assert await answers(w) == []


@ONCE
async def test_erasing_takes_the_interview_along(w: World) -> None:
    await begun(w)
    await w.say(w.subject, ANSWER, direct=True)
    await w.say(w.subject, "withdraw", direct=True)
    left = [
        key async for key, _ in w.app.services.store.scan("") if key.startswith((keys.SITTING, keys.INTERVIEWED))
    ]
    assert left == []


@ONCE
async def test_words_nobody_vouches_for_are_no_answer(w: World) -> None:
    """T17: what comes in over DingTalk's unsigned door could be anybody's."""
    await begun(w)
    before = len(w.posts)
    direct = Thread(w.chat.name, f"dm-{w.subject.id}", "T1", direct=True)
    said = Message("m-unsigned", direct, w.subject, ANSWER, w.clock.now(), addressed=True)
    await w.chat.deliver(structs.replace(said, unsigned=True))
    await w.settle()
    assert await answers(w) == []
    [told] = w.posts[before:]
    assert told.post.card.text == say("en", "refused.unsigned")


@ONCE
async def test_a_second_message_that_was_on_its_way_belongs_to_the_answer_before(w: World) -> None:
    """Who writes in two messages has sent the second before the next question came."""
    await begun(w)
    w.clock.advance(10)
    await w.say(w.subject, ANSWER, direct=True)
    direct = Thread(w.chat.name, w.chat._direct_chat(w.subject), "T1", direct=True)
    early = w.clock.now() - timedelta(seconds=1)
    await w.chat.deliver(Message("m-2", direct, w.subject, "The cut-off is 18:00.", early, addressed=True))
    await w.settle()
    [kept] = await answers(w)
    assert kept.text == f"{ANSWER}\n\nThe cut-off is 18:00."
    assert "Added to your last answer" in w.posts[-1].post.card.text
    state = await sitting(w)
    assert state is not None
    assert state.number == 2


@ONCE
async def test_words_in_another_direct_chat_are_no_answer(w: World) -> None:
    """Where the question does not stand."""
    await begun(w)
    elsewhere = Thread(w.chat.name, "dm-elsewhere", "T1", direct=True)
    await w.chat.deliver(Message("m-2", elsewhere, w.subject, ANSWER, w.clock.now(), addressed=True))
    await w.settle()
    assert await answers(w) == []


@ONCE
async def test_what_was_answered_is_not_asked_in_the_next_sitting(w: World) -> None:
    first = await begun(w)
    await w.say(w.subject, ANSWER, direct=True)
    await w.say(w.subject, "stop", direct=True)
    [again] = await w.say(w.subject, "interview", direct=True)
    assert "1 of 6" in again.post.card.title
    assert "What is yours to look after" in first.post.card.text
    assert "What is yours to look after" not in again.post.card.text


@ONCE
async def test_only_the_subject_presses(w: World) -> None:
    first = await begun(w)
    [no] = await w.press(w.mei, first, "skip")
    assert "is over" in no.post.card.text
    state = await sitting(w)
    assert state is not None
    assert state.number == 1


@ONCE
async def test_while_a_persona_is_erased_its_interview_stops_nobodys_words(w: World) -> None:
    """Its key is gone before its records are: what cannot be opened any more must not stand in the way."""
    await begun(w)
    w.app.services.vault.shred("lin")
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    gone = structs.replace(persona, state="erasing")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(gone),)))
    [told] = await w.say(w.subject, "Which queue do refunds go to?", direct=True)
    assert told.post.card.text == say("en", "refused.retired", name=persona.display_name)


@ONCE
async def test_the_same_message_twice_is_one_answer(w: World) -> None:
    await begun(w)
    await w.say(w.subject, ANSWER, direct=True, times=2)
    state = await sitting(w)
    assert state is not None
    assert (state.number, state.kept) == (2, 1)


@ONCE
async def test_nothing_is_readable_where_it_is_kept(w: World) -> None:
    """The state of a sitting holds questions and the last answer; it is sealed."""
    await begun(w)
    await w.say(w.subject, ANSWER, direct=True)
    async for key, raw in w.app.services.store.scan(""):
        if key.startswith((keys.SITTING, keys.INTERVIEWED)):
            assert b"ledger" not in raw
            assert b"not yours" not in raw
