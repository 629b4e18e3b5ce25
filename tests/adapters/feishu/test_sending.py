"""Saying things once: every way a call can end, and what the next attempt then does."""

from __future__ import annotations

import asyncio
import json

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.feishu.adapter import FeishuAdapter
from adapters.model import Button, Card, Field, Form, Message, Person, Post, Press, Thread
from tests.adapters.feishu.harness import ANA, GUEST, LIN, PRIVATE, ROOM, FeishuHarness, config_for, connected
from tests.platforms.feishu_cards import elements, value_of

LONG = "\n\n".join(f"Paragraph {n}. " + "word " * 300 for n in range(40))


def answer(key: str = "k1", text: str = "Lin does.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def asked(h: FeishuHarness, text: str = "who?") -> Message:
    count = len(h.host.events) + 1
    await h.say(h.ana, text, chat=h.room)
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize(
    ("fault", "kind", "placed", "standing"),
    [
        ("429", RateLimited, None, 0),
        ("500", Unreachable, True, 0),
        ("502", Unreachable, True, 0),
        ("503", Unreachable, False, 0),
        ("reset", Unreachable, True, 0),
        ("lost", Unreachable, True, 1),
    ],
)
@pytest.mark.parametrize("where", ["thread", "direct"])
async def test_whatever_happens_to_the_call_there_is_one_message_in_the_end(
    where: str, fault: str, kind: type[AdapterError], placed: bool | None, standing: int
) -> None:
    """And nothing has tried a second time behind our back."""
    async with connected("ws") as h:
        thread = (await asked(h)).thread if where == "thread" else await h.adapter.direct(h.lin)
        h.feishu.faults.add(fault, on="im.message.*", seconds=1)
        with pytest.raises(kind) as caught:
            await h.adapter.post(thread, answer())
        assert getattr(caught.value, "placed", None) is placed
        assert len(h.feishu.called("im.message.create")) + len(h.feishu.called("im.message.reply")) == 1
        assert len(await h.standing()) == standing
        await h.adapter.post(thread, answer())
        assert len(await h.standing()) == 1


async def test_feishu_not_being_there_placed_nothing() -> None:
    async with connected("ws") as h:
        said = await asked(h)
        async with h.feishu.outage(refused=True):
            with pytest.raises(Unreachable) as caught:
                await h.adapter.post(said.thread, answer())
            assert not caught.value.placed
        await h.adapter.post(said.thread, answer())
        assert len(await h.standing()) == 1


@pytest.mark.parametrize("text", ["Lin does.", LONG])
async def test_another_process_that_remembers_nothing_says_it_no_second_time(text: str) -> None:
    """After a crash between Feishu's yes and our writing it down: the uuid is the post's, not the attempt's."""
    async with connected("ws") as h:
        said = await asked(h)
        h.feishu.faults.add("lost", on="im.message.reply")
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, answer(text=text))
        other = FeishuAdapter(config_for(h.feishu))
        receipt = await other.post(said.thread, answer(text=text))
        again = await h.adapter.post(said.thread, answer(text=text))
        await other.close()
        standing = await h.standing()
        assert standing[0].id == receipt.message_id == again.message_id
        assert len({s.text for s in standing}) == len(standing)


@pytest.mark.parametrize("where", ["thread", "room", "direct"])
async def test_after_the_hour_of_the_uuid_the_chat_is_looked_at(where: str) -> None:
    """The answer got lost, Feishu was away for an hour and more, and then: what stands is found by its mark."""
    now = [0.0]
    async with connected("ws") as h:
        await h.dm(h.ana, "hi")
        await h.host.event(1)
        said = await asked(h)
        thread = {"thread": said.thread, "room": h.room, "direct": h.host.events[0].thread}[where]
        adapter = FeishuAdapter(config_for(h.feishu), ticks=lambda: now[0])
        adapter._history._private.update(h.adapter._history._private)
        h.feishu.faults.add("lost", on="im.message.*")
        with pytest.raises(Unreachable):
            await adapter.post(thread, answer())
        (standing,) = await h.standing()
        now[0] = 4000.0
        h.feishu._uuids.clear()  # an hour has passed there, too
        receipt = await adapter.post(thread, answer())
        assert receipt.message_id == standing.id
        assert len(await h.standing()) == 1
        await adapter.close()


