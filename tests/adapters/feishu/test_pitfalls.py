"""What breaks other people's Feishu bots, one test each, by the numbers of the project's list of peers' lessons
(F1–F32, and those of E that are an adapter's), with the unmodified SDK against the local Feishu."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters.errors import NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.feishu import outbound
from adapters.feishu.adapter import FeishuAdapter
from adapters.feishu.inbound import Me, parse
from adapters.feishu.markdown import card_markdown
from adapters.feishu.permissions import CALLBACKS, EVENTS, SCOPES
from adapters.model import Button, Card, Joined, Message, Opened, Person, Post, Press, Thread
from adapters.text import parse as parse_markdown
from bots.inbox import REMEMBERED
from tests.adapters.feishu.harness import (
    ANA,
    GUEST,
    LIN,
    PRIVATE,
    ROOM,
    FeishuHarness,
    config_for,
    connected,
    eventually,
    furnish,
)
from tests.adapters.feishu.test_connection import _started
from tests.adapters.feishu.test_inbound import ME, NOW, load
from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_cards import card_fault, elements, value_of
from tests.platforms.feishu_state import Message as StoredMessage

ROOT = Path(__file__).parent.parent.parent.parent
VOTE = Card("Lin does.", label="AI answer", buttons=(Button("up", "👍", "v1"), Button("down", "👎", "v1")))


def answer(key: str = "k1", text: str = "Lin does.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def first(h: FeishuHarness, count: int = 1) -> Message:
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize("mode", ["ws", "http"])
async def test_f1_the_ack_waits_for_the_disk_and_for_nothing_else(mode: str) -> None:
    """An ack before the event is kept loses it in a crash; one after the answer is too late for Feishu's three
    seconds."""
    async with connected(mode) as h:
        kept = asyncio.Event()
        receive = h.host.receive

        async def slowly(event: object) -> None:
            await kept.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign,assignment]  # a slow disk
        h.feishu.dm(ANA, "who?")

        async def inside() -> bool:
            return bool(h.adapter._door._inside)

        await eventually(inside)
        assert h.feishu.log == []
        kept.set()
        await h.feishu.settled()
        assert [d.acked for d in h.feishu.log] == [True]
        assert h.feishu.called("im.message.*") == []


async def test_f1_what_takes_too_long_is_not_acknowledged_and_brought_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within Feishu's three seconds we say no ourselves; it may be kept a moment later, and is then known."""
    monkeypatch.setattr("adapters.feishu.door.ANSWER_WITHIN", 0.05)
    async with connected("ws") as h:
        kept = asyncio.Event()
        receive = h.host.receive

        async def slowly(event: object) -> None:
            await kept.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign,assignment]  # a disk that hangs for a while
        h.feishu.dm(ANA, "who?")
        await h.feishu.until(lambda: len(h.feishu.log) >= 2)
        assert [d.code for d in h.feishu.log][:2] == [500, 500]
        kept.set()
        await h.feishu.settled()
        assert h.feishu.log[-1].acked
        assert len(h.host.events) == 1


def test_f2_what_was_seen_is_remembered_longer_than_feishu_redelivers() -> None:
    """The last redelivery comes after 15 s + 5 min + 1 h + 6 h."""
    assert REMEMBERED.total_seconds() > 15 + 300 + 3600 + 6 * 3600


async def test_f3_the_message_is_the_key_not_the_event() -> None:
    """Redeliveries and twins have other event ids; and our tenant and chat are in the key."""
    async with connected("ws") as h:
        h.feishu.faults.add("twin", on="im.message.receive_v1")
        id = await h.say(h.ana, "who?", chat=h.room)
        await h.feishu.settled()
        payloads = [d.payload for d in h.feishu.log]
        assert len({p["header"]["event_id"] for p in payloads}) == 2
        (event,) = h.host.events
        assert event.key == f"feishu:tenant_1:{ROOM}:{id}"


async def test_f4_an_event_that_was_not_kept_is_not_seen() -> None:
    """Marked as seen before it is kept, it could never come again."""
    async with connected("ws") as h:
        h.host.refuse = 2
        h.feishu.dm(ANA, "who?")
        assert (await first(h)).text == "who?"
        assert [d.code for d in h.feishu.log] == [500, 500]
        await h.feishu.settled()
        assert [d.acked for d in h.feishu.log] == [False, False, True]


async def test_f5_what_was_said_while_we_were_away_is_heard_however_old() -> None:
    """It arrives only as a redelivery, hours later: dropping what is stale would lose it. That it is not answered
    twice is the key's affair."""
    async with FeishuServer() as feishu:
        furnish(feishu)
        feishu.redeliver_after = (0.05,)
        id = feishu.dm(ANA, "who?")
        feishu.space.message(id).created -= 6 * 3600  # type: ignore[union-attr]  # it was just written
        await feishu.until(lambda: bool(feishu.log))
        async with connected("ws", feishu=_started(feishu)) as h:
            assert (await first(h)).id == id
            await h.feishu.settled()
            assert [d.attempt for d in h.feishu.log] == [0, 1]


