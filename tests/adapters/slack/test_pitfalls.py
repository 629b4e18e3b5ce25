"""What breaks other people's Slack bots, one test each, by the numbers of the project's list of peers' lessons
(S1–S21), with the unmodified slack-bolt against the local Slack."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from adapters.model import Button, Card, Message, Opened, Person, Post, Press, Thread
from adapters.slack import outbound
from adapters.slack.inbound import Me
from adapters.slack.manifest import EVENTS, SCOPES, manifest
from adapters.slack.people import person_of
from adapters.text import mrkdwn, parse, split
from tests.adapters.slack.harness import PRIVATE, ROOM, SlackHarness, connected, furnish
from tests.platforms.slack import ALL_SCOPES, SlackServer
from tests.platforms.slack_state import Posted


def answer(key: str = "k1", text: str = "Lin does.", **more: object) -> Post:
    return Post(key, Card(text, label="AI answer"), **more)  # type: ignore[arg-type]  # the caller knows Post


async def first(h: SlackHarness, count: int = 1) -> Message:
    event = await h.host.event(count)
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_s1_the_ack_waits_for_the_disk_and_for_nothing_else(mode: str) -> None:
    """Bolt would ack before the handler ran; then a crash loses the event. And nothing but keeping it is waited
    for: the ack is there long before an answer is."""
    async with connected(mode) as h:
        kept = asyncio.Event()
        receive = h.host.receive

        async def slowly(event: object) -> None:
            await kept.wait()
            await receive(event)  # type: ignore[arg-type]  # whatever came

        h.host.receive = slowly  # type: ignore[method-assign,assignment]  # a slow disk
        h.slack.ack_within = 3.0
        h.slack.dm("U1", "who?")
        await asyncio.sleep(0.1)
        assert h.slack.log == []
        kept.set()
        await h.slack.settled()
        assert [d.acked for d in h.slack.log] == [True]
        assert h.slack.called("chat.*") == []


async def test_s2_what_arrives_only_as_a_retry_is_not_dropped() -> None:
    """What was said while we were away comes with retry_attempt ≥ 1 and never as a first delivery."""
    async with SlackServer() as slack:
        furnish(slack)
        ts = slack.dm("U1", "who?")
        await asyncio.sleep(0.05)
        async with connected("socket", slack=_started(slack)) as h:
            assert (await first(h)).id == ts
            await h.slack.settled()
            assert [(d.attempt, d.acked) for d in h.slack.log] == [(1, True)]


def _started(slack: SlackServer) -> SlackServer:
    """The same server as an `async with` that neither starts nor stops it."""

    class Running:
        async def __aenter__(self) -> SlackServer:
            return slack

        async def __aexit__(self, *error: object) -> None: ...

    return Running()  # type: ignore[return-value]  # only entered and left


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_s3_a_mention_and_its_twin_are_one_question(mode: str) -> None:
    """Under two event ids, and redelivered twenty times at once (WHK-08)."""
    async with connected(mode) as h:
        h.slack.faults.add("redeliver", on="app_mention")
        h.slack.faults.add("twin", on="message")
        await h.say(h.ana, "who?", chat=h.room)
        await h.slack.settled()
        event = h.slack.log[0].payload["event"]
        await asyncio.gather(*(h.slack.event(event) for _ in range(20)))
        assert h.host.deliveries == 24
        assert len(h.host.events) == 1


async def test_s4_an_event_may_come_by_any_connection() -> None:
    """Two processes, one app: each event goes to one of them, so neither may rely on having seen the last."""
    async with connected("socket") as one, connected("socket", slack=_started(one.slack)) as two:
        for n in range(20):
            one.slack.dm("U1", f"question {n}")
        await one.slack.settled()
        assert len(one.host.events) + len(two.host.events) == 20
        assert one.host.events
        assert two.host.events


async def test_s5_bots_and_our_own_words_are_not_answered() -> None:
    """Ours come back as message events, edits of ours as message_changed; other bots write as app or as user."""
    async with connected("socket") as h:
        receipt = await h.adapter.post(await h.adapter.direct(h.ana), answer())
        await h.adapter.edit(receipt, answer(text="Lin and Ana do."))
        h.slack.say("U1", ROOM, f"{h.slack.mention} hi", bot_id="B9")
        h.slack.say("U1", ROOM, f"{h.slack.mention} hi", subtype="bot_message", bot_id="B9")
        await h.slack.settled()
        assert len(h.slack.log) >= 4
        assert all(d.acked for d in h.slack.log)
        assert h.host.events == []


async def test_s6_a_group_dm_is_a_shared_room() -> None:
    """It is not private to the asker: unaddressed words stay unread, and its audience is everyone in it."""
    async with connected("socket") as h:
        h.slack.space.add_channel("G7", "mpdm", ["U1", "U2", h.slack.space.bot_user], kind="mpim")
        h.slack.say("U1", "G7", "lunch?")
        h.slack.say("U1", "G7", f"{h.slack.mention} who approves?")
        said = await first(h)
        await h.slack.settled()
        assert len(h.host.events) == 1
        assert not said.thread.direct
        audience = await h.adapter.audience(said.thread)
        assert {p.id for p in audience.members} == {"U1", "U2"}
        assert not audience.public


async def test_s7_commands_work_natively_and_typed_in_threads() -> None:
    """A native command is answered so that only its author sees it, also where the bot is not a member."""
    async with connected("socket") as h:
        h.slack.space.add_channel("C2", "random", ["U1"])
        assert (await h.slack.slash("U1", ROOM, "status")).acked
        command = await first(h)
        assert (command.command, command.text) == (True, "status")
        await h.adapter.post(command.thread, answer(only_for=command.author))
        assert (await h.slack.next_post()).user == "U1"
        await h.slack.slash("U1", "C2", "status")
        elsewhere = await first(h, 2)
        receipt = await h.adapter.post(elsewhere.thread, answer("k2", only_for=elsewhere.author))
        posted = await h.slack.next_post()
        assert (posted.channel, receipt.thread.chat, receipt.thread.direct) == ("D1", "D1", True)
        h.slack.space.add_channel("D77", "", ["U1", "U2"], kind="im")
        await h.slack.slash("U1", "D77", "status")
        between_two = await first(h, 3)
        assert (between_two.thread.chat, between_two.thread.direct) == ("D1", True)
        root = await h.say(h.ana, "who?", chat=h.room)
        await first(h, 4)
        await h.say(h.ana, "!understudy why", chat=h.room, thread=root, mention=False)
        assert (await first(h, 5)).text == "!understudy why"


async def test_s8_the_agent_view_of_2026() -> None:
    """`agent_view` in the manifest; opening the messages tab is heard; the stop button is acknowledged."""
    made = manifest()
    assert "agent_view" in made["features"]
    assert "assistant_view" not in made["features"]
    async with connected("socket") as h:
        h.slack.open_home("U1")
        opened = await h.host.event()
        assert isinstance(opened, Opened)
        h.slack.spawn(h.slack.event({"type": "agent_session_stopped", "user": "U1", "channel": "D1"}))
        await h.slack.settled()
        assert all(d.acked for d in h.slack.log)
        assert len(h.host.events) == 1


async def test_s9_status_words_and_status_enum_go_to_their_own_methods() -> None:
    """Free text to agents.sessions.setStatus is `invalid_arguments`, which peers swallowed for weeks."""
    async with connected("socket") as h:
        ts = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        await h.adapter.working(said.thread, "reads 3 passages")
        await h.adapter.post(said.thread, answer())
        assert [(s["method"], s["status"], s["thread_ts"]) for s in h.slack.space.statuses] == [
            ("agents.sessions.setStatus", "processing", ts),
            ("assistant.threads.setStatus", "reads 3 passages", ts),
            ("agents.sessions.setStatus", "active", ts),
        ]


async def test_s10_a_stream_that_dies_is_made_whole() -> None:
    """Slack ends a stream after some minutes: the message is rewritten, complete and with its buttons."""
    async with connected("socket", stream=True) as h:
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        h.slack.stream_life = 2
        card = Card("word " * 300, label="AI answer", buttons=(Button("up", "👍", "v"),))
        receipt = await h.adapter.post(said.thread, Post("k1", card, mention=(h.ana,)))
        posted = await h.slack.next_post()
        assert (posted.how, posted.ts) == ("chat.update", receipt.message_id)
        assert posted.shown.startswith("AI answer")
        assert posted.buttons
        assert await h.adapter.find(said.thread, "k1") is not None


async def test_s10_where_streams_do_not_exist_they_are_tried_once() -> None:
    """`unknown_method` on GovSlack: the answer is posted, and the next one without asking again."""
    async with connected("socket", stream=True) as h:
        h.slack.unknown_methods.add("chat.startStream")
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        for key in ("k1", "k2"):
            await h.adapter.post(said.thread, answer(key, "word " * 300, mention=(h.ana,)))
        assert len(h.slack.called("chat.startStream")) == 1
        assert len(h.slack.called("chat.postMessage")) == 2


async def test_s11_an_update_keeps_its_buttons_and_its_limit() -> None:
    """chat.update refuses 4,001 characters that chat.postMessage took, and text without blocks removes them."""
    async with connected("socket") as h:
        buttons = (Button("up", "👍", "v"),)
        receipt = await h.adapter.post(h.room, Post("k1", Card("word " * 2000, label="AI", buttons=buttons)))
        await h.adapter.edit(receipt, Post("k1", Card("word " * 2000, label="AI", buttons=buttons)))
        message = h.slack.space.channels[ROOM].messages[receipt.message_id]
        assert len(message["text"]) <= 4000
        assert Posted("", "", "", "", message["blocks"]).buttons


def test_s12_dialect_fences_and_the_notification() -> None:
    """`& < >` escaped, room around bold beside Chinese, a cut fence whole in both halves, text never empty."""
    assert mrkdwn(parse("a & <b>")) == "a &amp; &lt;b&gt;"
    assert mrkdwn(parse("请**看**这里")) == "请 *看* 这里"
    assert all(piece.count("```") == 2 for piece in split("```\n" + "line\n" * 50 + "```", 60))
    assert outbound.messages(Post("k", Card("")))[0]["text"]


async def test_s13_replies_stay_in_their_thread() -> None:
    """In a new thread, in an old one, and never broadcast to the channel as well."""
    async with connected("socket") as h:
        root = await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        await h.say(h.lin, "and now?", chat=h.room, thread=root)
        again = await first(h, 2)
        await h.adapter.post(said.thread, answer("k1"))
        await h.adapter.post(again.thread, answer("k2"))
        assert [(s.root, s.chat) for s in await h.standing()] == [(root, ROOM)] * 2
        assert all(not call.body.get("reply_broadcast") for call in h.slack.called("chat.postMessage"))


async def test_s14_no_history_is_read_to_answer() -> None:
    """conversations.history and replies are once a minute for distributed apps: an ordinary post needs neither."""
    async with connected("socket") as h:
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        assert said.thread.chat_name == "general"
        h.slack.calls.clear()
        await h.adapter.audience(said.thread)
        await h.adapter.post(said.thread, answer())
        assert h.slack.called("conversations.history") == []
        assert h.slack.called("conversations.replies") == []


async def test_s15_an_ephemeral_that_is_to_change_is_said_anew() -> None:
    """It cannot be updated; its buttons carry no message, and still say where they were pressed."""
    async with connected("socket") as h:
        card = Card("Sure?", label="AI", buttons=(Button("yes", "Yes", "v"),))
        receipt = await h.adapter.post(h.room, Post("k1", card, only_for=h.ana))
        shown = await h.slack.next_post()
        assert (await h.slack.press("U1", shown, "yes")).acked
        pressed = await h.host.event()
        assert isinstance(pressed, Press)
        assert (pressed.message_id, pressed.thread.chat) == (receipt.message_id, ROOM)
        await h.adapter.post(h.room, answer("k2", "Done.", only_for=h.ana, replaces=receipt.message_id))
        again = await h.slack.next_post()
        assert (again.how, again.user) == ("chat.postEphemeral", "U1")
        assert "Done." in again.shown


async def test_s15_an_ephemeral_is_not_hidden_in_a_thread_that_is_not_there_yet() -> None:
    """Slack shows it to nobody below a message that has no reply."""
    async with connected("socket") as h:
        await h.say(h.ana, "who?", chat=h.room)
        said = await first(h)
        await h.adapter.post(said.thread, answer(only_for=h.ana))
        assert (await h.slack.next_post()).thread == ""


def test_s16_personas_share_one_handle() -> None:
    """One app is one @handle; renaming needs a reinstall and turns the token. The manifest names the app, never a
    persona, and nothing asks for `chat:write.customize`, which would only paint over whose words they are."""
    assert manifest()["features"]["bot_user"]["display_name"] == "understudy"
    assert "chat:write.customize" not in SCOPES


async def test_s17_only_a_real_mention_addresses_us() -> None:
    """Not one in code, not a name in plain letters, not an address; who else is named is passed on."""
    async with connected("socket") as h:
        for words in ("`<@U0BOT> help`", "@understudy help", "mail understudy@team.example", "```\n<@U0BOT>\n```"):
            h.slack.say("U1", ROOM, words)
        await h.slack.settled()
        assert h.host.events == []
        h.slack.say("U1", ROOM, "<@U2> can you ask <@U0BOT> this?")
        said = await first(h)
        assert (said.text, said.addressed) == ("@Lin can you ask this?", True)
        assert [p.id for p in said.mentions] == ["U2"]


async def test_s18_a_forged_request_is_refused_and_no_event_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Signature and freshness are in test_webhook; here: nothing anyone wrote is in a log, at any level."""
    caplog.set_level("DEBUG")
    async with connected("http") as h:
        h.host.refuse = 1
        h.slack.dm("U1", "my salary is 4711")
        await first(h)
        await h.adapter.post(await h.adapter.direct(h.ana), answer(text="your salary is 4712"))
        await h.slack.settled()
    assert "4711" not in caplog.text
    assert "4712" not in caplog.text


