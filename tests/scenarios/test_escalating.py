"""Dialogues with the owner: unsure, asked, answered, late, handed on, taken back."""

from datetime import timedelta

from bots import register
from persona_store.model import PersonaRules
from tests.scenarios.world import START, World

UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def test_not_sure_asks_the_owner_and_tells_the_asker_who_and_by_when(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [told], [asked] = w.in_room(), w.to(w.owner)
    assert "Zhou Lan" in told.post.card.text
    assert "14:00" in told.post.card.text
    assert UNKNOWN in asked.post.card.text
    assert [b.action for b in asked.post.card.buttons][-3:] == ["mine", "delegate", "decline"]


async def test_a_plain_reply_of_the_owner_goes_back_under_their_name(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    await w.say(w.owner, "Four hours on weekdays, Anna signed it.", direct=True)
    answer = w.in_room()[-1]
    assert answer.thread.root == "q"
    assert answer.post.card.label == "[Answered by a person · Zhou Lan]"
    assert answer.post.card.text == "Four hours on weekdays, Anna signed it."
    assert [person.key for person in answer.post.mention] == [w.mei.key]


async def test_an_answer_days_later_still_finds_its_thread(w: World) -> None:
    """E9: hours or days, and through reminders, deputy and expiry."""
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    [asked] = w.to(w.owner)
    await w.pass_time(days=5)
    await w.press(w.owner, asked, "mine", text="Four hours.")
    assert w.in_room()[-1].thread.root == "q"
    assert w.in_room()[-1].post.card.text == "Four hours."


async def test_the_same_question_is_answered_next_time(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.say(w.owner, "Four hours on weekdays.", direct=True)
    [answer] = await w.say(w.ann, "what SLA did we promise the Lisbon warehouse?")
    assert "Four hours on weekdays" in answer.post.card.quotes[0].text
    assert answer.post.card.quotes[0].author == "Zhou Lan"


async def test_nothing_is_learned_without_consent_to_learn(w: World) -> None:
    await w.persona(learn=False)
    await w.say(w.mei, UNKNOWN)
    await w.say(w.owner, "Four hours on weekdays.", direct=True)
    before = len(w.to(w.owner))
    await w.say(w.ann, "what SLA did we promise the Lisbon warehouse?")
    assert len(w.to(w.owner)) > before


async def test_the_owner_can_take_a_learned_answer_out_again(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.say(w.owner, "Four hours on weekdays.", direct=True)
    settled = next(p for p in w.to(w.owner) if any(b.action == "unlearn" for b in p.post.card.buttons))
    await w.press(w.owner, settled, "unlearn")
    posts = await w.say(w.ann, "what SLA did we promise the Lisbon warehouse?")
    assert all(p.post.card.quotes == () for p in posts if p.thread.chat == "general")


async def test_a_promise_to_look_is_not_an_answer(w: World) -> None:
    """E7."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    count = len(w.in_room())
    [hint] = await w.say(w.owner, "I'll look into it", direct=True)
    assert "Nothing has been sent yet" in hint.post.card.text
    assert len(w.in_room()) == count
    await w.say(w.owner, "It is four hours.", direct=True)
    assert w.in_room()[-1].post.card.text == "It is four hours."


async def test_send_this_sends_the_draft(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, "How often does the payment retry job run?")
    await w.press(w.mei, answer, "human")
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "send")
    assert "every 15 minutes" in w.in_room()[-1].post.card.text
    assert w.in_room()[-1].post.card.label == "[Answered by a person · Zhou Lan]"


async def test_edit_offers_the_draft_and_sends_what_was_made_of_it(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, "How often does the payment retry job run?")
    await w.press(w.mei, answer, "down")
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "edit", text="Every 10 minutes since May.")
    assert w.in_room()[-1].post.card.text == "Every 10 minutes since May."


async def test_decline_tells_the_asker(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "decline")
    assert "cannot answer" in w.in_room()[-1].post.card.text


async def test_not_mine_hands_on_and_the_next_one_is_asked(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "delegate", person=w.ann.id)
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.ann))
    await w.say(w.ann, "Four hours, I negotiated it.", direct=True)
    assert w.in_room()[-1].post.card.label == "[Answered by a person · Ann]"


async def test_nobody_else_can_answer_for_the_owner(w: World) -> None:
    """T14, T19: the presser is authorised anew."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    count = len(w.in_room())
    await w.press(w.ann, asked, "decline")
    assert len(w.in_room()) == count


async def test_a_second_press_gets_a_polite_answer_and_no_second_effect(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "decline")
    count = len(w.in_room())
    posts = await w.press(w.owner, asked, "decline")
    assert "already" in posts[-1].post.card.text
    assert len(w.in_room()) == count


async def test_three_people_with_the_same_question_are_one_escalation(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q1")
    await w.say(w.ann, "what's the SLA promised to the Lisbon warehouse", id="q2")
    await w.say(w.deputy, "SLA promised to Lisbon warehouse?", id="q3")
    assert len(w.to(w.owner)) == 1
    await w.say(w.owner, "Four hours.", direct=True)
    answered = [p for p in w.in_room() if p.post.card.text == "Four hours."]
    assert {p.thread.root for p in answered} == {"q1", "q2", "q3"}


async def test_a_silent_owner_is_reminded_then_the_deputy_is_asked_then_it_expires(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.pass_time(hours=2, minutes=1)
    assert w.to(w.owner)[-1].post.card.title == "Still waiting for you"
    await w.pass_time(hours=2, minutes=1)
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.deputy))
    assert "Tomas" in w.in_room()[-1].post.card.text
    await w.pass_time(days=3)
    assert "has not answered" in w.in_room()[-1].post.card.text


async def test_an_owner_who_left_is_skipped_for_the_deputy(w: World) -> None:
    await w.persona()
    w.chat.leave(w.owner)
    await w.say(w.mei, UNKNOWN)
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.deputy))


async def test_an_owner_who_cannot_be_written_to_is_skipped_for_the_deputy(w: World) -> None:
    """E2: a delivery that fails must not end in silence."""
    await w.persona()
    w.chat.refuse()
    await w.say(w.mei, UNKNOWN)
    await w.settle()
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.deputy)) or any(
        UNKNOWN in p.post.card.text for p in w.to(w.owner)
    )