async def test_f6_an_event_may_come_by_any_connection() -> None:
    """Two processes, one app: each event goes to one of them, so neither may rely on having seen the last."""
    async with connected("ws") as one, connected("ws", feishu=_started(one.feishu)) as two:
        for n in range(24):
            one.feishu.dm(ANA, f"question {n}")
        await one.feishu.settled()
        assert len(one.host.events) + len(two.host.events) == 24
        assert one.host.events
        assert two.host.events


async def test_f6_a_link_that_was_replaced_takes_no_more_events() -> None:
    """An old connection that lives on would steal events at random."""
    async with connected("ws", ping_seconds=0.1) as h:
        h.feishu.answers_pings = False
        await h.feishu.connected(2)
        h.feishu.answers_pings = True
        await eventually(h.adapter.connected)

        async def alone() -> bool:
            return len(h.feishu.sockets) == 1

        await eventually(alone)
        for n in range(10):
            h.feishu.dm(ANA, f"question {n}")
        await h.feishu.settled()
        assert len(h.host.events) == 10


async def test_f7_a_platform_that_hangs_does_not_hang_us() -> None:
    """The SDK blocks whatever loop it is in, at each connection and at each token."""
    async with connected("ws", ping_seconds=0.1) as h:
        h.feishu.revoke_tokens()
        h.feishu.faults.add("slow", on="auth.token", seconds=0.3)
        h.feishu.faults.add("slow", on="ws.endpoint", seconds=0.3)
        for socket in list(h.feishu.sockets):
            h.feishu.hang_up(socket)
        posting = asyncio.create_task(h.adapter.post(h.room, answer()))
        longest, last = 0.0, time.monotonic()
        while not posting.done() or not await h.adapter.connected():
            await asyncio.sleep(0.002)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
        assert longest < 0.2
        assert [t.name for t in threading.enumerate() if t.name == "feishu-link"]


async def test_f8_a_link_that_is_up_and_deaf_is_replaced() -> None:
    """No ping is answered: within three beats a new one is built, and until then we do not claim to be
    connected."""
    async with connected("ws", ping_seconds=0.08) as h:
        h.feishu.answers_pings = False
        h.feishu.faults.add("503", on="link", times=3)

        async def lost() -> bool:
            return not await h.adapter.connected()

        await eventually(lost)
        h.feishu.answers_pings = True
        await eventually(h.adapter.connected)
        assert h.feishu.connections >= 2


async def test_f9_a_click_is_answered_on_whatever_frame_it_comes() -> None:
    """On a frame of type `card` the SDK is silent, and the person sees 200340."""
    async with connected("ws") as h:
        receipt = await h.adapter.post(h.room, Post("k1", VOTE))
        for count, fault in enumerate(("", "card_frame", "split"), 1):
            if fault:
                h.feishu.faults.add(fault, on="card.action.trigger")
            assert (await h.feishu.press(ANA, h.posted(receipt.message_id), "up")).code == 0
            assert isinstance(await h.host.event(count), Press)


async def test_f9_our_buttons_carry_an_object() -> None:
    """A string the SDK cannot read: 200671."""
    (card,) = outbound.messages(Post("k", VOTE), Thread("feishu", ROOM))
    values = [value_of(e) for e in elements(card["body"]) if e["tag"] == "button"]
    assert values
    assert all(isinstance(value, dict) for value in values)


async def test_f10_a_click_is_answered_at_once_and_two_clicks_are_two() -> None:
    """The work comes after. Peers who drop what looks alike lose the second vote of somebody who changed their
    mind twice; what a click does is the host's to do once."""
    async with connected("ws") as h:
        receipt = await h.adapter.post(h.room, Post("k1", VOTE))
        for action in ("up", "down", "up"):
            pressed = await h.feishu.press(ANA, h.posted(receipt.message_id), action)
            assert pressed.delivery is not None
            assert pressed.delivery.seconds < 1.0
        presses = [e for e in h.host.events if isinstance(e, Press)]
        assert [p.action for p in presses] == ["up", "down", "up"]
        assert len({p.key for p in presses}) == 3


