"""One line of the chat as the page shows it: what a person said, a card of ours, or a message of the past."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from adapters.model import Card


class Line(Struct, frozen=True):
    """One message of the exported history. `id` is its Slack-like timestamp (`1700000000.000100`), by which
    `/archives/{room}/p1700000000000100` finds it; `root` is the id of the message it answers to."""

    room: str
    id: str
    author_name: str
    at: datetime
    text: str
    author: str = ""  # a member's id where the author is one of the team
    root: str = ""


class Body(Struct, frozen=True):
    """What is kept of an entry as one value: either `text` or `card` is given."""

    text: str = ""
    author_name: str = ""  # only of the past: who wrote it may no longer be in the team
    card: Card | None = None
    mentions: tuple[str, ...] = ()
    command: bool = False


class Entry(Struct, frozen=True):
    """An entry with everything the page needs. `author` is "" for the bot (and for strangers of the past)."""

    seq: int  # order of arrival: what is unread
    id: str  # order in the room, and the message id the bot knows
    chat: str
    root: str
    author: str
    at: datetime
    kind: str  # "said" | "card" | "past" | "gone"
    body: Body
    only_for: str
    edited: bool
    pending: bool  # typed, but not confirmed by the bot yet: nobody sees it
    change: int  # order of the last change: what a page that was away has missed
    replies: int = 0
    last_reply: str = ""
    repliers: tuple[str, ...] = ()


def stamp(micros: int) -> str:
    """Microseconds since 1970 → an id like Slack's."""
    return f"{micros // 1_000_000:010d}.{micros % 1_000_000:06d}"


def micros(stamp: str) -> int:
    """The reverse of stamp()."""
    return int(stamp.replace(".", ""))
