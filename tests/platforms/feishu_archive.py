"""A local Feishu that can be read back: a second app beside the bot's, people who lend their token, topics,
forwards, and pages that go wrong in the ways lists do.

    async with FeishuArchive() as feishu:
        feishu.space.add_chat("oc_1", "ops", ["ou_lin", "ou_bob", feishu.reader_bot])
        token = feishu.lend("ou_lin")

To the second app, and to tokens lent to it, everybody has another open_id (`seen`), as in a tenant.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from aiohttp import web

from tests.platforms.feishu import FeishuServer
from tests.platforms.feishu_api import Endpoint, Refused
from tests.platforms.feishu_state import Json, Message

READER_SCOPES = frozenset(
    {
        *("im:message:readonly", "im:message.group_msg", "im:chat:read", "im:chat.members:read"),
        *("contact:contact.base:readonly", "contact:user.base:readonly"),
        *("docx:document:readonly", "wiki:wiki:readonly", "sheets:spreadsheet:readonly", "bitable:app:readonly"),
        *("drive:drive.metadata:readonly", "docs:permission.setting:read", "drive:drive:readonly"),
    }
)
USER_SCOPES = READER_SCOPES - {"im:message.group_msg"} | {
    "im:message.group_msg:get_as_user",
    "im:message.p2p_msg:get_as_user",
}
_OURS, _THEIRS = re.compile(r"\bou_(?!r7)(\w+)"), re.compile(r"\bou_r7(\w+)")


class FeishuArchive(FeishuServer):
    """`lies` says what the lists of a call get wrong, by its name: `more` (it goes on, and not where), `loop` (the
    same place again), `empty` (for ever on, with nothing). `truncated` is a fault: half of the answer."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = ()
    reader_bot = "ou_reader"

    def __init__(self, *, granted: set[str] | None = None, **more: Any) -> None:
        super().__init__(granted=granted, **more)
        self.reader_id = f"{self.app_id}h"
        self.reader_secret = "fixture-history-secret"
        self.reader_granted = set(READER_SCOPES)
        self.user_granted = set(USER_SCOPES)
        self.space.add_user(self.reader_bot, "history", is_bot=True)
        self.lent: dict[str, str] = {}  # token → user
        self.readers: set[str] = set()  # the second app's tokens
        self.children: dict[str, list[Message]] = {}  # by the forward they were passed on in
        self.lies: dict[str, str] = {}
        self.page_size = 0  # what a page has at most, 0 as asked
        self._places: dict[str, str] = {}  # page_token → what it stands for
        self._acts = ""  # the open_id of who reads, "" for the bot's app

    # what tests do ---------------------------------------------------------------------------------------------

    def lend(self, user: str) -> str:
        """A user_access_token of somebody's."""
        token = self.space.next("u-fixture")
        self.lent[token] = user
        return token

    @staticmethod
    def seen(open_id: str) -> str:
        """The same person as the second app knows them."""
        return _OURS.sub(r"ou_r7\1", open_id)

    def forget_pages(self) -> None:
        """Every place to go on from is over."""
        self._places.clear()

    def revoke_tokens(self) -> None:
        super().revoke_tokens()
        self.readers.clear()

    def forward(self, user: str, chat: str, *passed_on: tuple[str, str, str]) -> str:
        """Somebody passes on what others said elsewhere: (who, chat, text) each."""
        id = self.say(user, chat, kind="merge_forward", content={"text": "Merged and Forwarded Message"})
        self.children[id] = [
            Message(self.space.next("om"), room, who, "text", {"text": text}, self.clock() - 9000 + number)
            for number, (who, room, text) in enumerate(passed_on)
        ]
        return id

    # who reads -------------------------------------------------------------------------------------------------

    async def _answer(self, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
        answer = await super()._answer(endpoint, request)
        if self.faults.take(endpoint.name, frozenset({"truncated"})) and isinstance(answer, web.Response):
            text = str(answer.text)
            return web.Response(text=text[: len(text) // 2], content_type="application/json")
        return answer

    async def _perform(self, endpoint: Endpoint, request: web.Request, body: Json) -> Json:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if endpoint.name == "auth.token" and body.get("app_id") == self.reader_id:
            return self._let_in(body)
        who = self.reader_bot if token in self.readers else self.lent.get(token, "")
        if token.startswith("u-") and not who:
            raise Refused(99991677, "Authentication token expired", status=401)
        if not who:
            return await super()._perform(endpoint, request, body)
        body = json.loads(_THEIRS.sub(r"ou_\1", json.dumps(body)))
        with self._as(who):
            self._allowed(endpoint)
            told = getattr(self, "do_" + endpoint.name.replace(".", "_"))(body)
            told = await told if asyncio.iscoroutine(told) else told
        answer: Json = json.loads(self.seen(json.dumps(self._lied(endpoint.name, told), ensure_ascii=False)))
        return answer

    def _let_in(self, body: Json) -> Json:
        if body["app_secret"] != self.reader_secret:
            raise Refused(10014, "app secret invalid", status=200)
        token = self.space.next("t-history")
        self.readers.add(token)
        return {"code": 0, "msg": "ok", "expire": self.token_life, "tenant_access_token": token}

    @contextlib.contextmanager
    def _as(self, who: str) -> Iterator[None]:
        """Nothing awaits in between, so that nobody else's call sees it."""
        bot, granted = self.space.bot_open_id, self.granted
        mine = self.reader_granted if who == self.reader_bot else self.user_granted
        self.space.bot_open_id, self.granted, self._acts = who, mine, who
        try:
            yield
        finally:
            self.space.bot_open_id, self.granted, self._acts = bot, granted, ""

    def _allowed(self, endpoint: Endpoint) -> None:
        if endpoint.scopes and not self.granted.intersection(endpoint.scopes):
            code = 99991672 if self._acts == self.reader_bot else 99991679
            violations = [{"type": "action_scope_required", "subject": scope} for scope in endpoint.scopes]
            raise Refused(code, "Access denied.", error={"permission_violations": violations})

    # pages -----------------------------------------------------------------------------------------------------

    def _lied(self, name: str, answer: Json) -> Json:
        data, lie = answer.get("data", {}), self.lies.get(name, "")
        if lie == "more" and not data.get("has_more"):
            data["has_more"] = True
        elif lie == "loop":
            data |= {"has_more": True, "page_token": "again"}
            self._places["again"] = "0"
        elif lie == "empty":
            data |= {"has_more": True, "page_token": self._place("0"), "items": []}
        return answer

    def _place(self, stands_for: str) -> str:
        token = self.space.next("pt")
        self._places[token] = stands_for
        return token

    # messages --------------------------------------------------------------------------------------------------

    def do_im_message_list(self, body: Json) -> Json:
        """Places are opaque here. A person reads what they may as themselves, direct chats among it."""
        if not self._acts:
            return super().do_im_message_list(body)
        if given := body.get("page_token"):
            if given not in self._places:
                raise Refused(230001, "Your request contains an invalid request parameter, ext=invalid page_token.")
            body = {**body, "page_token": self._places[given]}
        if self.page_size:
            body = {**body, "page_size": str(self.page_size)}
        if self._acts != self.reader_bot:
            self._may_as_user(body)
        answer = super().do_im_message_list(body)
        if token := answer["data"].get("page_token"):
            answer["data"]["page_token"] = self._place(token)
        return answer

    def _may_as_user(self, body: Json) -> None:
        chat = self.space.chats.get(body["container_id"])
        scope = f"im:message.{'p2p' if chat and chat.kind == 'p2p' else 'group'}_msg:get_as_user"
        if scope not in self.granted:
            raise Refused(230027, "Lack of necessary permissions.")
        self.granted = self.granted | {"im:message.group_msg"}

    def do_im_message_get(self, body: Json) -> Json:
        answer = super().do_im_message_get(body)
        for child in self.children.get(body["message_id"], ()):
            answer["data"]["items"].append({**self.item(child), "upper_message_id": body["message_id"]})
        return answer

    def item(self, message: Message, card_content: str = "") -> Json:
        item = super().item(message, card_content)
        sender = self.space.users.get(message.sender)
        if sender is not None:
            item["sender"]["sender_name"] = sender.name
        return item