async def test_f10_a_card_that_is_changed_after_a_click_stays_changed() -> None:
    """Changed before the click is answered it would go back to what it was."""
    async with connected("ws") as h:
        h.feishu.presses_win = True
        receipt = await h.adapter.post(h.room, Post("k1", VOTE))
        receive, rewriting = h.host.receive, []

        async def at_once(event: object) -> None:
            rewriting.append(asyncio.create_task(h.adapter.edit(receipt, answer("k1", "Thank you."))))
            await asyncio.sleep(0.02)
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = at_once  # type: ignore[method-assign,assignment]  # a worker that is quicker than the ack
        assert (await h.feishu.press(ANA, h.posted(receipt.message_id), "up")).acked
        await asyncio.gather(*rewriting)
        assert "Thank you." in h.posted(receipt.message_id).shown


async def test_f11_we_are_known_by_our_open_id_and_not_by_our_name() -> None:
    async with connected("ws") as h:
        other = h.feishu.space.add_user("ou_other", h.feishu.space.app_name, is_bot=True)
        h.feishu.space.chats[ROOM].members.append(other)
        h.feishu.say(ANA, ROOM, f"@{other} who?", mention=False)
        h.feishu.say(ANA, ROOM, f"understudy @{LIN} who?", mention=False)
        await h.feishu.settled()
        assert h.host.events == []


async def test_f11_as_long_as_we_do_not_know_who_we_are_nothing_is_taken() -> None:
    """One failed look-up, and a peer answered everything for three hours. Not acknowledged, it comes again."""
    async with FeishuServer() as feishu:
        furnish(feishu)
        feishu.faults.add("502", on="bot.info", times=2)
        async with connected("http", feishu=_started(feishu), reconnect_seconds=0.1) as h:
            assert h.adapter._known is not None
            known, h.adapter._known = h.adapter._known, None
            h.feishu.say(ANA, ROOM, "lunch?", mention=False)
            h.feishu.say(ANA, ROOM, "who?")
            await h.feishu.until(lambda: len(h.feishu.log) >= 2)
            assert not any(d.acked for d in h.feishu.log)
            assert not h.host.events
            h.adapter._known = known
            assert (await first(h)).text == "who?"
            await h.feishu.settled()
            assert len(h.host.events) == 1


async def test_f12_everyone_is_not_us_and_a_post_may_keep_its_mentions_to_itself() -> None:
    async with connected("ws") as h:
        h.feishu.say(ANA, ROOM, "@all lunch is here", mention=False)
        h.feishu.say(ANA, ROOM, "@all lunch is here", mention=False, kind="post")
        await h.feishu.settled()
        assert h.host.events == []
        at = {"tag": "at", "user_id": h.feishu.space.bot_open_id, "user_name": "understudy"}
        content = {"title": "", "content": [[at, {"tag": "text", "text": " who?"}]]}
        event = {
            "sender": {"sender_id": {"open_id": ANA}, "sender_type": "user", "tenant_key": "tenant_1"},
            "message": {
                "message_id": "om_post",
                "chat_id": ROOM,
                "chat_type": "group",
                "message_type": "post",
                "create_time": "1767603600000",
                "content": json.dumps(content),
                "mentions": None,
            },
        }
        await h.feishu.event("im.message.receive_v1", event)
        said = await first(h)
        assert (said.text, said.addressed) == ("who?", True)


async def test_f13_a_command_after_the_mention_is_a_command() -> None:
    """And `@_user_1` is not the beginning of `@_user_10`."""
    async with connected("ws") as h:
        await h.say(h.ana, "/help", chat=h.room)
        assert (await first(h)).text == "/help"
        people = [h.feishu.space.add_user(f"ou_p{n}", f"P{n}") for n in range(10)]
        h.feishu.say(ANA, ROOM, " ".join(f"@{id}" for id in people))
        said = await first(h, 2)
        assert said.text == " ".join(f"@P{n}" for n in range(10))
        assert [p.id for p in said.mentions] == people


async def test_f14_an_id_of_another_app_is_nobody_and_the_developers_is_somebody() -> None:
    """An open_id is one app's: whoever copies it from elsewhere is told, and told what works."""
    async with connected("ws") as h:
        h.feishu.space.foreign.add("ou_of_another_app")
        with pytest.raises(NotFound, match="another app"):
            await h.adapter.person("ou_of_another_app")
        with pytest.raises(NotFound, match="this app sees"):
            await h.adapter.post(Thread("feishu", "ou_of_another_app", direct=True), answer())
        assert (await h.adapter.direct(Person("feishu", "on_lin"))).chat == LIN


