"""Saying things in DingTalk, and only once as far as it lets anyone know.

Without a card there is no key that makes a repeat harmless and no call that looks at a chat. What stands in for it:
within one process a key that was placed is remembered; parts that were placed before a failure are not placed
again; and a send whose fate is unknown is told as such. Whoever repeats it may double it: a message that may be
there twice is better than an answer that may never have come, and it is the rarest of failures.

By sessionWebhook where there is one, since only that really @s (D8) and costs no quota; by the robot API for late
answers, for direct chats, where what was said can be taken back when it is settled, and when the address was
refused. Somebody from outside can only be answered by sessionWebhook, and has no direct chat but the one they
opened: what is for them alone is said where they asked. It is never more than that they are not answered.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import Any

from msgspec import Struct, structs

from adapters.dingtalk import outbound
from adapters.dingtalk.addresses import direct, is_outside, is_outsider, staff_of
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.failures import PLATFORM, undelivered
from adapters.dingtalk.quoting import Quoting
from adapters.dingtalk.sessions import Sessions
from adapters.errors import AdapterError, NotFound, Rejected, Unauthorised
from adapters.model import Post, Receipt, Thread
from adapters.protocol import Retracted
from adapters.secret import Secret

Json = dict[str, Any]

REMEMBERED = 5_000  # posts


class Fate(Struct, frozen=True):
    """What is known of a post: how many of its parts stand, what they are called, and the receipt once it is
    whole."""

    stand: int = 0
    ids: tuple[str, ...] = ()
    receipt: Receipt | None = None


class Sender:
    def __init__(self, calls: Calls, sessions: Sessions, quoting: Quoting, robot: str) -> None:
        self._calls = calls
        self._sessions = sessions
        self._quoting = quoting
        self._robot = robot
        self._fates: OrderedDict[str, Fate] = OrderedDict()

    async def post(self, thread: Thread, post: Post) -> Receipt:
        """Raises NotFound if its reader cannot be reached; see adapters/errors.py for the rest."""
        fate = self._fates.get(post.key, Fate())
        if fate.receipt is not None:
            return fate.receipt
        if post.only_for is not None and not thread.direct and not is_outsider(post.only_for.id):
            thread = direct(post.only_for.id)
        receipt = await self._say(thread, post)
        self._keep(post.key, structs.replace(self._fates.get(post.key, Fate()), receipt=receipt))
        self._quoting.call(outbound.name(post.key), receipt.message_id)
        self._quoting.stands_in(receipt.message_id, "" if thread.direct else thread.root)
        return receipt

    async def _say(self, thread: Thread, post: Post) -> Receipt:
        receipt = await self._place(thread, post)
        if post.replaces:
            await self._take_back(Receipt(post.replaces, thread))
        return receipt

    async def _place(self, thread: Thread, post: Post) -> Receipt:
        by_reply = not thread.direct or is_outside(thread)
        webhook = self._sessions.webhook(thread.chat) if by_reply else None
        calls, at = outbound.really(post.mention) if webhook else (outbound.by_name(post.mention), {})
        fate = self._fates.get(post.key, Fate())
        ids = fate.ids
        for number, part in enumerate(outbound.parts(post, calls), 1):
            if number <= fate.stand:
                continue
            try:
                id = await self._send(thread, part, at if number == 1 else {}, webhook)
            except (NotFound, Rejected, Unauthorised):
                if webhook is None:
                    raise
                self._sessions.end(thread.chat)  # whatever its time said (D5); the rest goes by the robot API
                return await self._place(thread, post)
            ids = (*ids, id) if id else ids
            self._keep(post.key, Fate(number, ids))
        return Receipt(ids[-1] if ids else outbound.name(post.key), thread, ids[:-1])

    async def _send(self, thread: Thread, part: outbound.Part, at: Json, webhook: Secret | None) -> str:
        """Returns the message's id, which a sessionWebhook does not tell."""
        if webhook is not None:
            await self._reply(webhook, part, at)
            return ""
        if thread.direct:
            return await self._to_person(staff_of(thread), part)
        return await self._to_group(thread.chat, part)

    async def _reply(self, webhook: Secret, part: outbound.Part, at: Json) -> None:
        body = {"msgtype": "markdown", "markdown": {"title": part.title, "text": part.text}}
        await self._calls.session(webhook, {**body, **({"at": at} if at else {})})

    async def _to_group(self, chat: str, part: outbound.Part) -> str:
        body = {"openConversationId": chat, **self._template(part)}
        answer = await self._calls.new("POST", "robot/groupMessages/send", body)
        return str(answer.get("processQueryKey") or "")

    async def _to_person(self, staff: str, part: outbound.Part) -> str:
        answer = await self._calls.new(
            "POST", "robot/oToMessages/batchSend", {"userIds": [staff], **self._template(part)}
        )
        error = undelivered(answer)
        if error is not None:
            raise error
        return str(answer.get("processQueryKey") or "")

    def _template(self, part: outbound.Part) -> Json:
        return {"robotCode": self._robot, "msgKey": "sampleMarkdown", "msgParam": outbound.param(part)}

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        """Recalled, if it was said by the robot API: what a sessionWebhook said has no name, so nobody can take it
        back. Raises Rejected for that, and past the time in which DingTalk lets messages be recalled."""
        answer = await self._recall(receipt)
        if answer.get("failedResult") or not answer.get("successResult"):
            raise Rejected(PLATFORM, "a message cannot be recalled: it was a direct reply, or is too old")
        return "deleted"

    async def _take_back(self, receipt: Receipt) -> None:
        """Recall what another post has replaced. It was said by the robot API, or cannot be recalled: then both
        stand, the newer one below."""
        with suppress(AdapterError):
            await self._recall(receipt)

    async def _recall(self, receipt: Receipt) -> Json:
        keys = {"robotCode": self._robot, "processQueryKeys": [receipt.message_id, *receipt.also]}
        if receipt.thread.direct:
            return await self._calls.new("POST", "robot/otoMessages/batchRecall", keys)
        body = {"openConversationId": receipt.thread.chat, **keys}
        return await self._calls.new("POST", "robot/groupMessages/recall", body)

    def _keep(self, key: str, fate: Fate) -> None:
        self._fates[key] = fate
        if len(self._fates) > REMEMBERED:
            self._fates.popitem(last=False)
