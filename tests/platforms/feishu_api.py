"""Feishu's OpenAPI over a Space: the way of every call (fault, token, scope, answer), and the calls for tokens, the
bot itself and the app's own settings. Messages, CardKit and the directory follow in files of their own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, NamedTuple

from aiohttp import web

from tests.platforms.base import Call, PlatformServer
from tests.platforms.feishu_state import Json, Space

ANSWERS = frozenset({"429", "500", "502", "503", "slow", "reset", "lost", "error"})
MEANING = {230020: "This operation triggers the frequency limit.", 99991400: "request trigger frequency limit"}
APPS = itertools.count(1)
CHAT = ("im:chat", "im:chat:readonly")
EVENTS: dict[str, tuple[str, ...]] = {
    "application.bot.menu_v6": (),
    "card.action.trigger": (),
    "im.chat.access_event.bot_p2p_chat_entered_v1": (),
    "im.chat.disbanded_v1": (*CHAT, "im:chat:read"),
    "im.chat.member.bot.added_v1": (*CHAT, "im:chat.members:bot_access"),
    "im.chat.member.bot.deleted_v1": (*CHAT, "im:chat.members:bot_access"),
    "im.chat.member.user.added_v1": (*CHAT, "im:chat.members:read"),
    "im.chat.member.user.deleted_v1": (*CHAT, "im:chat.members:read"),
    "im.chat.updated_v1": (*CHAT, "im:chat:read"),
    "im.message.reaction.created_v1": ("im:message.reactions:read", "im:message:readonly"),
    "im.message.reaction.deleted_v1": ("im:message.reactions:read", "im:message:readonly"),
    "im.message.recalled_v1": ("im:message", "im:message:readonly"),
    "im.message.receive_v1": (),  # each message by where it was said
}
"""What can be subscribed to, and the scopes of which it needs any one (reference pages of the events)."""


class Refused(Exception):
    """An answer with a code. Most refusals are HTTP 400."""

    def __init__(self, code: int, msg: str = "", *, status: int = 400, **more: Any) -> None:
        super().__init__(f"{code} {msg}")
        self.code = code
        self.status = status
        self.answer: Json = {"code": code, "msg": msg or MEANING.get(code, "refused"), **more}


class Endpoint(NamedTuple):
    """One call: its verb and path, the name it has here, and the scopes of which it needs any one."""

    verb: str
    path: str
    name: str
    scopes: tuple[str, ...] = ()


class FeishuApi(PlatformServer):
    """Answers `/open-apis/…` by `do_<name>`, dots as underscores. `granted` are the app's tenant scopes."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("POST", "/auth/v3/tenant_access_token/internal", "auth.token"),
        Endpoint("GET", "/bot/v3/info", "bot.info"),
        Endpoint("GET", "/application/v6/scopes", "application.scope.list"),
        Endpoint(
            "GET",
            "/application/v6/applications/{app_id}",
            "application.get",
            ("application:application:self_manage", "admin:app.info:readonly"),
        ),
    )

    def __init__(self, *, granted: set[str], clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        # an id of its own, since the SDK keeps tokens by app id as long as the process lives
        self.app_id = f"cli_fixture{next(APPS):06d}"
        self.app_secret = "fixture-app-secret"
        self.space = Space(clock, self.app_id)
        self.granted = granted
        self.known_scopes: set[str] = set(granted)
        self.tokens: dict[str, float] = {}  # token → when it ends
        self.token_life = 7200
        self.disabled = False  # the app was stopped or removed by the tenant's admin
        self.down = False  # everything answers 503
        self.long_connection = True  # what the console has for events and callbacks; else by HTTP
        self.subscribed: set[str] | None = None  # the console's events and callbacks; None = all of EVENTS

    def routes(self) -> list[web.RouteDef]:
        found = [e for kind in type(self).__mro__ for e in vars(kind).get("ENDPOINTS", ())]
        return [web.route(e.verb, "/open-apis" + e.path, partial(self._answer, e)) for e in found] + [
            web.route("*", "/open-apis/{rest:.*}", partial(self._answer, Endpoint("*", "", "unknown")))
        ]

    # the way of every call -------------------------------------------------------------------------------------

    async def _answer(self, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
        try:
            body = await _arguments(request)
        except ValueError:
            return web.json_response({"code": 9499, "msg": "Bad Request"}, status=400)
        self.calls.append(Call(endpoint.name, body, dict(request.headers), self.clock()))
        return await self.faulty(endpoint.name, request, lambda: self._perform(endpoint, request, body))

    async def faulty(self, name: str, request: web.Request, perform: Callable[[], Any]) -> web.StreamResponse:
        """`perform`'s answer, or whatever the fault plan has for this call."""
        log = {"x-tt-logid": self.space.next("log")}
        if self.down:
            return web.Response(status=503, text="<html>service unavailable</html>", content_type="text/html")
        fault = self.faults.take(name, ANSWERS)
        kind = fault.kind if fault is not None else ""
        if fault is not None:
            if kind == "slow":
                await asyncio.sleep(fault.seconds)
            elif kind == "429":
                log["x-ogw-ratelimit-reset"] = f"{fault.seconds:.0f}"
                log["x-ogw-ratelimit-limit"] = "50"
                answer: Json = {"code": 99991400, "msg": MEANING[99991400]}
                return web.json_response(answer, status=429, headers=log)
            elif kind == "502":
                return web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html")
            elif kind in ("500", "503"):
                answer = {"code": 1500 if kind == "500" else 2200, "msg": "internal error"}
                return web.json_response(answer, status=int(kind), headers=log)
            elif kind == "error":
                code = int(fault.code)
                return web.json_response({"code": code, "msg": MEANING.get(code, "fault")}, status=400, headers=log)
            elif kind == "reset":
                return _hang_up(request)
        status = 200
        try:
            answer = await perform()
        except Refused as refused:
            status = refused.status
            answer = {**refused.answer, "error": {"log_id": log["x-tt-logid"], **refused.answer.get("error", {})}}
        except (KeyError, ValueError, TypeError) as missing:  # something the call requires is missing or malformed
            status, answer = 400, {"code": 99992402, "msg": f"field validation failed: {type(missing).__name__}"}
        if kind == "lost":
            return _hang_up(request)
        return web.json_response(answer, status=status, headers=log)

    async def _perform(self, endpoint: Endpoint, request: web.Request, body: Json) -> Json:
        name = "do_" + endpoint.name.replace(".", "_")
        if not hasattr(self, name):
            raise Refused(99991300, "404 page not found", status=404)
        if endpoint.name != "auth.token":
            self._authorise(request.headers.get("Authorization", ""), endpoint.scopes)
        answer = getattr(self, name)(body)
        return await answer if asyncio.iscoroutine(answer) else answer

    def _authorise(self, header: str, scopes: tuple[str, ...]) -> None:
        token = header.removeprefix("Bearer ")
        if not header:
            raise Refused(
                99991661, "Missing access token for authorization. Please make a request with token attached."
            )
        if self.disabled:
            raise Refused(99991662, "app not in use")
        if self.tokens.get(token, 0.0) <= self.clock():
            raise Refused(
                99991663, "Invalid access token for authorization. Please make a request with token attached."
            )
        if scopes and not self.granted.intersection(scopes):
            wanted = ",".join(scopes)
            click = f"{self.url}/app/{self.app_id}/auth?q={wanted}&op_from=openapi&token_type=tenant"
            violations = [{"type": "action_scope_required", "subject": scope} for scope in scopes]
            raise Refused(
                99991672,
                f"Access denied. One of the following scopes is required: [{', '.join(scopes)}]."
                f"应用尚未开通所需的应用身份权限：[{', '.join(scopes)}]，点击链接申请并开通任一权限即可：{click}",
                error={"permission_violations": violations},
            )

    # tokens, the bot, the app ----------------------------------------------------------------------------------

    def do_auth_token(self, body: Json) -> Json:
        if body["app_id"] != self.app_id:
            raise Refused(10003, "invalid param", status=200)
        if body["app_secret"] != self.app_secret:
            raise Refused(10014, "app secret invalid", status=200)
        token = self.space.next("t-fixture")
        self.tokens[token] = self.clock() + self.token_life
        return {"code": 0, "msg": "ok", "expire": self.token_life, "tenant_access_token": token}

    def revoke_tokens(self) -> None:
        """Every token given out so far is refused from now on, though not yet at its end."""
        self.tokens.clear()

    def do_bot_info(self, body: Json) -> Json:
        bot = {
            "activate_status": 2,
            "app_name": self.space.app_name,
            "avatar_url": "",
            "ip_white_list": [],
            "open_id": self.space.bot_open_id,
        }
        return {"code": 0, "msg": "ok", "bot": bot}

    def do_application_scope_list(self, body: Json) -> Json:
        scopes = [
            {"scope_name": name, "grant_status": 1 if name in self.granted else 2, "scope_type": "tenant"}
            for name in sorted(self.known_scopes | self.granted)
        ]
        return ok({"scopes": scopes})

    def do_application_get(self, body: Json) -> Json:
        """Events and callbacks with the way they come, as an app of one's own may read them of itself."""
        if body["app_id"] not in (self.app_id, "me"):
            raise Refused(210504, "invalid app_id")
        how = "websocket" if self.long_connection else "webhook"
        subscribed = sorted(EVENTS if self.subscribed is None else self.subscribed)
        callbacks = [name for name in subscribed if name.startswith("card.")]
        events = [name for name in subscribed if not name.startswith("card.")]
        app = {
            "app_id": self.app_id,
            "app_name": self.space.app_name,
            "status": 0 if self.disabled else 1,
            "scopes": [{"scope": name, "description": name, "level": 1} for name in sorted(self.granted)],
            "event": {"subscription_type": how, "request_url": "", "subscribed_events": events},
            "callback": {"callback_type": how, "request_url": "", "subscribed_callbacks": callbacks},
            "callback_info": {"callback_type": how, "request_url": "", "subscribed_callbacks": callbacks},
        }
        return ok({"app": app})


def ok(data: Json | None = None) -> Json:
    return {"code": 0, "msg": "success", "data": data or {}}


def page(items: list[Any], body: Json, *, most: int) -> tuple[list[Any], Json]:
    """A page of items, and what says where the next one begins."""
    size = min(int(body.get("page_size") or 20), most)
    start = int(body.get("page_token") or 0)
    more = start + size < len(items)
    return items[start : start + size], {"has_more": more, **({"page_token": str(start + size)} if more else {})}


async def _arguments(request: web.Request) -> Json:
    """Query, body and path as one; a query that repeats a key is a list."""
    given: Json = {}
    for key in request.query:
        values = request.query.getall(key)
        given[key] = values if len(values) > 1 else values[0]
    raw = await request.read()
    if raw:
        decoded = json.loads(raw)
        given |= decoded if isinstance(decoded, dict) else {}
    return given | dict(request.match_info)


def _hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
