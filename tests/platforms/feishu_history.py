"""Reading im/v1 messages: one, or the history of a chat or thread; and the reactions on them."""

from __future__ import annotations

import json
from typing import ClassVar

from tests.platforms.feishu_api import Endpoint, FeishuApi, Refused, ok, page
from tests.platforms.feishu_reading import shown
from tests.platforms.feishu_state import Chat, Json, Message

READ = ("im:message", "im:message:readonly", "im:message.history:readonly")
REACT = ("im:message", "im:message.reactions:write_only")
NEWER_CLIENT = "请升级至最新版本客户端，以查看内容"


class FeishuHistory(FeishuApi):
    """Of a group, only with the scope for all its messages."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("GET", "/im/v1/messages", "im.message.list", READ),
        Endpoint("GET", "/im/v1/messages/{message_id}", "im.message.get", READ),
        Endpoint("POST", "/im/v1/messages/{message_id}/reactions", "im.reaction.create", REACT),
        Endpoint("DELETE", "/im/v1/messages/{message_id}/reactions/{reaction_id}", "im.reaction.delete", REACT),
    )

    def do_im_message_get(self, body: Json) -> Json:
        message = self._message(body["message_id"])
        if not self.space.in_chat(self.space.chats[message.chat]):
            raise Refused(230002, "Bot/User can NOT be out of the chat.")
        return ok({"items": [self.item(message, body.get("card_msg_content_type", ""))]})

    def do_im_message_list(self, body: Json) -> Json:
        """The history of a chat (without what is said inside threads) or of a thread; times in seconds."""
        inside = body["container_id_type"] == "thread"
        if inside:
            messages = [
                m
                for c in self.space.chats.values()
                for m in c.messages.values()
                if m.thread == body["container_id"]
            ]
            if not messages:
                raise Refused(230019, "The topic does NOT exist.")
            chat = self.space.chats[messages[0].chat]
        else:
            chat = self._chat(body["container_id"])
            messages = [m for m in chat.messages.values() if not (m.thread and m.root)]
        if not self.space.in_chat(chat):
            raise Refused(230002, "Bot/User can NOT be out of the chat.")
        if chat.kind != "p2p" and "im:message.group_msg" not in self.granted:
            raise Refused(230027, "Lack of necessary permissions, ext=need scope: im:message.group_msg")
        begin, end = float(body.get("start_time") or 0), float(body.get("end_time") or 1e12)
        if not inside:
            messages = [m for m in messages if begin <= m.created <= end]
        messages.sort(key=lambda m: m.id, reverse=body.get("sort_type") == "ByCreateTimeDesc")
        found, rest = page(messages, body, most=50)
        how = body.get("card_msg_content_type", "")
        return ok({"items": [self.item(m, how) for m in found], **rest})

    def reacted(self, message: Message, emoji: str, *, gone: bool) -> None:
        """The app put a reaction there or took it away; a server that also delivers events tells the app."""

    def do_im_reaction_create(self, body: Json) -> Json:
        message = self._message(body["message_id"])
        if message.recalled:
            raise Refused(231003, "The message is not found, or not support to add reaction")
        if not self.space.in_chat(self.space.chats[message.chat]):
            raise Refused(231002, "No permission to react on this message")
        id = self.space.next("reaction")
        message.reactions[id] = {"by": self.app_id, "emoji": body["reaction_type"]["emoji_type"]}
        self.reacted(message, message.reactions[id]["emoji"], gone=False)
        return ok(self._reaction(id, message.reactions[id]))

    def do_im_reaction_delete(self, body: Json) -> Json:
        message = self._message(body["message_id"])
        reaction = message.reactions.get(body["reaction_id"])
        if reaction is None or message.recalled:
            raise Refused(231003, "The message is not found, or not support to add reaction")
        if reaction["by"] != self.app_id:
            raise Refused(231007, "You can only delete a reaction of your own")
        del message.reactions[body["reaction_id"]]
        self.reacted(message, reaction["emoji"], gone=True)
        return ok(self._reaction(body["reaction_id"], reaction))

    def _reaction(self, id: str, reaction: Json) -> Json:
        return {
            "reaction_id": id,
            "operator": {"operator_id": reaction["by"], "operator_type": "app"},
            "action_time": str(int(self.clock() * 1000)),
            "reaction_type": {"emoji_type": reaction["emoji"]},
        }

    # shared ----------------------------------------------------------------------------------------------------

    def item(self, message: Message, card_content: str = "") -> Json:
        """A message as the API shows it. A card comes as what an old client would see of it, unless the original is
        asked for by `card_msg_content_type=user_card_content`."""
        sender = self.space.users.get(message.sender)
        content = self.space.content_of(message)
        if message.kind == "interactive" and not card_content:
            seen = [NEWER_CLIENT] if content.get("schema") == "2.0" else shown("interactive", content, {})
            content = {"title": None, "elements": [[{"tag": "text", "text": text}] for text in seen]}
        text = json.dumps(content, ensure_ascii=False)
        for mention in message.mentions:
            text = text.replace(f'<at user_id=\\"{mention["id"]}\\">{mention["name"]}</at>', mention["key"])
        item: Json = {
            "message_id": message.id,
            "msg_type": message.kind,
            "create_time": str(int(message.created * 1000)),
            "update_time": str(int((message.updated or message.created) * 1000)),
            "deleted": message.recalled,
            "updated": bool(message.updated),
            "chat_id": message.chat,
            "sender": {
                "id": message.sender,
                "id_type": "app_id" if sender is None else "open_id",
                "sender_type": "app" if sender is None else "user",
                "tenant_key": self.space.tenant_key if sender is None else sender.tenant_key,
            },
            "body": {"content": "This message was recalled" if message.recalled else text},
        }
        for key, value in (("root_id", message.root), ("parent_id", message.parent), ("thread_id", message.thread)):
            if value:
                item[key] = value
        if message.mentions and not message.recalled:
            item["mentions"] = [_by_open_id(mention) for mention in message.mentions]
        return item

    def _chat(self, id: str) -> Chat:
        chat = self.space.chats.get(id)
        if chat is None:
            raise Refused(230001, "Your request contains an invalid request parameter, ext=invalid receive_id.")
        return chat

    def _message(self, id: str) -> Message:
        message = self.space.message(id)
        if message is None:
            raise Refused(230001, "Your request contains an invalid request parameter, ext=invalid message_id.")
        return message


def _by_open_id(mention: Json) -> Json:
    """A mention as the API lists it; an event has all of the person's ids."""
    id = mention["id"]["open_id"] if isinstance(mention["id"], dict) else mention["id"]
    kept = {key: mention[key] for key in ("key", "name", "tenant_key")}
    return {**kept, "id": id, "id_type": "open_id"}
