"""What people do on the page: speak, press, fill in forms. Whatever the bot must know, it has safely kept before
the page hears yes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from adapters.local import mentions
from adapters.local.entry import Body, Entry
from adapters.local.guard import Denied, answer, body
from adapters.local.rooms import MOST, Saying
from adapters.local.team import direct_chat
from adapters.local.visit import check_reads, visitor
from adapters.model import Form, Inbound, Press
from adapters.protocol import Host

if TYPE_CHECKING:
    from adapters.local.chat import LocalChat

log = logging.getLogger(__name__)

T = TypeVar("T")
Id = Annotated[str, Meta(max_length=80)]
Text = Annotated[str, Meta(max_length=12_000)]
# The page's own name for one thing done, kept with what was typed: trying again is the same thing, not another.
Nonce = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{8,64}$")]


class Say(Struct, forbid_unknown_fields=True):
    chat: Id
    text: Text
    nonce: Nonce
    root: Id = ""


class Pressed(Struct, forbid_unknown_fields=True):
    """A button of a card; with `fields`, the form it had opened."""

    chat: Id
    message: Id
    action: Annotated[str, Meta(max_length=200)]
    value: Annotated[str, Meta(max_length=200)]
    nonce: Nonce
    fields: dict[Id, Text] | None = None


class Pointed(Struct, forbid_unknown_fields=True):
    chat: Id
    message: Id


class Seen(Struct, forbid_unknown_fields=True):
    chat: Id
    seq: Annotated[int, Meta(ge=0, le=MOST)]


class Actions:
    def __init__(self, chat: LocalChat, host: Host) -> None:
        self._chat = chat
        self._host = host

    async def say(self, request: web.Request) -> web.Response:
        me, asked = await self._read(request, Say)
        text = asked.text.strip()
        if not text:
            raise Denied(400, "empty")
        if asked.root:
            await self._check_root(me, asked.chat, asked.root)
        # In a room, a command is between its author and the bot, as in Slack.
        hidden = mentions.read(text, self._chat.team).command and asked.chat != direct_chat(me)
        only_for = me if hidden else ""
        saying = Saying(asked.chat, asked.root, me, Body(text=text), only_for=only_for)
        entry = await self._chat.rooms.propose(saying, f"{me}:{asked.nonce}", self._chat.now())
        if entry.pending:
            await self._hand_over(entry)
        return answer({"id": entry.id, "root": entry.root})

    async def press(self, request: web.Request) -> web.Response:
        me, asked = await self._read(request, Pressed)
        press, opens_form = await self._pressed(me, asked)
        if opens_form and asked.fields is not None:
            # Asked again, because what the form stood for may be settled by now; it also says which fields count.
            form = await self._host.form(press)
            press = _submitted(press, form, asked.fields) if form else press
        await self._receive(press)
        return answer({})

    async def form(self, request: web.Request) -> web.Response:
        """The form of a button, or null: the page then presses it plainly, and the bot says why there is none."""
        me, asked = await self._read(request, Pressed)
        press, opens_form = await self._pressed(me, asked)
        return answer(await self._host.form(press) if opens_form else None)

    async def delete(self, request: web.Request) -> web.Response:
        """One's own words; the bot hears of it first, because what was cited from them must go too."""
        me, asked = await self._read(request, Pointed)
        entry = await self._chat.rooms.entry(asked.chat, asked.message, me)
        if entry is None or entry.kind != "said" or entry.author != me:
            raise Denied(404, "no_message")
        await self._receive(self._chat.gone(asked.chat, asked.message))
        await self._chat.rooms.delete(asked.chat, asked.message, me)
        self._chat.live.changed()
        return answer({})

    async def seen(self, request: web.Request) -> web.Response:
        me, asked = await self._read(request, Seen)
        await self._chat.rooms.see(me, asked.chat, asked.seq)
        self._chat.live.changed()
        return answer({})

    async def open(self, request: web.Request) -> web.Response:
        """Somebody looks at their direct chat with the bot: the first time, the bot may say hello."""
        me = visitor(self._chat.team, request)
        if not await self._chat.rooms.page(direct_chat(me), me, limit=1):
            await self._receive(self._chat.opened(me))
        return answer({})

    async def _read(self, request: web.Request, type: type[T]) -> tuple[str, T]:
        me = visitor(self._chat.team, request)
        try:
            asked = msgspec.json.decode(await body(request), type=type)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Denied(400, "malformed") from None
        check_reads(self._chat.team, me, asked.chat)  # type: ignore[attr-defined]  # every one of them has it
        return me, asked

    async def _check_root(self, me: str, chat: str, root: str) -> None:
        """The past is read-only, a reply has no thread of its own, and what one person sees is no place to talk."""
        entry = await self._chat.rooms.entry(chat, root, me)
        if entry is None or entry.root or entry.only_for or entry.kind not in ("said", "card", "gone"):
            raise Denied(409, "no_thread")

    async def _hand_over(self, entry: Entry) -> None:
        try:
            await self._receive(self._chat.message(entry))
        except Denied:
            await self._chat.rooms.drop(entry)
            raise
        await self._chat.rooms.reveal(entry)
        self._chat.live.changed()

    async def _pressed(self, me: str, asked: Pressed) -> tuple[Press, bool]:
        """Only what stands on a card that this person sees can be pressed."""
        entry = await self._chat.rooms.entry(asked.chat, asked.message, me)
        card = entry.body.card if entry else None
        for button in card.buttons if card else ():
            if entry and button.action == asked.action and button.value == asked.value:
                press = Press(
                    id=f"{me}:{asked.nonce}",
                    thread=self._chat.thread(asked.chat, entry.root),
                    author=self._chat.person_of(me),
                    action=button.action,
                    value=button.value,
                    at=self._chat.now(),
                    message_id=entry.id,
                )
                return press, button.opens_form
        raise Denied(409, "no_button")

    async def _receive(self, event: Inbound) -> None:
        try:
            await self._host.receive(event)
        except Exception as error:  # whatever it was, it was not kept, and the page must say so
            log.error("the bot did not keep a %s: %s", type(event).__name__, type(error).__name__)
            raise Denied(503, "not_kept") from None


def _submitted(press: Press, form: Form, fields: dict[str, str]) -> Press:
    known = {field.name: fields.get(field.name, "") for field in form.fields}
    return msgspec.structs.replace(press, action=form.action, value=form.value, fields=known)