async def test_a_long_post_cut_off_in_the_middle_is_completed_not_repeated() -> None:
    async with connected("ws") as h:
        said = await asked(h)
        whole = len({s.id for s in await _said(h, said, "k0")})
        assert whole > 2
        h.feishu.faults.add("slow", on="im.message.reply")
        h.feishu.faults.add("lost", on="im.message.reply")
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, answer("k1", LONG))
        await h.adapter.post(said.thread, answer("k1", LONG))
        shown = [s.text for s in await h.standing()]
        assert sum("Paragraph 0." in text for text in shown) == 2  # k0's and k1's
        assert len(shown) == 2 * whole


async def test_a_long_post_that_is_slowed_down_goes_on_where_it_stopped() -> None:
    """A group takes five messages a second: said from the beginning each time, a post of more would never end."""
    async with connected("ws") as h:
        said = await asked(h)
        whole = len(await _said(h, said, "k0"))
        before = len(h.feishu.called("im.message.reply"))
        h.feishu.faults.add("slow", on="im.message.reply")
        h.feishu.faults.add("error", on="im.message.reply", code="230020", times=2)
        for _ in range(2):
            with pytest.raises(RateLimited):
                await h.adapter.post(said.thread, answer("k1", LONG))
        await h.adapter.post(said.thread, answer("k1", LONG))
        assert len(h.feishu.called("im.message.reply")) - before == whole + 2
        assert len(await h.standing()) == 2 * whole
        assert h.adapter._sender._parts == {}


async def _said(h: FeishuHarness, said: Message, key: str) -> list[object]:
    await h.adapter.post(said.thread, answer(key, LONG))
    return list(await h.standing())  # type: ignore[return-value]  # only counted


async def test_a_revoked_token_is_replaced_once() -> None:
    """The SDK would keep it until it expires (F26)."""
    async with connected("ws") as h:
        said = await asked(h)
        h.feishu.revoke_tokens()
        tokens = len(h.feishu.called("auth.token"))
        await h.adapter.post(said.thread, answer())
        assert len(h.feishu.called("auth.token")) == tokens + 1
        h.feishu.faults.add("error", on="im.message.reply", code="99991663", times=2)
        with pytest.raises(Unauthorised):
            await h.adapter.post(said.thread, answer("k2"))
        assert len(h.feishu.called("auth.token")) == tokens + 2


async def test_twenty_calls_at_once_ask_for_one_token() -> None:
    async with connected("ws") as h:
        h.feishu.revoke_tokens()
        tokens = len(h.feishu.called("auth.token"))
        await asyncio.gather(*(h.adapter.post(h.room, answer(f"k{n}")) for n in range(20)))
        assert len(h.feishu.called("auth.token")) <= tokens + 2
        assert len(await h.standing()) == 20


async def test_what_was_recalled_or_is_too_old_to_change_is_said_anew() -> None:
    async with connected("ws") as h:
        receipt = await h.adapter.post(h.room, answer("k1", "I asked Lin."))
        h.feishu.space.message(receipt.message_id).recalled = True  # type: ignore[union-attr]  # it stands there
        second = await h.adapter.post(h.room, answer("k2", "Lin says yes.", replaces=receipt.message_id))
        (standing,) = await h.standing()
        assert (standing.id, "Lin says yes." in standing.text) == (second.message_id, True)
        with pytest.raises(NotFound):
            await h.adapter.edit(receipt, answer("k3"))
        old = h.feishu.space.message(second.message_id)
        assert old is not None
        old.created -= 15 * 86400
        third = await h.adapter.edit(second, answer("k4", "Lin says no."))
        assert third.message_id != second.message_id


async def test_an_answer_goes_below_the_last_message_if_the_question_was_recalled() -> None:
    """It stays in its thread; and where nothing of the thread is left, that is said (F16)."""
    async with connected("ws") as h:
        said = await asked(h)
        await h.adapter.post(said.thread, answer("k0"))
        follow = await h.say(h.lin, "and now?", chat=h.room, thread=said.id)
        later = await h.host.event(2)
        assert isinstance(later, Message)
        h.feishu.recall(said.id)
        await h.feishu.settled()
        receipt = await h.adapter.post(later.thread, answer("k1"))
        placed = h.feishu.space.message(receipt.message_id)
        assert placed is not None
        assert placed.root == said.id
        h.feishu.recall(follow)
        with pytest.raises(NotFound):
            await h.adapter.post(later.thread, answer("k2"))
        assert [call.method for call in h.feishu.called("im.message.create")] == []


