"""Reading from Feishu's open platform, as an app or as the person who lent it their token.

Tokens: https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
Codes: https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code and the tables of the calls.
"""

from __future__ import annotations

import re

from msgspec import Struct

from persona_store.errors import Refused
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.http import Answer, Denied, Http, Query, Revealing

API = "/open-apis"
TOKEN = f"{API}/auth/v3/tenant_access_token/internal"
METAS = f"{API}/drive/v1/metas/batch_query"
POSTS = (TOKEN, METAS)
"""The token, and a query with more documents in it than fit into an address. Everything else is GET."""

TOO_OFTEN = frozenset({99991400, 11020, 11021, 230020, 90217, 1254290})  # the last two: of sheets, of a base
AWAY = frozenset({1500, 2200, 99991500, 99991501, 1254291, 1255001})
STALE = frozenset({99991661, 99991663, 99991664, 99991665, 99991668, 99991671, 99991677})
UNGRANTED = frozenset({99991672, 99991676, 99991679, 230027})
MEMBER = ("whoever reads is not a member", "add the history app's bot to it, or use the subject's own token")
SHARED = ("it is not shared with whoever reads", "share it with the history app, or use the subject's own token")
DENIED = {
    230002: MEMBER,
    230006: ("the history app has no bot", "add the bot feature to that app and publish a version"),
    230019: ("the topic does not exist any more", ""),
    232006: ("there is no such chat", "check the id"),
    232009: ("the chat was disbanded", ""),
    232010: ("it is another tenant's", ""),
    232011: MEMBER,
    131005: ("there is no such page", "check the token"),
    131006: SHARED,
    1770002: ("there is no such document", "check the token"),
    1770003: ("the document was deleted", ""),
    1770032: SHARED,
    1254302: SHARED,
    91402: ("there is no such base", "check the token"),
    91403: SHARED,
}
BAD_APP = frozenset({10003, 10012, 10014, 10015, 99991543, 99991662, 99991673, 99991674, 1000040345})
_SCOPE = re.compile(r"[a-z_0-9.]+(?::[a-z_0-9.]+)+")


class FeishuDenied(Denied):
    """`number` is Feishu's. `page_over`: the place to go on from is not known any more."""

    def __init__(self, code: str, what: str, fix: str = "", *, number: int, page_over: bool = False) -> None:
        super().__init__(code, what, fix)
        self.number = number
        self.page_over = page_over


class FeishuAccess(Struct, frozen=True):
    """With what is read: an app's id and secret, or the access token of a user."""

    app_id: str = ""
    secret: Revealing | None = None
    user_token: Revealing | None = None

    @property
    def as_user(self) -> bool:
        return self.user_token is not None


def again(answer: Answer) -> bool:
    """Whether Feishu would rather be asked later."""
    code = _code(answer)
    return answer.status == 429 or code in TOO_OFTEN or code in AWAY


class FeishuCalls:
    def __init__(self, http: Http, access: FeishuAccess) -> None:
        self._http = http
        self._access = access
        self._token = ""
        self.answered = 0  # calls that were let in

    @property
    def as_user(self) -> bool:
        return self._access.as_user

    async def get(self, path: str, **query: str | int) -> Json:
        """`data` of the answer; `path` begins below `/open-apis`. Raises FeishuDenied for what is about this one
        thing, Refused for what ends everything."""
        given = [(key, str(value)) for key, value in query.items() if value != ""]
        return await self._ask("GET", API + path, given, None)

    async def metas(self, documents: list[Json]) -> Json:
        """What the drive says of up to 200 documents (drive/v1/metas/batch_query)."""
        return await self._ask(
            "POST", METAS, [("user_id_type", "open_id")], {"request_docs": documents, "with_url": True}
        )

    async def batch(self, people: list[str], kind: str) -> Json:
        """The profiles of up to 50 people, as far as this app may see them (contact/v3/users/batch)."""
        query = [("user_id_type", kind), *(("user_ids", ident) for ident in people)]
        return await self._ask("GET", f"{API}/contact/v3/users/batch", query, None)

    async def _ask(self, verb: str, path: str, query: Query, body: Json | None) -> Json:
        for last in (False, True):
            headers = {"Authorization": f"Bearer {await self._bearer()}"}
            answer = await self._http.ask(verb, path, query=query, body=body, headers=headers)
            code = _code(answer)
            if code in STALE and not last and not self.as_user:
                self._token = ""  # it was revoked, or is over: another one is asked for, once
                continue
            self.answered += code not in STALE
            if code or answer.status >= 400:
                raise self._refused(path, code, answer)
            data = answer.value.get("data")
            return data if isinstance(data, dict) else {}
        raise AssertionError("unreachable")

    async def _bearer(self) -> str:
        access = self._access
        if access.user_token is not None:
            return access.user_token.reveal()
        if not self._token and access.secret is not None:
            body: Json = {"app_id": access.app_id, "app_secret": access.secret.reveal()}
            answer = await self._http.ask("POST", TOKEN, body=body)
            self._token = string(answer.value, "tenant_access_token")
            if _code(answer) or not self._token:
                what = f"Feishu refuses the app {access.app_id[:40]!r} ({_code(answer) or answer.status})"
                raise Refused("API_CREDENTIALS", what, "copy its id and secret again from the developer console")
        return self._token

    def _refused(self, path: str, code: int, answer: Answer) -> Refused:
        if code in STALE and self.as_user:
            what = f"the user's token is over or was never good ({code})"
            return Refused("API_CREDENTIALS", what, "fetch another one: they last about two hours")
        if code in STALE or code in BAD_APP:
            what = f"Feishu does not let the history app in ({code})"
            return Refused(
                "API_CREDENTIALS", what, "look in the developer console whether it is published and enabled"
            )
        if code in UNGRANTED:
            fix = "add it to the history app and publish a version"
            if self.as_user:
                fix += ", and have the subject grant it with a new token"
            what = f"the permission {self._wanted(code, answer)} is missing"
            return FeishuDenied("API_PERMISSION", what, fix, number=code)
        if code in DENIED:
            what, fix = DENIED[code]
            return FeishuDenied("API_DENIED", f"{what} ({code})", fix, number=code)
        over = "page_token" in string(answer.value, "msg")
        what = f"{path} was answered {code or answer.status}"
        return FeishuDenied("API_DENIED", what, number=code, page_over=over)

    def _wanted(self, code: int, answer: Answer) -> str:
        """The scopes any of which would do, as the answer names them; nothing else of it is passed on."""
        error = answer.value.get("error")
        violations = dicts(error.get("permission_violations")) if isinstance(error, dict) else iter(())
        named = [string(each, "subject") for each in violations]
        fitting = [name for name in named if _SCOPE.fullmatch(name) and len(name) <= 80]
        if code == 230027 and not fitting:
            fitting = ["im:message.group_msg:get_as_user" if self.as_user else "im:message.group_msg"]
        return " or ".join(fitting[:4]) or "for this call"


def _code(answer: Answer) -> int:
    """0 where all is well, -1 for an answer that does not say."""
    code = answer.value.get("code")
    return code if isinstance(code, int) and not isinstance(code, bool) else -1