async def test_s19_the_doctor_names_each_missing_scope_with_what_it_breaks() -> None:
    missing = {"groups:history", "users:read"}
    async with connected("socket", slack=SlackServer(granted=set(ALL_SCOPES) - missing)) as h:
        bad = [finding for finding in await h.adapter.check() if not finding.ok]
        assert len(bad) == 2
        assert "groups:history" in bad[0].what
        assert "message.groups" in bad[0].what
        assert "OAuth & Permissions" in bad[0].fix
        assert "users:read" in bad[1].what


async def test_s20_greetings_and_notices_cost_nothing() -> None:
    """Join notices, topics, reminders of USLACKBOT: acknowledged, not delivered, no profile looked up."""
    async with connected("socket") as h:
        h.slack.space.add_user("USLACKBOT", "Slackbot")
        h.slack.calls.clear()
        for subtype in ("channel_join", "channel_leave", "channel_topic", "pinned_item", "bot_add", "reminder_add"):
            h.slack.say("U1", ROOM, f"{h.slack.mention} x", subtype=subtype)
        h.slack.say("USLACKBOT", ROOM, f"Reminder: {h.slack.mention}")
        await h.slack.settled()
        assert all(d.acked for d in h.slack.log)
        assert h.host.events == []
        assert h.slack.calls == []


