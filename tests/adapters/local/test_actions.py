"""What people do on the page: kept by the bot before the page hears yes, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from adapters.local import Line, LocalChat
from adapters.local.entry import Body
from adapters.local.rooms import Saying
from adapters.model import Button, Card, Field, Form, Gone, Inbound, Message, Opened, Post, Press
from tests.adapters.contract import Host
from tests.adapters.local.clock import ticking
from tests.adapters.local.conftest import Visitor

NONCE = "0123456789abcdef"


async def error(response: object) -> tuple[int, str]:
    return response.status, (await response.json())["error"]  # type: ignore[attr-defined]  # a ClientResponse


async def test_words_the_bot_could_not_keep_are_refused_and_seen_by_nobody(
    chat: LocalChat, host: Host, visitor: Visitor
) -> None:
    """Given a bot that fails, when somebody speaks, then they hear so, nothing stands in the room or is said at
    the next start, and the same words sent again are said once."""
    host.refuse = 1
    assert await error(await visitor.say("chen", "hello", nonce=NONCE)) == (503, "not_kept")
    assert await visitor.sees("lin") == []
    assert await chat.rooms.unconfirmed() == []
    assert (await visitor.say("chen", "hello", nonce=NONCE)).status == 200
    assert [entry["body"]["text"] for entry in await visitor.sees("lin")] == ["hello"]


async def test_sending_again_what_arrived_is_not_saying_it_again(host: Host, visitor: Visitor) -> None:
    """The answer to the first try was lost on the way; the page repeats it with the same nonce."""
    first = await (await visitor.say("chen", "hello", nonce=NONCE)).json()
    again = await (await visitor.say("chen", "hello", nonce=NONCE)).json()
    assert first == again
    assert len(await visitor.sees("lin")) == 1
    assert len(host.events) == 1


async def test_two_people_may_use_the_same_nonce(visitor: Visitor) -> None:
    """Otherwise one could learn, or block, what another says."""
    await visitor.say("chen", "mine", nonce=NONCE)
    await visitor.say("lin", "also mine", nonce=NONCE)
    assert [entry["body"]["text"] for entry in await visitor.sees("ada")] == ["mine", "also mine"]


async def test_a_crash_between_bot_and_page_loses_nothing(chat: LocalChat, host: Host, visitor: Visitor) -> None:
    """The bot has it, the page does not show it: the next start hands it over again under the same key and
    shows it."""
    entry = await chat.rooms.propose(Saying("C1", "", "chen", Body(text="hello")), "chen:crashed1", ticking()())
    assert await visitor.sees("lin") == []
    with chat.live.watch() as shown:
        running = asyncio.create_task(chat.run(host))
        await asyncio.wait_for(shown.wait(), 5)
    running.cancel()
    assert [event.key for event in host.events] == [chat.message(entry).key]
    assert [seen["id"] for seen in await visitor.sees("lin")] == [entry.id]


async def test_a_start_at_which_the_bot_fails_keeps_what_is_unconfirmed_for_the_next(
    chat: LocalChat, visitor: Visitor
) -> None:
    tried = asyncio.Event()

    class Broken(Host):
        async def receive(self, event: Inbound) -> None:
            tried.set()
            raise OSError("the disk is full")

    await chat.rooms.propose(Saying("C1", "", "chen", Body(text="hello")), "chen:crashed1", ticking()())
    running = asyncio.create_task(chat.run(Broken()))
    await asyncio.wait_for(tried.wait(), 5)
    running.cancel()
    assert await visitor.sees("lin") == []
    assert len(await chat.rooms.unconfirmed()) == 1


async def test_a_command_is_between_its_author_and_the_bot(host: Host, visitor: Visitor) -> None:
    await visitor.say("ada", "/understudy retire mei")
    command = await host.event()
    assert isinstance(command, Message)
    assert (command.command, command.addressed, command.text, command.thread.root) == (True, True, "retire mei", "")
    assert await visitor.sees("chen") == []
    assert (await visitor.sees("ada"))[0]["only_for"] == "ada"


async def test_the_answer_to_a_command_stands_beside_it(chat: LocalChat, host: Host, visitor: Visitor) -> None:
    """A command has no thread; whoever answers in one is understood."""
    id = await visitor.said("ada", "/understudy status")
    await chat.post(chat.thread("C1", id), Post("k", Card("All well."), only_for=chat.person_of("ada")))
    assert [entry["root"] for entry in await visitor.sees("ada")] == ["", ""]
    assert await visitor.sees("chen") == []


@pytest.mark.parametrize("chat_id", ["C2", "D-lin", "C404"])
async def test_nobody_speaks_where_they_do_not_read(host: Host, visitor: Visitor, chat_id: str) -> None:
    assert await error(await visitor.say("chen", "hello", chat=chat_id)) == (404, "no_room")
    assert host.events == []


async def test_what_cannot_be_said_is_refused_with_its_reason(host: Host, visitor: Visitor) -> None:
    assert await error(await visitor.say("chen", "  \n ")) == (400, "empty")
    assert await error(await visitor.say("chen", "x", nonce="short")) == (400, "malformed")
    assert await error(await visitor.say("chen", "x" * 12_001)) == (400, "malformed")
    assert await error(await visitor.say("chen", "x" * 70_000)) == (413, "too_long")
    assert await error(await visitor.say("nobody", "x")) == (403, "nobody")
    assert await error(await visitor.post("chen", "say", {"chat": "C1", "evil": 1})) == (400, "malformed")
    assert host.events == []


async def test_only_what_is_a_conversation_can_be_replied_to(chat: LocalChat, visitor: Visitor) -> None:
    """Not the past, not a reply, not what one person sees, not what does not exist."""
    now = ticking()()
    await chat.seed([Line("C1", "1700000000.000100", "Old", now, "long ago")])
    command = await visitor.said("chen", "/understudy help")
    root = await visitor.said("chen", "a question")
    reply = await visitor.said("lin", "a reply", root=root)
    for bad in ("1700000000.000100", command, reply, "1.1"):
        assert await error(await visitor.say("chen", "and?", root=bad)) == (409, "no_thread")
    assert [entry["body"]["text"] for entry in await visitor.sees("chen", root=root)] == ["a question", "a reply"]


async def card(chat: LocalChat, *buttons: Button, **post: object) -> dict[str, str]:
    receipt = await chat.post(chat.thread("C1"), Post("card", Card("?", buttons=buttons), **post))  # type: ignore[arg-type]  # fields of Post
    button = buttons[0]
    return {
        "chat": "C1",
        "message": receipt.message_id,
        "action": button.action,
        "value": button.value,
        "nonce": NONCE,
    }


async def test_only_a_button_that_stands_there_can_be_pressed(
    chat: LocalChat, host: Host, visitor: Visitor
) -> None:
    """Neither another action nor another value, nor one of a card that is not for this person, nor one of a card
    that was rewritten."""
    pressed = await card(chat, Button("yes", "Yes", "v1"), only_for=chat.person_of("lin"))
    for change in ({"action": "no"}, {"value": "v2"}, {"message": "1"}):
        assert await error(await visitor.post("lin", "press", {**pressed, **change})) == (409, "no_button")
    assert await error(await visitor.post("chen", "press", pressed)) == (409, "no_button")
    assert (await visitor.post("lin", "press", pressed)).status == 200
    event = await host.event()
    assert isinstance(event, Press)
    assert (event.author.key, event.value, event.message_id) == ("local:lin", "v1", pressed["message"])
    await chat.post(chat.thread("C1"), Post("card2", Card("Settled."), replaces=pressed["message"]))
    assert await error(await visitor.post("lin", "press", pressed)) == (409, "no_button")


async def test_a_form_says_which_fields_count(chat: LocalChat, host: Host, visitor: Visitor) -> None:
    """What the page adds is dropped, and action and value come from the bot's form, not from the page."""
    pressed = await card(chat, Button("edit", "Edit", "v1", opens_form=True))
    fields = (Field("text", "Text"), Field("why", "Why"))
    host.forms["edit"] = Form("edited", "v9", "Edit", "Send", "Cancel", fields)
    shown = await (await visitor.post("lin", "form", pressed)).json()
    assert [field["name"] for field in shown["fields"]] == ["text", "why"]
    await visitor.post("lin", "press", {**pressed, "fields": {"text": "Ask Ana.", "admin": "yes"}})
    event = await host.event()
    assert isinstance(event, Press)
    assert (event.action, event.value, event.fields) == ("edited", "v9", {"text": "Ask Ana.", "why": ""})


