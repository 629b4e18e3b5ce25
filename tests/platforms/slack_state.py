"""A Slack workspace in memory: people, channels, messages, views, and the limits Slack holds messages to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]


class Channel(Struct):
    id: str
    name: str
    kind: str = "channel"  # channel | group | mpim | im
    members: list[str] = field(default_factory=list)
    messages: dict[str, Json] = field(default_factory=dict)  # by ts
    archived: bool = False
    ext_shared: bool = False


class Posted(Struct, frozen=True):
    """Something the bot placed: `how` is the Web API method."""

    how: str
    channel: str
    ts: str
    text: str
    blocks: list[Json]
    thread: str = ""
    user: str = ""  # the only reader of an ephemeral
    metadata: Json = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Every word a reader sees in the blocks (the text is only the notification's), in order."""
        return "\n".join(words(self.blocks)) or self.text

    @property
    def buttons(self) -> list[Json]:
        return [e for b in self.blocks if b["type"] == "actions" for e in b["elements"]]


def words(node: Any) -> list[str]:
    """The texts inside blocks, whatever their nesting."""
    if isinstance(node, list):
        return [text for child in node for text in words(child)]
    if not isinstance(node, dict):
        return []
    if node.get("type") == "user":
        return [f"<@{node['user_id']}>"]
    if node.get("type") == "rich_text_section":
        return ["".join(words(node["elements"]))]
    if isinstance(node.get("text"), str):
        return [node["text"]]
    return words([node[key] for key in ("text", "elements", "fields") if key in node])


class Workspace:
    """The state; `clock` gives timestamps, which are unique and rise as Slack's do."""

    team = "T1"
    enterprise = ""
    app = "A1"
    bot_user = "U0BOT"
    bot = "B0BOT"

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last_ts = 0
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.views: list[Json] = []
        self.opened = asyncio.Condition()
        self.ephemerals: list[Posted] = []
        self.streams: set[str] = set()
        self.posts: list[Posted] = []  # placed and not yet looked at
        self.news = asyncio.Event()
        self.statuses: list[Json] = []
        self.add_user(self.bot_user, "understudy", is_bot=True)

    def add_user(self, id: str, name: str, **profile: Any) -> str:
        self.users[id] = {
            "id": id,
            "team_id": self.team,
            "name": name.lower(),
            "real_name": name,
            "profile": {"display_name": name, "real_name": name},
            "tz": "Europe/Berlin",
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            **profile,
        }
        return id

    def add_channel(self, id: str, name: str, members: list[str], **more: Any) -> Channel:
        self.channels[id] = Channel(id, name, members=list(members), **more)
        return self.channels[id]

    def direct(self, user: str) -> Channel:
        """The DM between the bot and somebody."""
        id = f"D{user[1:]}"
        return self.channels.get(id) or self.add_channel(id, "", [user, self.bot_user], kind="im")

    def ts(self) -> str:
        micro = max(int(self._clock() * 1_000_000), self._last_ts + 1)
        self._last_ts = micro
        return f"{micro // 1_000_000}.{micro % 1_000_000:06d}"

    def keep(self, channel: Channel, message: Json) -> Json:
        channel.messages[message["ts"]] = message
        return message

    def show(self, posted: Posted) -> None:
        self.posts.append(posted)
        self.news.set()


def fault_of(body: Json, *, update: bool = False) -> str:
    """The error Slack would answer for a message's content, or nothing (docs.slack.dev/reference/block-kit/blocks;
    the last three are from the field)."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if not text and not blocks:
        return "no_text"
    if len(text) > (4000 if update else 40000):
        return "msg_too_long"
    if len(blocks) > 50 or any(_bad(block) for block in blocks):
        return "invalid_blocks"
    if sum(len(text) for text in words(blocks)) > 13200:
        return "msg_blocks_too_long"
    ids = [b["block_id"] for b in blocks if "block_id" in b]
    return "invalid_blocks" if len(ids) != len(set(ids)) else ""


def _bad(block: Json) -> bool:
    kind = block.get("type")
    if kind == "header":
        return block["text"]["type"] != "plain_text" or not 0 < len(block["text"]["text"]) <= 150
    if kind == "section":
        return not 0 < len(block["text"]["text"]) <= 3000
    if kind == "context":
        return not 0 < len(block["elements"]) <= 10 or any(
            not 0 < len(e["text"]) <= 2000 for e in block["elements"]
        )
    if kind == "actions":
        ids = [e["action_id"] for e in block["elements"]]
        return not 0 < len(ids) <= 25 or len(ids) != len(set(ids)) or any(_bad_button(e) for e in block["elements"])
    if kind == "rich_text":
        return not block["elements"] or any(_bad_rich(element) for element in block["elements"])
    return kind not in ("divider",)


def _bad_button(element: Json) -> bool:
    return (
        element["type"] != "button"
        or not 0 < len(element["text"]["text"]) <= 75
        or len(element.get("value", "")) > 2000
        or len(element["action_id"]) > 255
        or element.get("style", "primary") not in ("primary", "danger")
        or element.get("value") == ""
    )


def _bad_rich(element: Json) -> bool:
    if element["type"] == "rich_text_list":
        return element["style"] not in ("bullet", "ordered") or any(_bad_rich(e) for e in element["elements"])
    if element["type"] not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        return True
    return any(
        e["type"] not in ("text", "link", "user") or (e["type"] == "text" and not e["text"])
        for e in element["elements"]
    )


def bad_view(view: Json) -> str:
    """The error of views.open for this view, or nothing."""
    for key in ("title", "submit", "close"):
        if not 0 < len(view[key]["text"]) <= 24:
            return "invalid_arguments"
    if len(view.get("private_metadata", "")) > 3000 or not view.get("callback_id"):
        return "invalid_arguments"
    for block in view["blocks"]:
        element = block["element"]
        if (
            element["type"] not in ("plain_text_input", "users_select")
            or len(element.get("initial_value", "")) > 3000
        ):
            return "invalid_arguments"
        if len(element.get("placeholder", {}).get("text", "")) > 150 or len(block["label"]["text"]) > 2000:
            return "invalid_arguments"
    return ""
