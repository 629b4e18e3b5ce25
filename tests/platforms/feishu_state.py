"""A Feishu tenant in memory: people, chats, messages, card entities, and what the bot placed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from msgspec import Struct, field

from tests.platforms.feishu_reading import buttons, links, notified, shown

Json = dict[str, Any]


class User(Struct):
    """Somebody under the three ids Feishu has: open_id per app, union_id per developer, user_id per tenant."""

    open_id: str
    name: str
    union_id: str
    user_id: str
    tenant_key: str
    email: str = ""
    mobile: str = ""
    left: bool = False
    reachable: bool = True  # within the app's availability
    is_bot: bool = False

    @property
    def ids(self) -> Json:
        return {"open_id": self.open_id, "union_id": self.union_id, "user_id": "" if self.is_bot else self.user_id}


class Message(Struct):
    """`content` is decoded; `sender` an open_id, or the app's id for ours."""

    id: str
    chat: str
    sender: str
    kind: str
    content: Json
    created: float
    root: str = ""
    parent: str = ""
    thread: str = ""
    mentions: list[Json] = field(default_factory=list)
    updated: float = 0.0
    edits: int = 0
    recalled: bool = False
    card_id: str = ""
    reactions: dict[str, Json] = field(default_factory=dict)  # by reaction_id


class Chat(Struct):
    id: str
    name: str
    kind: str = "group"  # group | topic | p2p
    members: list[str] = field(default_factory=list)  # open_ids, the bot's among them
    topic_form: bool = False  # an ordinary group whose messages are shown as topics
    public: bool = False
    external: bool = False
    dissolved: bool = False
    muted: bool = False  # the bot may not speak
    threadless: bool = False  # replies in thread are refused
    messages: dict[str, Message] = field(default_factory=dict)  # by id, oldest first

    @property
    def topical(self) -> bool:
        """Every message that is no reply opens a topic."""
        return self.kind == "topic" or self.topic_form


class Entity(Struct):
    """A CardKit card: its JSON 2.0, the last sequence, and since when it streams (0 = it does not)."""

    id: str
    card: Json
    created: float
    sequence: int = 0
    streaming_since: float = 0.0
    message: str = ""


class Posted(Struct, frozen=True):
    """Something the bot placed, as it stands at that moment: `how` is the call (`im.message.reply` …)."""

    how: str
    chat: str
    message_id: str
    kind: str
    content: Json
    root: str = ""
    thread: str = ""
    parent: str = ""
    mentions: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    card_id: str = ""

    @property
    def card(self) -> Json:
        """The card's JSON, empty if it is none."""
        return self.content if self.kind == "interactive" else {}

    @property
    def shown(self) -> str:
        """Every word a reader sees, in order, one piece a line."""
        return "\n".join(shown(self.kind, self.content, self.names))

    @property
    def buttons(self) -> list[Json]:
        return buttons(self.content)

    @property
    def links(self) -> list[str]:
        """What can be clicked and leads away."""
        return links(self.kind, self.content)


class Space:
    """The state; `clock` gives the times."""

    bot_open_id = "ou_bot"
    tenant_key = "tenant_1"
    app_name = "understudy"

    def __init__(self, clock: Callable[[], float], app_id: str) -> None:
        self.clock = clock
        self.app_id = app_id
        self.users: dict[str, User] = {}
        self.chats: dict[str, Chat] = {}
        self.entities: dict[str, Entity] = {}
        self.foreign: set[str] = set()  # open_ids that belong to another app
        self.posts: list[Posted] = []  # placed and not yet looked at
        self.news = asyncio.Condition()
        self._ids = 0
        self.add_user(self.bot_open_id, self.app_name, is_bot=True)

    def next(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:08d}"

    def add_user(
        self,
        open_id: str,
        name: str,
        *,
        union_id: str = "",
        user_id: str = "",
        external: bool = False,
        **more: Any,
    ) -> str:
        tail = open_id.removeprefix("ou_")
        tenant = "tenant_2" if external else self.tenant_key
        ids = (union_id or f"on_{tail}", user_id or f"u_{tail}")
        self.users[open_id] = User(open_id, name, *ids, tenant_key=tenant, **more)
        return open_id

    def add_chat(self, id: str, name: str, members: list[str], **more: Any) -> Chat:
        self.chats[id] = Chat(id, name, members=list(members), **more)
        return self.chats[id]

    def direct(self, user: str) -> Chat:
        """The p2p chat between the bot and somebody."""
        id = f"oc_p2p_{user.removeprefix('ou_')}"
        return self.chats.get(id) or self.add_chat(id, "", [user, self.bot_open_id], kind="p2p")

    def find_user(self, id: str, kind: str = "open_id") -> User | None:
        return next((user for user in self.users.values() if id and getattr(user, kind, None) == id), None)

    def message(self, id: str) -> Message | None:
        return next((chat.messages[id] for chat in self.chats.values() if id in chat.messages), None)

    def in_chat(self, chat: Chat) -> bool:
        return self.bot_open_id in chat.members

    def keep(self, message: Message) -> Message:
        self.chats[message.chat].messages[message.id] = message
        return message

    def thread_of(self, root: Message) -> str:
        """The topic under a message, opened if there is none."""
        root.thread = root.thread or self.next("omt")
        return root.thread

    def root_of(self, message: Message) -> Message:
        return self.chats[message.chat].messages.get(message.root, message) if message.root else message

    def content_of(self, message: Message) -> Json:
        return self.entities[message.card_id].card if message.card_id else message.content

    def posted(self, how: str, message: Message) -> Posted:
        chat, content = self.chats[message.chat], deepcopy(self.content_of(message))
        named = notified(message.kind, content)
        real = tuple(id for id in named if id == "all" or id in chat.members)
        names = {user.open_id: user.name for user in self.users.values()}
        return Posted(
            how,
            message.chat,
            message.id,
            message.kind,
            content,
            message.root,
            message.thread,
            message.parent,
            real,
            names,
            message.card_id,
        )

    async def show(self, how: str, message: Message) -> None:
        self.posts.append(self.posted(how, message))
        async with self.news:
            self.news.notify_all()

    def standing(self, chat: str = "") -> list[Posted]:
        """Every message of ours that stands now, oldest first."""
        ours = [
            message
            for room in self.chats.values()
            for message in room.messages.values()
            if message.sender == self.app_id and not message.recalled and chat in ("", room.id)
        ]
        return [self.posted("", message) for message in sorted(ours, key=lambda m: m.id)]
