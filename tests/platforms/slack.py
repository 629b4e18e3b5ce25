"""A local Slack: Web API, Socket Mode and signed HTTP, with people who talk, press and submit.

    async with SlackServer() as slack:
        slack.space.add_user("U1", "Ana")
        slack.space.add_channel("C1", "general", ["U1", slack.space.bot_user])
        ts = slack.say("U1", "C1", f"{slack.mention} who approves invoices?")
        answer = await slack.next_post()

Everything a person does returns at once and is delivered in the background; `await slack.settled()` waits until
all of it was acked or given up. `slack.faults` decides what goes wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from tests.platforms.slack_delivery import Delivery, SlackDelivery
from tests.platforms.slack_state import Channel, Json, Posted

ALL_SCOPES = frozenset(
    {
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
    }
)


class SlackServer(SlackDelivery):
    """`echo`: Slack shows an app its own messages again, as it does when `message.*` is subscribed.
    `mention_twin`: a mention arrives as `message` and as `app_mention`."""

    def __init__(
        self,
        *,
        granted: set[str] | None = None,
        clock: Callable[[], float] = time.time,
        echo: bool = True,
        mention_twin: bool = True,
    ) -> None:
        super().__init__(granted=set(ALL_SCOPES if granted is None else granted), clock=clock)
        self.echo = echo
        self.mention_twin = mention_twin

    @property
    def api_url(self) -> str:
        return self.url + "/api/"

    @property
    def mention(self) -> str:
        return f"<@{self.space.bot_user}>"

    # what people do --------------------------------------------------------------------------------------------

    def say(self, user: str, channel: str, text: str, *, thread: str = "", **more: Any) -> str:
        """Somebody writes; `more` goes into the message as it is (subtype, files …). Returns its ts."""
        room = self.space.channels[channel]
        message: Json = {
            "type": "message",
            "user": user,
            "text": text,
            "ts": self.space.ts(),
            "client_msg_id": f"c{self._next()}",
            "team": self.space.users[user]["team_id"],
            **({"thread_ts": thread} if thread else {}),
            **more,
        }
        self.space.keep(room, dict(message))
        self._tell(room, message)
        if self.mention in text and room.kind != "im":
            self.spawn(
                self.event({**message, "type": "app_mention", "channel": channel, "event_ts": message["ts"]})
            )
        return str(message["ts"])

    def dm(self, user: str, text: str, *, thread: str = "") -> str:
        return self.say(user, self.space.direct(user).id, text, thread=thread)

    def edit(self, channel: str, ts: str, text: str) -> None:
        room = self.space.channels[channel]
        before = dict(room.messages[ts])
        room.messages[ts] |= {"text": text, "edited": {"user": before["user"], "ts": self.space.ts()}}
        self._changed(room, dict(room.messages[ts]), before)

    def delete(self, channel: str, ts: str) -> None:
        """A message that others replied to leaves a tombstone, as on Slack; any other is gone."""
        room = self.space.channels[channel]
        before = room.messages.pop(ts)
        if any(m.get("thread_ts") == ts for m in room.messages.values()):
            tombstone = {"type": "message", "subtype": "tombstone", "ts": ts, "thread_ts": ts, "user": "USLACKBOT"}
            room.messages[ts] = {**tombstone, "text": "This message was deleted.", "hidden": True}
            self._changed(room, room.messages[ts], before)
            return
        self._tell(
            room,
            {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "ts": self.space.ts(),
                "deleted_ts": ts,
                "previous_message": before,
            },
        )

    def react(self, user: str, posted: Posted, name: str) -> None:
        event = {
            "type": "reaction_added",
            "user": user,
            "reaction": name,
            "item_user": self.space.channels[posted.channel].messages[posted.ts]["user"],
            "item": {"type": "message", "channel": posted.channel, "ts": posted.ts},
            "event_ts": self.space.ts(),
        }
        self.spawn(self.event(event))

    def join(self, channel: str, *, by: str = "") -> None:
        """The bot is invited."""
        room = self.space.channels[channel]
        room.members.append(self.space.bot_user)
        self._membership("member_joined_channel", room, self.space.bot_user, by)

    def add_member(self, channel: str, user: str) -> None:
        room = self.space.channels[channel]
        room.members.append(user)
        self._membership("member_joined_channel", room, user, "")

    def open_home(self, user: str, *, tab: str = "messages") -> None:
        channel = self.space.direct(user).id
        event = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel,
            "tab": tab,
            "event_ts": self.space.ts(),
        }
        self.spawn(self.event(event))

    def uninstall(self) -> None:
        self.revoked = "account_inactive"
        self.spawn(self.event({"type": "tokens_revoked", "tokens": {"bot": [self.space.bot_user]}}))
        self.spawn(self.event({"type": "app_uninstalled"}))

    async def slash(self, user: str, channel: str, text: str, *, command: str = "/understudy") -> Delivery:
        return await self.deliver(
            "slash_commands",
            {
                "command": command,
                "text": text,
                "user_id": user,
                "user_name": self.space.users[user]["name"],
                "channel_id": channel,
                "channel_name": self.space.channels[channel].name,
                "team_id": self.space.team,
                "api_app_id": self.space.app,
                "response_url": self.url + "/response",
                "trigger_id": self._trigger(user),
            },
        )

    async def press(self, user: str, posted: Posted, action: str) -> Delivery:
        """Press the button with this action id, or whose action id ends in `:action`."""
        matches = [b for b in posted.buttons if b["action_id"] == action or b["action_id"].endswith(f":{action}")]
        assert matches, f"no button {action!r} among {[b['action_id'] for b in posted.buttons]}"
        ephemeral = posted.how == "chat.postEphemeral"
        container = {
            "type": "message",
            "message_ts": posted.ts,
            "channel_id": posted.channel,
            "is_ephemeral": ephemeral,
        }
        if posted.thread:
            container["thread_ts"] = posted.thread
        payload: Json = {
            "type": "block_actions",
            "user": {
                "id": user,
                "name": self.space.users[user]["name"],
                "team_id": self.space.users[user]["team_id"],
            },
            "team": {"id": self.space.team, "domain": "team"},
            "api_app_id": self.space.app,
            "channel": {"id": posted.channel, "name": self.space.channels[posted.channel].name},
            "container": container,
            "trigger_id": self._trigger(user),
            "response_url": self.url + "/response",
            "state": {"values": {}},
            "actions": [{**matches[0], "type": "button", "action_ts": self.space.ts()}],
        }
        if not ephemeral:  # an ephemeral's press carries no message
            payload["message"] = self.space.channels[posted.channel].messages[posted.ts]
        return await self.deliver("interactive", payload, name="block_actions")

    async def submit(self, user: str, view: Json, values: dict[str, str]) -> Delivery:
        """Fill a view's inputs, by block id, and submit it."""
        state: Json = {}
        for block in view["blocks"]:
            element = block["element"]
            given = values.get(block["block_id"], element.get("initial_value") or element.get("initial_user"))
            key = "selected_user" if element["type"] == "users_select" else "value"
            state[block["block_id"]] = {element["action_id"]: {"type": element["type"], key: given}}
        payload = {
            "type": "view_submission",
            "user": {
                "id": user,
                "name": self.space.users[user]["name"],
                "team_id": self.space.users[user]["team_id"],
            },
            "team": {"id": self.space.team, "domain": "team"},
            "api_app_id": self.space.app,
            "trigger_id": self._trigger(user),
            "view": {**view, "state": {"values": state}},
        }
        return await self.deliver("interactive", payload, name="view_submission")

    # what a test waits for -------------------------------------------------------------------------------------

    async def next_post(self, channel: str = "", *, within: float = 5.0) -> Posted:
        """The next thing the bot places, shows or rewrites, in any channel or in this one; what is passed over is
        kept for whoever asks for it."""
        async with asyncio.timeout(within):
            while True:
                for posted in self.space.posts:
                    if channel in ("", posted.channel):
                        self.space.posts.remove(posted)
                        return posted
                self.space.news.clear()
                await self.space.news.wait()

    async def next_view(self, count: int = 1, *, within: float = 5.0) -> Json:
        """The `count`-th form opened since the start."""
        async with self.space.opened, asyncio.timeout(within):
            await self.space.opened.wait_for(lambda: len(self.space.views) >= count)
        return self.space.views[count - 1]

    # inside ----------------------------------------------------------------------------------------------------

    def placed(self, posted: Posted, message: Json) -> None:
        super().placed(posted, message)
        if not self.echo:
            return
        room = self.space.channels[posted.channel]
        if posted.how == "chat.update":
            self._changed(room, dict(message), {"ts": message["ts"], "user": message["user"]})
        else:
            self._tell(room, dict(message))

    def _tell(self, room: Channel, message: Json) -> None:
        if self.space.bot_user not in room.members:
            return
        event = {**message, "channel": room.id, "channel_type": room.kind, "event_ts": message["ts"]}
        if self.mention_twin or room.kind == "im" or self.mention not in message.get("text", ""):
            self.spawn(self.event(event))

    def _changed(self, room: Channel, message: Json, before: Json) -> None:
        change = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self.space.ts()}
        self._tell(room, {**change, "message": message, "previous_message": before})

    def _membership(self, type: str, room: Channel, user: str, by: str) -> None:
        event = {
            "type": type,
            "user": user,
            "channel": room.id,
            "channel_type": "C" if room.kind == "channel" else "G",
            "team": self.space.team,
            "event_ts": self.space.ts(),
            **({"inviter": by} if by else {}),
        }
        self.spawn(self.event(event))

    def _who(self, user: str) -> Json:
        known = self.space.users[user]
        return {"id": user, "name": known["name"], "team_id": known["team_id"]}

    def _trigger(self, user: str) -> str:
        id = f"{self._next()}.trigger"
        self.triggers[id] = (self.clock(), user, False)
        return id
