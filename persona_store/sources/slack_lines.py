"""Which entries of a Slack day file are somebody saying something, and what belongs together: pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct

SPOKEN = (None, "", "file_share", "thread_broadcast", "reply_broadcast", "me_message")
"""Subtypes in which a person speaks; all others are listed at https://docs.slack.dev/reference/events/message/."""

GAP = 20 * 60.0
"""Seconds of silence after which what is said in a channel, outside of threads, is another episode."""

LONGEST = 40
"""Messages after which an episode ends even so: a busy channel never falls silent, and context must stay near."""

POST = 60
"""Characters from which on a message says something by itself, rather than being a line of a conversation."""

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


def threads(lines: Sequence[Line]) -> dict[str, str]:
    """For each ts of a conversation, in order of time, the ts that names its thread or episode.

    Most teams answer below each other without opening a thread. Such messages form an episode until it falls
    silent; it is named by its first message, so a later export of the same channel names it the same. What one
    person posts at length, post after post with nobody answering, is no dialogue: each post stands alone.
    """
    opened = {line.root for line in lines}
    found: dict[str, str] = {}
    start, count, last, alone = "", 0, 0.0, ""
    for line in lines:
        if line.root or line.ts in opened:
            found[line.ts] = line.root or line.ts
            continue
        post = line.user if len(line.words.get("text") or "") >= POST else ""
        if not start or line.seconds - last > GAP or count >= LONGEST or (post and post == alone):
            start, count, alone = line.ts, 0, post
        elif post != alone:
            alone = ""
        found[line.ts], count, last = start, count + 1, line.seconds
    return found