async def test_in_quiet_hours_the_owner_is_left_alone_until_morning(w: World) -> None:
    """CHT-11: 19:00 to 09:00 in Shanghai is 11:00 to 01:00 UTC."""
    await w.persona(rules=PersonaRules(timezone="Asia/Shanghai"))
    w.clock.advance(timedelta(hours=2).total_seconds())  # 20:00 there
    await w.say(w.mei, UNKNOWN)
    assert w.to(w.owner) == []
    assert "Zhou Lan" in w.in_room()[-1].post.card.text
    await w.pass_time(hours=14)
    assert len([p for p in w.to(w.owner) if UNKNOWN in p.post.card.text]) >= 1


async def test_times_are_the_personas_where_the_platform_tells_no_zone(w: World) -> None:
    """Feishu and DingTalk tell none, and nobody there counts in UTC. START is 10:00 UTC."""
    await w.persona(rules=PersonaRules(timezone="Asia/Shanghai", quiet_from="00:00", quiet_to="00:00"))
    await w.say(w.mei, UNKNOWN)
    for posted in (*w.in_room(), *w.to(w.owner)):
        assert "UTC" not in posted.post.card.text + " ".join(posted.post.card.notes)


async def test_a_flood_becomes_a_digest(w: World) -> None:
    """T21: many different questions at once, few direct messages."""
    await w.persona()
    for n, what in enumerate(
        (
            "badge printer",
            "coffee budget",
            "garage door",
            "fire drill",
            "parking lot",
            "window blinds",
            "sofa",
            "lamp",
        )
    ):
        asker = w.chat.add(f"U0A{n}", f"Asker {n}")
        await w.say(asker, f"Who ordered the {what} upgrade in Lisbon?")
    assert len(w.to(w.owner)) == 4
    await w.pass_time(hours=1, minutes=1)
    digest = next(p for p in w.to(w.owner) if p.post.card.title.endswith("questions for you"))
    assert digest.post.card.text.count("\n") == 3
    await w.press(w.owner, digest, "mine", text="Nobody did.")
    assert w.in_room()[-1].post.card.text == "Nobody did."


async def test_the_asker_can_take_the_question_back(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [told] = w.in_room()
    await w.press(w.mei, told, "takeback")
    assert "does not need an answer" in w.to(w.owner)[-1].post.card.text


async def test_the_owner_can_answer_right_in_the_thread(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    count = len(w.in_room())
    await w.say(w.owner, "Four hours, as agreed with Anna.", root="q", addressed=False)
    assert len(w.in_room()) == count  # no echo of what everybody can read
    [answer] = await w.say(w.ann, "what SLA did we promise the Lisbon warehouse?")
    assert "Four hours" in answer.post.card.quotes[0].text


async def test_with_two_open_questions_a_plain_reply_is_asked_which_it_answers(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q1")
    await w.say(w.ann, "Who ordered the badge printer in Porto?", id="q2")
    [which] = await w.say(w.owner, "That was Rita.", direct=True)
    assert "1." in which.post.card.text
    assert "2." in which.post.card.text
    button = next(b for b in which.post.card.buttons if b.label.endswith("2"))
    await w.press(w.owner, which, button.action)
    assert w.in_room()[-1].thread.root == "q2"


async def test_words_of_the_owner_that_read_like_a_question_are_never_guessed_at(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    count = len(w.in_room())
    [which] = await w.say(w.owner, "How often does the payment retry job run?", direct=True)
    assert len(w.in_room()) == count
    posts = await w.press(w.owner, which, "new_question")
    assert any("every 15 minutes" in q.text for p in posts for q in p.post.card.quotes)


async def test_no_escalation_ever_vanishes(w: World) -> None:
    """E2, E3: what was not answered stays on the open list."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.pass_time(days=10)
    records = [key async for key, _ in w.app.services.store.scan("escalation/")]
    assert len(records) == 1
    assert (await register.load(w.app.services, records[0].partition("/")[2])).opened_at == START


async def test_two_who_object_are_enough_and_the_next_is_told_that_a_human_is_asked(w: World) -> None:
    """Until the owner sends it again; then it is given as before. tests/scenarios/test_learning.py has the rest."""
    await w.persona()
    [answer] = await w.say(w.mei, "How often does the payment retry job run?")
    await w.press(w.mei, answer, "down")
    await w.press(w.ann, answer, "down")
    posts = await w.say(w.deputy, "how often does the retry job for payments run?")
    assert [q for p in posts if p.thread.chat == "general" for q in p.post.card.quotes] == []
    assert "Zhou Lan" in posts[0].post.card.text
    asked = next(p for p in w.to(w.owner) if any(b.action == "send" for b in p.post.card.buttons))
    await w.press(w.owner, asked, "send")
    [again] = await w.say(w.admin, "How often does the payment retry job run?")
    assert "every 15 minutes" in again.post.card.quotes[0].text