async def test_where_topics_are_not_known_it_is_a_plain_reply() -> None:
    async with connected("ws") as h:
        said = await asked(h)
        h.feishu.faults.add("error", on="im.message.reply", code="230071")
        await h.adapter.post(said.thread, answer())
        first, second = h.feishu.called("im.message.reply")
        assert (first.body["reply_in_thread"], "reply_in_thread" in second.body) == (True, False)
        assert first.body["uuid"] == second.body["uuid"]


async def test_somebody_who_left_is_not_called_and_the_words_are_said() -> None:
    """One unknown person in a card, and Feishu refuses all of it."""
    async with connected("ws") as h:
        said = await asked(h)
        left = Person("feishu", "ou_nobody", "Nobody")
        await h.adapter.post(said.thread, answer(mention=(left,)))
        (standing,) = await h.standing()
        assert "Lin does." in standing.text


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("230002", NotFound),
        ("230013", NotFound),
        ("230018", Rejected),
        ("230025", Rejected),
        ("99991672", Unauthorised),
        ("230020", RateLimited),
    ],
)
async def test_feishus_no_reaches_the_caller_as_the_right_class(code: str, kind: type[AdapterError]) -> None:
    async with connected("ws") as h:
        h.feishu.faults.add("error", on="im.message.create", code=code)
        with pytest.raises(kind):
            await h.adapter.post(h.room, answer())


# forms ---------------------------------------------------------------------------------------------------------

FORM = Form("edited", "v2", "Edit", "Send", "Cancel", (Field("text", "Answer", "draft", "lines"),))
EDIT = Card("x", label="AI", buttons=(Button("edit", "Edit", "v1", opens_form=True),))


async def test_a_form_opens_in_private_and_closes_when_it_is_sent() -> None:
    """In the group a line says that something opened; a second sending is impossible, a second click harmless."""
    async with connected("ws") as h:
        said = await asked(h)
        h.host.forms["edit"] = FORM
        receipt = await h.adapter.post(said.thread, Post("k1", EDIT))
        h.feishu.space.posts.clear()
        pressed = await h.feishu.press(LIN, h.posted(receipt.message_id), "edit")
        assert (pressed.acked, pressed.toast["type"], pressed.card) == (True, "info", {})
        form = await h.feishu.next_post()
        assert h.named(form.chat) == LIN
        sent = await h.feishu.submit(LIN, form, {"text": "Ask Ana."})
        assert sent.acked
        event = await h.host.event(2)
        assert isinstance(event, Press)
        assert (event.action, event.value, event.fields) == ("edited", "v2", {"text": "Ask Ana."})
        assert (event.thread.chat, event.thread.root, event.message_id) == (ROOM, said.id, receipt.message_id)
        after = h.posted(form.message_id)
        assert after.shown == "✓ Edit"
        assert after.buttons == []


async def test_a_form_can_be_put_aside() -> None:
    async with connected("ws") as h:
        h.host.forms["edit"] = FORM
        direct = await h.adapter.direct(h.lin)
        receipt = await h.adapter.post(direct, Post("k1", EDIT))
        h.feishu.space.posts.clear()
        assert (await h.feishu.press(LIN, h.posted(receipt.message_id), "edit")).toast == {}
        form = await h.feishu.next_post()
        assert (await h.feishu.press(LIN, form, "Cancel")).acked
        assert h.posted(form.message_id).shown == "✕ Edit"
        assert h.host.events == []


async def test_a_form_that_could_not_be_opened_or_kept_shows_that() -> None:
    """The person sees that it did not work, and what they filled in is still there."""
    async with connected("ws") as h:
        h.host.forms["edit"] = FORM
        receipt = await h.adapter.post(h.room, Post("k1", EDIT))
        h.feishu.space.posts.clear()
        posted = h.posted(receipt.message_id)
        h.feishu.faults.add("503", on="im.message.create")
        assert not (await h.feishu.press(ANA, posted, "edit")).acked
        assert (await h.feishu.press(ANA, posted, "edit")).acked
        form = await h.feishu.next_post()
        h.host.refuse = 1
        assert not (await h.feishu.submit(ANA, form, {"text": "mine"})).acked
        assert h.posted(form.message_id).buttons
        assert (await h.feishu.submit(ANA, form, {"text": "mine"})).acked


