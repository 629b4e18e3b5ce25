"""A Post → the bodies of Slack's calls. Pure.

A card is one message as long as it fits; what does not fit of its text follows in further messages of the same
thread. The first has the quotes and the buttons. Each carries the post's key and its own number in its metadata,
where nobody sees them: that is how a look at the thread settles whether a post stands there, and how what a machine
wrote is marked as such for other programs (GB 45438-2025, AI Act Art. 50(2)).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from adapters.model import Card, Form, Post, Press
from adapters.slack import blocks
from adapters.text import clip, escape_mrkdwn, mute, parse, plain, split

Json = dict[str, Any]

EVENT_TYPE = "understudy_ai"
MESSAGE = 12_000  # characters in all blocks; Slack refuses from about 13,200 (`msg_blocks_too_long`, peers.md S11)
FALLBACK = 3_500  # `text` beside the blocks; chat.update refuses more than 4,000 although chat.postMessage does not
QUOTES, QUOTE_ROOM, NOTES_ROOM = 10, 4_500, 1_000


def messages(post: Post) -> list[Json]:
    """What to send, in order: each body lacks only its channel and thread."""
    card = post.card
    links = card.addresses
    below = around(card)
    first, rest = _divide(card.text, MESSAGE - _length(below))
    parts = [
        _message(post, 1, [*_head(card), *blocks.body(first, links=links, mention=post.mention), *below], first)
    ]
    for number, text in enumerate(rest, 2):
        above = [blocks.label(card.label)] if card.label else []
        parts.append(_message(post, number, [*above, *blocks.body(text, links=links)], text))
    for part in parts:
        part["metadata"]["event_payload"]["of"] = len(parts)
    return parts


def for_update(part: Json) -> Json:
    """What chat.update takes of a body: never without blocks, which it would remove."""
    return {name: part[name] for name in ("text", "blocks", "metadata", "parse", "link_names")}


def _divide(text: str, room: int) -> tuple[str, Sequence[str]]:
    first, *rest = split(text, room)
    return first, split("\n\n".join(rest), MESSAGE - 500) if rest else ()


def _head(card: Card) -> list[Json]:
    """The label is the first thing anyone reads: it is never left out, whatever else is (rights.md C2)."""
    return [
        *([blocks.label(card.label)] if card.label else []),
        *([blocks.header(card.title)] if card.title else []),
    ]


def around(card: Card) -> list[Json]:
    """What stands below the text: quotes, small print, buttons."""
    quotes = card.quotes[:QUOTES]
    room = QUOTE_ROOM // len(quotes) if quotes else 0
    shown = [block for quote in quotes for block in blocks.quote(quote, room)]
    if card.notes:
        shown.append(blocks.small_print(card.notes, NOTES_ROOM))
    if card.buttons:
        shown.append(blocks.actions(card.buttons))
    return shown


def _message(post: Post, number: int, shown: list[Json], text: str) -> Json:
    return {
        "text": _fallback(post, text, number),
        "blocks": shown,
        "parse": "none",
        "link_names": False,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": post.key, "part": number}},
    }


def _fallback(post: Post, text: str, number: int) -> str:
    """For notifications and screen readers, label first; an empty one is a blank notification (peers.md S12)."""
    card = post.card
    lines = [card.label, card.title if number == 1 else "", mute(plain(parse(text)))]
    if number == 1:
        lines += [f"“{quote.text}” — {quote.author}, {quote.when}" for quote in card.quotes]
    shown = escape_mrkdwn(mute("\n".join(line for line in lines if line)))
    calls = "".join(f" <@{person.id}>" for person in post.mention) if number == 1 else ""
    return clip(shown, FALLBACK - len(calls)) + calls or "…"


def _length(shown: Iterable[Json]) -> int:
    """The characters that count: every string under a `text` key."""
    return sum(_count(block) for block in shown)


def _count(node: Any) -> int:
    if isinstance(node, list):
        return sum(_count(child) for child in node)
    if not isinstance(node, dict):
        return 0
    return sum(len(v) if k == "text" and isinstance(v, str) else _count(v) for k, v in node.items())


def modal(form: Form, press: Press) -> Json:
    """The form a press opens; what it is about rides along and comes back when it is submitted."""
    about = {
        "action": form.action,
        "value": form.value,
        "chat": press.thread.chat,
        "root": press.thread.root,
        "message": press.message_id,
    }
    return blocks.view(form, json.dumps(about, separators=(",", ":")))


def part_of(message: Json, key: str) -> tuple[int, int]:
    """Which part of the post with this key a message of ours is, and of how many; (0, 0) if none."""
    metadata = message.get("metadata") or {}
    carried = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE or carried.get("key") != key:
        return 0, 0
    return int(carried.get("part", 1)), int(carried.get("of", 1))
