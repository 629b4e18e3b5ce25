"""Saying things as interactive cards, which have a name of our choosing: `outTrackId`.

Creating one again under the same name changes no data, but may deliver it once more; so before a repeat whose fate
is unknown we look whether the card is there, by a change that changes nothing. Where a card is refused for what it
is (the template is not published, the text too long for it), for a permission that is missing, or was made and not
delivered, the words go as a Markdown message: they are due all the same.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from adapters.dingtalk import cards, outbound
from adapters.dingtalk.addresses import is_outside
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.failures import PLATFORM, deliveries, undelivered_card
from adapters.dingtalk.quoting import Quoting
from adapters.dingtalk.sender import Fate, Sender
from adapters.dingtalk.sessions import Sessions
from adapters.dingtalk.streaming import Streamer
from adapters.errors import NotFound, Rejected, Unauthorised, Unreachable
from adapters.model import Post, Receipt, Thread
from adapters.protocol import Retracted

Json = dict[str, Any]

log = logging.getLogger("adapters.dingtalk")


class CardSender(Sender):
    """`template` is the id of a published card template made as deploy/dingtalk/card.md says."""

    def __init__(
        self,
        calls: Calls,
        sessions: Sessions,
        quoting: Quoting,
        robot: str,
        template: str,
        streamer: Streamer | None,
    ) -> None:
        super().__init__(calls, sessions, quoting, robot)
        self._template_id = template
        self._streamer = streamer

    async def find(self, key: str) -> str:
        """The id of the card with this key, or nothing. The last part has the key's own name and is placed last, so
        if it is there all are."""
        if self._streamer is not None:
            return ""  # it may have been cut off in the middle of its text: the repeat looks, and finishes it
        name = outbound.name(key)
        try:
            return name if await self._stands(name) else ""
        except Unauthorised:
            return ""  # no cards for us: what is said goes as messages, which cannot be found

    async def rewrite(self, receipt: Receipt, post: Post) -> Receipt:
        """A card keeps its place and its id. Raises NotFound if it is gone or never was a card, or if the new words
        do not fit into one."""
        body, *more = self._bodies(receipt.thread, post)
        if more:
            raise NotFound(PLATFORM, "the new text is too long for the card it should replace")
        await self._change(receipt.message_id, body)
        return receipt

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """A card cannot be recalled, but rewritten whenever; what went as a message is recalled."""
        (body, *_) = self._bodies(receipt.thread, marked)
        try:
            for name in (receipt.message_id, *receipt.also):
                await self._change(name, body)
        except NotFound:
            return await super().retract(receipt, marked)
        return "marked"

    async def _say(self, thread: Thread, post: Post) -> Receipt:
        if post.replaces:
            with suppress(NotFound, Unauthorised):  # gone, or never was a card: say it anew
                return await self.rewrite(Receipt(post.replaces, thread), post)
        if is_outside(thread):  # only a sessionWebhook reaches them
            return await super()._say(thread, post)
        try:
            receipt = await self._deal(thread, post)
        except (NotFound, Rejected, Unauthorised) as error:
            log.warning("dingtalk: a card was refused, its words go as a message: %s", error)
            return await super()._say(thread, post)
        if post.replaces:
            await self._take_back(Receipt(post.replaces, thread))
        return receipt

    async def _deal(self, thread: Thread, post: Post) -> Receipt:
        """Each part that does not stand yet."""
        bodies = self._bodies(thread, post)
        unsure = post.key in self._fates or len(bodies) > 1 or self._streamer is not None
        for body in bodies:
            name = str(body["outTrackId"])
            if unsure and await self._stands(name):
                if self._streamer is not None:  # it may have been cut off in the middle of its text
                    await self._streamer.finish(body)
                continue
            try:
                await self._create(body)
            except Unreachable as error:
                if error.placed:
                    self._keep(post.key, Fate())
                raise
        *rest, last = (str(body["outTrackId"]) for body in bodies)
        return Receipt(last, thread, tuple(rest))

    async def _create(self, body: Json) -> None:
        streamed = self._streamer is not None and self._streamer.wants(body)
        shown = self._streamer.opening(body) if self._streamer is not None and streamed else body
        answer = await self._calls.new("POST", "card/instances/createAndDeliver", shown)
        error = undelivered_card(answer)
        if error is not None:
            raise error
        for one in deliveries(answer):
            self._quoting.call(str(one.get("carrierId") or ""), str(body["outTrackId"]))
        if self._streamer is not None and streamed:
            await self._streamer.fill(body)

    async def _change(self, name: str, body: Json) -> None:
        try:
            await self._calls.new("PUT", "card/instances", cards.update(name, cards.params_of(body)))
        except Rejected as error:
            raise NotFound(PLATFORM, f"a card cannot be rewritten · {error.code}") from None

    async def _stands(self, name: str) -> bool:
        try:
            await self._calls.new("PUT", "card/instances", cards.look(name))
        except (NotFound, Rejected):
            return False
        return True

    def _bodies(self, thread: Thread, post: Post) -> list[Json]:
        return cards.bodies(post, thread, robot=self._robot, template=self._template_id)
