"""Dialogues around one question: answered with evidence, followed up, explained, refused."""

import pytest

from adapters.model import Audience
from bots.agent import decision
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"


async def test_a_question_is_answered_in_its_thread_with_label_quote_and_owner(w: World) -> None:
    """The answer stands below the question, begins with the AI label, and quotes who said it, when and where."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY, id="q")
    assert answer.thread.root == "q"
    card = answer.post.card
    assert card.label == "[AI-generated · Lin's notes · not the person]"
    assert "every 15 minutes" in card.quotes[0].text
    assert (card.quotes[0].author, card.quotes[0].when, card.quotes[0].place) == (
        "Lin Zhou",
        "2026-05-03",
        "#payments",
    )
    assert any("Zhou Lan" in note for note in card.notes)
    assert [b.action for b in card.buttons] == ["up", "down", "human", "why"]


async def test_a_chinese_question_gets_a_chinese_answer(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, "对账任务每天几点跑？")
    assert answer.post.card.label == "【AI生成 · Lin's notes · 非本人】"
    assert "3 点 20" in answer.post.card.quotes[0].text


async def test_words_of_others_are_never_quoted(w: World) -> None:
    """Mei's question is context; only Lin's sentences may appear."""
    await w.persona()
    [answer] = await w.say(w.mei, "which queue do refunds go to")
    assert {q.author for q in answer.post.card.quotes} == {"Lin Zhou"}


async def test_why_explains_to_the_one_who_asks(w: World) -> None:
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    [why] = await w.press(w.ann, answer, "why")
    assert why.post.only_for.key == w.ann.key
    assert why.post.card.text


async def test_a_followup_in_a_known_thread_needs_no_mention(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    posts = await w.say(w.mei, "and which queue do refunds go to?", root="q", addressed=False)
    assert any("refund-slow" in q.text for p in posts for q in p.post.card.quotes)


@pytest.mark.parametrize(
    "text", ["thanks!", "I'll try that", "great, deploying now"], ids=["thanks", "statement", "news"]
)
async def test_talk_among_humans_in_the_thread_is_left_alone(w: World, text: str) -> None:
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    assert await w.say(w.mei, text, root="q", addressed=False) == []


async def test_a_question_to_somebody_else_in_the_thread_is_left_alone(w: World) -> None:
    """S17: it opens with another person's mention."""
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    assert await w.say(w.mei, "@Ann can you look?", root="q", addressed=False, mentions=(w.ann,)) == []


async def test_what_is_not_addressed_to_us_is_not_even_kept(w: World) -> None:
    """P2: no word of an ordinary conversation reaches the store."""
    await w.persona()
    await w.say(w.mei, "canary-7391 is the number", addressed=False)
    backlog = await w.app.services.store.backlog()
    assert w.posts == []
    assert backlog.waiting == 0


async def test_the_same_event_delivered_twenty_times_gets_one_answer(w: World) -> None:
    """T18, E2E: redelivery is the platform's right."""
    await w.persona()
    await w.chat.say(w.mei, RETRY, id="same", times=20)
    await w.settle()
    assert len(w.in_room()) == 1


async def test_private_evidence_is_not_shown_in_a_public_room_but_offered_to_who_may_read_it(w: World) -> None:
    """T06: everyone who reads the reply must be able to read the source."""
    await w.persona()
    hint = "What is the vault passphrase hint for the staging cluster?"
    [offer] = await w.say(w.mei, hint)
    assert offer.post.only_for.key == w.mei.key
    assert "river" not in str(offer.post)
    [answer] = await w.press(w.mei, offer, "private")
    assert answer.thread.direct
    assert "river" in answer.post.card.quotes[0].text


async def test_who_may_not_read_it_learns_nothing_of_a_private_source(w: World) -> None:
    """T09: for Ann it is as if there was nothing."""
    await w.persona()
    posts = await w.say(w.ann, "What is the vault passphrase hint for the staging cluster?")
    assert all("river" not in str(p.post) for p in posts if p.thread.chat != f"dm-{w.owner.id}")
    assert not any(b.action == "private" for p in posts for b in p.post.card.buttons)


async def test_in_a_room_whose_audience_is_unknown_nothing_private_is_used(w: World) -> None:
    """T08: unknown means deny."""
    await w.persona()
    w.chat.room("mystery", None)
    posts = await w.say(w.mei, "What is the vault passphrase hint for the staging cluster?", chat="mystery")
    assert not any("river" in str(p.post) for p in posts if p.thread.chat == "mystery" and p.post.only_for is None)


async def test_somebody_from_outside_gets_one_polite_line(w: World) -> None:
    """T10: no retrieval for guests."""
    await w.persona()
    guest = w.chat.add("U0OUT", "Guest", external=True)
    [line] = await w.say(guest, RETRY)
    assert line.post.card.quotes == ()
    assert "members of this team" in line.post.card.text


@pytest.mark.parametrize(
    ("text", "words"), [("", "Ask me something"), ("x" * 5000, "too long")], ids=["empty", "long"]
)
async def test_what_is_no_question_gets_a_plain_sentence(w: World, text: str, words: str) -> None:
    """CHT-12."""
    await w.persona()
    [line] = await w.say(w.mei, text)
    assert words in line.post.card.text


