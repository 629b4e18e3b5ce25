"""Dialogues with buttons: pressed twice, too late, by somebody else, on a platform without forms."""

import asyncio

from adapters.model import Button, Card, Post
from bots import keys
from bots.records import Outcome
from persona_store.model import PersonaRules
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
HINT = "What is the vault passphrase hint for the staging cluster?"


async def the_outcome(w: World) -> Outcome:
    [key] = [key async for key, _ in w.app.services.store.scan(keys.OUTCOME)]
    outcome = await w.app.services.read(key, Outcome)
    assert outcome is not None
    return outcome


async def test_a_vote_survives_the_question_that_follows_from_it(w: World) -> None:
    """👍 from one, 👎 from another: both count, and the question stays the asker's."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.ann, answer, "up")
    await w.press(w.deputy, answer, "down")
    outcome = await the_outcome(w)
    assert outcome.feedback == {w.ann.key: "up", w.deputy.key: "down"}
    assert outcome.asker.key == w.mei.key


async def test_votes_that_arrive_at_once_in_different_threads_all_count(w: World) -> None:
    """Reactions come without the thread, buttons with it: two lanes, one record."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    voters = [w.chat.add(f"U2{n}") for n in range(6)]
    pressed = [w.chat.press(voter, answer, "up") for voter in voters[:3]]
    await asyncio.gather(*pressed, *(w.chat.react(voter, answer, "down") for voter in voters[3:]))
    await w.settle()
    assert len((await the_outcome(w)).feedback) == 6


async def test_what_was_taken_back_may_be_asked_again(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    [told] = [p for p in await w.press(w.mei, answer, "human") if p.thread.chat == "general"]
    await w.press(w.mei, told, "takeback")
    count = len(w.to(w.owner))
    await w.press(w.ann, answer, "human")
    assert len(w.to(w.owner)) == count + 1


async def test_what_is_asked_already_is_said_so(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.mei, answer, "human")
    [line] = await w.press(w.ann, answer, "human")
    assert "asked already" in line.post.card.text
    assert len(w.to(w.owner)) == 1


async def test_a_private_answer_is_given_once(w: World) -> None:
    await w.persona()
    [offer] = await w.say(w.mei, HINT)
    await w.press(w.mei, offer, "private")
    [line] = await w.press(w.mei, offer, "private")
    assert "already" in line.post.card.text
    assert len([p for p in w.to(w.mei) if p.post.card.quotes]) == 1


async def test_a_private_offer_is_nobody_elses_to_take(w: World) -> None:
    """T19: a value that was forged opens nothing."""
    await w.persona()
    [offer] = await w.say(w.mei, HINT)
    posts = await w.press(w.ann, offer, "human")
    posts += await w.press(w.ann, offer, "private")
    assert all("too old" in p.post.card.text for p in posts)
    assert posts


async def test_only_the_one_who_asked_chooses_the_persona(w: World) -> None:
    await w.persona()
    await w.persona("bo", "Bo's notes")
    [picker] = await w.say(w.mei, RETRY)
    [line] = await w.press(w.ann, picker, "pick:bo")
    assert "Only the person who asked" in line.post.card.text
    [answer] = await w.press(w.mei, picker, "pick:bo")
    assert "Bo's notes" in answer.post.card.label
    [late] = await w.press(w.mei, picker, "pick:lin")
    assert "too old" in late.post.card.text


async def test_only_an_asker_takes_a_question_back(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [told] = w.in_room()
    [line] = await w.press(w.ann, told, "takeback")
    assert "Only the person who asked" in line.post.card.text


async def test_an_asker_takes_back_with_their_other_account(w: World) -> None:
    """One human, two identities."""
    await w.persona()
    other = w.chat.add("U0MEI2", "Mei")
    await w.app.services.store.commit(await w.app.services.directory.bind(w.mei.key, other.key))
    await w.say(w.mei, UNKNOWN)
    [told] = w.in_room()
    await w.press(other, told, "takeback")
    assert "does not need an answer" in w.to(w.owner)[-1].post.card.text


async def test_who_was_never_asked_is_not_told_that_it_was_taken_back(w: World) -> None:
    await w.persona(rules=PersonaRules(timezone="Asia/Shanghai"))
    w.clock.advance(2 * 3600)  # 20:00 there
    await w.say(w.mei, UNKNOWN)
    [told] = w.in_room()
    await w.press(w.mei, told, "takeback")
    await w.pass_time(hours=15)
    assert w.to(w.owner) == []


async def test_a_button_that_opens_no_form_says_what_to_do_instead(w: World) -> None:
    """A platform without forms, or a press that came without one."""
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.chat.press_plainly(w.owner, asked, "mine")
    await w.settle()
    assert "reply to that message" in w.posts[-1].post.card.text
    await w.chat.press_plainly(w.ann, asked, "mine")
    await w.settle()
    assert "Only the person who was asked" in w.posts[-1].post.card.text


async def test_every_press_on_a_settled_card_gets_a_word(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "decline")
    for _ in range(3):
        before = len(w.posts)
        await w.press(w.owner, asked, "decline")
        assert "already" in w.posts[-1].post.card.text
        assert len(w.posts) == before + 1


async def test_a_form_that_is_sent_twice_settles_once(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    [asked] = w.to(w.owner)
    forms = [await w.chat.form(w.owner, asked, "mine") for _ in range(2)]
    for n, form in enumerate(forms):
        await w.chat.submit(w.owner, form, {"text": f"Four hours. ({n})"})
    await w.settle()
    assert [p.post.card.text for p in w.in_room() if "Four hours" in p.post.card.text] == ["Four hours. (0)"]
    assert "answered already" in w.posts[-1].post.card.text


async def test_sending_the_draft_says_whose_words_it_is(w: World) -> None:
    """The owner answers for it, the words are the subject's."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.mei, answer, "human")
    [asked] = w.to(w.owner)
    await w.press(w.owner, asked, "send")
    assert any("Zhou Lan checked these words from Lin's notes" in n for n in w.in_room()[-1].post.card.notes)


async def test_a_press_that_means_nothing_to_us_gets_a_word(w: World) -> None:
    """As on a card of a version that had other buttons."""
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    old = Post("old", Card("Off it goes?", buttons=(Button("launch", "Launch", "e1"),)))
    await w.chat.adapter.post((await the_outcome(w)).thread, old)
    [line] = await w.press(w.mei, w.posts[-1], "launch")
    assert line.post.only_for.key == w.mei.key


async def test_ten_thousand_characters_of_an_answer_arrive(w: World) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN)
    text = "Four hours, because of clause 7. " * 300
    await w.say(w.owner, text, direct=True)
    assert w.in_room()[-1].post.card.text == text.strip()


async def test_a_lively_thread_is_answered_only_when_called(w: World) -> None:
    """T24: six turns in ten minutes, then only an @ gets an answer."""
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    for _ in range(8):
        await w.say(w.mei, "which queue do refunds go to?", root="q", addressed=False)
    assert len(w.in_room()) == 6
    assert len(await w.say(w.mei, "which queue do refunds go to?", root="q")) == 1
    await w.pass_time(minutes=30)
    assert await w.say(w.mei, "which queue do refunds go to?", root="q", addressed=False)
