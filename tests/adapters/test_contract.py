"""The laws every adapter keeps, run on every harness there is (see contract.py)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unreachable
from adapters.model import Button, Card, Field, Form, Message, Post, Press, Quote, Thread
from adapters.protocol import CanEdit, CanFind, CanRetract, HasAudience, HasConnection, HasPeople, HasStatus
from tests.adapters.contract import ABILITIES, PORTS, Harness, discovered

FOUND = discovered()
needs = pytest.mark.needs  # the abilities a law is about; without one of them it has nothing to try


@pytest.fixture(params=sorted(FOUND))
async def h(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    async with FOUND[request.param]() as harness:
        for mark in request.node.iter_markers("needs"):
            for ability in mark.args:
                if ability in harness.lacks:
                    pytest.skip(f"{ABILITIES[ability]}: {harness.lacks[ability]}")
        yield harness


def a_post(key: str, text: str = "Lin approves them.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


def with_button(button: Button) -> Post:
    return Post("with-button", Card("Was it right?", label="AI answer", buttons=(button,)))


async def message(h: Harness, count: int = 1) -> Message:
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


async def press(h: Harness, count: int) -> Press:
    event = await h.host.event(count)
    assert isinstance(event, Press)
    return event


# what comes in -------------------------------------------------------------------------------------------------


async def test_a_mention_arrives_addressed_and_without_the_bots_own_name(h: Harness) -> None:
    """The text is what the person means, the id is the platform's, the author's key is who they are."""
    id = await h.say(h.ana, "who approves invoices < 100 & more?", chat=h.room)
    said = await message(h)
    assert (said.id, said.text, said.addressed) == (id, "who approves invoices < 100 & more?", True)
    assert said.author.key == h.ana.key
    assert not said.author.external
    assert (said.thread.platform, said.thread.chat) == (h.adapter.name, h.room.chat)
    assert said.at.utcoffset() is not None


@needs("threads")
async def test_a_mention_outside_a_thread_is_answered_in_a_thread_of_its_own(h: Harness) -> None:
    """A reply hangs from the question."""
    first = await h.say(h.ana, "one?", chat=h.room)
    assert (await message(h)).thread.root == first


async def test_two_questions_side_by_side_are_two_lanes(h: Harness) -> None:
    """Who asks beside somebody else neither waits for them nor gets into their conversation."""
    await h.say(h.ana, "one?", chat=h.room)
    await message(h)
    await h.say(h.lin, "two?", chat=h.room)
    assert (await message(h, 1)).thread.lane != (await message(h, 2)).thread.lane


async def test_what_is_delivered_twice_has_one_key(h: Harness) -> None:
    """The host can only drop a redelivery if both carry the same key."""
    await h.say(h.ana, "who?", chat=h.room, twice=True)
    await h.host.delivered(2)
    assert len(h.host.events) == 1


@needs("follow_ups")
async def test_a_follow_up_in_a_thread_arrives_unaddressed_in_the_same_lane(h: Harness) -> None:
    """Inside a thread the bot knows nobody needs to name it again."""
    root = await h.say(h.ana, "who approves?", chat=h.room)
    first = await message(h)
    await h.say(h.ana, "and who signs?", chat=h.room, thread=root, mention=False)
    second = await message(h, 2)
    assert (second.text, second.addressed) == ("and who signs?", False)
    assert second.thread.lane == first.thread.lane


async def test_a_direct_message_is_always_addressed(h: Harness) -> None:
    await h.dm(h.lin, "personas")
    said = await message(h)
    assert said.addressed
    assert said.thread.direct
    assert said.author.key == h.lin.key


@needs("outsiders")
async def test_somebody_from_outside_is_marked(h: Harness) -> None:
    """Guests and strangers get one polite line and no retrieval: the mark is what that hangs on."""
    await h.dm(h.guest, "who approves?")
    assert (await message(h)).author.external


@needs("redelivery")
async def test_an_event_that_could_not_be_kept_is_brought_again(h: Harness) -> None:
    """No ack without durability: if receive raises, the platform still has the event."""
    h.host.refuse = 1
    await h.dm(h.ana, "who approves?")
    assert (await message(h)).text == "who approves?"
    assert h.host.deliveries >= 2


# what goes out -------------------------------------------------------------------------------------------------


async def test_a_post_stands_in_its_thread_with_its_label_first(h: Harness) -> None:
    """The AI label is indelible: nothing is read before it."""
    root = await h.say(h.ana, "who?", chat=h.room)
    said = await message(h)
    receipt = await h.adapter.post(said.thread, a_post("k1"))
    (standing,) = await h.standing()
    assert standing.id == receipt.message_id
    assert standing.text.startswith("AI answer")
    assert "Lin approves them." in standing.text
    assert (standing.chat, standing.root) == (h.room.chat, "" if "threads" in h.lacks else root)


async def test_a_repeated_key_places_nothing_new(h: Harness) -> None:
    first = await h.adapter.post(h.room, a_post("k1"))
    second = await h.adapter.post(h.room, a_post("k1"))
    assert second.message_id == first.message_id
    assert len(await h.standing()) == 1


@needs("limits")
async def test_later_means_later(h: Harness) -> None:
    """A rate limit says how long, and nothing was placed."""
    h.fail("later")
    with pytest.raises(RateLimited) as caught:
        await h.adapter.post(h.room, a_post("k1"))
    assert caught.value.retry_after == 7
    assert await h.standing() == []
    await h.adapter.post(h.room, a_post("k1"))
    assert len(await h.standing()) == 1


async def test_a_platform_that_is_down_placed_nothing(h: Harness) -> None:
    h.fail("down")
    with pytest.raises(Unreachable) as caught:
        await h.adapter.post(h.room, a_post("k1"))
    assert not caught.value.placed
    await h.adapter.post(h.room, a_post("k1"))
    assert len(await h.standing()) == 1


@needs("repeats")
async def test_a_lost_answer_is_settled_by_its_key(h: Harness) -> None:
    """The post stands there although the call failed: find sees it and a repeat does not double it."""
    said_in = await h.adapter.direct(h.ana)
    h.fail("lost")
    with pytest.raises(Unreachable) as caught:
        await h.adapter.post(said_in, a_post("k1"))
    assert caught.value.placed
    if isinstance(h.adapter, CanFind):
        found = await h.adapter.find(said_in, "k1")
        assert found is not None
        assert await h.adapter.find(said_in, "k2") is None
    await h.adapter.post(said_in, a_post("k1"))
    assert len(await h.standing()) == 1


async def test_a_chat_that_does_not_exist_is_not_found(h: Harness) -> None:
    """Retrying is useless, and the caller must see that from the class."""
    with pytest.raises(NotFound):
        await h.adapter.post(h.nowhere, a_post("k1"))


async def test_anyone_can_be_written_to_directly_though_they_never_wrote(h: Harness) -> None:
    """Owners are asked in a direct chat, wherever the question came from."""
    thread = await h.adapter.direct(h.lin)
    assert thread.direct
    assert thread == await h.adapter.direct(h.lin)
    await h.adapter.post(thread, a_post("k1", "Can you answer this?"))
    (standing,) = await h.standing()
    assert standing.chat == thread.chat


async def test_what_is_for_one_person_is_seen_by_them_alone(h: Harness) -> None:
    await h.adapter.post(h.room, a_post("k1", only_for=h.ana))
    (standing,) = await h.standing()
    if "whispers" in h.lacks:
        assert standing.chat == (await h.adapter.direct(h.ana)).chat
    else:
        assert (standing.chat, standing.only_for) == (h.room.chat, h.ana.id)


@needs("rewrite")
async def test_a_post_that_replaces_another_leaves_one(h: Harness) -> None:
    first = await h.adapter.post(h.room, a_post("k1", "I have asked Lin."))
    await h.adapter.post(h.room, a_post("k2", "Lin says yes.", replaces=first.message_id))
    (standing,) = await h.standing()
    assert "Lin says yes." in standing.text
    assert "I have asked Lin." not in standing.text


@needs("rewrite")
async def test_an_edit_rewrites_in_place(h: Harness) -> None:
    assert isinstance(h.adapter, CanEdit)
    receipt = await h.adapter.post(h.room, a_post("k1", "Draft."))
    edited = await h.adapter.edit(receipt, a_post("k1", "Final."))
    (standing,) = await h.standing()
    assert standing.id == edited.message_id == receipt.message_id
    assert "Final." in standing.text


@needs("retract")
async def test_l12_what_is_removed_is_shown_to_nobody_any_more(h: Harness) -> None:
    """L12: all messages of a post, and a repeat does no harm."""
    assert isinstance(h.adapter, CanRetract)
    words = " ".join(f"word{n}" for n in range(4000))
    marked = a_post("k1:removed", "Removed.")
    for receipt in [await h.adapter.post(h.room, a_post("k1", words)), await h.adapter.post(h.room, a_post("k2"))]:
        assert await h.adapter.retract(receipt, marked) in ("deleted", "marked")
        with contextlib.suppress(Rejected):  # DingTalk does not tell gone from too old
            assert await h.adapter.retract(receipt, marked) in ("gone", "marked")
    assert all("Removed." in standing.text for standing in await h.standing())
    assert not any("word" in standing.text for standing in await h.standing())


async def test_a_long_text_is_shown_whole(h: Harness) -> None:
    """Whatever the platform's limit, the last word arrives, and every message that is needed says what it is."""
    words = " ".join(f"word{n}" for n in range(4000))
    await h.adapter.post(h.room, a_post("k1", words))
    shown = await h.standing()
    assert "word3999" in shown[-1].text
    assert all(standing.text.startswith("AI answer") for standing in shown)
    await h.adapter.post(h.room, a_post("k1", words))
    assert len(await h.standing()) == len(shown)


