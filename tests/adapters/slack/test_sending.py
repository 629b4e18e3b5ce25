"""Saying things once: every way a call can end, and what the next attempt then does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.model import Button, Card, Field, Form, Message, Post, Thread
from adapters.slack import SlackAdapter
from tests.adapters.slack.harness import ROOM, SlackHarness, config_for, connected
from tests.platforms.slack_state import Posted

LONG = "\n\n".join(f"Paragraph {n}. " + "word " * 100 for n in range(60))


def answer(key: str = "k1", text: str = "Lin does.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def asked(h: SlackHarness) -> Message:
    await h.say(h.ana, "who?", chat=h.room)
    event = await h.host.event(len(h.host.events) + 1)
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
async def test_whatever_happens_to_the_call_there_is_one_message_in_the_end(
    fault: str, kind: type[AdapterError], placed: bool | None, standing: int
) -> None:
    """And the SDK has not tried a second time behind our back: that is how one post becomes two."""
    async with connected("socket") as h:
        said = await asked(h)
        h.slack.faults.add(fault, on="chat.postMessage", seconds=1)
        with pytest.raises(kind) as caught:
            await h.adapter.post(said.thread, answer())
        assert getattr(caught.value, "placed", None) is placed
        assert len(h.slack.called("chat.postMessage")) == 1
        assert len(await h.standing()) == standing
        await h.adapter.post(said.thread, answer())
        assert len(await h.standing()) == 1


async def test_after_a_crash_the_thread_itself_tells_whether_it_was_said() -> None:
    """Another process, which remembers nothing, finds the post by its key; a stranger's forgery is not it."""
    async with connected("socket") as h:
        said = await asked(h)
        h.slack.faults.add("lost", on="chat.postMessage")
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, answer())
        forged = {"event_type": "understudy_ai", "event_payload": {"key": "k2", "part": 1, "of": 1}}
        h.slack.say("U2", ROOM, "hi", thread=said.thread.root, metadata=forged)
        other = SlackAdapter(config_for(h.slack))
        found = await other.find(said.thread, "k1")
        assert found is not None
        assert [s.id for s in await h.standing()] == [found.message_id]
        assert await other.find(said.thread, "k2") is None
        await other.close()


async def test_a_long_post_cut_off_in_the_middle_is_completed_not_repeated() -> None:
    async with connected("socket") as h:
        said = await asked(h)
        whole = len(await _parts(h, said, "k0"))
        assert whole > 2
        h.slack.calls.clear()
        await h.adapter.post(said.thread, answer("warm"))
        h.slack.faults.add("slow", on="chat.postMessage")
        h.slack.faults.add("lost", on="chat.postMessage")
        with pytest.raises(Unreachable):
            await h.adapter.post(said.thread, answer("k1", LONG))
        other = SlackAdapter(config_for(h.slack))
        assert await other.find(said.thread, "k1") is None
        await other.post(said.thread, answer("k1", LONG))
        assert await other.find(said.thread, "k1") is not None
        await other.close()
        shown = [s.text for s in await h.standing()]
        assert sum("Paragraph 0." in text for text in shown) == 2  # k0's and k1's
        assert len(shown) == 2 * whole + 1


async def _parts(h: SlackHarness, said: Message, key: str) -> list[str]:
    await h.adapter.post(said.thread, answer(key, LONG))
    return [s.id for s in await h.standing()]


async def test_what_went_to_a_direct_chat_instead_is_not_said_there_twice() -> None:
    """An ephemeral is impossible where we are not a member; the fallback is as safe against repeats."""
    async with connected("socket") as h:
        h.slack.space.add_channel("C2", "random", ["U1"])
        elsewhere = Thread("slack", "C2", "T1")
        h.slack.faults.add("lost", on="chat.postMessage")
        with pytest.raises(Unreachable):
            await h.adapter.post(elsewhere, answer(only_for=h.ana))
        other = SlackAdapter(config_for(h.slack))
        receipt = await other.post(elsewhere, answer(only_for=h.ana))
        (standing,) = await h.standing()
        assert (standing.id, standing.chat, receipt.thread.chat) == (receipt.message_id, "D1", "D1")
        await other.close()