async def test_in_a_direct_chat_one_can_ask_in_several_turns(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY, direct=True)
    posts = await w.say(w.mei, "and how long does it wait before giving up?", direct=True)
    assert any("gives up after 3 attempts" in q.text for p in posts for q in p.post.card.quotes)


async def test_a_followup_is_not_answered_by_the_same_sentence_again(w: World) -> None:
    """Only the words of the question before would find it: that is no answer to this one."""
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    posts = await w.say(w.mei, "and who approves that?", root="q", addressed=False)
    assert [q for p in posts if p.thread.chat == "general" for q in p.post.card.quotes] == []
    assert len(w.to(w.owner)) == 1


async def test_why_alone_below_an_answer_is_the_command(w: World) -> None:
    """No @ is needed there, and the owner must not get "why?" as a question."""
    await w.persona()
    await w.say(w.mei, RETRY, id="q")
    [why] = await w.say(w.mei, "why?", root="q", addressed=False)
    assert why.post.card.title == "How I found this"
    assert w.to(w.owner) == []


async def test_a_closed_topic_goes_to_a_human_without_a_draft(w: World) -> None:
    await w.persona()
    await w.say(w.mei, "Can you approve the refund to the refund-slow queue?")
    [asked] = w.to(w.owner)
    assert asked.post.card.quotes == ()
    assert "send" not in [b.action for b in asked.post.card.buttons]


async def test_who_it_is_gets_a_plain_sentence(w: World) -> None:
    await w.persona()
    [line] = await w.say(w.mei, "who are you?")
    assert "former colleagues" in line.post.card.text
    assert w.to(w.owner) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hey, how's it going?", "I answer questions"),
        ("perfect, thank you Lin", "welcome"),
        ("好的，谢谢啦", "不客气"),
    ],
)
async def test_small_talk_is_answered_kindly_and_bothers_nobody(w: World, text: str, words: str) -> None:
    await w.persona()
    [line] = await w.say(w.mei, text)
    assert words in line.post.card.text
    assert w.to(w.owner) == []


async def test_what_is_far_from_anything_goes_to_the_owner_without_a_draft(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence beside the point helps neither of them; and it is not said that something was found."""
    monkeypatch.setattr(decision, "SHOWN", 1.01)  # whatever the confidence of the day is, it is too little
    await w.persona()
    posts = await w.say(w.mei, "what is to be done where the retry of a refund fails?")
    assert any("found nothing from" in p.post.card.text for p in posts)
    [asked] = w.to(w.owner)
    assert asked.post.card.quotes == ()
    assert "send" not in [b.action for b in asked.post.card.buttons]


async def test_it_lists_what_it_knows_about(w: World) -> None:
    await w.persona()
    [topics] = await w.say(w.mei, "what do you know about?", direct=True)
    assert "refund" in topics.post.card.text.lower() or "retry" in topics.post.card.text.lower()


class TestSeveralPersonas:
    async def test_a_name_chooses(self, w: World) -> None:
        await w.persona()
        await w.persona("bo", "Bo's notes")
        [answer] = await w.say(w.mei, "bo: " + RETRY)
        assert "Bo's notes" in answer.post.card.label

    async def test_without_a_name_one_is_asked_whom_one_means(self, w: World) -> None:
        await w.persona()
        await w.persona("bo", "Bo's notes")
        [picker] = await w.say(w.mei, RETRY)
        assert [b.action for b in picker.post.card.buttons] == ["pick:bo", "pick:lin"]
        [answer] = await w.press(w.mei, picker, "pick:lin")
        assert "Lin's notes" in answer.post.card.label

    async def test_the_thread_keeps_its_persona(self, w: World) -> None:
        await w.persona()
        await w.persona("bo", "Bo's notes")
        await w.say(w.mei, "bo: " + RETRY, id="q")
        posts = await w.say(w.mei, "which queue do refunds go to?", root="q", addressed=False)
        assert "Bo's notes" in posts[0].post.card.label

    async def test_a_chat_can_have_a_default(self, w: World) -> None:
        await w.persona()
        await w.persona("bo", "Bo's notes")
        await w.say(w.admin, "/bind bo")
        posts = await w.say(w.mei, RETRY)
        assert "Bo's notes" in posts[0].post.card.label

    async def test_an_unknown_name_gets_a_plain_sentence(self, w: World) -> None:
        """E10: never another persona."""
        await w.persona()
        [line] = await w.say(w.mei, "ask carl: " + RETRY)
        assert "carl" in line.post.card.text
        assert line.post.card.quotes == ()


async def test_people_of_a_private_room_who_could_all_read_the_source_get_it_there(w: World) -> None:
    await w.persona()
    w.chat.room("both", Audience(public=False, members=(w.mei, w.subject)))
    [answer] = await w.say(w.mei, "What is the vault passphrase hint for the staging cluster?", chat="both")
    assert "river" in answer.post.card.quotes[0].text


async def test_a_deleted_source_message_is_not_quoted_any_more(w: World) -> None:
    """WHK-13: the export knows it by an id of its own, the platform by place and time."""
    await w.persona()
    [source] = [p for p in w.passages() if p.id == "a1"]
    await w.chat.unsay(source)
    await w.settle()
    posts = await w.say(w.mei, RETRY)
    assert "15 minutes" not in str([p.post for p in posts])