async def test_a_press_that_was_not_kept_is_refused(chat: LocalChat, host: Host, visitor: Visitor) -> None:
    pressed = await card(chat, Button("yes", "Yes", "v1"))
    host.refuse = 1
    assert await error(await visitor.post("lin", "press", pressed)) == (503, "not_kept")


async def test_one_can_take_back_ones_own_words_and_the_bot_hears_of_it(host: Host, visitor: Visitor) -> None:
    """What hangs below stays; of the words nothing does."""
    id = await visitor.said("chen", "my phone is 13800000000")
    await visitor.said("lin", "noted", root=id)
    pointed = {"chat": "C1", "message": id}
    assert await error(await visitor.post("lin", "delete", pointed)) == (404, "no_message")
    assert (await visitor.post("chen", "delete", pointed)).status == 200
    gone = host.events[-1]
    assert isinstance(gone, Gone)
    assert gone.message_id == id
    (stub,) = await visitor.sees("ada")
    assert (stub["kind"], stub["body"]["text"], stub["replies"]) == ("gone", "", 1)


async def test_words_stay_when_the_bot_could_not_hear_that_they_go(host: Host, visitor: Visitor) -> None:
    """Otherwise what was cited from them would outlive them unnoticed."""
    id = await visitor.said("chen", "hello")
    host.refuse = 1
    assert await error(await visitor.post("chen", "delete", {"chat": "C1", "message": id})) == (503, "not_kept")
    assert (await visitor.sees("chen"))[0]["body"]["text"] == "hello"


async def test_the_bot_hears_when_a_direct_chat_is_opened_for_the_first_time(
    chat: LocalChat, host: Host, visitor: Visitor
) -> None:
    await visitor.post("lin", "open", {})
    opened = await host.event()
    assert isinstance(opened, Opened)
    assert opened.thread == await chat.direct(chat.person_of("lin"))
    await chat.post(opened.thread, Post("hello", Card("Welcome.")))
    await visitor.post("lin", "open", {})
    assert len(host.events) == 1


async def test_in_a_direct_chat_a_command_hides_from_nobody(host: Host, visitor: Visitor) -> None:
    """Nobody else reads there anyway, and the bot is told all the same that it is a command."""
    await visitor.say("ada", "/understudy status", chat="D-ada")
    command = await host.event()
    assert isinstance(command, Message)
    assert command.command
    assert (await visitor.sees("ada", "D-ada"))[0]["only_for"] == ""
