"""Slack's Web API over a Workspace: the methods in use, token and scope checks, and the faults of a plan."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.platforms.base import Call, PlatformServer
from tests.platforms.slack_state import Channel, Json, Posted, Workspace, bad_view, fault_of

ANSWERS = frozenset({"429", "500", "502", "503", "slow", "reset", "lost", "error"})

# what a method needs, as its reference page says; several = any of them
SCOPES = {
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "conversations.open": ("im:write",),
    "conversations.info": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.members": ("channels:read", "groups:read", "im:read", "mpim:read"),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "assistant.threads.setStatus": ("assistant:write", "chat:write"),
}


class Refused(Exception):
    """An `ok: false` answer with more than its code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


class SlackApi(PlatformServer):
    """Answers `/api/<method>`. `granted` are the bot token's scopes."""

    def __init__(self, *, granted: set[str], clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.space = Workspace(clock)
        self.granted = granted
        self.bot_token = "xoxb-1-fixture"
        self.app_token = "xapp-1-fixture"
        self.undeletable = False  # "Message deletion: nobody" in the workspace's settings
        self.revoked = ""  # the error a revoked token gets
        self.stream_life = 1_000_000  # appends until Slack ends every stream, as it does after some minutes
        self.unknown_methods: set[str] = set()  # methods this workspace does not have (GovSlack, older plans)
        self.triggers: dict[str, tuple[float, str, bool]] = {}  # id → (issued, user, used)

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/api/{method}", self._answer)]

    def placed(self, posted: Posted, message: Json) -> None:
        """Something of ours stands in a channel now; a server that also delivers events tells the app."""
        self.space.show(posted)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await _arguments(request)
        self.calls.append(Call(method, body, dict(request.headers), self.clock()))
        fault = self.faults.take(method, ANSWERS)
        if fault is not None:
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif fault.kind == "429":
                answer = {"ok": False, "error": "ratelimited"}
                return web.json_response(answer, status=429, headers={"Retry-After": f"{fault.seconds:.0f}"})
            elif fault.kind == "502":
                return web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html")
            elif fault.kind in ("500", "503"):
                code = "internal_error" if fault.kind == "500" else "service_unavailable"
                return web.json_response({"ok": False, "error": code}, status=int(fault.kind))
            elif fault.kind == "error":
                return web.json_response({"ok": False, "error": fault.code})
            elif fault.kind == "reset":
                return _hang_up(request)
        try:
            answer = await self._perform(request, method, body)
        except Refused as refused:
            answer = refused.answer
        except (KeyError, ValueError):  # something the method requires is missing or malformed
            answer = {"ok": False, "error": "invalid_arguments"}
        if fault is not None and fault.kind == "lost":
            return _hang_up(request)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self.granted))})

    async def _perform(self, request: web.Request, method: str, body: Json) -> Json:
        name = "do_" + method.replace(".", "_")
        if method in self.unknown_methods or not hasattr(self, name):
            raise Refused("unknown_method")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "apps.connections.open":
            if token != self.app_token:
                raise Refused("not_allowed_token_type" if token == self.bot_token else "invalid_auth")
        elif token != self.bot_token:
            raise Refused("invalid_auth")
        elif self.revoked:
            raise Refused(self.revoked)
        needed = SCOPES.get(method, ())
        if needed and not self.granted.intersection(needed):
            raise Refused("missing_scope", needed=needed[0], provided=",".join(sorted(self.granted)))
        answer = {"ok": True, **getattr(self, name)(body)}
        async with self.space.opened:
            self.space.opened.notify_all()
        return answer

    # methods ---------------------------------------------------------------------------------------------------

    def do_auth_test(self, body: Json) -> Json:
        space = self.space
        return {
            "url": "https://team.example/",
            "team": "Team",
            "team_id": space.team,
            "user": "understudy",
            "user_id": space.bot_user,
            "bot_id": space.bot,
            **({"enterprise_id": space.enterprise} if space.enterprise else {}),
        }

    def do_chat_postMessage(self, body: Json) -> Json:
        channel = self._writable(body["channel"])
        if error := fault_of(body):
            raise Refused(error)
        return self._place("chat.postMessage", channel, body)

    def _place(self, how: str, channel: Channel, body: Json) -> Json:
        message = self._message(body, self.space.ts())
        self.space.keep(channel, message)
        self.placed(_posted(how, channel, message), message)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _message(self, body: Json, ts: str) -> Json:
        message: Json = {
            "type": "message",
            "ts": ts,
            "user": self.space.bot_user,
            "bot_id": self.space.bot,
            "app_id": self.space.app,
            "text": body.get("text", ""),
            "blocks": _decoded(body.get("blocks")) or [],
        }
        if body.get("thread_ts"):
            message["thread_ts"] = body["thread_ts"]
        if metadata := _decoded(body.get("metadata")):
            message["metadata"] = metadata
        return message

    def do_chat_postEphemeral(self, body: Json) -> Json:
        channel = self._writable(body["channel"])
        if error := fault_of(body):
            raise Refused(error)
        if body["user"] not in channel.members:
            raise Refused("user_not_in_channel")
        message = self._message(body, self.space.ts())
        posted = _posted("chat.postEphemeral", channel, message, user=body["user"])
        self.space.ephemerals.append(posted)
        self.space.show(posted)
        return {"message_ts": message["ts"]}

    def do_chat_update(self, body: Json) -> Json:
        channel = self._channel(body["channel"])
        message = channel.messages.get(body["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message.get("user") != self.space.bot_user:
            raise Refused("cant_update_message")
        if body["ts"] in self.space.streams:
            raise Refused("streaming_state_conflict")
        if error := fault_of(body, update=True):
            raise Refused(error)
        message["text"] = body.get("text", message["text"])
        message["blocks"] = _decoded(body.get("blocks")) or ([] if body.get("text") else message["blocks"])
        if metadata := _decoded(body.get("metadata")):
            message["metadata"] = metadata
        self.placed(_posted("chat.update", channel, message), message)
        return {"channel": channel.id, "ts": body["ts"], "text": message["text"], "message": message}

    def do_chat_delete(self, body: Json) -> Json:
        """docs.slack.dev/reference/methods/chat.delete: a bot may delete what it said, unless the workspace's
        settings forbid that."""
        channel = self._channel(body["channel"])
        message = channel.messages.get(body["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message.get("user") != self.space.bot_user or self.undeletable:
            raise Refused("cant_delete_message")
        del channel.messages[body["ts"]]
        return {"channel": channel.id, "ts": body["ts"]}

    def do_chat_startStream(self, body: Json) -> Json:
        channel = self._writable(body["channel"])
        if not body.get("thread_ts"):
            raise Refused("invalid_thread_ts")
        if channel.kind != "im" and not body.get("recipient_user_id"):
            raise Refused("missing_recipient_user_id")
        if channel.kind != "im" and not body.get("recipient_team_id"):
            raise Refused("missing_recipient_team_id")
        message = self._message(
            {"text": body.get("markdown_text", ""), "thread_ts": body["thread_ts"]}, self.space.ts()
        )
        self.space.keep(channel, message)
        self.space.streams.add(message["ts"])
        return {"channel": channel.id, "ts": message["ts"]}

    def do_chat_appendStream(self, body: Json) -> Json:
        self.stream_life -= 1
        if self.stream_life <= 0:
            self.space.streams.clear()
        message = self._streaming(body)
        message["text"] += body["markdown_text"]
        if len(message["text"]) > 12000:
            raise Refused("msg_too_long")
        return {"channel": body["channel"], "ts": body["ts"]}

    def do_chat_stopStream(self, body: Json) -> Json:
        message = self._streaming(body)
        self.space.streams.discard(body["ts"])
        message["text"] += body.get("markdown_text", "")
        message["blocks"] = _decoded(body.get("blocks")) or []
        if metadata := _decoded(body.get("metadata")):
            message["metadata"] = metadata
        channel = self._channel(body["channel"])
        self.placed(_posted("chat.stopStream", channel, message), message)
        return {"channel": channel.id, "ts": body["ts"], "message": message}

    def _streaming(self, body: Json) -> Json:
        if body["ts"] not in self.space.streams:
            raise Refused("message_not_in_streaming_state")
        return self._channel(body["channel"]).messages[body["ts"]]

    def do_conversations_info(self, body: Json) -> Json:
        channel = self._visible(body["channel"])
        answer: Json = {
            "id": channel.id,
            "name": channel.name,
            "is_channel": channel.kind == "channel",
            "is_group": channel.kind == "group",
            "is_im": channel.kind == "im",
            "is_mpim": channel.kind == "mpim",
            "is_private": channel.kind != "channel",
            "is_archived": channel.archived,
            "is_ext_shared": channel.ext_shared,
            "is_member": self.space.bot_user in channel.members,
        }
        if channel.kind == "im":
            answer["user"] = next(user for user in channel.members if user != self.space.bot_user)
        return {"channel": answer}

    def do_conversations_members(self, body: Json) -> Json:
        channel = self._visible(body["channel"])
        start, limit = int(body.get("cursor") or 0), int(body.get("limit", 100))
        more = start + limit < len(channel.members)
        return {
            "members": channel.members[start : start + limit],
            "response_metadata": {"next_cursor": str(start + limit) if more else ""},
        }

    def do_conversations_open(self, body: Json) -> Json:
        user = self.space.users.get(body["users"])
        if user is None:
            raise Refused("user_not_found")
        if user["deleted"] or user["is_bot"]:
            raise Refused("cannot_dm_bot" if user["is_bot"] else "user_disabled")
        return {"channel": {"id": self.space.direct(body["users"]).id}}

    def do_conversations_replies(self, body: Json) -> Json:
        channel = self._visible(body["channel"])
        if body["ts"] not in channel.messages:
            raise Refused("thread_not_found")
        replies = [m for ts, m in sorted(channel.messages.items()) if body["ts"] in (ts, m.get("thread_ts"))]
        return _page(replies, body)

    def do_conversations_history(self, body: Json) -> Json:
        channel = self._visible(body["channel"])
        top = [
            m for _, m in sorted(channel.messages.items(), reverse=True) if m.get("thread_ts", m["ts"]) == m["ts"]
        ]
        return _page(top, body)

    def do_users_info(self, body: Json) -> Json:
        if body["user"] not in self.space.users:
            raise Refused("user_not_found")
        return {"user": self.space.users[body["user"]]}

    def do_users_list(self, body: Json) -> Json:
        return {"members": list(self.space.users.values()), "response_metadata": {"next_cursor": ""}}

    def do_views_open(self, body: Json) -> Json:
        issued, _, used = self.triggers.get(body["trigger_id"], (0.0, "", False))
        if used:
            raise Refused("exchanged_trigger_id")
        if self.clock() - issued > 3:
            raise Refused("expired_trigger_id" if issued else "invalid_trigger_id")
        self.triggers[body["trigger_id"]] = (issued, "", True)
        view = _decoded(body["view"])
        if error := bad_view(view):
            raise Refused(error)
        view = {**view, "id": f"V{len(self.space.views) + 1}", "hash": "h", "team_id": self.space.team}
        self.space.views.append(view)
        return {"view": view}

    def do_assistant_threads_setStatus(self, body: Json) -> Json:
        self.space.statuses.append({"method": "assistant.threads.setStatus", **body})
        return {}

    def do_agents_sessions_setStatus(self, body: Json) -> Json:
        if body["status"] not in ("active", "processing", "suspended", "closed"):
            raise Refused("invalid_arguments")
        self.space.statuses.append({"method": "agents.sessions.setStatus", **body})
        return {"status": body["status"]}

    # shared ----------------------------------------------------------------------------------------------------

    def _channel(self, id: str) -> Channel:
        if id not in self.space.channels:
            raise Refused("channel_not_found")
        return self.space.channels[id]

    def _visible(self, id: str) -> Channel:
        channel = self._channel(id)
        if channel.kind != "channel" and self.space.bot_user not in channel.members:
            raise Refused("channel_not_found")  # a private channel does not exist for those outside
        return channel

    def _writable(self, id: str) -> Channel:
        channel = self._visible(id)
        if channel.archived:
            raise Refused("is_archived")
        if self.space.bot_user not in channel.members:
            raise Refused("not_in_channel")
        return channel


def _posted(how: str, channel: Channel, message: Json, *, user: str = "") -> Posted:
    return Posted(
        how,
        channel.id,
        message["ts"],
        message["text"],
        message["blocks"],
        message.get("thread_ts", ""),
        user,
        message.get("metadata", {}),
    )


def _page(messages: list[Json], body: Json) -> Json:
    """Metadata is only given to those who ask for it."""
    start, limit = int(body.get("cursor") or 0), int(body.get("limit", 100))
    wanted = str(body.get("include_all_metadata", "")).lower() in ("1", "true")
    page = [
        m if wanted else {k: v for k, v in m.items() if k != "metadata"} for m in messages[start : start + limit]
    ]
    more = start + limit < len(messages)
    return {
        "messages": page,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


async def _arguments(request: web.Request) -> Json:
    given: Json = dict(request.query)
    raw = await request.read()
    if request.content_type == "application/json" and raw:
        given.update(json.loads(raw))
    elif raw:
        given.update(parse_qsl(raw.decode()))
    return given


def _decoded(value: Any) -> Any:
    """Structured arguments may come as JSON or, in a form, as a string of it."""
    return json.loads(value) if isinstance(value, str) else value


def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