async def test_a_person_is_chosen_from_those_of_the_chat_the_question_is_in() -> None:
    """The card's own list would be the members of the private chat it stands in."""
    async with connected("ws") as h:
        person = (Field("who", "Person", kind="person"),)
        h.host.forms["edit"] = Form("delegated", "v2", "Delegate", "Send", "Cancel", person)
        for thread in (h.room, await h.adapter.direct(h.lin)):
            receipt = await h.adapter.post(thread, Post(f"k-{thread.chat}", EDIT))
            h.feishu.space.posts.clear()
            await h.feishu.press(LIN, h.posted(receipt.message_id), "edit")
            form = await h.feishu.next_post()
            choice = next(e for e in elements(form.card["body"]) if e["tag"] == "select_person")
            assert {option["value"] for option in choice["options"]} == {ANA, LIN}


async def test_a_button_of_a_copy_elsewhere_is_a_button_of_that_place() -> None:
    """CMD-02: where a card was passed on to, it does not act for the chat it came from."""
    async with connected("ws") as h:
        said = await asked(h)
        receipt = await h.adapter.post(said.thread, Post("k1", Card("x", buttons=(Button("up", "👍", "v"),))))
        value = value_of(h.posted(receipt.message_id).buttons[0])
        event = {
            "operator": {"tenant_key": "tenant_1", "open_id": ANA},
            "token": "c-1",
            "action": {"tag": "button", "value": value},
            "context": {"open_message_id": "om_copy", "open_chat_id": PRIVATE},
        }
        await h.feishu.event("card.action.trigger", event, retries=False)
        press = await h.host.event(2)
        assert isinstance(press, Press)
        assert press.thread.chat == PRIVATE


# streaming -----------------------------------------------------------------------------------------------------

STREAMED = Card(
    "**word** <at id=all></at> and\n\n- one\n" * 60, label="AI answer", buttons=(Button("up", "👍", "v"),)
)


async def test_a_stream_grows_and_ends_closed_with_label_buttons_and_all() -> None:
    async with connected("ws", stream=True) as h:
        said = await asked(h)
        receipt = await h.adapter.post(said.thread, Post("k1", STREAMED, mention=(h.ana,)))
        plain = FeishuAdapter(config_for(h.feishu))
        whole = await plain.post(said.thread, Post("k2", STREAMED, mention=(h.ana,)))
        await plain.close()
        streamed, posted = h.posted(receipt.message_id), h.posted(whole.message_id)
        assert streamed.shown == posted.shown
        assert streamed.shown.startswith("AI answer")
        assert streamed.mentions == (ANA,)
        assert streamed.buttons
        assert streamed.card["config"]["streaming_mode"] is False
        writes = h.feishu.called("cardkit.element.content")
        assert len(writes) > 3
        sequences = [call.body["sequence"] for call in [*writes, *h.feishu.called("cardkit.card.settings")]]
        assert sequences == sorted(set(sequences))
        texts = [call.body["content"] for call in writes]
        assert all(later.startswith(earlier) for earlier, later in zip(texts, texts[1:], strict=False))
        assert json.loads(h.feishu.called("cardkit.card.settings")[0].body["settings"]) == {
            "config": {"streaming_mode": False}
        }


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("500", "cardkit.element.content"),
        ("lost", "cardkit.element.content"),
        ("error:200850", "cardkit.element.content"),  # ten minutes are over
        ("error:300317", "cardkit.element.content"),
        ("error:300309", "cardkit.card.settings"),
        ("reset", "cardkit.card.settings"),
        ("all", "cardkit.*"),
    ],
)
async def test_a_stream_that_breaks_is_made_whole(fault: str, on: str) -> None:
    async with connected("ws", stream=True) as h:
        said = await asked(h)
        kind, _, code = fault.partition(":")
        if kind == "all":
            for name in ("cardkit.element.content", "cardkit.card.settings", "cardkit.card.update"):
                h.feishu.faults.add("502", on=name, times=9)
        else:
            h.feishu.faults.add(kind, on=on, code=code)
        receipt = await h.adapter.post(said.thread, Post("k1", STREAMED))
        posted = h.posted(receipt.message_id)
        assert posted.shown.count("and") == 60
        assert posted.buttons
        assert not posted.card["config"].get("streaming_mode")
        assert len(await h.standing()) == 1