async def test_a_post_is_quiet_and_carries_its_mark() -> None:
    """No unfurling (a preview is a request to somebody's server), no parsing, machine-readable AI marking."""
    async with connected("socket") as h:
        await h.adapter.post(h.room, answer(text="see https://evil.example/?d=1"))
        (call,) = h.slack.called("chat.postMessage")
        assert (call.body["unfurl_links"], call.body["unfurl_media"]) == (False, False)
        assert (call.body["parse"], call.body["link_names"]) == ("none", False)
        assert call.body["metadata"]["event_type"] == "understudy_ai"


async def test_what_was_deleted_or_is_too_old_to_change_is_said_anew() -> None:
    async with connected("socket") as h:
        receipt = await h.adapter.post(h.room, answer("k1", "I asked Lin."))
        h.slack.space.channels[ROOM].messages.pop(receipt.message_id)
        await h.adapter.post(h.room, answer("k2", "Lin says yes.", replaces=receipt.message_id))
        (standing,) = await h.standing()
        assert "Lin says yes." in standing.text
        with pytest.raises(NotFound):
            await h.adapter.edit(receipt, answer("k3"))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("is_archived", Rejected),
        ("not_in_channel", NotFound),
        ("missing_scope", Unauthorised),
        ("token_revoked", Unauthorised),
    ],
)
async def test_slacks_no_reaches_the_caller_as_the_right_class(code: str, kind: type[AdapterError]) -> None:
    async with connected("socket") as h:
        h.slack.faults.add("error", on="chat.postMessage", code=code)
        with pytest.raises(kind):
            await h.adapter.post(h.room, answer())


async def test_a_form_that_comes_too_late_is_not_acknowledged() -> None:
    """Slack then shows that the button did not work, instead of a press that vanishes."""
    async with connected("socket") as h:
        h.slack.ack_within = 1.0
        form = Form("edited", "v", "Edit", "Send", "Cancel", (Field("text", "Answer"),))
        h.host.forms["edit"] = form
        button = Button("edit", "Edit", "v", opens_form=True)
        receipt = await h.adapter.post(h.room, Post("k1", Card("x", buttons=(button,))))
        posted = await h.slack.next_post()
        h.slack.faults.add("error", on="views.open", code="expired_trigger_id")
        assert not (await h.slack.press("U1", posted, "edit")).acked
        assert (await h.slack.press("U1", posted, "edit")).acked
        view = await h.slack.next_view()
        h.host.refuse = 1
        assert not (
            await h.slack.submit("U1", view, {"text": "mine"})
        ).acked  # the form stays open, nothing is lost
        assert (await h.slack.submit("U1", view, {"text": "mine"})).acked
        assert receipt.message_id == posted.ts


async def test_a_stream_shows_the_answer_with_label_buttons_and_key() -> None:
    async with connected("socket", stream=True) as h:
        said = await asked(h)
        card = Card("**word** <!channel> " * 60, label="AI answer", buttons=(Button("up", "👍", "v"),))
        receipt = await h.adapter.post(said.thread, Post("k1", card, mention=(h.ana,)))
        posted = await h.slack.next_post()
        assert (posted.how, posted.ts, posted.thread) == ("chat.stopStream", receipt.message_id, said.thread.root)
        assert posted.text.startswith("_AI answer_")
        assert "<!" not in posted.text
        assert posted.buttons
        assert await h.adapter.find(said.thread, "k1") == receipt
        (start,) = h.slack.called("chat.startStream")
        assert (start.body["recipient_user_id"], start.body["recipient_team_id"]) == ("U1", "T1")


@pytest.mark.parametrize("post", [answer(text="short"), answer(text="word " * 300)])
async def test_what_cannot_stream_is_posted(post: Post) -> None:
    """Too short to be worth it, or nobody to name as recipient in a channel."""
    async with connected("socket", stream=True) as h:
        await h.adapter.post((await asked(h)).thread, post)
        assert h.slack.called("chat.startStream") == []
        assert (await h.slack.next_post()).how == "chat.postMessage"


async def test_a_status_that_is_not_there_is_asked_for_once() -> None:
    async with connected("socket") as h:
        said = await asked(h)
        h.slack.unknown_methods |= {"agents.sessions.setStatus", "assistant.threads.setStatus"}
        for _ in range(3):
            await h.adapter.working(said.thread, "reads")
        assert len(h.slack.called("*setStatus")) == 2