async def test_s21_profiles_and_rooms_are_asked_for_once() -> None:
    """And what the cache holds belongs to one workspace and one bot: it lives in the adapter."""
    async with connected("socket") as h:
        for n in range(5):
            await h.say(h.ana, f"question {n}", chat=h.room)
            await first(h, n + 1)
        for _ in range(5):
            await h.adapter.audience(h.room)
        assert len([c for c in h.slack.called("users.info") if c.body["user"] == "U1"]) == 1
        assert len(h.slack.called("conversations.info")) == 2  # its name, and who reads along
        h.slack.add_member(ROOM, "U3")
        await h.slack.settled()
        assert (await h.adapter.audience(h.room)).external
        assert len(h.slack.called("conversations.info")) == 3


# who counts as one of us (WHK-14), and the manifest ------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "external"),
    [
        ({}, False),
        ({"is_restricted": True}, True),
        ({"is_ultra_restricted": True}, True),
        ({"is_stranger": True}, True),
        ({"deleted": True}, True),
        ({"team_id": "T9"}, True),
        ({"team_id": None}, True),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E9"}}, True),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E1"}}, False),
    ],
)
def test_who_is_from_outside(profile: dict[str, object], external: bool) -> None:
    me = Me("U0BOT", "B0BOT", "T1", enterprise="E1")
    person = person_of({"id": "U1", "name": "ana", "team_id": "T1", **profile}, me)
    assert person == Person("slack", "U1", "ana", "T1", external=external)


def test_the_manifest_asks_for_these_scopes_and_no_others() -> None:
    """A new scope is a new promise to every workspace: it is changed here on purpose or not at all."""
    assert manifest()["oauth_config"]["scopes"]["bot"] == [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "reactions:read",
        "users:read",
    ]
    assert {scope for scope in EVENTS.values() if scope} <= set(SCOPES)


def test_the_shipped_manifest_is_the_generated_one() -> None:
    shipped = Path(__file__).parents[3] / "deploy" / "slack" / "manifest.json"
    assert json.loads(shipped.read_text("utf-8")) == manifest()


def test_in_http_mode_every_address_is_ours() -> None:
    made = manifest(mode="http", url="https://bot.example/")
    address = "https://bot.example/slack/events"
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["socket_mode_enabled"] is False
    assert "request_url" not in manifest()["settings"]["interactivity"]


async def test_private_rooms_are_read_by_their_members_only() -> None:
    """rights.md T06: the reader set is what the platform says, and nothing wider."""
    async with connected("socket") as h:
        audience = await h.adapter.audience(Thread("slack", PRIVATE, "T1"))
        assert [p.id for p in audience.members] == ["U1"]
