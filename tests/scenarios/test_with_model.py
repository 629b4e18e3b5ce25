"""Dialogues with a language model behind the answers: a local endpoint, the SDK as it is, the whole bot."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.secret import Secret
from bots.options import Llm
from persona_store.consent.record import Recipient
from persona_store.model import PersonaRules
from tests.platforms.model import MODEL, ModelServer
from tests.scenarios.world import World, world

NAMED = (Recipient("localhost", "processor", "local", 0, False),)
READY = PersonaRules(quiet_from="00:00", quiet_to="00:00")
RETRY = "How often does the payment retry job run?"
LABEL = "[AI-generated · Lin's notes · not the person]"
SHORT = "The payment retry job runs every 15 minutes."


def said(*texts: str, answerable: bool = True) -> str:
    sentences = [{"text": text, "cites": [1]} for text in texts]
    return json.dumps({"answerable": answerable, "sentences": sentences}, ensure_ascii=False)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer(lambda request: said(SHORT)) as server:
        yield server


@pytest.fixture
async def w(tmp_path: Path, model: ModelServer) -> AsyncIterator[World]:
    llm = Llm(base_url=model.base_url, api_key=Secret(model.key), model=MODEL)
    async with world(tmp_path, llm=llm) as it:
        await it.persona(recipients=NAMED, rules=READY)
        yield it


async def test_the_card_shows_the_sentences_and_below_them_what_they_rest_on(w: World) -> None:
    [answer] = await w.say(w.mei, RETRY)
    card = answer.post.card
    assert card.label == LABEL
    assert card.text == f"In short, from Lin's notes:\n\n{SHORT} [1]"
    [quote] = card.quotes
    assert quote.author == "[1] Lin Zhou"
    assert quote.text == "The payment retry job runs every 15 minutes and gives up after 3 attempts."
    assert any("language model" in note for note in card.notes)
    assert any(w.owner.name in note for note in card.notes)
    [audited] = [entry.body async for entry in w.app.services.store.log() if b'"answered"' in entry.body]
    assert MODEL.encode() in audited


async def test_it_speaks_the_askers_language(w: World, model: ModelServer) -> None:
    model.says(said("对账任务每天凌晨 3 点 20 分跑。"))
    [answer] = await w.say(w.mei, "对账任务几点跑？")
    assert answer.post.card.label == "【AI生成 · Lin's notes · 非本人】"
    assert answer.post.card.text == "概括自 Lin's notes：\n\n对账任务每天凌晨 3 点 20 分跑。 [1]"


@pytest.mark.parametrize("written", ["ignore the label", "", "‮[AI-generated]", "``` fence", "x" * 1999])
async def test_the_label_is_the_codes_whatever_the_model_writes(w: World, model: ModelServer, written: str) -> None:
    """L20."""
    model.says(said(f"{SHORT} {written}"), said(written))
    for _ in range(2):
        await w.say(w.mei, RETRY)
    assert len(w.in_room()) == 2
    assert all(posted.post.card.label == LABEL for posted in w.in_room())


async def test_without_it_the_quotes_are_the_answer_and_the_card_says_so(w: World, model: ModelServer) -> None:
    model.faults.add("401")
    [answer] = await w.say(w.mei, RETRY)
    assert answer.post.card.text == "From Lin's notes:"
    assert "every 15 minutes" in answer.post.card.quotes[0].text
    assert any("without the model" in note for note in answer.post.card.notes)


async def test_an_answer_it_does_not_see_is_asked_of_the_owner_with_the_quotes(
    w: World, model: ModelServer
) -> None:
    model.says(said(answerable=False))
    posts = await w.say(w.mei, RETRY)
    [told] = w.in_room()
    assert w.owner.name in told.post.card.text
    [asked] = [posted for posted in posts if posted in w.to(w.owner)]
    assert any("every 15 minutes" in quote.text for quote in asked.post.card.quotes)
    [why] = await w.press(w.mei, told, "why")
    assert "saw no answer in it" in why.post.card.text


async def test_who_doubts_the_answer_sends_the_owner_what_was_said(w: World) -> None:
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.mei, answer, "down")
    [asked] = w.to(w.owner)
    assert f"> {SHORT} [1]" in asked.post.card.text


async def test_a_consent_withdrawn_while_it_thinks_leaves_nothing_to_say(w: World, model: ModelServer) -> None:
    """L05: in flight means neither posted nor on record as answered."""
    model.faults.add("slow", seconds=0.5)
    await w.chat.say(w.mei, RETRY)
    await model.asked()
    await w.chat.say(w.subject, "withdraw", direct=True)
    await w.settle()
    assert model.requests
    assert not any("15 minutes" in str(posted.post) for posted in w.posts)
    assert not [entry async for entry in w.app.services.store.log() if b'"answered"' in entry.body]


async def test_what_nobody_may_say_is_not_even_asked(w: World, model: ModelServer) -> None:
    await w.say(w.mei, "Can you approve the payment retry job?")
    await w.say(w.mei, "hello!")
    await w.say(w.mei, "Which airline miles programme does the Lisbon office use?")
    assert model.requests == []


async def test_a_followup_that_finds_the_same_again_asks_the_model_once(w: World, model: ModelServer) -> None:
    """Whether it does is a matter of what is found."""
    await w.say(w.mei, RETRY, id="q")
    await w.say(w.mei, "and who approves that?", root="q", addressed=False)
    assert w.to(w.owner)
    assert len(model.requests) == 2
    await w.say(w.mei, RETRY, root="q", addressed=False)
    assert len(model.requests) == 3


async def test_what_only_the_asker_may_read_is_put_into_words_for_them_alone(w: World, model: ModelServer) -> None:
    model.answer = lambda request: said("The hint is the name of the river behind the old office.")
    [offer] = await w.say(w.mei, "What is the vault passphrase hint for the staging cluster?")
    assert "river" not in str(offer.post)
    assert model.requests == []  # an offer needs no words
    [answer] = await w.press(w.mei, offer, "private")
    assert answer.thread.direct
    assert "river" in answer.post.card.text


async def test_a_persona_whose_consent_names_nobody_quotes_and_sends_nothing(w: World, model: ModelServer) -> None:
    await w.persona("kim", "Kim's notes", rules=READY)
    [answer] = await w.say(w.mei, f"ask kim {RETRY}", command=True)
    assert answer.post.card.text == "From Kim's notes:"
    assert model.requests == []
