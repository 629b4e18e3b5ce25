"""Which entries of a Slack day file are somebody saying something: pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

SPOKEN = (None, "", "file_share", "thread_broadcast", "reply_broadcast", "me_message")
"""Subtypes in which a person speaks; all others are listed at https://docs.slack.dev/reference/events/message/."""

_TS = re.compile(r"\d{1,10}\.\d{1,6}")
_CLIENT_ID = re.compile(r"[^\s/#\x00-\x1f\x7f]{1,120}")  # never like `channel/ts` or a piece `#1` of something else


class Line(Struct, gc=False):
    """What a person said, before it is known whether anybody needs it; of the message only what holds its words."""

    ts: str
    seconds: float
    user: str
    root: str  # ts of the thread's first message, "" if it does not say
    client_id: str
    edited: bool
    words: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.ts

    @property
    def who(self) -> str:
        return self.user

    @property
    def length(self) -> int:
        return len(self.words.get("text") or "")


def parse(message: Any, bots: Collection[str]) -> Line | str:
    """The line, or the reason why it is none."""
    if not isinstance(message, dict):
        return "malformed"
    reason = _unspoken(message, bots)
    if reason:
        return reason
    ts = message.get("ts")
    if not isinstance(ts, str) or not _TS.fullmatch(ts):
        return "BAD_TIME"
    root, client_id, text = message.get("thread_ts"), message.get("client_msg_id"), message.get("text")
    if isinstance(text, str) and text.strip():
        words = {"text": text}
    else:
        words = {key: message[key] for key in ("blocks", "attachments") if key in message}
    return Line(
        ts=ts,
        seconds=float(ts),
        user=message["user"],
        root=root if isinstance(root, str) and _TS.fullmatch(root) else "",
        client_id=client_id if isinstance(client_id, str) and _CLIENT_ID.fullmatch(client_id) else "",
        edited=bool(message.get("edited")),
        words=words,
    )


def _unspoken(message: Mapping[str, Any], bots: Collection[str]) -> str:
    """Why nobody said this: a machine did, Slack itself did, or it was taken back."""
    subtype, user = message.get("subtype"), message.get("user")
    if subtype in ("bot_message", "bot_add", "bot_remove") or message.get("bot_id"):
        return "bot"  # also where `user` or `username` is a colleague's: an app spoke, in whoever's name
    if subtype in ("tombstone", "message_deleted"):
        return "deleted"
    if message.get("hidden") is True or subtype == "message_changed":
        return "hidden"
    if subtype not in SPOKEN:
        return "system"
    if not isinstance(user, str) or not user:
        return "no_author"
    return "bot" if user in bots else ""