@pytest.mark.parametrize("kind", ["group", "topic"])
async def test_f15_an_answer_days_later_lands_in_its_thread(kind: str) -> None:
    """By the reply call on the root that was kept, in groups and in topic groups; `create` would open a new
    topic."""
    async with connected("ws") as h:
        h.feishu.space.add_chat("oc_x", "x", [ANA, LIN, h.feishu.space.bot_open_id], kind=kind)
        chat = Thread("feishu", "oc_x", "tenant_1")
        root = await h.say(h.ana, "who?", chat=chat)
        said = await first(h)
        for n in range(3):
            await h.say(h.lin, f"me too {n}", chat=chat)
        later = FeishuAdapter(config_for(h.feishu))
        receipt = await later.post(said.thread, answer())
        await later.close()
        placed = h.feishu.space.message(receipt.message_id)
        assert placed is not None
        assert (placed.root, placed.thread) == (root, h.feishu.space.message(root).thread)
        assert h.feishu.called("im.message.create") == []


async def test_f16_a_reply_to_what_was_recalled_never_goes_to_the_chat() -> None:
    async with connected("ws") as h:
        said_id = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        h.feishu.recall(said_id)
        await h.feishu.settled()
        with pytest.raises(NotFound, match="recalled"):
            await h.adapter.post(said.thread, answer())
        assert await h.standing() == []


async def test_f17_every_part_of_a_long_answer_stays_in_the_thread() -> None:
    async with connected("ws") as h:
        root = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        await h.adapter.post(said.thread, answer(text="中文，" * 12_000))
        standing = await h.standing()
        assert len(standing) > 2
        assert {s.root for s in standing} == {root}
        assert all(s.text.startswith("AI answer") for s in standing)


def test_f18_markdown_survives() -> None:
    """Bold next to Chinese, fences, lists; a paragraph's blank line does not cut the rest off; no picture."""
    source = "请**看**这里\n\n- eins\n- zwei\n\n```sh\nls\n```\n\n![x](img_v3)"
    assert card_markdown(parse_markdown(source)) == "请 **看** 这里\n\n- eins\n- zwei\n\n```\nls\n```\n\nx"


async def test_f19_six_tables_are_no_error() -> None:
    """230099/11310 and nothing is said at all."""
    async with connected("ws") as h:
        table = "| a | b |\n|---|---|\n| 1 | 2 |"
        await h.adapter.post(h.room, answer(text="\n\n".join([table] * 6)))
        (standing,) = await h.standing()
        assert "1" in standing.text


async def test_f20_f21_streams_grow_close_and_end_as_new_messages() -> None:
    """The sequence strictly grows and the stream is closed under `config`: see test_sending. Here: a late answer is
    a message of its own that calls whoever asked, since a card that changes tells nobody."""
    async with connected("ws") as h:
        root = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        asked = await h.adapter.post(said.thread, answer("k1", "I asked Lin."))
        late = await h.adapter.post(said.thread, answer("k2", "Lin says yes.", mention=(h.ana,)))
        assert late.message_id != asked.message_id
        posted = h.posted(late.message_id)
        assert (posted.root, posted.mentions) == (root, (ANA,))


async def test_f22_no_card_appears_before_there_is_something_to_say() -> None:
    """Neither for whoever may not ask nor while an answer is sought: a sign of work is a reaction."""
    async with connected("ws", stream=True) as h:
        await h.say(h.guest, "who?", chat=h.room)
        said = await first(h)
        await h.adapter.working(said.thread, "reads")
        assert await h.standing() == []
        assert h.feishu.called("cardkit.*") == []


async def test_f23_a_stream_shows_each_text_as_it_is() -> None:
    """Peers who merge snapshots lose repeated characters: 1001 became 10, 哈哈哈 became 哈."""
    async with connected("ws", stream=True) as h:
        text = "哈哈哈，第111条 1001 or 2200 " * 60
        await h.adapter.post(h.room, answer(text=text))
        (posted,) = h.feishu.standing()
        assert posted.shown == f"AI answer\n{text.strip()}"


async def test_f24_two_people_at_once_are_two_messages() -> None:
    """Peers wait 600 ms and merge two people's words into one message of the last."""
    async with connected("ws") as h:
        h.feishu.say(ANA, ROOM, "mine?")
        h.feishu.say(LIN, ROOM, "yours?")
        await h.feishu.settled()
        messages = [e for e in h.host.events if isinstance(e, Message)]
        assert {(m.author.id, m.text) for m in messages} == {(ANA, "mine?"), (LIN, "yours?")}


async def test_f25_the_sign_of_work_is_put_once_while_young_and_taken_away() -> None:
    now = [0.0]
    async with connected("ws") as h:
        h.adapter._status._ticks = lambda: now[0]
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        for _ in range(3):
            await h.adapter.working(said.thread, "reads")
        message = h.feishu.space.message(said.id)
        assert message is not None
        assert [r["emoji"] for r in message.reactions.values()] == ["Typing"]
        await h.adapter.post(said.thread, answer())
        assert message.reactions == {}
        await h.adapter.working(said.thread, "reads")
        assert len(h.feishu.called("im.reaction.create")) == 1
        await h.say(h.ana, "and?", chat=h.room)
        old = await first(h, 2)
        now[0] = 200.0
        await h.adapter.working(old.thread, "reads")
        assert len(h.feishu.called("im.reaction.create")) == 1


