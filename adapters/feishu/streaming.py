"""A long answer that appears while it is read: CardKit's card entities. Off unless asked for, since an answer is
complete when it is posted.

What can go wrong, and what then (platforms.md 1.6, peers.md F20, F21): the scope is missing: posted whole, and
not tried again for a while. A sequence that does not grow is refused: one counter per card. Feishu ends a stream
after ten minutes, and a card that was not closed says for ever that it is being written: whatever happens, it is
closed and complete at the end, if need be by rewriting the message.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import Any

from adapters.errors import AdapterError, Rejected
from adapters.feishu import cards, outbound
from adapters.feishu.calls import Calls
from adapters.feishu.failures import PLATFORM
from adapters.feishu.memory import remember
from adapters.feishu.rest import Rest
from adapters.model import Post, Receipt, Thread

Json = dict[str, Any]
Send = Callable[[Thread, str, str, int], Awaitable[str]]

LONG = 800  # characters; shorter ones are there at once anyway
PIECE = 400
REMEMBERED = 5_000  # posts


class Streamer:
    """`unfinished` are posts whose message may stand and not be complete: whoever says one again rewrites it."""

    def __init__(self, calls: Calls, ticks: Callable[[], float]) -> None:
        self._calls = calls
        self._rest = Rest(ticks)
        self.unfinished: dict[str, None] = {}

    async def say(self, thread: Thread, post: Post, send: Send) -> Receipt | None:
        """None: not streamed, nothing placed; post it."""
        if not self._rest.over() or len(post.card.text) < LONG:
            return None
        whole, *rest = outbound.messages(post, thread)
        if rest:
            return None
        text = whole["body"]["elements"][0]
        begun = _begun(whole)
        try:
            made = await self._calls.write(
                "POST", "cardkit/v1/cards", {"type": "card_json", "data": cards.encoded(begun)}
            )
        except AdapterError as error:
            self._rest.after(error)
            return None
        card_id = str((made.get("data") or {}).get("card_id") or "")
        content = json.dumps({"type": "card", "data": {"card_id": card_id}})
        # from here on a message may stand there, heard of or not: whatever happens, it must end up complete
        remember(self.unfinished, post.key, None, REMEMBERED)
        id = await send(thread, content, post.key, 1)
        card = _Entity(self._calls, card_id)
        try:
            await self._expect(id, card_id)
            for shown in _growing(text["content"]):
                await card.write(text["element_id"], shown)
            await card.close()
        except AdapterError as error:
            await self._complete(card, id, whole, error)
        self.unfinished.pop(post.key, None)
        return Receipt(id, thread)

    async def _expect(self, message_id: str, card_id: str) -> None:
        """The uuid may have led to a message of an earlier attempt, which has a card of its own."""
        answer = await self._calls.write("POST", "cardkit/v1/cards/id_convert", {"message_id": message_id})
        if (answer.get("data") or {}).get("card_id") != card_id:
            raise Rejected(PLATFORM, "the message has another card")

    async def _complete(self, card: _Entity, id: str, whole: Json, why: AdapterError) -> None:
        """By the card if it is ours and only hiccuped, else in place of whatever stands there."""
        if not isinstance(why, Rejected):
            with suppress(AdapterError):
                await card.replace(whole)
                return
        body = {"content": cards.encoded(whole)}
        await self._calls.write("PATCH", "im/v1/messages/:message_id", body, paths={"message_id": id})


class _Entity:
    """One card entity, with its counter."""

    def __init__(self, calls: Calls, id: str) -> None:
        self._calls = calls
        self._id = id
        self._sequence = 0

    async def write(self, element: str, content: str) -> None:
        """The whole text so far."""
        path = "cardkit/v1/cards/:card_id/elements/:element_id/content"
        await self._operate("PUT", path, {"content": content}, element_id=element)

    async def close(self) -> None:
        """Without the layer `config` the setting would be passed over in silence."""
        settings = json.dumps({"config": {"streaming_mode": False}})
        await self._operate("PATCH", "cardkit/v1/cards/:card_id/settings", {"settings": settings})

    async def replace(self, whole: Json) -> None:
        closed = {**whole, "config": {**whole["config"], "streaming_mode": False}}
        body = {"card": {"type": "card_json", "data": cards.encoded(closed)}}
        await self._operate("PUT", "cardkit/v1/cards/:card_id", body)

    async def _operate(self, verb: str, path: str, body: Json, **paths: str) -> None:
        self._sequence += 1
        about = {"sequence": self._sequence, "uuid": f"{self._id}-{self._sequence}"[:64]}
        await self._calls.write(verb, path, {**body, **about}, paths={"card_id": self._id, **paths})


def _begun(whole: Json) -> Json:
    """The card as it stands before the first word: with its label, and with what is below the text."""
    first, *rest = whole["body"]["elements"]
    config = {**whole["config"], "streaming_mode": True}
    return {**whole, "config": config, "body": {"elements": [{**first, "content": "…"}, *rest]}}


def _growing(content: str) -> Iterator[str]:
    """Ever longer beginnings of a text, each up to a blank, so that no escape and no mention is cut."""
    at = 0
    while at + PIECE < len(content):
        cut = content.find(" ", at + PIECE)
        line = content.find("\n", at + PIECE)
        ends = [end for end in (cut, line) if end > 0]
        if not ends or min(ends) >= len(content) - 1:
            break
        at = min(ends)
        if content.count("<at ", 0, at) == content.count("</at>", 0, at):
            yield content[:at]
    yield content
