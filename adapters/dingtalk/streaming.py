"""A long answer that appears while it is read: `card/streaming`. Off unless asked for.

It is a paid permission and needs a template whose `content` may stream; where either is missing the card is filled
at once instead. Whatever happens, a card that was begun ends whole and finished: one that is never finalised spins
before its reader for ever (peers.md D13). The text is sent in full each time, some way apart, as the platform
allows few calls a second for all cards of an app together (D12).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from typing import Any

from adapters.dingtalk import cards
from adapters.dingtalk.calls import Calls
from adapters.errors import AdapterError, Rejected, Unauthorised
from adapters.text import split

Json = dict[str, Any]

FINISHED = "3"  # the state of a card that is written by stream, which the platform keeps beside its variables
LONG = 800  # characters; shorter ones are there at once anyway
PIECE = 400
PACE = 0.6  # seconds between two updates
LAST_WORDS = 2.0  # seconds an end waits for a card to be made whole

log = logging.getLogger("adapters.dingtalk")


class Streamer:
    def __init__(self, calls: Calls, *, pace: float = PACE) -> None:
        self._calls = calls
        self._pace = pace
        self._available = True

    def wants(self, body: Json) -> bool:
        return self._available and len(cards.params_of(body)["content"]) >= LONG

    def opening(self, body: Json) -> Json:
        """The card as it is created: with the beginning of its text, which has the label, and without buttons."""
        params = cards.params_of(body)
        first = _pieces(params["content"])[0]
        return {**body, "cardData": {"cardParamMap": {**params, "content": first, "buttons": "[]"}}}

    async def fill(self, body: Json) -> None:
        """Raises if the card could not be made whole."""
        name, content = str(body["outTrackId"]), cards.params_of(body)["content"]
        shown = ""
        refused: AdapterError | None = None
        try:
            for piece in _pieces(content)[:-1]:
                shown = f"{shown}\n\n{piece}" if shown else piece
                await self._write(name, shown, last=False)
                await asyncio.sleep(self._pace)
        except AdapterError as error:
            refused = error
        except asyncio.CancelledError:  # we are stopped; what is begun is ended all the same, if that is quick
            with suppress(AdapterError, TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await self.finish(body)
            raise
        await self.finish(body)  # what was begun before the refusal must be ended, too
        if isinstance(refused, Rejected | Unauthorised):
            self._available = False
            log.warning("dingtalk: cards are not streamed any more: %s", refused)

    async def finish(self, body: Json) -> None:
        """End a stream, whether there is one or not, and let the card be what it is to be. May be repeated."""
        name, params = str(body["outTrackId"]), cards.params_of(body)
        if self._available:
            with suppress(AdapterError):
                await self._write(name, params["content"], last=True)
        whole = cards.update(name, {**params, "flowStatus": FINISHED})  # with its buttons; at work no longer
        await self._calls.new("PUT", "card/instances", whole)

    async def _write(self, name: str, content: str, *, last: bool) -> None:
        body = {
            "outTrackId": name,
            "guid": secrets.token_hex(16),
            "key": "content",
            "content": content,
            "isFull": True,
            "isFinalize": last,
            "isError": False,
        }
        await self._calls.new("PUT", "card/streaming", body)


def _pieces(text: str) -> list[str]:
    return split(text, PIECE)
