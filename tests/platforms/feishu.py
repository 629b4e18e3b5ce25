"""A local Feishu: OpenAPI, long connection and signed HTTP callbacks, with people who talk, press and submit.

    async with FeishuServer() as feishu:
        feishu.space.add_user("ou_ana", "Ana")
        feishu.space.add_chat("oc_1", "general", ["ou_ana", feishu.space.bot_open_id])
        feishu.say("ou_ana", "oc_1", "who approves invoices?")
        answer = await feishu.next_post()

Everything a person does returns at once and is delivered in the background; `await feishu.settled()` waits until
all of it was acked or given up. `feishu.faults` decides what goes wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from tests.platforms.feishu_pressing import FeishuPressing
from tests.platforms.feishu_state import Chat, Json, Message, Posted, User

ALL_SCOPES = frozenset(
    {
        "application:application:self_manage",
        "cardkit:card:write",
        "contact:contact.base:readonly",
        "contact:user.base:readonly",
        "contact:user.id:readonly",
        "im:chat.members:read",
        "im:chat:readonly",
        "im:message",
        "im:message.group_at_msg:readonly",
        "im:message.group_msg",
        "im:message.p2p_msg:readonly",
        "im:message.reactions:read",
        "im:message.reactions:write_only",
        "im:message:readonly",
        "im:message:recall",
        "im:message:send_as_bot",
        "im:message:update",
    }
)
P2P = frozenset({"im:message.p2p_msg", "im:message.p2p_msg:readonly"})
AT = frozenset({"im:message.group_at_msg", "im:message.group_at_msg:readonly"})
ALL = frozenset({"im:message.group_msg", "im:message.group_msg:readonly"})
WITH_BOTS = "im:message.group_at_msg.include_bot:readonly"
PLACEHOLDER = re.compile(r"@(ou_\w+|all\b)")


class FeishuServer(FeishuPressing):
    """`granted`: the app's scopes, all of ALL_SCOPES by default."""

    def __init__(self, *, granted: set[str] | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(granted=set(ALL_SCOPES if granted is None else granted), clock=clock)

    @property
    def mention(self) -> str:
        """The bot, as `say` wants it in a text."""
        return f"@{self.space.bot_open_id}"

    # what people say -------------------------------------------------------------------------------------------

    def say(
        self,
        user: str,
        chat: str,
        text: str = "",
        *,
        thread: str = "",
        quote: str = "",
        mention: bool = True,
        mentions: tuple[str, ...] = (),
        kind: str = "text",
        content: Json | None = None,
        listed: bool = True,
    ) -> str:
        """Somebody writes; returns the message id.

        `@ou_…` and `@all` in `text` become what the client makes of them; the bot is put in front unless `mention`
        is false, it is named already, or the chat is p2p; `mentions` follow at the end. `thread` is any message of
        the thread, `quote` one that is merely replied to. `kind` is text, post (a line a paragraph), or any other
        with its `content` (`{"file_key": …, "file_name": …}`). `listed` false leaves `mentions` out, as some
        clients do for a post.
        """
        room = self.space.chats[chat]
        if mention and room.kind != "p2p" and self.mention not in text and kind in ("text", "post"):
            text = f"{self.mention} {text}"
        text = " ".join([text, *(f"@{id}" for id in mentions)]).strip()
        named = list(dict.fromkeys(id for id in PLACEHOLDER.findall(text) if id in self.space.users))
        message = Message(self.space.next("om"), chat, user, kind, {}, self.clock())
        message.content = content or self._typed(text, kind, named)
        message.mentions = [self._mention(n, id) for n, id in enumerate(named, 1)] if listed else []
        self._hang(room, message, thread, quote)
        self.space.keep(message)
        addressed = self.space.bot_open_id in named
        if self._hears(room, self.space.users[user], addressed):
            self.spawn(self.event("im.message.receive_v1", self._received(room, message)))
        return message.id

    def dm(self, user: str, text: str, **more: Any) -> str:
        return self.say(user, self.space.direct(user).id, text, mention=False, **more)

    def edit(self, message: str, text: str) -> None:
        """Somebody edits a message. Feishu tells an app nothing of it."""
        edited = self._found(message)
        named = list(dict.fromkeys(id for id in PLACEHOLDER.findall(text) if id in self.space.users))
        edited.content, edited.updated = self._typed(text, edited.kind, named), self.clock()
        edited.mentions = [self._mention(n, id) for n, id in enumerate(named, 1)]

    def recall(self, message: str) -> None:
        recalled = self._found(message)
        recalled.recalled = True
        event = {
            "message_id": message,
            "chat_id": recalled.chat,
            "recall_time": str(int(self.clock() * 1000)),
            "recall_type": "message_owner",
        }
        if self.space.in_chat(self.space.chats[recalled.chat]):
            self.spawn(self.event("im.message.recalled_v1", event))

    def react(self, user: str, message: str, emoji: str, *, gone: bool = False) -> None:
        """`gone`: takes the reaction back."""
        found = self._found(message)
        mine = next((id for id, r in found.reactions.items() if r == {"by": user, "emoji": emoji}), "")
        if gone:
            found.reactions.pop(mine, None)
        else:
            found.reactions[mine or self.space.next("reaction")] = {"by": user, "emoji": emoji}
        self._reacted(found, emoji, {"operator_type": "user", "user_id": self._ids(user), "app_id": ""}, gone)

    def reacted(self, message: Message, emoji: str, *, gone: bool) -> None:
        """The app's own reactions are told to it like everybody's."""
        self._reacted(message, emoji, {"operator_type": "app", "app_id": self.app_id}, gone)

    def _reacted(self, message: Message, emoji: str, operator: Json, gone: bool) -> None:
        if not self.space.in_chat(self.space.chats[message.chat]):
            return
        event = {
            "message_id": message.id,
            "reaction_type": {"emoji_type": emoji},
            **operator,
            "action_time": str(int(self.clock() * 1000)),
        }
        self.spawn(self.event(f"im.message.reaction.{'deleted' if gone else 'created'}_v1", event))

    # who is where ----------------------------------------------------------------------------------------------

    def join(self, chat: str, *, by: str) -> None:
        """The bot is added to a group."""
        self.space.chats[chat].members.append(self.space.bot_open_id)
        self._membership("im.chat.member.bot.added_v1", chat, by)

    def leave(self, chat: str, *, by: str) -> None:
        """The bot is removed from a group."""
        self.space.chats[chat].members.remove(self.space.bot_open_id)
        self._membership("im.chat.member.bot.deleted_v1", chat, by)

    def add_member(self, chat: str, user: str, *, by: str = "") -> None:
        self.space.chats[chat].members.append(user)
        self._membership("im.chat.member.user.added_v1", chat, by or user, self._users(user))

    def remove_member(self, chat: str, user: str, *, by: str = "") -> None:
        self.space.chats[chat].members.remove(user)
        self._membership("im.chat.member.user.deleted_v1", chat, by or user, self._users(user))

    def disband(self, chat: str, *, by: str) -> None:
        self.space.chats[chat].dissolved = True
        self._membership("im.chat.disbanded_v1", chat, by)

    def change(self, chat: str, *, by: str, **settings: Any) -> None:
        """Somebody changes a chat's `name`, or whether it is in `topic_form`; whether it is `public` is not among
        what the event tells."""
        room = self.space.chats[chat]
        before = self._chat_info(room)
        for key, value in settings.items():
            setattr(room, key, value)
        after = self._chat_info(room)
        told = [key for key in ("name", "group_message_type") if key in after and after[key] != before[key]]
        changes = {"after_change": {k: after[k] for k in told}, "before_change": {k: before[k] for k in told}}
        self._told("im.chat.updated_v1", chat, by, changes)

    def uninstall(self) -> None:
        """The tenant's admin stops the app. Nobody tells it: `app_status_change` is for apps of the store only. Its
        links end, and neither its tokens nor its secret are good any more."""
        self.disabled = True
        for socket in list(self.sockets):
            self.hang_up(socket)

    # what a test waits for -------------------------------------------------------------------------------------

    async def next_post(self, chat: str = "", *, within: float = 5.0) -> Posted:
        """The next thing the bot places or rewrites, in any chat or in this one; what is passed over is kept for
        whoever asks for it."""

        def found() -> Posted | None:
            return next((posted for posted in self.space.posts if chat in ("", posted.chat)), None)

        async with self.space.news, asyncio.timeout(within):
            await self.space.news.wait_for(found)
        posted = found()
        assert posted is not None
        self.space.posts.remove(posted)
        return posted

    def standing(self, chat: str = "") -> list[Posted]:
        return self.space.standing(chat)

    @contextlib.asynccontextmanager
    async def outage(self, *, refused: bool = False) -> AsyncIterator[None]:
        """Nothing of Feishu answers while this lasts: every link breaks, calls get 503 or, if `refused`, no
        connection. People go on talking; what they say comes when it is over."""
        self.down = True
        if refused:
            await self.close_door()
        for socket in [*self.sockets, *self._dead]:
            self.hang_up(socket)
        try:
            yield
        finally:
            self.down = False
            if refused:
                await self.open_door()

    # inside ----------------------------------------------------------------------------------------------------

    def _hears(self, room: Chat, user: User, addressed: bool) -> bool:
        """Whether the bot's scopes let it see what this person says here; other bots only if it asked for them."""
        if not self.space.in_chat(room) or self.disabled:
            return False
        if user.is_bot:
            return addressed and WITH_BOTS in self.granted
        if room.kind == "p2p":
            return bool(self.granted & P2P)
        return bool(self.granted & ALL) or (addressed and bool(self.granted & AT))

    def _typed(self, text: str, kind: str, named: list[str]) -> Json:
        """What the client sends for what was typed."""

        def key(mark: re.Match[str]) -> str:
            return f"@_user_{named.index(mark[1]) + 1}" if mark[1] in named else f"@_{mark[1]}"

        if kind != "post":
            return {"text": PLACEHOLDER.sub(key, text)}
        lines: list[list[Json]] = []
        for line in text.split("\n"):
            parts: list[Json] = []
            at = 0
            for mark in PLACEHOLDER.finditer(line):
                if line[at : mark.start()]:
                    parts.append({"tag": "text", "text": line[at : mark.start()], "style": []})
                name = self.space.users[mark[1]].name if mark[1] in named else ""
                parts.append({"tag": "at", "user_id": key(mark), "user_name": name, "style": []})
                at = mark.end()
            if line[at:]:
                parts.append({"tag": "text", "text": line[at:], "style": []})
            lines.append(parts)
        return {"title": "", "content": lines}

    def _mention(self, number: int, user: str) -> Json:
        known = self.space.users[user]
        return {
            "key": f"@_user_{number}",
            "id": self._ids(user),
            "name": known.name,
            "mentioned_type": "bot" if known.is_bot else "user",
            "tenant_key": known.tenant_key,
        }

    def _hang(self, room: Chat, message: Message, thread: str, quote: str) -> None:
        """In a thread every reply's parent is the root; a quote points at what it quotes."""
        target = room.messages.get(thread or quote)
        if target is None:
            if room.topical:
                self.space.thread_of(message)
            return
        root = self.space.root_of(target)
        message.root, message.parent = root.id, target.id
        if thread or target.thread or room.topical:
            message.thread, message.parent = self.space.thread_of(root), root.id

    def _received(self, room: Chat, message: Message) -> Json:
        user = self.space.users[message.sender]
        told: Json = {
            "message_id": message.id,
            "create_time": str(int(message.created * 1000)),
            "update_time": str(int(message.created * 1000)),
            "chat_id": room.id,
            "chat_type": "p2p" if room.kind == "p2p" else "group",
            "message_type": message.kind,
            "content": json.dumps(message.content, ensure_ascii=False),
        }
        for key, value in (("root_id", message.root), ("parent_id", message.parent), ("thread_id", message.thread)):
            if value:
                told[key] = value
        if message.mentions:
            told["mentions"] = message.mentions
        sender = {
            "sender_id": self._ids(message.sender),
            "sender_type": "app" if user.is_bot else "user",
            "tenant_key": user.tenant_key,
        }
        return {"sender": sender, "message": told}

    def _users(self, user: str) -> Json:
        known = self.space.users[user]
        return {"users": [{"name": known.name, "tenant_key": known.tenant_key, "user_id": self._ids(user)}]}

    def _membership(self, type: str, chat: str, by: str, more: Json | None = None) -> None:
        name = self.space.chats[chat].name
        self._told(type, chat, by, {"name": name, "i18n_names": {"zh_cn": name, "en_us": name}, **(more or {})})

    def _told(self, type: str, chat: str, by: str, more: Json) -> None:
        event = {
            "chat_id": chat,
            "operator_id": self._ids(by),
            "external": self.space.chats[chat].external,
            "operator_tenant_key": self.space.users[by].tenant_key,
            **more,
        }
        self.spawn(self.event(type, event))
