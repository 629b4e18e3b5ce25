"""How DingTalk answers calls: two APIs with a token each, permissions, and the faults of a plan.

The new API (`/v1.0/…`, token in a header) answers what went wrong by HTTP status and `code`; the old one
(`/topapi/…`, `/gettoken`, `/robot/sendBySession`; token in the address) with HTTP 200 and `errcode`. There are
reports that an internal app's new token opens the old API too; here it does not, which is the stricter of the two.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web
from msgspec import Struct

from tests.platforms.base import Call, Fault, PlatformServer
from tests.platforms.dingtalk_state import Json, Organisation

ANSWERS = frozenset({"429", "500", "502", "503", "slow", "reset", "lost", "error", "revoked"})
TOKEN_LIFE = 7200  # seconds

CALLS = {  # path → its verbs and the permission it needs; those of robots, cards and people are documented names
    "oauth2/accessToken": ("POST", ""),
    "gateway/connections/open": ("POST", ""),
    "robot/groupMessages/send": ("POST", "qyapi_robot_sendmsg"),
    "robot/groupMessages/recall": ("POST", "qyapi_robot_sendmsg"),
    "robot/oToMessages/batchSend": ("POST", "qyapi_robot_sendmsg"),
    "robot/otoMessages/batchRecall": ("POST", "qyapi_robot_sendmsg"),
    "robot/messageFiles/download": ("POST", "qyapi_robot_sendmsg"),
    "robot/emotion/reply": ("POST", "qyapi_robot_sendmsg"),  # assumed: no page names one
    "robot/emotion/recall": ("POST", "qyapi_robot_sendmsg"),
    "card/instances/createAndDeliver": ("POST", "Card.Instance.Write"),
    "card/instances": ("POST PUT", "Card.Instance.Write"),
    "card/instances/deliver": ("POST", "Card.Instance.Write"),
    "card/streaming": ("PUT", "Card.Streaming.Write"),
    "im/sceneGroups/members/batchQuery": ("POST", "qyapi_chat_read"),
    "gettoken": ("GET", ""),
    "robot/sendBySession": ("POST", ""),
    "topapi/v2/user/get": ("POST", "qyapi_get_member"),
    "topapi/user/getbyunionid": ("POST", "qyapi_get_member"),
    "topapi/v2/user/getbymobile": ("POST", "qyapi_get_member_by_mobile"),
    "topapi/im/chat/scenegroup/get": ("POST", "qyapi_chat_read"),
    "topapi/im/chat/scenegroup/member/get": ("POST", "qyapi_chat_read"),
}
ALL_SCOPES = frozenset(scope for _, scope in CALLS.values() if scope)
OPEN = frozenset({"oauth2/accessToken", "gateway/connections/open", "gettoken", "robot/sendBySession"})


class Refused(Exception):
    """`code` is a word for the new API and a number for the old one; `more` stands beside it in the answer."""

    def __init__(self, code: str | int, message: str = "", *, status: int = 400, **more: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.more = code, message or str(code), status, more


class Issued(Struct):
    """A token: of which world, and until when (seconds since 1970)."""

    old: bool
    until: float


class DingTalkApi(PlatformServer):
    """Finds the `do_…` method of a call, once token, permission and faults let it through; a call is known by its
    path without `/v1.0/`, and `PUT card/instances` as `card/instances/put`. `granted` are the app's permissions;
    `qps` > 0 is how many calls of one kind a second DingTalk takes."""

    def __init__(self, *, granted: set[str], clock: Callable[[], float] = time.time) -> None:
        super().__init__(clock=clock)
        self.space = Organisation(clock)
        self.granted = granted
        self.client_id = "dingappfixture"
        self.client_secret = "fixture-client-secret"
        self.robot_code = "dingappfixture"
        self.qps = 0
        self.down = False  # the whole platform: every call and every connection breaks
        self.tokens: dict[str, Issued] = {}
        self._recent: dict[str, list[float]] = {}

    @property
    def corp_id(self) -> str:
        return self.space.corp

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/v1.0/{path:.+}", self._new),
            web.route("*", "/{path:gettoken|robot/sendBySession|topapi/.+}", self._old),
        ]

    def revoke_tokens(self) -> None:
        """Every token handed out so far is worth nothing now; a new one may be fetched."""
        self.tokens.clear()

    # answering -------------------------------------------------------------------------------------------------

    async def _new(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        put = request.method == "PUT" and path == "card/instances"
        return await self._answer(request, path, "card/instances/put" if put else path, old=False)

    async def _old(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await self._answer(request, path, path, old=True)

    async def _answer(self, request: web.Request, path: str, name: str, *, old: bool) -> web.StreamResponse:
        body: Json = dict(request.query)
        try:
            body |= await request.json() if request.can_read_body else {}
        except ValueError:
            return refusal(Refused(40035 if old else "InvalidParameter", "not JSON"), old=old)
        self.calls.append(Call(name, body, dict(request.headers), self.clock()))
        fault = self.faults.take(name, ANSWERS)
        if self.down or (fault is not None and fault.kind == "reset"):
            return hang_up(request)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        token = body.get("access_token", "") if old else request.headers.get("x-acs-dingtalk-access-token", "")
        if fault is not None and fault.kind == "revoked":
            self.tokens.pop(token, None)
        if fault is not None and (broken := broken_answer(fault, name, old=old)) is not None:
            return broken
        try:
            self._let_through(request.method, path, token, old=old)
            answer = getattr(self, "do_" + name.replace("/", "_"))(body)
        except Refused as refused:
            return refusal(refused, old=old)
        except KeyError as missing:
            word = str(missing.args[0])
            return refusal(Refused(40035 if old else f"Missing{word}", f"{word} is mandatory"), old=old)
        except (ValueError, TypeError, AttributeError):
            return refusal(Refused(40035 if old else "InvalidParameter"), old=old)
        if fault is not None and fault.kind == "lost":
            return hang_up(request)
        return web.json_response({"errcode": 0, "errmsg": "ok", **answer} if old else answer)

    def _let_through(self, verb: str, path: str, token: str, *, old: bool) -> None:
        if path not in CALLS or verb not in CALLS[path][0].split():
            raise Refused(22 if old else "InvalidAction.NotFound", "no such method", status=404)
        if path not in OPEN:
            self._check_token(token, old=old)
        scope = CALLS[path][1]
        if scope and scope not in self.granted:
            raise no_permission(scope, old=old)
        now = time.monotonic()
        recent = self._recent[path] = [at for at in self._recent.get(path, []) if now - at < 1.0] + [now]
        if 0 < self.qps < len(recent):
            raise too_fast(path, old=old)

    def _check_token(self, token: str, *, old: bool) -> None:
        issued = self.tokens.get(token)
        if issued is None or issued.old is not old:
            raise Refused(40014 if old else "InvalidAuthentication", "不合法的access_token")
        if self.clock() >= issued.until:
            raise Refused(42001 if old else "InvalidAuthentication", "access_token已过期")

    # tokens ----------------------------------------------------------------------------------------------------

    def do_oauth2_accessToken(self, body: Json) -> Json:
        if (body["appKey"], body["appSecret"]) != (self.client_id, self.client_secret):
            raise Refused("invalidClientIdOrSecret", "无效的clientId或者clientSecret")
        token, left = self._token(old=False)
        return {"accessToken": token, "expireIn": left}

    def do_gettoken(self, body: Json) -> Json:
        if (body["appkey"], body["appsecret"]) != (self.client_id, self.client_secret):
            raise Refused(40096, "不合法的appKey或appSecret")
        token, left = self._token(old=True)
        return {"access_token": token, "expires_in": left}

    def _token(self, *, old: bool) -> tuple[str, int]:
        """Whoever asks again while one is good gets the same, with what is left of its life."""
        for token, issued in self.tokens.items():
            if issued.old is old and issued.until > self.clock():
                return token, int(issued.until - self.clock())
        token = self.space.next_id("fixture-old-token-" if old else "fixture-token-").rstrip("=")
        self.tokens[token] = Issued(old, self.clock() + TOKEN_LIFE)
        return token, TOKEN_LIFE


def no_permission(scope: str, *, old: bool) -> Refused:
    """Both worlds name the permission and where to apply for it."""
    hint = f"应用尚未开通所需的权限：[{scope}]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content={scope}"
    if old:
        return Refused(88, f"ding talk error[subcode=60011,submsg={hint}]", sub_code="60011", sub_msg=hint)
    denied = {"requiredScopes": [scope]}
    return Refused(
        "Forbidden.AccessDenied.AccessTokenPermissionDenied", hint, status=403, accessdenieddetail=denied
    )


def too_fast(path: str, *, old: bool) -> Refused:
    """The old API has a code of its own for what is said by sessionWebhook (20 a minute)."""
    if path == "robot/sendBySession":
        return Refused(130101, "send too fast, exceed 20 times per minute")
    if old:
        return Refused(88, "ding talk error[subcode=90018,submsg=调用过快]", sub_code="90018", sub_msg="调用过快")
    return Refused("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "钉钉接口被限流", status=403)


def broken_answer(fault: Fault, name: str, *, old: bool) -> web.Response | None:
    """The answer of a fault that keeps the call from happening."""
    if fault.kind == "429":  # DingTalk names no wait; a gateway before it may
        answer = refusal(too_fast(name, old=old), old=old)
        if fault.seconds:
            answer.headers["Retry-After"] = f"{fault.seconds:.0f}"
        return answer
    if fault.kind == "502":
        return web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html")
    if fault.kind in ("500", "503"):
        word = "unknownError" if fault.kind == "500" else "ServiceUnavailable"
        return web.json_response({"code": word, "message": word}, status=int(fault.kind))
    if fault.kind == "error":
        denied = 403 if fault.code.startswith("Forbidden") else 400
        return refusal(Refused(int(fault.code) if old else fault.code, status=denied), old=old)
    return None


def refusal(refused: Refused, *, old: bool) -> web.Response:
    if old:
        code = refused.code if isinstance(refused.code, int) else -1
        return web.json_response({"errcode": code, "errmsg": refused.message, **refused.more})
    answer = {"code": refused.code, "message": refused.message, "requestid": "fixture-request", **refused.more}
    return web.json_response(answer, status=refused.status)


def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
