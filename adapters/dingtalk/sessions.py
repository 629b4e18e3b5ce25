"""The reply addresses of the chats we were called in lately. In memory only: they are credentials, and end within
about 90 minutes; after a restart, and for every late answer, there is the robot API (peers.md D5)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from adapters.dingtalk.inbound import Session
from adapters.secret import Secret

MOST = 5_000  # chats
EARLY = 60.0  # seconds before its end from which an address is not used any more


class Sessions:
    """`now` is the wall clock in seconds since 1970, by which DingTalk says when an address ends."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._latest: OrderedDict[str, Session] = OrderedDict()

    def keep(self, chat: str, session: Session) -> None:
        self._latest.pop(chat, None)
        self._latest[chat] = session
        if len(self._latest) > MOST:
            self._latest.popitem(last=False)

    def webhook(self, chat: str) -> Secret | None:
        """An address that can be replied to still, or None."""
        session = self._latest.get(chat)
        if session is None or not session.webhook or session.until - EARLY <= self._now():
            return None
        return Secret(session.webhook)

    def end(self, chat: str) -> None:
        """It was refused: whatever its time says, it has ended."""
        session = self._latest.get(chat)
        if session is not None:
            self._latest[chat] = Session(session.conversation, "", 0.0)

    def conversation(self, chat: str) -> str:
        """DingTalk's id of a chat, which of a direct one only a message tells."""
        session = self._latest.get(chat)
        return session.conversation if session is not None else ""
