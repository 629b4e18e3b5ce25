"""Looking into a chat: what stands there of a post whose fate is unknown, and where a message of ours stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from adapters.errors import AdapterError
from adapters.feishu import outbound
from adapters.feishu.calls import Calls
from adapters.feishu.inbound import DIRECT, Place
from adapters.feishu.memory import remember
from adapters.model import Thread

Json = dict[str, Any]

PAGE, PAGES = 50, 4
REMEMBERED = 20_000  # people
AS_SENT: dict[str, Any] = {
    "card_msg_content_type": "user_card_content"
}  # else a card comes as what an old client would show


class History:
    """`im:message:readonly` reads private chats and single messages; a group's also needs
    `im:message.group_msg`."""

    def __init__(self, calls: Calls, app_id: str) -> None:
        self._calls = calls
        self._app_id = app_id
        self._private: dict[str, str] = {}  # open_id → Feishu's own name of the private chat

    def chatted(self, open_id: str, chat: str) -> None:
        """What Feishu calls the private chat with somebody, as a message from there tells."""
        remember(self._private, open_id, chat, REMEMBERED)

    async def standing(self, thread: Thread, key: str, parts: int) -> dict[int, str]:
        """The parts of a post that stand in a thread, by their marks (number → message id). What may not be
        looked at is taken for empty."""
        wanted = {outbound.mark(key, number): number for number in range(1, parts + 1)}
        found: dict[int, str] = {}
        try:
            container = await self._container(thread)
            cursor = ""
            for _ in range(PAGES if container else 0):
                answer = await self._calls.read(
                    "im/v1/messages",
                    **container,
                    **AS_SENT,
                    sort_type="ByCreateTimeDesc",
                    page_size=PAGE,
                    page_token=cursor,
                )
                data = answer.get("data") or {}
                for item in self._ours(data):
                    for mark in outbound.marks_in(_content(item)) & wanted.keys():
                        found.setdefault(wanted[mark], str(item["message_id"]))
                cursor = str(data.get("page_token") or "")
                if not data.get("has_more") or not cursor or len(found) == parts:
                    break
        except AdapterError:
            pass
        return found

    async def _container(self, thread: Thread) -> Json:
        """What to list: the private chat, the group, or the topic below a root. Empty if it cannot be named."""
        if thread.chat.startswith(DIRECT):
            chat = self._private.get(thread.chat, "")
            return {"container_id_type": "chat", "container_id": chat} if chat else {}
        if not thread.root:
            return {"container_id_type": "chat", "container_id": thread.chat}
        root = await self._message(thread.root)
        topic = root.get("thread_id")
        return {"container_id_type": "thread", "container_id": topic} if topic else {}

    async def whereabouts(self, message_id: str, reader: str) -> Place | None:
        """Where a message of ours stands that we do not remember; `reader` is who reacted to it. None if it is not
        ours. Raises if it cannot be known."""
        item = await self._message(message_id)
        if not any(self._ours({"items": [item]})):
            return None
        chat = str(item.get("chat_id") or "")
        answer = await self._calls.read("im/v1/chats/:chat_id", paths={"chat_id": chat})
        private = (answer.get("data") or {}).get("chat_mode") == "p2p"
        return Place(reader if private else chat, str(item.get("root_id") or ""))

    async def _message(self, id: str) -> Json:
        answer = await self._calls.read("im/v1/messages/:message_id", paths={"message_id": id})
        items = (answer.get("data") or {}).get("items") or [{}]
        return dict(items[0])

    def _ours(self, data: Json) -> Iterator[Json]:
        """Anybody may put our marks into a card of theirs; the sender is Feishu's word."""
        for item in data.get("items") or ():
            if (item.get("sender") or {}).get("id") == self._app_id and not item.get("deleted"):
                yield item


def _content(item: Json) -> Any:
    try:
        return json.loads((item.get("body") or {}).get("content") or "null")
    except ValueError:
        return None
