"""Who meets the bot for the first time is told what it is (rights.md L31, L34)."""

from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
INTRO = "signed consent"


def introduced(posts: list[object]) -> int:
    return len([p for p in posts if INTRO in str(p)])


async def test_the_first_reply_introduces_also_when_it_is_no_answer(w: World) -> None:
    await w.persona()
    assert introduced([p.post for p in await w.say(w.mei, UNKNOWN) if p.thread.chat == "general"]) == 1
    assert introduced([p.post for p in await w.say(w.mei, RETRY)]) == 0


async def test_everybody_is_introduced_once_in_every_chat(w: World) -> None:
    await w.persona()
    assert introduced([p.post for p in await w.say(w.mei, RETRY)]) == 1
    assert introduced([p.post for p in await w.say(w.ann, RETRY)]) == 1
    assert introduced([p.post for p in await w.say(w.mei, RETRY, direct=True)]) == 1
    assert introduced([p.post for p in await w.say(w.mei, RETRY)]) == 0


async def test_a_room_the_bot_was_added_to_is_told_before_anybody_asks(w: World) -> None:
    await w.persona()
    await w.chat.join("general", times=2)
    await w.settle()
    [notice] = w.in_room()
    assert INTRO in notice.post.card.text
    assert "I am a program" in notice.post.card.text


async def test_opening_the_direct_chat_is_greeted_once(w: World) -> None:
    await w.persona()
    for _ in range(3):
        await w.chat.open(w.mei)
    await w.settle()
    [welcome] = w.to(w.mei)
    assert "Lin's notes" in welcome.post.card.text
