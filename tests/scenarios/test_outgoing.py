"""T11, T12: a secret does not leave, whoever typed it; and nobody's words are changed behind their back."""

from __future__ import annotations

import pytest
from msgspec import structs

from tests.scenarios.world import World

ASK = "What is the login of the badge printer in Lisbon?"
RETRY = "How often does the payment retry job run?"


@pytest.mark.parametrize(
    "secret",
    [
        "The password is hunter2-Blue!",
        "密码是 Tr0ub4dor&3",
        "use AKIAIOSFODNN7EXAMPLE for it",
        "ＡＫＩＡIOSFODNN7EXAMPLE",
        "QUtJQUlPU0ZPRE5ON0VYQU1QTEU=",
    ],
)
async def test_t11_an_owners_answer_that_holds_a_secret_is_not_sent_and_they_hear_why(
    w: World, secret: str
) -> None:
    await w.persona()
    await w.say(w.mei, ASK)
    asked = w.to(w.owner)[-1]
    before = len(w.in_room())
    await w.press(w.owner, asked, "mine", text=f"It stands on the wall. {secret}")
    assert len(w.in_room()) == before
    told = w.to(w.owner)[-1].post.card.text
    assert told.startswith("Not sent")
    assert "Mei" in told
    assert secret not in str([each.post for each in w.posts])
    assert secret not in str([p.text for p in await (await w.app.services.library.file("lin")).all()])
    await w.press(w.owner, asked, "mine", text="It stands on the wall beside the printer.")
    assert w.in_room()[-1].post.card.text == "It stands on the wall beside the printer."


async def test_t11_a_number_to_call_may_be_the_answer(w: World) -> None:
    """What is not kept of people need not be kept from the one who asks: it is said, and not learnt."""
    await w.persona()
    await w.say(w.mei, "Whom do I call about the badge printer in Lisbon?")
    await w.press(w.owner, w.to(w.owner)[-1], "mine", text="Call Ribeiro, 13812345678, before noon.")
    assert "13812345678" in w.in_room()[-1].post.card.text
    assert "13812345678" not in str([p.text for p in await (await w.app.services.library.file("lin")).all()])


async def test_t11_what_an_older_import_let_in_is_not_quoted(w: World) -> None:
    """The rules may have learnt since."""
    await w.persona()
    file = await w.app.services.library.file("lin")
    [told] = [each for each in await file.all() if each.id == "a1"]
    await file.add([structs.replace(told, text=f"{told.text} The password is hunter2-Blue!")])
    [answer] = await w.say(w.mei, RETRY)
    shown = str(answer.post.card)
    assert "every 15 minutes" in shown
    assert "hunter2" not in shown
