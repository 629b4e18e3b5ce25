"""A DingTalk organisation in memory: people, conversations, cards, and what stands where."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]
BOT_NAME = "understudy"


class User(Struct):
    """A member of the organisation, or somebody from outside: those have no staffId, so no robot can write to
    them."""

    staff_id: str
    name: str
    union_id: str
    dingtalk_id: str  # the encrypted id, good for one app only
    external: bool = False
    left: bool = False
    admin: bool = False
    mobile: str = ""

    @property
    def card_id(self) -> str:
        """What a card knows its reader by; that of somebody from outside is assumed, and no staffId in any case."""
        return self.dingtalk_id if self.external else self.staff_id


class Chat(Struct):
    """`id` is the openConversationId. `scene`: made from a group template, or with our cool app in it; of any other
    group DingTalk tells an app nothing."""

    id: str
    name: str = ""
    members: list[str] = field(default_factory=list)
    direct: bool = False
    bot: bool = True
    scene: bool = True
    public: bool = False  # may be found and joined by everybody in the organisation
    messages: dict[str, Json] = field(default_factory=dict)  # by msgId: what a quotation shows of it
    posts: dict[str, Posted] = field(default_factory=dict)  # what stands of the bot


class Button(Struct, frozen=True):
    """What a reader can press: an address in a message (`inline` if it is a link in the text), or a button of a
    card, which sends its `id` and `params`."""

    text: str
    url: str = ""
    id: str = ""
    params: Json = field(default_factory=dict)
    inline: bool = False
    disabled: bool = False


class Posted(Struct, frozen=True):
    """Something the bot placed, or a card as it is after a change.

    `how`: `webhook`, `group`, `oto` or `card`; `text` as it was sent, `shown` as it is read; `mentions`: the
    staffIds of those whom it really notified, `@all` for everybody; `links`: whatever can be opened by a press,
    dtmd links among them.
    """

    id: str
    how: str
    chat: str
    text: str
    shown: str
    title: str = ""
    buttons: tuple[Button, ...] = ()
    links: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    out_track_id: str = ""
    raw: Json = field(default_factory=dict)


class Card(Struct):
    """A card instance. `private` is what one person sees beside the rest; `carriers` are the places where it
    stands, as (chat id, id of the post there)."""

    out_track_id: str
    template: str
    params: dict[str, str]
    callback: str
    models: frozenset[str]  # the spaces it was made for
    private: dict[str, dict[str, str]] = field(default_factory=dict)  # by userId
    carriers: list[tuple[str, str]] = field(default_factory=list)
    mentions: tuple[str, ...] = ()
    guids: set[str] = field(default_factory=set)
    streaming: bool = False
    finished: bool = False


class Template(Struct):
    """A template of the card console, as deploy/dingtalk/card.md has it built: `content` is Markdown and streams,
    `buttons` a list of buttons, and a form is shown to whom the private variable `form` is set for."""

    id: str
    published: bool = True
    streams: frozenset[str] = frozenset({"content"})


class Organisation:
    """The state; `clock` gives times in seconds since 1970."""

    corp = "dingcorpfixture"
    elsewhere = "dingcorpelsewhere"  # that of people from outside
    bot_user = "$:LWCP_v1:$Ym90"  # chatbotUserId: the bot's own encrypted id

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.users: dict[str, User] = {}
        self.chats: dict[str, Chat] = {}
        self.cards: dict[str, Card] = {}
        self.templates: dict[str, Template] = {}
        self.emotions: list[tuple[str, str]] = []  # (msgId, name) of the reactions that stand
        self.posts: list[Posted] = []  # placed and not yet looked at
        self.offline_notices: list[str] = []  # msgIds whose senders were told that the robot is away
        self.news = asyncio.Event()
        self._count = 0

    def add_user(self, id: str, name: str, *, union_id: str = "", **more: Any) -> str:
        secret = base64.b64encode(hashlib.sha256(id.encode()).digest()[:12]).decode()
        self.users[id] = User(id, name, union_id or f"union_{id}", f"$:LWCP_v1:${secret}", **more)
        return id

    def add_chat(self, id: str, name: str, members: list[str], **more: Any) -> Chat:
        self.chats[id] = Chat(id, name, list(members), **more)
        return self.chats[id]

    def direct(self, user: str) -> Chat:
        """The conversation between the bot and somebody."""
        id = f"cidDM{user}=="
        return self.chats.get(id) or self.add_chat(id, "", [user], direct=True)

    def corp_of(self, user: User) -> str:
        return self.elsewhere if user.external else self.corp

    def members_named(self, chat: Chat) -> dict[str, str]:
        """Name by staffId, of those who have one."""
        known = [self.users[id] for id in chat.members if id in self.users]
        return {user.staff_id: user.name for user in known if not user.external}

    def next_id(self, prefix: str = "msg") -> str:
        self._count += 1
        return f"{prefix}{self._count:08d}=="

    def millis(self) -> int:
        return int(self.clock() * 1000)

    def show(self, posted: Posted) -> None:
        """It stands in its chat now, in the place of what had its id."""
        chat = self.chats[posted.chat]
        chat.posts[posted.id] = posted
        kind = "interactiveCard" if posted.out_track_id else "markdown"
        chat.messages[posted.id] = {
            "msgType": kind,
            "senderId": self.bot_user,
            "text": "",
        }  # a quote shows no words
        self.posts.append(posted)
        self.news.set()

    def recall(self, chat: Chat, id: str) -> bool:
        return chat.posts.pop(id, None) is not None