@pytest.mark.parametrize("given_up", [False, True])
async def test_f25_an_answer_quicker_than_the_sign_takes_it_away_all_the_same(given_up: bool) -> None:
    """Whoever answers stops waiting for the sign while Feishu is still putting it: it would stay for ever."""
    async with connected("ws") as h:
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        h.feishu.faults.add("slow", on="im.reaction.create", seconds=0.1)
        sign = asyncio.create_task(h.adapter.working(said.thread, "reads"))
        await eventually(lambda: _called(h, "im.reaction.create"))
        if given_up:
            sign.cancel()
        await h.adapter.post(said.thread, answer())
        message = h.feishu.space.message(said.id)
        assert message is not None
        assert len(h.feishu.called("im.reaction.delete")) == 1
        assert message.reactions == {}
        with contextlib.suppress(asyncio.CancelledError):
            await sign


async def test_f25_a_sign_that_hangs_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.feishu.status.WITHIN", 0.02)
    async with connected("ws") as h:
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        h.feishu.faults.add("slow", on="im.reaction.create", seconds=0.3)
        begun = time.monotonic()
        await h.adapter.working(said.thread, "reads")
        await h.adapter.post(said.thread, answer())
        assert time.monotonic() - begun < 0.3
        message = h.feishu.space.message(said.id)
        assert message is not None
        await eventually(lambda: _called(h, "im.reaction.delete"))
        await eventually(lambda: _bare(message))


async def _called(h: FeishuHarness, method: str) -> bool:
    return bool(h.feishu.called(method))


async def _bare(message: StoredMessage) -> bool:
    return message.reactions == {}


async def test_f25_a_quota_that_is_used_up_is_left_alone() -> None:
    """Reactions have their own, by the month; and no failure of theirs is a failure of the answer."""
    async with connected("ws") as h:
        h.feishu.faults.add("error", on="im.reaction.create", code="99991403")
        for n in range(3):
            await h.say(h.ana, f"who {n}?", chat=h.room)
            said = await first(h, n + 1)
            await h.adapter.working(said.thread, "reads")
        assert len(h.feishu.called("im.reaction.create")) == 1
        await h.adapter.post(said.thread, answer())


async def test_f26_a_code_is_an_error_though_the_sdk_raises_none() -> None:
    """And one that says later says how long; a missing scope says where it is granted."""
    async with connected("ws") as h:
        for code, kind in (("230020", RateLimited), ("99991400", RateLimited), ("230025", Rejected)):
            h.feishu.faults.add("error", on="im.message.create", code=code)
            with pytest.raises(kind):
                await h.adapter.post(h.room, answer())
        h.feishu.granted -= {"im:message", "im:message:send_as_bot"}
        with pytest.raises(Unauthorised, match="auth[?]q="):
            await h.adapter.post(h.room, answer())


async def test_f27_every_attempt_has_the_same_uuid() -> None:
    """A new one for each attempt is how one post becomes two."""
    async with connected("ws") as h:
        for fault in ("500", "lost", "502"):
            h.feishu.faults.add(fault, on="im.message.create")
        for _ in range(3):
            with pytest.raises(Unreachable):
                await h.adapter.post(h.room, answer())
        await h.adapter.post(h.room, answer())
        uuids = [call.body["uuid"] for call in h.feishu.called("im.message.create")]
        assert len(uuids) == 4
        assert len(set(uuids)) == 1
        assert len(await h.standing()) == 1


async def test_f28_nothing_is_parsed_that_was_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is in test_webhook."""
    async with connected("http") as h:
        taken: list[object] = []
        monkeypatch.setattr(h.adapter._door, "_deliver", taken.append)
        body = json.dumps({"schema": "2.0", "header": {"token": h.feishu.verification_token}, "event": {}}).encode()
        assert (await h.feishu.post(body, h.feishu.sign(body)))[0] == 401
        assert taken == []


async def test_f29_other_bots_are_not_answered() -> None:
    """Feishu shows them only to who asks for it, which we do not; and if somebody granted it, there is no loop."""
    assert not any("include_bot" in scope for scope in SCOPES)
    async with connected("ws") as h:
        h.feishu.granted.add("im:message.group_at_msg.include_bot:readonly")
        polly = h.feishu.space.add_user("ou_polly", "Polly", is_bot=True)
        h.feishu.space.chats[ROOM].members.append(polly)
        h.feishu.say(polly, ROOM, "hello")
        await h.feishu.settled()
        assert all(d.acked for d in h.feishu.log)
        assert h.host.events == []


async def test_f30_a_name_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five seconds for each new sender is what a peer pays. The name is there the next time."""
    monkeypatch.setattr("adapters.feishu.adapter.NAMES_WITHIN", 0.05)
    async with connected("ws") as h:
        h.feishu.faults.add("slow", on="contact.user.get", seconds=0.3)
        h.feishu.dm(ANA, "who?")
        said = await first(h)
        assert (said.author.name, said.author.external) == ("", False)
        await h.feishu.settled()
        assert h.feishu.log[0].seconds < 0.3

        async def known() -> bool:
            return h.adapter._people.known(ANA) is not None

        await eventually(known)
        h.feishu.dm(ANA, "and?")
        assert (await first(h, 2)).author.name == "Ana"


