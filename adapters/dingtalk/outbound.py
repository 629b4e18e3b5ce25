"""A Post → what is sent as Markdown messages. Pure.

A card is one message as long as it fits; what does not fit of its text follows in further messages, each with the
label, since no message may be read without it. Quotes, small print and buttons stand below the last, the nearest
place to the reader's thumb. DingTalk counts bytes, so a part is cut by what it weighs on the wire.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from adapters.dingtalk import buttons, markdown
from adapters.model import Card, Person, Post, Quote
from adapters.text import clip, mute, parse, plain, split

Json = dict[str, Any]

WEIGHT = 14_000  # bytes of one message's parameters; DingTalk takes 15,000
TITLE = 60  # characters of a push notification
QUOTES, QUOTE, QUOTE_ROOM, NOTES = 10, 450, 2_400, 600  # how many; characters of each, of all, of the small print


class Part(Struct, frozen=True):
    """One message. `title` is all that a push notification shows."""

    title: str
    text: str


def name(key: str) -> str:
    """What a post is called where DingTalk lets us name it: the same for ever, and nothing can be read off it."""
    return "u" + hashlib.sha256(key.encode()).hexdigest()[:24]


def parts(post: Post, calls: str, *, rich: bool = False, weight: int = WEIGHT) -> list[Part]:
    """The messages of a post, in order. `calls` is the line that names whom it is for."""
    card = post.card
    below = around(card, rich=rich)
    row = "" if rich or not card.buttons else buttons.row(card.buttons, name(post.key))
    head = [_label(card), f"**{_flat(card.title)}**" if card.title else "", calls]
    title = _preview(card)
    limit = weight // 2
    while True:
        texts = _texts(card, split(card.text, limit), head, [below, row], rich=rich)
        if limit <= 64 or all(weigh(Part(title, text)) <= weight for text in texts):
            return [Part(title, text) for text in texts]
        limit = limit * 3 // 4


def _preview(card: Card) -> str:
    """What a push notification shows: who speaks and what about, and nothing of what is said; it may be read by
    whoever sees the telephone."""
    lines = (card.label, card.title) if card.label or card.title else (card.text,)
    words = " ".join(mute(plain(parse(line))) for line in lines if line)
    return clip(" ".join(words.split()), TITLE) or "…"


def weigh(part: Part) -> int:
    """The bytes a part takes as the parameters of a message."""
    return len(param(part).encode())


def param(part: Part) -> str:
    """`msgParam`, which is a string of JSON and not JSON."""
    return json.dumps({"title": part.title, "text": part.text}, ensure_ascii=False)


def _texts(card: Card, pieces: Sequence[str], head: Sequence[str], tail: Sequence[str], *, rich: bool) -> list[str]:
    links = card.addresses
    last = len(pieces) - 1
    texts = []
    for number, piece in enumerate(pieces):
        above = head if number == 0 else head[:1]
        below = tail if number == last else ()
        shown = [*above, markdown.dialect(piece, links=links, rich=rich), *below]
        texts.append("\n\n".join(block for block in shown if block))
    return texts


def around(card: Card, *, rich: bool) -> str:
    """What stands below the text: quotes and small print."""
    quotes = card.quotes[:QUOTES]
    room = min(QUOTE, QUOTE_ROOM // len(quotes)) if quotes else 0
    shown = [_quote(quote, room, rich=rich) for quote in quotes]
    if card.notes:
        shown.append(markdown.lines(clip("\n".join(map(mute, card.notes)), NOTES), rich=rich))
    return "\n\n".join(shown)


def _quote(quote: Quote, room: int, *, rich: bool) -> str:
    source = ", ".join(part for part in (quote.author, quote.when) if part)
    place = _flat(quote.place)
    if quote.url.startswith(("https://", "http://")):
        place = markdown.link(mute(quote.place or quote.url), quote.url)
    words = markdown.lines(mute(clip(quote.text, room)), rich=rich)
    below = " · ".join(part for part in (f"— {_flat(source)}", place) if part)
    end = "" if rich else "  "
    return "\n".join([*("> " + line for line in (words + end).split("\n")), "> " + below])


def _label(card: Card) -> str:
    """The first thing anyone reads: it is never left out, whatever else is (rights.md C2)."""
    return f"**{_flat(card.label)}**" if card.label else ""


def _flat(text: str) -> str:
    return " ".join(markdown.escape(mute(text)).split())


# whom it is for ------------------------------------------------------------------------------------------------


def really(people: Sequence[Person]) -> tuple[str, Json]:
    """A line that notifies, and the field it needs beside it: an @ reaches somebody only if their staffId stands in
    the text and in the list (D8). Only a sessionWebhook takes it."""
    ids = [person.id for person in people]
    return " ".join(f"@{id}" for id in ids), {"atUserIds": ids, "isAtAll": False} if ids else {}


def by_name(people: Sequence[Person]) -> str:
    """What the robot API can do: the names stand there and nobody is notified."""
    return " ".join(f"**@{_flat(person.name or person.id)}**" for person in people)
