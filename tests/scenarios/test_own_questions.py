"""What one asked is one's own to see, copy and have forgotten; what must not be said can be reported."""

from __future__ import annotations

from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def test_l25_whoever_asked_sees_what_they_asked_and_nobody_else_does(w: World) -> None:
    """L25: 拟人化办法 18 lets the user copy and delete the history."""
    await w.persona()
    await w.say(w.mei, RETRY)
    w.clock.advance(60)
    await w.say(w.mei, UNKNOWN)
    [mine] = await w.say(w.mei, "my-questions", direct=True)
    asked, answered = (mine.post.card.text.index(words) for words in (UNKNOWN, RETRY))
    assert asked < answered, "the newest first"
    assert "a human was asked: " + UNKNOWN in mine.post.card.text
    assert "answered: " + RETRY in mine.post.card.text
    assert "Lin's notes" in mine.post.card.text
    [theirs] = await w.say(w.ann, "my-questions", direct=True)
    assert theirs.post.card.text == "Nothing you asked is kept here."


async def test_l25_in_a_room_it_is_shown_to_who_asked_alone(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY)
    before = len(w.in_room())
    await w.say(w.mei, "/my-questions")
    assert len(w.in_room()) == before
    assert RETRY in w.to(w.mei)[-1].post.card.text


async def test_l25_what_was_forgotten_is_not_shown_again(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.say(w.mei, "forget", direct=True)
    [mine] = await w.say(w.mei, "my-questions", direct=True)
    assert mine.post.card.text == "Nothing you asked is kept here."


async def test_l25_a_persona_that_is_being_erased_keeps_nobody_from_being_forgotten(w: World) -> None:
    """Its key goes before its records do: what cannot be read any more is left to the erasure."""
    await w.persona()
    await w.say(w.mei, RETRY)
    w.app.services.vault.shred("lin")
    [said] = await w.say(w.mei, "forget", direct=True)
    assert said.post.card.text.startswith("Forgotten:")


async def test_l23_an_answer_can_be_reported_to_the_owner_with_a_deadline(w: World) -> None:
    """L23: 生成式办法 15; and the reporter hears what comes of it."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY, id="q")
    posts = await w.say(w.ann, "/report it names a customer", root="q")
    [told] = [each for each in posts if "Thank you for reporting" in each.post.card.text]
    assert "answer by 14:00" in told.post.card.text
    [asked] = [each for each in w.to(w.owner) if "reported" in each.post.card.text]
    assert RETRY in asked.post.card.text
    assert "it names a customer" in asked.post.card.text
    assert "every 15 minutes" in str(asked.post.card.quotes), "what was said is shown"
    assert any("must not be given" in note for note in asked.post.card.notes)
    await w.press(w.owner, asked, "mine", text="Thank you, I take it out of the material today.")
    assert "take it out" in w.in_room()[-1].post.card.text
    assert answer.post.card.quotes


async def test_l23_what_an_owner_says_to_a_complaint_is_not_learnt(w: World) -> None:
    await w.persona()
    file = await w.app.services.library.file("lin")
    before = await file.count()
    await w.say(w.mei, RETRY, id="q")
    await w.say(w.mei, "/report", root="q")
    [asked] = [each for each in w.to(w.owner) if "reported" in each.post.card.text]
    await w.press(w.owner, asked, "mine", text="The retry job answer was fine, it is public since March.")
    assert await file.count() == before


async def test_l23_a_complaint_is_not_lost_among_questions(w: World) -> None:
    """It joins no open question about the same, and does not wait for a digest behind others."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY, id="q")
    await w.press(w.mei, answer, "human")
    for n, what in enumerate(("badge printer", "coffee budget", "garage door", "fire drill")):
        await w.say(w.chat.add(f"U0A{n}", f"Asker {n}"), f"Who ordered the {what} upgrade in Lisbon?")
    await w.say(w.ann, "/report", root="q")
    assert [each for each in w.to(w.owner) if "reported" in each.post.card.text]


async def test_l23_reporting_twice_asks_once(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    for _ in range(2):
        await w.say(w.ann, "/report", root="q")
    assert len([each for each in w.to(w.owner) if "reported" in each.post.card.text]) == 1


async def test_l23_where_nothing_was_answered_there_is_nothing_to_report(w: World) -> None:
    """T09: nor where the answer was for somebody else's eyes."""
    await w.persona()
    [told] = await w.say(w.ann, "/report", direct=True)
    assert "no answer of mine here" in told.post.card.text
    assert not w.to(w.owner)


async def test_l23_a_question_does_not_join_a_complaint(w: World) -> None:
    """However alike: who asks waits for an answer, and who complains for what is done about it."""
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    await w.press(w.owner, w.to(w.owner)[-1], "decline")
    await w.say(w.mei, "/report", root="q")
    before = len(w.to(w.owner))
    posts = await w.say(w.ann, UNKNOWN)
    assert "been asked this already" not in str([each.post.card.text for each in posts])
    [asked] = w.to(w.owner)[before:]
    assert "reported" not in asked.post.card.text


async def test_t09_what_was_offered_to_one_person_cannot_be_reported_by_another(w: World) -> None:
    """It would tell them that there was something."""
    await w.persona()
    await w.say(w.mei, "What is the vault passphrase hint for the staging cluster?", id="q")
    posts = await w.say(w.ann, "/report", root="q")
    assert "no answer of mine here" in posts[-1].post.card.text
    assert not [each for each in w.to(w.owner) if "reported" in each.post.card.text]
