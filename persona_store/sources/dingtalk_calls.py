"""Reading from DingTalk's open platform as an internal app: its two APIs, each with a token of its own.

https://open.dingtalk.com/document/orgapp/obtain-the-access_token-of-an-internal-app (new: a header),
…/obtain-orgapp-token (old: in the address), …/query-user-details. What is refused names the permission it lacks.
"""

from __future__ import annotations

import re

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.chat_json import Json, string
from persona_store.sources.http import Answer, Denied, Http, Revealing

TOKEN = "/v1.0/oauth2/accessToken"  # noqa: S105  # where one is asked for
OLD_TOKEN = "/gettoken"  # noqa: S105  # the same
USER = "/topapi/v2/user/get"
NEW_POSTS, OLD_POSTS = (TOKEN,), (USER,)
"""The token, and the old API's way of asking, which is always POST."""

TOO_OFTEN = frozenset({"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "90018", "90002"})
AWAY = frozenset({"ServiceUnavailable", "unknownError", "-1"})
STALE = frozenset({"InvalidAuthentication", "40014", "42001"})
UNGRANTED = frozenset({"Forbidden.AccessDenied.AccessTokenPermissionDenied", "60011"})
NOBODY = frozenset({"60121", "33012"})
_SCOPE = re.compile(r"[A-Za-z_.]{3,80}")


class DingTalkAccess(Struct, frozen=True):
    """An internal app. Its permissions are its own: no other than the bot's has to have them."""

    client_id: str
    secret: Revealing


def again(answer: Answer) -> bool:
    """Whether DingTalk would rather be asked later."""
    code = code_of(answer)
    return answer.status == 429 or code in TOO_OFTEN or code in AWAY


def code_of(answer: Answer) -> str:
    """ "" where all is well; of the old API's catch-all the code within."""
    value = answer.value
    code = string(value, "code")
    number = value.get("errcode")
    if isinstance(number, int) and number != 0:
        code = string(value, "sub_code") or str(number)
    return code or (f"HTTP {answer.status}" if answer.status >= 400 else "")


class DingTalkCalls:
    def __init__(self, new: Http, old: Http, access: DingTalkAccess) -> None:
        self._new = new
        self._old = old
        self._access = access
        self._tokens: dict[bool, str] = {}  # by whether it is the old API's
        self.answered = 0  # calls that were let in

    async def get(self, path: str, **query: str | int) -> Json:
        """Of the new API. Raises Denied for what is about this one thing, Refused for what ends everything."""
        given = [(key, str(value)) for key, value in query.items() if value != ""]
        return await self._ask("GET", path, given, None, old=False)

    async def user(self, staff_id: str) -> Json:
        """Somebody of the organisation."""
        told = await self._ask("POST", USER, [], {"userid": staff_id}, old=True)
        result = told.get("result")
        return result if isinstance(result, dict) else {}

    async def _ask(
        self, verb: str, path: str, query: list[tuple[str, str]], body: Json | None, *, old: bool
    ) -> Json:
        for last in (False, True):
            token = await self._token(old=old)
            if old:
                with_token = [*query, ("access_token", token)]
                answer = await self._old.ask(verb, path, query=with_token, body=body)
            else:
                header = {"x-acs-dingtalk-access-token": token}
                answer = await self._new.ask(verb, path, query=query, body=body, headers=header)
            code = code_of(answer)
            if code in STALE and not last:
                self._tokens.pop(old, None)
                continue
            self.answered += code not in STALE
            if code:
                raise _refused(path, code, answer)
            return answer.value
        raise AssertionError("unreachable")

    async def _token(self, *, old: bool) -> str:
        if old not in self._tokens:
            ident, secret = self._access.client_id, self._access.secret.reveal()
            if old:
                pair = [("appkey", ident), ("appsecret", secret)]
                answer = await self._old.ask("GET", OLD_TOKEN, query=pair)
            else:
                answer = await self._new.ask("POST", TOKEN, body={"appKey": ident, "appSecret": secret})
            token = string(answer.value, "accessToken", "access_token")
            if code_of(answer) or not token:
                what = f"DingTalk refuses the app {ident[:40]!r}"
                raise Refused("API_CREDENTIALS", what, "copy its Client ID and Client Secret again")
            self._tokens[old] = token
        return self._tokens[old]


def _refused(path: str, code: str, answer: Answer) -> Refused:
    if code in STALE:
        return Refused("API_CREDENTIALS", "DingTalk refuses a token it has just given", "publish the app's version")
    if code in UNGRANTED:
        what = f"the permission {_wanted(answer)} is missing"
        return Denied("API_PERMISSION", what, "apply for it in the app's permissions, and publish a version")
    if code in NOBODY:
        return Denied("API_DENIED", "nobody of this organisation has that staffId", "check --subject")
    if code.startswith("Forbidden") or answer.status == 403:
        return Denied("API_DENIED", "the subject may not read it, or no more", "look at it in DingTalk")
    shown = code if code.isascii() and code.isprintable() and len(code) <= 80 else str(answer.status)
    return Denied("API_DENIED", f"{path} was answered {shown}")


def _wanted(answer: Answer) -> str:
    """The permissions, as the answer names them; nothing else of it is passed on."""
    detail = answer.value.get("accessdenieddetail")
    named = detail.get("requiredScopes") if isinstance(detail, dict) else None
    fitting = [name for name in named or () if isinstance(name, str) and _SCOPE.fullmatch(name)]
    return " or ".join(fitting[:4]) or "for this call"
