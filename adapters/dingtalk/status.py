"""The sign that an answer is on its way: a reaction on the question. Best effort: nothing here ever fails a post.

The call is not in DingTalk's documents; its fields are those that several connectors send (`emotionType` 2 is a
word of one's own with a background). Where it is refused it is not tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Any

from adapters.dingtalk.calls import Calls
from adapters.dingtalk.sessions import Sessions
from adapters.errors import AdapterError, RateLimited, Unreachable
from adapters.model import Thread

Json = dict[str, Any]

WITHIN = 3.0
MOST = 1_000  # signs that stand at a time
SIGN = "🤔"

log = logging.getLogger("adapters.dingtalk")


class Status:
    def __init__(self, calls: Calls, sessions: Sessions, robot: str) -> None:
        self._calls = calls
        self._sessions = sessions
        self._robot = robot
        self._off = False
        self._standing: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._leaving: set[asyncio.Task[bool]] = set()

    async def working(self, thread: Thread, text: str) -> None:
        """`text` is for platforms with words; here there is one sign. An empty text takes it away."""
        if not text:
            self.done(thread)
        elif await self._react("robot/emotion/reply", thread):
            self._standing[(thread.chat, thread.anchor)] = None
            if len(self._standing) > MOST:
                self._standing.popitem(last=False)

    def done(self, thread: Thread) -> None:
        """The sign is taken away by the way: whoever has said something must not wait for it to write that down."""
        if (thread.chat, thread.anchor) in self._standing:
            del self._standing[(thread.chat, thread.anchor)]
            leaving = asyncio.create_task(self._react("robot/emotion/recall", thread))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def close(self) -> None:
        """Signs that are on their way out are let out: nobody else would take them away."""
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _react(self, path: str, thread: Thread) -> bool:
        conversation = self._sessions.conversation(thread.chat)
        if self._off or not thread.anchor or not conversation:
            return False
        try:
            async with asyncio.timeout(WITHIN):
                await self._calls.new("POST", path, self._sign(thread.anchor, conversation))
        except (RateLimited, Unreachable, TimeoutError):
            return False
        except AdapterError as error:
            self._off = True
            log.debug("dingtalk: no sign of work is shown any more (%s)", error.code)
            return False
        return True

    def _sign(self, message: str, conversation: str) -> Json:
        return {
            "robotCode": self._robot,
            "openMsgId": message,
            "openConversationId": conversation,
            "emotionType": 2,
            "emotionName": SIGN,
            "textEmotion": {
                "emotionId": "2659900",
                "emotionName": SIGN,
                "text": SIGN,
                "backgroundId": "im_bg_1",
            },
        }
