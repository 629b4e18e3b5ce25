"""Who is where: im/v1 chats and their members, contact/v3 users."""

from __future__ import annotations

from typing import ClassVar

from tests.platforms.feishu_api import Endpoint, Refused, ok, page
from tests.platforms.feishu_cardkit import FeishuCardKit
from tests.platforms.feishu_state import Chat, Json, User

CHATS = ("im:chat", "im:chat:readonly", "im:chat:read")
MEMBERS = ("im:chat.members:read", "im:chat", "im:chat:readonly", "im:chat.group_info:readonly")
READ_ALL = ("contact:contact:readonly_as_app", "contact:contact:readonly", "contact:contact:access_as_app")
CONTACT = ("contact:contact.base:readonly", *READ_ALL)
BY_MAIL = ("contact:user.id:readonly",)
NAME = frozenset({"contact:user.base:readonly", *READ_ALL})
UNKNOWN = {"open_id": 99992351, "user_id": 99992360, "union_id": 99992364}
USER_ID = "contact:user.employee_id:readonly"


class FeishuDirectory(FeishuCardKit):
    """Members of a chat never include bots. Of a person outside the app's contact range nothing can be read."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("GET", "/im/v1/chats", "im.chat.list", CHATS),
        Endpoint("GET", "/im/v1/chats/{chat_id}", "im.chat.get", CHATS),
        Endpoint("GET", "/im/v1/chats/{chat_id}/members", "im.chat.members", MEMBERS),
        Endpoint("GET", "/contact/v3/users/batch", "contact.user.batch", CONTACT),
        Endpoint("POST", "/contact/v3/users/batch_get_id", "contact.user.batch_get_id", BY_MAIL),
        Endpoint("GET", "/contact/v3/users/{user_id}", "contact.user.get", CONTACT),
    )

    def do_im_chat_list(self, body: Json) -> Json:
        """The groups the bot is in; p2p chats are not among them."""
        mine = [
            c for c in self.space.chats.values() if c.kind != "p2p" and self.space.in_chat(c) and not c.dissolved
        ]
        found, rest = page(mine, body, most=100)
        return ok({"items": [{"chat_id": c.id, **self._chat_info(c)} for c in found], **rest})

    def do_im_chat_get(self, body: Json) -> Json:
        """Outsiders learn the name and the numbers only."""
        chat = self._known_chat(body["chat_id"])
        told = self._chat_info(chat)
        if not self.space.in_chat(chat):
            told = {key: told[key] for key in ("name", "user_count", "bot_count", "chat_status")}
        return ok(told)

    def _chat_info(self, chat: Chat) -> Json:
        """A topic group has `chat_mode` topic; an ordinary one may be in topic form. A p2p chat has no owner and no
        type."""
        people = [id for id in chat.members if not self.space.users[id].is_bot]
        told: Json = {
            "name": chat.name,
            "description": "",
            "chat_mode": chat.kind,
            "external": chat.external,
            "tenant_key": self.space.tenant_key,
            "user_count": str(len(people)),
            "bot_count": str(len(chat.members) - len(people)),
            "chat_status": "dissolved" if chat.dissolved else "normal",
        }
        if chat.kind != "p2p":
            told |= {"owner_id_type": "open_id", "owner_id": people[0] if people else ""}
            told |= {"chat_type": "public" if chat.public else "private", "chat_tag": "inner"}
        if chat.kind == "group":
            told["group_message_type"] = "thread" if chat.topic_form else "chat"
        return told

    def do_im_chat_members(self, body: Json) -> Json:
        chat = self._known_chat(body["chat_id"])
        if not self.space.in_chat(chat):
            raise Refused(232011, "Operator can NOT be out of the chat.")
        kind = body.get("member_id_type", "open_id")
        everybody = [self.space.users[id] for id in chat.members]
        people = [user for user in everybody if not user.is_bot]
        found, rest = page(everybody, body, most=100)  # so a page may hold fewer than were asked for
        items = [
            {
                "member_id_type": kind,
                "member_id": getattr(user, kind),
                "name": user.name,
                "tenant_key": user.tenant_key,
            }
            for user in found
            if not user.is_bot
        ]
        return ok({"items": items, "member_total": len(people), **rest})

    def do_contact_user_get(self, body: Json) -> Json:
        return ok({"user": self._person(body["user_id"], body.get("user_id_type", "open_id"))})

    def do_contact_user_batch(self, body: Json) -> Json:
        """Whom the app may not see is simply not among them."""
        ids = body["user_ids"] if isinstance(body["user_ids"], list) else [body["user_ids"]]
        kind = body.get("user_id_type", "open_id")
        known = [id for id in ids if (user := self.space.find_user(id, kind)) and self._visible(user)]
        return ok({"items": [self._person(id, kind) for id in known]})

    def do_contact_user_batch_get_id(self, body: Json) -> Json:
        """By e-mail or mobile number; an unknown one comes back without `user_id`."""
        kind = body.get("user_id_type", "open_id")
        found: list[Json] = []
        for field, given in (("email", body.get("emails") or []), ("mobile", body.get("mobiles") or [])):
            for value in given:
                user = self.space.find_user(value, field)
                seen = user is not None and self._visible(user) and (body.get("include_resigned") or not user.left)
                found.append({field: value, **({"user_id": getattr(user, kind)} if seen else {})})
        return ok({"user_list": found})

    def _person(self, id: str, kind: str) -> Json:
        user = self.space.find_user(id, kind)
        if id in self.space.foreign:
            raise Refused(99992361, "open_id cross app")
        if user is None or user.is_bot:
            raise Refused(UNKNOWN[kind], f"these ids not existed: [{id}]")
        if not self._visible(user):
            raise Refused(41050, "no user authority error")
        named = {"name": user.name, "en_name": ""} if self.granted & NAME else {}
        return {
            "open_id": user.open_id,
            "union_id": user.union_id,
            **({"user_id": user.user_id} if USER_ID in self.granted else {}),
            **named,
            "status": {
                "is_frozen": False,
                "is_resigned": user.left,
                "is_activated": not user.left,
                "is_exited": False,
                "is_unjoin": False,
            },
        }

    def _visible(self, user: User) -> bool:
        return user.reachable and user.tenant_key == self.space.tenant_key and not user.is_bot

    def _known_chat(self, id: str) -> Chat:
        chat = self.space.chats.get(id)
        if chat is None:
            raise Refused(232006, "Your request specifies a chat_id which is invalid.")
        if chat.dissolved:
            raise Refused(232009, "Your request specifies a chat which has already been dissolved.")
        return chat
