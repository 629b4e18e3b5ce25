"""A long answer that appears while it is read: chat.startStream, appendStream, stopStream. Off unless asked for.

What can go wrong, and what then (platforms.md 3.4, peers.md S10): the workspace does not have it
(`unknown_method`): never tried again. Slack ends a stream after some minutes (`message_not_in_streaming_state`):
the message is rewritten whole. Outside direct chats a recipient must be named: without one there is no stream.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from adapters.errors import AdapterError, Rejected
from adapters.model import Post, Receipt, Thread
from adapters.slack import outbound
from adapters.slack.client import Web
from adapters.slack.inbound import Me
from adapters.text import commonmark, parse, split

Json = dict[str, Any]

LONG = 800  # characters; shorter ones are there at once anyway
PIECE = 400
WHOLE = 11_000  # Slack ends at 12,000


class Streamer:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._available = True

    async def say(self, thread: Thread, post: Post, me: Me) -> Receipt | None:
        """None: not streamed, nothing placed; post it."""
        recipient = {} if thread.direct else _recipient(post, me)
        if not self._available or not thread.root or recipient is None or post.replaces:
            return None
        parts = outbound.messages(post)
        if len(parts) > 1 or not LONG <= len(post.card.text) <= WHOLE:
            return None
        try:
            answer = await self._web.write(
                "chat.startStream",
                channel=thread.chat,
                thread_ts=thread.root,
                markdown_text=_head(post),
                **recipient,
            )
        except Rejected as error:
            self._available = error.code != "unknown_method"
            return None
        await self._fill(thread.chat, str(answer["ts"]), post, parts[0])
        return Receipt(str(answer["ts"]), thread)

    async def _fill(self, chat: str, ts: str, post: Post, part: Json) -> None:
        """From here on a message stands there: whatever happens, it must end up complete and carry its key."""
        try:
            for piece in split(post.card.text, PIECE):
                shown = commonmark(parse(piece)) + "\n\n"
                await self._web.write("chat.appendStream", channel=chat, ts=ts, markdown_text=shown)
            around = outbound.around(post.card)
            await self._web.write(
                "chat.stopStream",
                channel=chat,
                ts=ts,
                metadata=part["metadata"],
                **({"blocks": around} if around else {}),
            )
        except AdapterError:
            with suppress(AdapterError):  # while it is open, chat.update is refused
                await self._web.write("chat.stopStream", channel=chat, ts=ts)
            await self._web.write("chat.update", channel=chat, ts=ts, **outbound.for_update(part))


def _recipient(post: Post, me: Me) -> Json | None:
    if not post.mention:
        return None
    return {"recipient_user_id": post.mention[0].id, "recipient_team_id": me.team}


def _head(post: Post) -> str:
    """The label comes before the first word of the answer, also while it is still being written."""
    card = post.card
    lines = [f"_{_plain(card.label)}_" if card.label else "", f"**{_plain(card.title)}**" if card.title else ""]
    calls = " ".join(f"<@{person.id}>" for person in post.mention)
    return "\n\n".join(line for line in [*lines, calls] if line) + "\n\n"


def _plain(text: str) -> str:
    return commonmark(parse(text)).replace("\n", " ")
