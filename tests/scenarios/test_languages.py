"""Which language somebody is spoken to in."""

import pytest

from tests.scenarios.world import World, folder, world

RETRY = "How often does the payment retry job run?"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/help", "名单"),  # what a menu says for whoever chose from it
        ("personas", "这里可以回答的有"),
        ("帮助", "名单"),
        (f"/understudy {RETRY}", "Answerable for this"),
        (RETRY, "Answerable for this"),
    ],
)
async def test_a_verb_in_latin_letters_says_nothing_of_a_language(text: str, shown: str) -> None:
    with folder() as path:
        async with world(path, lang="zh-CN") as w:
            await w.persona()
            told = [posted.post.card for posted in await w.say(w.mei, text, direct=True)]
            assert any(shown in "\n".join((card.text, *card.notes)) for card in told), told


async def test_an_owner_is_asked_in_the_language_they_write_in(w: World) -> None:
    """The question stays as it was asked; everything around it is for who reads it."""
    await w.persona()
    await w.say(w.owner, "退款走哪个队列？", direct=True)
    await w.say(w.mei, "What is the SLA we promised to the Lisbon warehouse?")
    card = w.to(w.owner)[-1].post.card
    assert "Lisbon" in card.text
    assert card.title == "有个问题想请你回答"


async def test_who_is_forgotten_has_no_language_left(w: World) -> None:
    await w.persona()
    await w.say(w.mei, "退款走哪个队列？", direct=True)
    assert [k async for k, _ in w.app.services.store.scan("spoke/")] != []
    await w.say(w.mei, "/forget", direct=True)
    assert [k async for k, _ in w.app.services.store.scan("spoke/")] == []
