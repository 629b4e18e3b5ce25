"""Feishu's im/v1 messages: sending, replying, rewriting, recalling."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.platforms.feishu_api import Endpoint, Refused, ok
from tests.platforms.feishu_cards import card_fault, fault_of
from tests.platforms.feishu_history import FeishuHistory
from tests.platforms.feishu_reading import notified
from tests.platforms.feishu_state import Chat, Json, Message

SEND = ("im:message", "im:message:send_as_bot", "im:message:send")
EDIT = ("im:message", "im:message:send_as_bot", "im:message:update")
RECALL = ("im:message", "im:message:recall", "im:message:send_as_bot")
MOST_EDITS = 20
CARD_DAYS = 14
HOUR = 3600.0


class FeishuMessages(FeishuHistory):
    """`per_chat` posts a second fit into a chat, and rewritings into a card; 0 = as many as you like, really 5."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("POST", "/im/v1/messages", "im.message.create", SEND),
        Endpoint("POST", "/im/v1/messages/{message_id}/reply", "im.message.reply", SEND),
        Endpoint("PUT", "/im/v1/messages/{message_id}", "im.message.update", EDIT),
        Endpoint("PATCH", "/im/v1/messages/{message_id}", "im.message.patch", EDIT),
        Endpoint("DELETE", "/im/v1/messages/{message_id}", "im.message.delete", RECALL),
        Endpoint("POST", "/interactive/v1/card/update", "card.update", EDIT),
    )

    def __init__(self, **base: Any) -> None:
        super().__init__(**base)
        self.per_chat = 0
        self.images: set[str] = set()  # keys of uploaded pictures
        self.card_tokens: dict[str, tuple[str, float, int]] = {}  # token → (message, issued, uses)
        self._uuids: dict[tuple[str, str], tuple[float, str]] = {}  # (where, uuid) → (when, message)
        self._posted: dict[str, list[float]] = {}

    async def do_im_message_create(self, body: Json) -> Json:
        chat = self._destination(body["receive_id"], body["receive_id_type"])
        return await self._place("im.message.create", chat, body, target=None)

    async def do_im_message_reply(self, body: Json) -> Json:
        target = self._message(body["message_id"])
        return await self._place("im.message.reply", self.space.chats[target.chat], body, target=target)

    async def _place(self, how: str, chat: Chat, body: Json, *, target: Message | None) -> Json:
        uuid = body.get("uuid") or ""
        if len(uuid) > 50:
            raise Refused(230001, "Your request contains an invalid request parameter, ext=uuid is too long.")
        when, known = self._uuids.get((chat.id, uuid), (0.0, ""))
        if uuid and known and self.clock() - when < HOUR:
            return ok(self.item(self._message(known)))
        self._writable(chat)
        if target is not None and target.recalled:
            raise Refused(230011, "The message was withdrawn.")
        if target is not None and target.kind == "system":
            raise Refused(230054, "This operation is not supported for this message type.")
        if chat.threadless and body.get("reply_in_thread"):
            raise Refused(230071, "The group to which the message belongs does not support reply in thread.")
        content = self._content(body["msg_type"], body["content"])
        self._rate(chat.id)
        message = Message(self.space.next("om"), chat.id, self.app_id, body["msg_type"], content, self.clock())
        if target is not None:
            root = self.space.root_of(target)
            message.root, message.parent = root.id, target.id
            if target.thread or body.get("reply_in_thread"):
                message.thread = self.space.thread_of(root)
                message.parent = root.id
        elif chat.topical:
            self.space.thread_of(message)  # a new message opens a topic of its own
        self._adopt(message)
        self.space.keep(message)
        if uuid:
            self._uuids[chat.id, uuid] = (self.clock(), message.id)
        await self.space.show(how, message)
        return ok(self.item(message))

    def _adopt(self, message: Message) -> None:
        """Mentions with placeholders, and the card entity a message carries."""
        named = [id for id in notified(message.kind, self.space.content_of(message)) if id in self.space.users]
        message.mentions = [
            {
                "key": f"@_user_{n}",
                "id": id,
                "id_type": "open_id",
                "name": self.space.users[id].name,
                "tenant_key": self.space.users[id].tenant_key,
            }
            for n, id in enumerate(dict.fromkeys(named), 1)
        ]
        if message.kind == "interactive" and message.content.get("type") == "card":
            message.card_id = message.content["data"]["card_id"]
            self.space.entities[message.card_id].message = message.id

    async def do_im_message_update(self, body: Json) -> Json:
        message = self._own(body["message_id"])
        if message.kind not in ("text", "post") or body["msg_type"] not in ("text", "post"):
            raise Refused(230054, "This operation is not supported for this message type.")
        if message.edits >= MOST_EDITS:
            raise Refused(230072, "The message has reached the number of times it can be edited.")
        self._writable(self.space.chats[message.chat])
        message.kind, message.content = body["msg_type"], self._content(body["msg_type"], body["content"])
        message.edits += 1
        message.updated = self.clock()
        self._adopt(message)
        await self.space.show("im.message.update", message)
        return ok(self.item(message))

    async def do_im_message_patch(self, body: Json) -> Json:
        message = self._own(body["message_id"])
        if message.kind != "interactive":
            raise Refused(
                230001, "Your request contains an invalid request parameter, ext=This message is NOT a card."
            )
        if self.clock() - message.created > CARD_DAYS * 86400:
            raise Refused(230031, "Message can only be modified within 14 days after sending.")
        self._rate(message.id)
        card = self._content("interactive", body["content"])
        config = card.get("config", {})
        shared = config.get("update_multi", card.get("schema") == "2.0")
        if not shared:  # a card of its own for each reader cannot be rewritten for all of them
            raise Refused(
                230099, "Failed to create card content, ext=ErrCode: 200830; ErrMsg: update_multi is false; "
            )
        await self.rewrite("im.message.patch", message, card)
        return ok()

    async def rewrite(self, how: str, message: Message, card: Json) -> None:
        """A card in place of a card; it is no entity any more if it was one."""
        message.content, message.card_id, message.updated = card, "", self.clock()
        await self.space.show(how, message)

    async def do_card_update(self, body: Json) -> Json:
        """The delayed update by a press's token: 30 minutes, two uses, not before the press was answered."""
        id, issued, uses = self.card_tokens.get(body["token"], ("", 0.0, 0))
        if not id:
            raise Refused(300020, "token is invalid")
        if self.clock() - issued > HOUR / 2:
            raise Refused(300030, "token has expired")
        if uses >= 2:
            raise Refused(300040, "token was used too often")
        if self._message(id).recalled:
            raise Refused(200000, "message is recalled")
        card = body["card"]
        if card.get("schema") != "2.0" and not card.get("config", {}).get("update_multi"):
            raise Refused(300090, "open_ids is required")
        code, msg = card_fault(card, set(self.space.users), self.images)
        if code:
            raise Refused(code, msg)
        self.card_tokens[body["token"]] = (id, issued, uses + 1)
        await self.rewrite("card.update", self._message(id), card)
        return {"code": 0, "msg": "ok"}

    async def do_im_message_delete(self, body: Json) -> Json:
        message = self._message(body["message_id"])
        if message.sender != self.app_id:
            raise Refused(230026, "No permission to recall this message.")
        self._own(message.id).recalled = True
        return ok()

    # shared ----------------------------------------------------------------------------------------------------

    def _destination(self, id: str, kind: str) -> Chat:
        if kind == "chat_id":
            return self._chat(id)
        if kind not in ("open_id", "user_id", "union_id", "email"):
            raise Refused(99992402, "field validation failed", error={"field": "receive_id_type"})
        user = self.space.find_user(id, kind)
        if id in self.space.foreign:
            raise Refused(99992361, "open_id cross app")
        if user is None or user.is_bot:
            raise Refused(230001, "Your request contains an invalid request parameter, ext=invalid receive_id.")
        if user.left or not user.reachable:
            raise Refused(230013, "Bot has NO availability to this user.")
        return self.space.direct(user.open_id)

    def _writable(self, chat: Chat) -> None:
        if chat.dissolved:
            raise Refused(232009, "Your request specifies a chat which has already been dissolved.")
        if not self.space.in_chat(chat):
            raise Refused(230002, "Bot/User can NOT be out of the chat.")
        if chat.muted:
            raise Refused(230018, "These operations are NOT allowed at current group settings.")
        if chat.kind == "p2p":
            user = next(self.space.users[id] for id in chat.members if id != self.space.bot_open_id)
            if user.left or not user.reachable:
                raise Refused(230013, "Bot has NO availability to this user.")

    def _own(self, id: str) -> Message:
        message = self._message(id)
        if message.recalled:
            raise Refused(230011, "The message was withdrawn.")
        if message.sender != self.app_id:
            raise Refused(230071, "The operator is not the sender of the message.")
        return message

    def _content(self, kind: str, text: str) -> Json:
        try:
            content = json.loads(text)
        except (TypeError, ValueError):
            content = None
        if kind == "interactive" and isinstance(content, dict) and "data" in content:
            entity = self.space.entities.get(content["data"].get("card_id", ""))
            if content.get("type") != "card" or entity is None:
                raise Refused(
                    230099, "Failed to create card content, ext=ErrCode: 200621; ErrMsg: parse card json err; "
                )
            if entity.message:
                raise Refused(230099, "Failed to create card content, ext=ErrCode: 200740; ErrMsg: card was sent; ")
            return content
        code, msg = fault_of(kind, content, len(text.encode()), set(self.space.users), self.images)
        if code:
            raise Refused(code, msg)
        if kind == "post" and any(id not in self.space.users and id != "all" for id in notified("post", content)):
            raise Refused(230001, "Your request contains an invalid request parameter, ext=invalid at user_id.")
        assert isinstance(content, dict)
        return content

    def _rate(self, what: str) -> None:
        now = self.clock()
        recent = [at for at in self._posted.get(what, []) if now - at < 1]
        if self.per_chat and len(recent) >= self.per_chat:
            raise Refused(230020)
        self._posted[what] = [*recent, now]