async def test_words_from_people_stay_words(h: Harness) -> None:
    """What would call everybody elsewhere is shown as it was written."""
    evil = "<!channel> <@U2> @all ![x](https://evil.example/p.png) <at id=all></at>"
    await h.adapter.post(h.room, Post("k1", Card(evil, quotes=(Quote(evil, "Ana", "May", "#general"),))))
    (standing,) = await h.standing()
    assert "<!channel>" in standing.text
    assert "<at id=all>" in standing.text


# buttons, forms, people ----------------------------------------------------------------------------------------


@needs("buttons")
async def test_a_press_says_who_pressed_what_where(h: Harness) -> None:
    receipt = await h.adapter.post(h.room, with_button(Button("up", "👍", "opaque-1")))
    await h.press(h.lin, receipt, "up")
    pressed = await press(h, 1)
    assert (pressed.action, pressed.value, pressed.fields) == ("up", "opaque-1", {})
    assert pressed.author.key == h.lin.key
    assert (pressed.thread.chat, pressed.message_id) == (h.room.chat, receipt.message_id)


@needs("forms")
async def test_a_form_comes_back_filled(h: Harness) -> None:
    """What the form is about rides along with it; only the fields are the person's."""
    fields = (Field("text", "Answer", "draft", "lines"), Field("who", "Person", kind="person"))
    h.host.forms["edit"] = Form("edited", "opaque-2", "Edit the answer", "Send", "Cancel", fields)
    receipt = await h.adapter.post(h.room, with_button(Button("edit", "Edit", "opaque-1", opens_form=True)))
    await h.press(h.lin, receipt, "edit", {"text": "Ask Ana.", "who": h.ana.id})
    submitted = await press(h, 1)
    assert (submitted.action, submitted.value) == ("edited", "opaque-2")
    assert submitted.fields == {"text": "Ask Ana.", "who": h.ana.id}
    assert (submitted.author.key, submitted.message_id) == (h.lin.key, receipt.message_id)