async def test_many_people_are_fetched_as_a_list() -> None:
    """A room of a hundred costs a call, not a hundred."""
    async with connected("socket") as h:
        ids = [h.slack.space.add_user(f"U9{n:03}", f"P{n}") for n in range(100)]
        h.slack.space.add_channel("C5", "all", [*ids, h.slack.space.bot_user])
        h.slack.calls.clear()
        audience = await h.adapter.audience(Thread("slack", "C5", "T1"))
        assert len(audience.members) == 100
        assert [call.method for call in h.slack.calls] == [
            "conversations.info",
            "conversations.members",
            "users.list",
        ]


async def test_a_shared_channel_has_an_external_audience() -> None:
    async with connected("socket") as h:
        h.slack.space.channels[ROOM].ext_shared = True
        assert (await h.adapter.audience(h.room)).external


async def test_an_audience_is_at_most_a_minute_old() -> None:
    """T07: who came a minute ago reads along."""
    now = [0.0]
    async with connected("socket") as h:
        adapter = SlackAdapter(config_for(h.slack), ticks=lambda: now[0])
        assert len((await adapter.audience(h.room)).members) == 2
        h.slack.space.channels[ROOM].members.append("U3")
        assert len((await adapter.audience(h.room)).members) == 2
        now[0] = 61.0
        assert len((await adapter.audience(h.room)).members) == 3
        await adapter.close()


async def test_somebody_who_comes_while_we_ask_is_not_forgotten() -> None:
    """What Slack told before they came must not be kept for a minute after."""
    async with connected("socket") as h:
        h.slack.faults.add("slow", on="conversations.members", seconds=0.3)
        asking = asyncio.create_task(h.adapter.audience(h.room))
        await asyncio.sleep(0.1)
        h.slack.spawn(h.slack.event({"type": "member_joined_channel", "user": "U3", "channel": ROOM}))
        await asyncio.sleep(0.1)
        await asking
        h.slack.space.channels[ROOM].members.append("U3")
        assert (await h.adapter.audience(h.room)).external


async def test_other_bots_are_no_audience() -> None:
    """They have no rights of their own; who reads through them was let in by those who installed them."""
    async with connected("socket") as h:
        h.slack.space.add_user("U8", "Polly", is_bot=True)
        h.slack.space.channels[ROOM].members.append("U8")
        assert [p.id for p in (await h.adapter.audience(h.room)).members] == ["U1", "U2"]


async def test_somebody_who_becomes_a_guest_is_one_at_once() -> None:
    async with connected("socket") as h:
        assert not (await h.adapter.person("U1")).external
        h.slack.space.users["U1"]["is_restricted"] = True
        assert not (await h.adapter.person("U1")).external  # at hand, and asked for only every ten minutes
        await h.slack.event({"type": "user_change", "user": h.slack.space.users["U1"]})
        assert (await h.adapter.person("U1")).external


async def test_an_audience_that_cannot_be_read_is_an_error_each_time() -> None:
    async with connected("socket") as h:
        h.slack.faults.add("500", on="conversations.members")
        with pytest.raises(AdapterError):
            await h.adapter.audience(h.room)
        assert (await h.adapter.audience(h.room)).public


async def test_the_doctor_finds_a_wrong_token_a_wrong_clock_and_a_person() -> None:
    async with connected("socket") as h:
        late = SlackAdapter(config_for(h.slack), now=lambda: datetime.now(UTC) + timedelta(minutes=4))
        assert any("clock" in f.what and not f.ok for f in await late.check())
        h.slack.app_token = "xapp-another"
        assert any("apps.connections.open" in f.what and not f.ok for f in await late.check())
        h.slack.space.bot = ""
        assert any("belongs to a person" in f.what for f in await late.check())
        h.slack.revoked = "token_revoked"
        (finding,) = await late.check()
        assert "token_revoked" in finding.what
        await late.close()


def test_a_posted_message_is_shown_in_reading_order() -> None:
    """The local Slack's own eyes: what the other tests look through."""
    blocks = [
        {"type": "context", "elements": [{"type": "plain_text", "text": "label"}]},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "user", "user_id": "U1"}, {"type": "text", "text": " hi"}],
                }
            ],
        },
    ]
    assert Posted("", "", "", "", blocks).shown == "label\n<@U1> hi"