async def test_f30_without_the_scope_nobody_has_a_name_and_all_else_works() -> None:
    async with connected("ws") as h:
        h.feishu.granted -= {"contact:contact.base:readonly", "contact:user.base:readonly"}
        for n in range(3):
            h.feishu.dm(ANA, f"who {n}?")
        await h.feishu.settled()
        assert {e.author.external for e in h.host.events if isinstance(e, Message)} == {False}
        assert len(h.feishu.called("contact.user.get")) <= 3
        h.feishu.dm(ANA, "again?")
        await h.feishu.settled()
        assert len(h.feishu.called("contact.user.get")) <= 3


async def test_f30_a_directory_that_is_away_is_left_alone() -> None:
    """Asked again for each event it would hold every thread, and what is to be said would wait behind."""
    now = [0.0]
    async with connected("ws") as h:
        people = [h.feishu.space.add_user(f"ou_new{n}", f"New {n}") for n in range(12)]
        h.feishu.space.chats[ROOM].members.extend(people)
        h.adapter._people._ticks = h.adapter._people._rest._ticks = h.adapter._rooms._rest._ticks = lambda: now[0]
        h.feishu.faults.add("429", on="contact.user.get", seconds=60)
        h.feishu.faults.add("error", on="im.chat.get", code="99991672", times=9)
        for person in people[:6]:
            await h.say(Person("feishu", person), "who?", chat=h.room)
            await h.feishu.settled()
        assert len(h.feishu.called("contact.user.get")) == 1
        assert len(h.feishu.called("im.chat.get")) == 1
        now[0] = 61.0
        await h.say(Person("feishu", people[6]), "who?", chat=h.room)
        await h.feishu.settled()
        said = h.host.events[-1]
        assert isinstance(said, Message)
        assert (len(h.host.events), said.author.name) == (7, "New 6")
        assert len(h.feishu.called("im.chat.get")) == 1


