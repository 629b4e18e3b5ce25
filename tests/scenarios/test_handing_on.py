"""Dialogues of questions that wander: from hand to hand, past deadlines, through pauses; none is lost."""

from bots import keys, register
from bots.model import Escalation
from persona_store.model import PersonaRules
from tests.scenarios.world import World

UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def the_record(w: World) -> Escalation:
    [key] = [key async for key, _ in w.app.services.store.scan(keys.ESCALATION)]
    record = await register.load(w.app.services, key.removeprefix(keys.ESCALATION))
    assert record is not None
    return record


async def test_a_question_that_comes_back_is_asked_anew(w: World) -> None:
    """Zhou Lan hands it to Ann, Ann hands it back: Zhou Lan gets a second message, not silence."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [first] = w.to(w.owner)
    await w.press(w.owner, first, "delegate", person=w.ann.id)
    [anns] = [p for p in w.to(w.ann) if UNKNOWN in p.post.card.text]
    await w.press(w.ann, anns, "delegate", person=w.owner.id)
    assert [p for p in w.to(w.owner) if UNKNOWN in p.post.card.text and p.id != first.id]


async def test_handing_on_to_who_is_asked_already_changes_nothing(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    [line] = await w.press(w.owner, asked, "delegate", person=w.owner.id)
    assert "asked already" in line.post.card.text
    assert (await the_record(w)).state == "asked"


async def test_an_owner_who_answers_after_the_deputy_was_asked_is_told_and_both_cards_close(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.pass_time(hours=4, minutes=2)
    await w.press(w.owner, asked, "mine", text="Four hours.")
    assert any("Sent to Mei" in p.post.card.text for p in w.to(w.owner))
    assert all(p.post.card.title != "A question for you" for p in w.to(w.deputy))


async def test_a_deputy_who_waits_for_the_answer_is_not_asked_for_it(w: World) -> None:
    await w.persona()
    await w.say(w.deputy, UNKNOWN)
    await w.pass_time(hours=5)
    assert w.to(w.deputy) == []
    assert (await the_record(w)).assignee.key == w.owner.key


async def test_a_promise_after_the_end_leaves_the_question_where_it_was(w: World) -> None:
    """It stays expired, and the answer that follows is still relayed."""
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    await w.pass_time(days=4)
    await w.say(w.deputy, "I'll look into it", direct=True)
    assert (await the_record(w)).state == "expired"
    await w.say(w.deputy, "Four hours.", direct=True)
    assert w.in_room()[-1].post.card.text == "Four hours."


async def test_a_greeting_is_no_answer(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    count = len(w.in_room())
    await w.say(w.owner, "Good morning!", direct=True)
    assert len(w.in_room()) == count


async def test_a_question_back_is_not_sent_as_the_answer(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    count = len(w.in_room())
    [which] = await w.say(w.owner, "Which of the two warehouses?", direct=True)
    assert len(w.in_room()) == count
    assert [b.action.partition(":")[0] for b in which.post.card.buttons] == ["answers", "new_question"]


async def test_what_was_due_while_the_persona_was_paused_happens_afterwards(w: World) -> None:
    await w.persona(rules=PersonaRules(timezone="Asia/Shanghai"))
    w.clock.advance(2 * 3600)  # 20:00 there: the owner is asked in the morning
    await w.say(w.mei, UNKNOWN)
    await w.say(w.admin, "/pause lin")
    await w.pass_time(hours=14)
    assert w.to(w.owner) == []
    await w.say(w.admin, "/resume lin")
    await w.pass_time(hours=2)
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.owner))


async def test_an_owner_who_answers_for_a_paused_persona_hears_so_and_may_do_it_later(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    await w.say(w.admin, "/pause lin")
    [line] = await w.say(w.owner, "Four hours.", direct=True)
    assert "paused" in line.post.card.text
    await w.say(w.admin, "/resume lin")
    await w.say(w.owner, "Four hours.", direct=True)
    assert w.in_room()[-1].post.card.text == "Four hours."


async def test_an_answer_whose_thread_is_gone_reaches_the_asker_in_private(w: World) -> None:
    """E9."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    w.chat.shut("general")
    await w.say(w.owner, "Four hours.", direct=True)
    assert any(p.post.card.text == "Four hours." for p in w.to(w.mei))