@needs("buttons")
async def test_a_form_nobody_offers_is_a_press(h: Harness) -> None:
    """The bot then says why not, instead of a button that does nothing."""
    receipt = await h.adapter.post(h.room, with_button(Button("edit", "Edit", "opaque-1", opens_form=True)))
    await h.press(h.ana, receipt, "edit")
    pressed = await press(h, 1)
    assert (pressed.action, pressed.value, pressed.fields) == ("edit", "opaque-1", {})


@needs("audience")
async def test_the_audience_is_everyone_who_reads_along(h: Harness) -> None:
    assert isinstance(h.adapter, HasAudience)
    room, private = await h.adapter.audience(h.room), await h.adapter.audience(h.private)
    assert room.public
    assert not private.public
    assert {person.key for person in private.members} == {h.ana.key}
    direct = await h.adapter.audience(await h.adapter.direct(h.lin))
    assert not direct.public
    assert {person.key for person in direct.members} == {h.lin.key}


@needs("audience")
async def test_an_unknown_audience_is_an_error(h: Harness) -> None:
    """Unknown means deny; an empty audience would mean nobody objects."""
    assert isinstance(h.adapter, HasAudience)
    with pytest.raises(AdapterError):
        await h.adapter.audience(h.nowhere)


@needs("people")
async def test_people_are_known_by_their_id(h: Harness) -> None:
    assert isinstance(h.adapter, HasPeople)
    assert (await h.adapter.person(h.lin.id)).name == "Lin"
    assert (await h.adapter.person(h.guest.id)).external
    with pytest.raises(NotFound):
        await h.adapter.person("U404")


@needs("status")
async def test_showing_that_one_is_at_work_never_fails(h: Harness) -> None:
    assert isinstance(h.adapter, HasStatus)
    await h.adapter.working(h.nowhere, "reads")
    await h.adapter.working(Thread(h.adapter.name, h.room.chat, h.room.tenant, root="1.1"), "reads")


@needs("connection")
async def test_it_is_known_whether_events_can_reach_us(h: Harness) -> None:
    assert isinstance(h.adapter, HasConnection)
    assert await h.adapter.connected()


async def test_what_an_adapter_can_is_what_its_harness_says(h: Harness) -> None:
    """The table in docs/adapters/abilities.md is made of `lacks`: here it meets the Protocols."""
    assert set(h.lacks) <= set(ABILITIES)
    able = {ability for ability, port in PORTS.items() if isinstance(h.adapter, port)}
    assert able == set(PORTS) - set(h.lacks)