async def test_f30_a_profile_of_another_form_loses_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the platform says of a person is no part of what the person said."""
    for strange in ("ana", ["ana"], {"open_id": ANA, "name": "Ana", "status": "well"}):
        async with connected("ws") as h:
            monkeypatch.setattr(
                h.feishu, "do_contact_user_get", lambda body, s=strange: {"code": 0, "data": {"user": s}}
            )
            h.feishu.dm(ANA, "who?")
            assert (await first(h)).text == "who?"


@pytest.mark.parametrize(
    ("kind", "content", "named"),
    [
        ("image", {"image_key": "img_1"}, "image"),
        ("file", {"file_key": "f", "file_name": "invoices.xlsx"}, "invoices.xlsx"),
        ("media", {"file_key": "f", "image_key": "i", "file_name": "talk.mp4"}, "talk.mp4"),
        ("audio", {"file_key": "f", "duration": 1000}, "audio"),
        ("sticker", {"file_key": "f"}, "sticker"),
    ],
)
async def test_f31_pictures_and_files_are_named_and_never_fetched(
    kind: str, content: dict[str, object], named: str
) -> None:
    async with connected("ws") as h:
        h.feishu.dm(ANA, "", kind=kind, content=content)
        said = await first(h)
        assert (said.text, said.files) == ("", (named,))
        assert not [c for c in h.feishu.calls if "resource" in c.method or c.method == "unknown"]


async def test_f31_a_quoted_message_makes_one_conversation_with_it() -> None:
    """A quote outside of a topic carries the same root, and is answered there."""
    async with connected("ws") as h:
        root = await h.say(h.lin, "the rule is 30 days", chat=h.room)
        await first(h)
        h.feishu.say(ANA, ROOM, "is this still so?", quote=root)
        said = await first(h, 2)
        assert (said.thread.root, said.addressed) == (root, True)


def test_f32_the_sdk_is_loaded_only_by_create() -> None:
    """It takes seconds and more than a hundred megabytes: reading the room's pure parts does not load it."""
    code = (
        "import sys\n"
        "from adapters import adapter_module\n"
        "room = adapter_module('feishu')\n"
        "import adapters.feishu.inbound, adapters.feishu.outbound, adapters.feishu.permissions\n"
        "import adapters.feishu.webhook, adapters.feishu.failures, adapters.feishu.check\n"
        "print('lark_oapi' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.stdout == "False\n", said.stderr


# escalation and administration ---------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["help", "/status"])
async def test_e1_the_bots_menu_is_a_way_to_give_commands(key: str) -> None:
    """Feishu has no commands of its own: text after the mention, and entries of the menu, redelivered or not."""
    async with connected("ws") as h:
        h.feishu.faults.add("redeliver", on="application.bot.menu_v6")
        h.feishu.menu(LIN, key)
        await h.feishu.settled()
        (said,) = h.host.events
        assert isinstance(said, Message)
        assert (said.text, said.addressed, said.author.key) == ("/" + key.strip("/"), True, "feishu:ou_lin")
        assert said.thread == await h.adapter.direct(said.author)
        assert not said.author.external
        await h.adapter.post(said.thread, answer())
        (standing,) = await h.standing()
        assert standing.chat == LIN


async def test_e3_an_owner_who_never_wrote_is_reached_and_can_answer_there() -> None:
    """Where the question is put, the press and the words that answer it come from."""
    async with connected("ws") as h:
        direct = await h.adapter.direct(Person("feishu", LIN))
        receipt = await h.adapter.post(direct, Post("k1", VOTE))
        await h.press(h.lin, receipt, "up")
        h.feishu.dm(LIN, "Ask Ana.")
        press, words = await h.host.event(1), await h.host.event(2)
        assert isinstance(press, Press)
        assert isinstance(words, Message)
        assert press.thread.chat_key == words.thread.chat_key == direct.chat_key
        assert press.thread.direct
        assert press.message_id == receipt.message_id


async def test_e5_a_thumb_on_an_answer_is_a_vote() -> None:
    """On ours, wherever it stands, also after a restart; on nobody else's."""
    async with connected("ws") as h:
        root = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        receipt = await h.adapter.post(said.thread, answer())
        private = await h.adapter.post(await h.adapter.direct(h.lin), answer("k2"))
        h.feishu.react(ANA, receipt.message_id, "THUMBSUP")
        h.feishu.react(LIN, private.message_id, "ThumbsDown")
        h.feishu.react(ANA, root, "THUMBSUP")
        h.feishu.react(ANA, receipt.message_id, "HEART")
        h.feishu.react(ANA, receipt.message_id, "THUMBSUP", gone=True)
        await h.feishu.settled()
        votes = {e.author.id: e for e in h.host.events if isinstance(e, Press)}
        assert {(v.action, v.thread.chat, v.thread.root) for v in votes.values()} == {
            ("up", ROOM, root),
            ("down", LIN, ""),
        }
        h.adapter._sender._places.clear()
        h.feishu.react(LIN, receipt.message_id, "THUMBSUP")
        h.feishu.react(LIN, private.message_id, "THUMBSUP")
        await h.feishu.settled()
        after = [e for e in h.host.events if isinstance(e, Press)][2:]
        assert {(e.action, e.thread.chat, e.thread.root) for e in after} == {("up", ROOM, root), ("up", LIN, "")}


async def test_e5_a_thumb_that_cannot_be_looked_up_is_not_brought_again_in_vain() -> None:
    """Without the scope, or on what is gone; while Feishu is away it is."""
    async with connected("ws") as h:
        receipt = await h.adapter.post(h.room, answer())
        h.adapter._sender._places.clear()
        granted = set(h.feishu.granted)
        h.feishu.granted -= {"im:message", "im:message:readonly", "im:message.group_msg"}
        h.feishu.react(ANA, receipt.message_id, "THUMBSUP")
        await h.feishu.settled()
        assert [d.code for d in h.feishu.log] == [200]
        assert h.host.events == []
        h.feishu.granted |= granted
        h.feishu.faults.add("502", on="im.message.get")
        h.feishu.react(ANA, receipt.message_id, "THUMBSUP")
        await h.feishu.settled()
        assert [d.code for d in h.feishu.log][1:] == [500, 200]
        assert len(h.host.events) == 1


async def test_e9_everything_a_reply_needs_hours_later_is_in_the_thread() -> None:
    """It can be written down and read back by a process that knows nothing else."""
    import msgspec

    async with connected("ws") as h:
        root = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        kept = msgspec.json.decode(msgspec.json.encode(said.thread), type=Thread)
        later = FeishuAdapter(config_for(h.feishu))
        await later.post(kept, answer(mention=(said.author,)))
        await later.close()
        (standing,) = await h.standing()
        assert (standing.chat, standing.root) == (ROOM, root)


async def test_e11_who_reads_along_is_asked_and_not_knowing_is_an_error() -> None:
    async with connected("ws") as h:
        assert (await h.adapter.audience(h.private)).members == (await h.adapter.person(ANA),)
        h.feishu.granted -= {"im:chat.members:read", "im:chat:readonly", "im:chat:read"}
        with pytest.raises(Unauthorised):
            await h.adapter.audience(h.room)


# what else happens ---------------------------------------------------------------------------------------------


async def test_being_added_to_a_chat_is_told_once_and_with_who_did_it() -> None:
    async with connected("ws") as h:
        h.feishu.space.add_chat("oc_2", "random", [ANA])
        h.feishu.faults.add("redeliver", on="im.chat.member.bot.added_v1")
        h.feishu.join("oc_2", by=ANA)
        await h.feishu.settled()
        (joined,) = h.host.events
        assert isinstance(joined, Joined)
        assert joined.by is not None
        assert (joined.thread.chat, joined.by.id) == ("oc_2", ANA)


async def test_opening_the_private_chat_is_told() -> None:
    async with connected("ws") as h:
        h.feishu.enter_p2p(LIN)
        opened = await h.host.event()
        assert isinstance(opened, Opened)
        assert (opened.thread.chat, opened.author.name, opened.author.external) == (LIN, "Lin", False)


async def test_an_edit_is_not_a_new_question_and_a_recall_is_told() -> None:
    async with connected("ws") as h:
        asked = await h.say(h.ana, "who?", chat=h.room)
        await first(h)
        h.feishu.edit(asked, "who signs?")
        h.feishu.recall(asked)
        await h.feishu.settled()
        assert [type(event).__name__ for event in h.host.events] == ["Message", "Gone"]
        assert h.host.events[1].message_id == asked  # type: ignore[union-attr]  # a Gone


async def test_without_the_scope_for_all_messages_a_mention_in_the_thread_still_works() -> None:
    """Follow-ups without the name need a scope that is not asked for; with it they come, without it nothing
    breaks."""
    async with connected("ws") as h:
        h.feishu.granted -= {"im:message.group_msg"}
        root = await h.say(h.ana, "who?", chat=h.room)
        await h.say(h.ana, "and who signs?", chat=h.room, thread=root, mention=False)
        await h.say(h.ana, "and who pays?", chat=h.room, thread=root)
        await h.feishu.settled()
        said = [e for e in h.host.events if isinstance(e, Message)]
        assert [(m.text, m.thread.root) for m in said] == [("who?", root), ("and who pays?", root)]


async def test_twenty_minutes_without_feishu_lose_nothing() -> None:
    """What was said comes when it is back, and what was to be said is said once."""
    clock = [1_767_600_000.0]
    async with FeishuServer(clock=lambda: clock[0]) as feishu:
        furnish(feishu)
        feishu.redeliver_after = (15.0, 300.0, 3600.0, 21600.0)
        async with connected("ws", feishu=_started(feishu), ping_seconds=0.1) as h:
            h.feishu.dm(ANA, "before")
            await h.feishu.settled()
            async with h.feishu.outage():
                h.feishu.dm(ANA, "during")
                with pytest.raises(Exception, match="feishu"):
                    await h.adapter.post(h.room, answer())
                clock[0] += 1200.0
                await h.feishu.until(lambda: len(h.feishu.log) >= 2)
            await h.feishu.connected(2)  # a link that has just broken may still be taken for one that stands
            await eventually(h.adapter.connected)
            await h.adapter.post(h.room, answer())
            clock[0] += 6 * 3600.0  # whichever redeliveries the outage has left
            assert (await first(h, 2)).text == "during"
            await h.feishu.settled()
            assert len(await h.standing()) == 1


def test_everything_subscribed_is_known() -> None:
    """An event nobody reads would be asked for in vain; each is parsed or changes what is remembered."""
    for name in (*EVENTS, *CALLBACKS):
        payload = {"header": {"event_type": name, "app_id": "another"}, "event": {}}
        assert parse(payload, ME, NOW, {}.get) is None
    read = {"im.message.receive_v1", "im.message.recalled_v1", "im.message.reaction.created_v1", *CALLBACKS}
    assert read <= {*EVENTS, *CALLBACKS}
    assert parse(load("mention")["payload"], Me("ou_bot", "cli_other"), NOW, {}.get) is None


async def test_a_guest_in_a_private_chat_is_nobody_to_be_named() -> None:
    """Whose profile cannot be read is from outside, as far as `person` can tell."""
    async with connected("ws") as h:
        assert (await h.adapter.person(GUEST)).external
        assert card_fault(outbound.messages(answer(), Thread("feishu", PRIVATE))[0], set(), set()) == (0, "")