async def test_an_answer_that_reaches_nobody_comes_back_to_who_wrote_it(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    w.chat.shut("general")
    w.chat.shut(w.mei)
    await w.say(w.owner, "Four hours.", direct=True)
    assert any("could not deliver your answer to Mei" in p.post.card.text for p in w.to(w.owner))


async def test_that_nobody_can_be_reached_is_said_once(w: World) -> None:
    await w.persona()
    w.chat.shut(w.owner)
    w.chat.shut(w.deputy)
    await w.say(w.mei, UNKNOWN)
    await w.pass_time(hours=6)
    assert len([p for p in w.in_room() if "could not reach" in p.post.card.text]) == 1


async def test_words_are_not_lost_with_the_card_they_would_have_replaced(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    form = await w.chat.form(w.owner, asked, "mine")
    w.chat.remove(asked)  # the owner deleted the message
    await w.chat.submit(w.owner, form, {"text": "Four hours."})
    await w.settle()
    assert any("Sent to Mei" in p.post.card.text for p in w.to(w.owner))


async def test_the_owner_answers_in_the_thread_of_one_who_joined(w: World) -> None:
    """Everybody else who waits gets the words; that thread has them."""
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q1")
    await w.say(w.ann, "what's the SLA promised to the Lisbon warehouse", id="q2")
    await w.say(w.owner, "Four hours, as agreed.", root="q2", addressed=False)
    relayed = [p.thread.root for p in w.in_room() if p.post.card.text == "Four hours, as agreed."]
    assert relayed == ["q1"]


async def test_without_anybody_who_answers_for_it_a_persona_does_not_speak(w: World) -> None:
    """L18: owner and deputy are gone."""
    await w.persona()
    w.chat.leave(w.owner)
    w.chat.leave(w.deputy)
    [line] = await w.say(w.mei, "How often does the payment retry job run?")
    assert line.post.card.quotes == ()
    assert "no owner" in line.post.card.text


async def test_five_hundred_questions_are_a_few_messages_and_a_digest(w: World) -> None:
    """T21, CHT-10: a bounded digest that says how many wait, and the rest in the next one. (Sixty here.)"""
    await w.persona()
    for n in range(60):
        asker = w.chat.add(f"U1{n}", f"Asker {n}")
        await w.chat.say(asker, f"Who ordered item{n}a and thing{n}b for branch{n}c?", id=f"f{n}")
    await w.settle()
    assert len(w.to(w.owner)) <= 10
    await w.pass_time(hours=1, minutes=5)
    digests = [p for p in w.to(w.owner) if p.post.card.title.endswith("questions for you")]
    assert len(digests) == 1
    assert digests[0].post.card.text.count("\n") == 19
    assert "more wait" in digests[0].post.card.notes[0]
    await w.pass_time(hours=1, minutes=5)
    digests = [p for p in w.to(w.owner) if p.post.card.title.endswith("questions for you")]
    assert len(digests) == 2
    assert len(w.to(w.owner)) <= 20
    assert len([k async for k, _ in w.app.services.store.scan("open/")]) == 60


async def test_a_platform_that_knows_no_such_time_zone_costs_nobody_their_answer(w: World) -> None:
    await w.persona()
    traveller = w.chat.add("U0TZ", "Traveller", timezone="Mars/Olympus")
    await w.say(traveller, UNKNOWN)
    assert "14:00 UTC" in w.in_room()[-1].post.card.text


async def test_a_dead_owner_card_is_the_deputys_turn(w: World) -> None:
    """E2."""
    await w.persona()
    w.chat.shut(w.owner)
    await w.say(w.mei, UNKNOWN)
    assert any(UNKNOWN in p.post.card.text for p in w.to(w.deputy))
