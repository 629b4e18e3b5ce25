"""A Post → the bodies of Feishu's calls. Pure.

A post is one card as long as it fits; what does not fit of its text follows in further messages of the same
thread, each beginning with the label. The first has the quotes and the buttons. Each carries a `uuid` made of the
post's key and its own number: within an hour Feishu places a uuid once, whatever became of the answers (peers.md
F27).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from adapters.feishu import cards
from adapters.model import Card, Form, Person, Post, Press, Thread
from adapters.text import parse, plain, split

Json = dict[str, Any]

CARD = 24_000  # bytes of one card; Feishu refuses from 30 KB of content (230025), which it counts its own way
BELOW = CARD // 2  # bytes of it for what stands below the text
QUOTES, ROOM, LEAST_ROOM = 10, 3_000, 200  # quotes; characters they have together, and the notes a third of it
PIECE = 6_000  # characters of text in one card, before what they weigh is known
SMALLEST = 200


def messages(post: Post, thread: Thread) -> list[Json]:
    """The cards to send, in order, as JSON 2.0; each fits, whatever its text weighs once it is written in the
    card's Markdown: Chinese takes three bytes a character, and one that had to be escaped five."""
    links = post.card.addresses
    below = around(post.card, thread)
    size = PIECE
    while True:
        first, *rest = split(post.card.text, size)
        whole = [_first(post, links, first, below)]
        whole += [_further(post, links, piece, number) for number, piece in enumerate(rest, 2)]
        if size <= SMALLEST or all(weight(body) <= CARD for body in whole):
            return whole
        size = max(size * 2 // 3, SMALLEST)


def _first(post: Post, links: Sequence[str], piece: str, below: Sequence[Json]) -> Json:
    words = cards.text(piece, links=links, mention=post.mention)
    summary = _summary(post.card, piece, title=True)
    return cards.card(post.card, [*words, *below], title=True, summary=summary, mark=mark(post.key, 1))


def _further(post: Post, links: Sequence[str], piece: str, number: int) -> Json:
    summary = _summary(post.card, piece, title=False)
    words = cards.text(piece, links=links)
    return cards.card(post.card, words, title=False, summary=summary, mark=mark(post.key, number))


def weight(body: Json | Sequence[Json]) -> int:
    """Bytes, as the content of a message."""
    return len(cards.encoded(body).encode())


def around(shown: Card, thread: Thread) -> list[Json]:
    """What stands below the text: quotes, small print, buttons. What was imported may weigh anything; it is cut
    shorter, and in the end there are fewer quotes, until half of the card is left to the text."""
    quotes, room = shown.quotes[:QUOTES], ROOM
    while True:
        share = room // len(quotes) if quotes else 0
        below = [
            *(element for quote in quotes for element in cards.quote(quote, share)),
            *cards.small_print(shown.notes, room // 3),
            *cards.actions(shown.buttons, place(thread)),
        ]
        if weight(below) <= BELOW or (room <= LEAST_ROOM and not quotes):
            return below
        if room > LEAST_ROOM:
            room = max(room * 2 // 3, LEAST_ROOM)
        else:
            quotes = quotes[:-1]


def place(thread: Thread) -> dict[str, str]:
    """What a button has to bring back to know where its card stands."""
    return {"chat": thread.chat, "root": thread.root}


def _summary(shown: Card, piece: str, *, title: bool) -> str:
    """For notifications and the list of chats, label first."""
    lines = (shown.label, shown.title if title else "", plain(parse(piece)))
    return " ".join(" ".join(line.split()) for line in lines if line)


def uuid(key: str, thread: Thread, number: int) -> str:
    """The same for every attempt to say part `number` of a post here (at most 50 characters)."""
    return hashlib.sha256(f"{key}\n{thread.chat}\n{number}".encode()).hexdigest()[:40]


def mark(key: str, number: int) -> str:
    """What a card is recognised by when it is read back: the id of its first element (at most 20 characters). It
    also tells other programs that a machine wrote this (GB 45438-2025, AI Act Art. 50(2))."""
    return f"ai_{hashlib.sha256(key.encode()).hexdigest()[:12]}_{number}"


def marks_in(shown: Any) -> frozenset[str]:
    """The marks of a card that was read back."""
    body = shown.get("body") if isinstance(shown, dict) else None
    elements = body.get("elements") if isinstance(body, dict) else None
    found = (element.get("element_id") for element in elements or () if isinstance(element, dict))
    return frozenset(id for id in found if isinstance(id, str))


def form(shown: Form, press: Press, people: Sequence[Person]) -> Json:
    """The card of a form that was opened by a press."""
    about = {**place(press.thread), "message": press.message_id}
    return cards.form(shown, about, people)