async def test_a_stream_nobody_could_finish_is_finished_by_the_next_attempt() -> None:
    async with connected("ws", stream=True) as h:
        said = await asked(h)
        for name in ("cardkit.element.content", "cardkit.card.update", "im.message.patch"):
            h.feishu.faults.add("503", on=name)
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, Post("k1", STREAMED))
        receipt = await h.adapter.post(said.thread, Post("k1", STREAMED))
        assert h.posted(receipt.message_id).shown.count("and") == 60
        assert len(await h.standing()) == 1


@pytest.mark.parametrize("fault", ["lost", "500"])
async def test_a_stream_whose_message_nobody_heard_of_is_made_whole(fault: str) -> None:
    """It may stand there with nothing in it, under the uuid that the next attempt says the whole of it with."""
    async with connected("ws", stream=True) as h:
        said = await asked(h)
        h.feishu.faults.add(fault, on="im.message.reply")
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, Post("k1", STREAMED))
        receipt = await h.adapter.post(said.thread, Post("k1", STREAMED))
        assert h.posted(receipt.message_id).shown.count("and") == 60
        assert len(await h.standing()) == 1


async def test_a_stream_another_process_began_is_made_whole() -> None:
    """It fell over in the middle: its message stands under the same uuid, with a card that is not ours."""
    async with connected("ws", stream=True) as h:
        said = await asked(h)
        for name in ("cardkit.element.content", "cardkit.card.update", "im.message.patch"):
            h.feishu.faults.add("503", on=name)
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, Post("k1", STREAMED))
        other = FeishuAdapter(config_for(h.feishu, stream=True))
        receipt = await other.post(said.thread, Post("k1", STREAMED))
        await other.close()
        assert h.posted(receipt.message_id).shown.count("and") == 60
        assert len(await h.standing()) == 1


async def test_what_cannot_stream_is_posted() -> None:
    """Too short to be worth it; or without the scope, which is asked for once and then left alone."""
    async with connected("ws", stream=True) as h:
        await h.adapter.post(h.room, answer("k0"))
        assert h.feishu.called("cardkit.*") == []
        h.feishu.granted.discard("cardkit:card:write")
        for key in ("k1", "k2"):
            await h.adapter.post(h.room, Post(key, STREAMED))
        assert len(h.feishu.called("cardkit.*")) == 1
        assert len(await h.standing()) == 3


# who reads along -----------------------------------------------------------------------------------------------


async def test_many_people_are_read_page_by_page() -> None:
    async with connected("ws") as h:
        ids = [h.feishu.space.add_user(f"ou_{n:03}", f"P{n}") for n in range(230)]
        h.feishu.space.add_chat("oc_all", "all", [*ids, h.feishu.space.bot_open_id])
        h.feishu.calls.clear()
        audience = await h.adapter.audience(Thread("feishu", "oc_all", "tenant_1"))
        assert len(audience.members) == 230
        assert [c.method for c in h.feishu.calls] == ["im.chat.get", *["im.chat.members"] * 3]
        assert (await h.adapter.person("ou_229")).name == "P229"  # known by now


async def test_a_chat_with_outsiders_has_an_external_audience() -> None:
    async with connected("ws") as h:
        h.feishu.space.add_chat("oc_open", "with guests", [ANA, GUEST, h.feishu.space.bot_open_id], public=True)
        audience = await h.adapter.audience(Thread("feishu", "oc_open", "tenant_1"))
        assert audience.external
        assert {p.id: p.external for p in audience.members} == {ANA: False, GUEST: True}
        h.feishu.space.chats[ROOM].external = True
        shared = await h.adapter.audience(h.room)
        assert (shared.external, shared.public) == (True, False)


async def test_who_is_ours_in_a_chat_with_outsiders_is_known_once_an_event_told_our_tenant() -> None:
    """Such a chat may belong to theirs, so that its own tenant says nothing; before, nobody is ours."""
    async with connected("ws") as h:
        h.feishu.space.add_chat("oc_open", "with guests", [ANA, GUEST, h.feishu.space.bot_open_id])
        h.feishu.space.chats["oc_open"].external = True
        shared = Thread("feishu", "oc_open", "tenant_1")
        assert all(p.external for p in (await h.adapter.audience(shared)).members)
        await h.dm(h.lin, "hi")
        await h.host.event(1)
        h.adapter._rooms.forget("oc_open")
        audience = await h.adapter.audience(shared)
        assert {p.id: p.external for p in audience.members} == {ANA: False, GUEST: True}


