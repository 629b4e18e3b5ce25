"""One Feishu chat as it is now, page by page: what it is, who is in it, what was said, topics and forwards.

https://open.feishu.cn/document/server-docs/im-v1/message/list (a page has 50 at most; in a chat only the roots of
topics come, in a topic no span of time can be asked for), …/message/get (what a merge_forward holds comes with it),
…/im-v1/chat/get, …/im-v1/chat-member/get.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

from persona_store.sources.api_pages import paged
from persona_store.sources.chat_json import Json, dicts, string
from persona_store.sources.feishu_calls import MEMBER, FeishuCalls, FeishuDenied
from persona_store.sources.feishu_twins import FeishuTwins
from persona_store.sources.fetched import Fetched
from persona_store.sources.http import Denied, segment

PAGE = 50
MEMBERS = 100


class FeishuChat:
    """`since` is in seconds, 0 for the whole; `denied` tells by whether it is private why it may not be read. What
    could not be read is in `problems`, a line each, and counted in `dropped`."""

    def __init__(
        self, calls: FeishuCalls, twins: FeishuTwins, chat: str, since: int, denied: Callable[[bool], str]
    ) -> None:
        self._calls = calls
        self._twins = twins
        self._chat = chat
        self._since = since
        self._denied = denied
        self._seen: set[int] = set()
        self._name = ""
        self.material = Fetched()
        self.messages = 0
        self.problems: list[str] = []
        self.dropped: Counter[str] = Counter()

    async def fetch(self) -> None:
        """Everything that can be had. Raises Refused where nothing more can be; `material` has what came before."""
        private = await self._described()
        if private is None:
            return
        if code := self._denied(private):
            self.dropped[code] += 1  # not one message of it is asked for
            return
        await self._members()
        topics: dict[str, None] = {}
        forwards: list[str] = []
        try:
            async for items in self._history("chat", self._chat, self._since):
                await self._keep(items)
                topics |= dict.fromkeys(filter(None, (string(item, "thread_id") for item in items)))
                forwards += _forwards(items)
        except Denied as denied:
            self._lack(denied, "no_permission" if not self.messages else "incomplete")
        for topic in topics:
            forwards += await self._topic(topic)
        for forward in dict.fromkeys(forwards):
            await self._forward(forward)

    async def _described(self) -> bool | None:
        """Whether it is private, and so is what nobody describes: what is not known is denied. None for a chat
        whoever reads is not in: of that Feishu tells the name and how many are in it."""
        try:
            told = await self._calls.get(f"/im/v1/chats/{segment(self._chat)}", user_id_type="open_id")
        except Denied as denied:
            self.problems.append(self._line(denied))
            return True
        self._name = string(told, "name")
        if not string(told, "chat_mode", "chat_type"):
            self._lack(Denied("API_DENIED", *MEMBER), "no_permission")
            return None
        self._add("chat", {"items": [{**_fit(told), "chat_id": self._chat}]})
        return string(told, "chat_type") != "public" or told.get("external") is True

    async def _members(self) -> None:
        """Without them it counts as private to those who wrote in it."""
        path = f"/im/v1/chats/{segment(self._chat)}/members"

        async def page(token: str) -> Json:
            return await self._calls.get(path, member_id_type="open_id", page_size=MEMBERS, page_token=token)

        try:
            async for told in paged(page, "items"):
                members = await self._twins.told_of(list(dicts(told.get("items"))))
                self._add("members", {"chat_id": self._chat, "items": members})
        except Denied as denied:
            self.problems.append(self._line(denied))

    async def _history(self, kind: str, container: str, since: int) -> AsyncIterator[list[Json]]:
        """New items, page by page, oldest first. Where the place to go on from is forgotten, it goes on from the
        last moment there is."""
        start = since

        async def page(token: str) -> Json:
            return await self._calls.get(
                "/im/v1/messages",
                container_id_type=kind,
                container_id=container,
                start_time=start or "",
                sort_type="ByCreateTimeAsc",
                page_size=PAGE,
                page_token=token,
                with_sender_name="true",
            )

        while True:
            latest, fresh = start, 0
            try:
                async for told in paged(page, "items"):
                    items = self._new(told)
                    fresh += len(items)
                    latest = max([latest, *map(_seconds, items)])
                    yield items
                return
            except FeishuDenied as denied:
                if not denied.page_over or not fresh:
                    raise
                start = latest if kind == "chat" else 0

    def _new(self, page: Json) -> list[Json]:
        """Without what was there before: pages overlap, and a topic begins with its root. An edition that differs
        is another one."""
        found = []
        for item in dicts(page.get("items")):
            mark = hash((string(item, "message_id"), string(item, "update_time"), item.get("deleted") is True))
            if mark not in self._seen:
                self._seen.add(mark)
                found.append(item)
        return found

    async def _topic(self, topic: str) -> list[str]:
        forwards: list[str] = []
        try:
            async for items in self._history("thread", topic, 0):
                await self._keep(items)
                forwards += _forwards(items)
        except Denied as denied:
            self._lack(denied, "incomplete")
        return forwards

    async def _forward(self, message: str) -> None:
        """The forward itself is among what comes, and is there already."""
        try:
            told = await self._calls.get(f"/im/v1/messages/{segment(message)}", with_sender_name="true")
        except Denied as denied:
            self._lack(denied, "incomplete")
            return
        inside = [item for item in dicts(told.get("items")) if string(item, "upper_message_id")]
        await self._keep(inside)

    async def _keep(self, items: list[Json]) -> None:
        if items:
            self.messages += len(items)
            self._add("page", {"chat_id": self._chat, "items": await self._twins.told_of(items)})

    def _add(self, kind: str, page: Json) -> None:
        """`chat_id` on the envelope says whose members these are."""
        self.material.add(f"{kind}-{len(self.material.members):06}.json", page)

    def _lack(self, denied: Denied, reason: str) -> None:
        self.dropped[reason] += 1
        self.problems.append(self._line(denied))

    def _line(self, denied: Denied) -> str:
        named = f"{self._chat} ({self._name[:40]})" if self._name else self._chat
        return f"{named}: {denied}"


def _fit(told: Json) -> Json:
    """What says who may read, and nothing that would make a message of it."""
    kept = ("name", "chat_mode", "chat_type", "external", "p2p_target_id")
    return {key: told[key] for key in kept if key in told}


def _forwards(items: list[Json]) -> list[str]:
    return [string(item, "message_id") for item in items if item.get("msg_type") == "merge_forward"]


def _seconds(item: Json) -> int:
    given = string(item, "create_time")
    return int(given) // 1000 if given.isascii() and given.isdigit() and len(given) < 16 else 0