async def test_an_audience_is_at_most_a_minute_old_and_forgotten_when_somebody_comes() -> None:
    """T07: who came a minute ago reads along."""
    now = [0.0]
    async with connected("ws") as h:
        adapter = FeishuAdapter(config_for(h.feishu), ticks=lambda: now[0])
        assert len((await adapter.audience(h.room)).members) == 2
        h.feishu.space.chats[ROOM].members.append(GUEST)
        assert len((await adapter.audience(h.room)).members) == 2
        now[0] = 61.0
        assert len((await adapter.audience(h.room)).members) == 3
        await adapter.close()
        assert len((await h.adapter.audience(h.private)).members) == 1
        h.feishu.add_member(PRIVATE, GUEST)
        await h.feishu.settled()
        assert (await h.adapter.audience(h.private)).external


async def test_somebody_who_comes_while_we_ask_is_not_forgotten() -> None:
    """What Feishu told before they came must not be kept for a minute after."""
    async with connected("ws") as h:
        h.feishu.faults.add("slow", on="im.chat.members", seconds=0.2)
        asking = asyncio.create_task(h.adapter.audience(h.room))
        async with asyncio.timeout(5):
            while not h.feishu.called("im.chat.members"):  # noqa: ASYNC110  # a call tells nobody
                await asyncio.sleep(0.005)
        await h.feishu.event("im.chat.member.user.added_v1", {"chat_id": ROOM, "users": []})
        await asking
        h.feishu.space.chats[ROOM].members.append(GUEST)
        assert (await h.adapter.audience(h.room)).external


async def test_a_disbanded_chat_has_no_audience_and_takes_no_post() -> None:
    async with connected("ws") as h:
        await h.adapter.audience(h.room)
        h.feishu.disband(ROOM, by=ANA)
        await h.feishu.settled()
        with pytest.raises(NotFound):
            await h.adapter.audience(h.room)
        with pytest.raises(NotFound):
            await h.adapter.post(h.room, answer())


@pytest.mark.parametrize("status", ["dissolved", "dissolved_save"])
async def test_a_disbanded_chat_of_which_members_are_still_told_has_none(
    monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    async with connected("ws") as h:
        told = {"code": 0, "data": {"name": "general", "chat_status": status, "chat_type": "public"}}
        monkeypatch.setattr(h.feishu, "do_im_chat_get", lambda body: told)
        with pytest.raises(NotFound, match="disbanded"):
            await h.adapter.audience(h.room)


async def test_an_audience_that_cannot_be_read_is_an_error_each_time() -> None:
    async with connected("ws") as h:
        h.feishu.faults.add("500", on="im.chat.members")
        with pytest.raises(AdapterError):
            await h.adapter.audience(h.room)
        assert (await h.adapter.audience(h.room)).public


async def test_a_person_is_found_by_any_of_their_ids() -> None:
    """F14: an operator may know somebody by the id of the developer or of the tenant."""
    async with connected("ws") as h:
        for id in (LIN, "on_lin", "u_lin"):
            assert (await h.adapter.person(id)).id == LIN
            assert (await h.adapter.direct(Person("feishu", id))).chat == LIN


async def test_whoever_left_is_nobody_any_more() -> None:
    """An owner who left answers nothing: the caller must see that, also when the profile is at hand."""
    async with connected("ws") as h:
        h.feishu.space.users[LIN].left = True
        for _ in range(2):
            with pytest.raises(NotFound):
                await h.adapter.person(LIN)


async def test_what_is_for_an_outsider_alone_is_said_where_they_asked() -> None:
    """They have no private chat with the bot; a line that cannot be delivered would be a dead letter for each
    try."""
    async with connected("ws") as h:
        h.feishu.space.chats[ROOM].members.append(GUEST)
        await h.say(h.guest, "who?", chat=h.room)
        said = await h.host.event(1)
        assert isinstance(said, Message)
        h.feishu.space.users[GUEST].reachable = False
        await h.adapter.post(said.thread, answer(only_for=said.author))
        (standing,) = await h.standing()
        assert (standing.chat, standing.root) == (ROOM, said.id)
        h.feishu.space.users[LIN].reachable = False
        with pytest.raises(NotFound):
            await h.adapter.post(said.thread, answer("k2", only_for=h.lin))
