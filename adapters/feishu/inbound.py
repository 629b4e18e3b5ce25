"""Feishu's payloads → events of adapters/model.py. Pure; None means: acknowledge and forget.

A message is known by its `message_id`, never by the event's id, which differs between redeliveries (peers.md F3);
and a redelivery is never told apart from a first delivery, since what was said while we were away arrives only so
(F5).

A private chat with the bot has two names: Feishu's `oc_…`, which exists only once somebody wrote there, and the
open_id of the person, by which anybody can be written to. Here it is always called by the open_id, so that a
question asked there, a button pressed there and a message to an owner who never wrote are in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs

from adapters.feishu.cards import CANCELLED, OPENS_FORM, PRESSED, SUBMITTED
from adapters.feishu.failures import PLATFORM
from adapters.feishu.typed import Called, read
from adapters.model import Gone, Inbound, Joined, Message, Opened, Person, Press, Thread

Json = dict[str, Any]
Known = Callable[[str], Person | None]  # who an id is, if that is known

DIRECT = "ou_"  # how the name of a private chat begins
LATEST = 1e10  # seconds since 1970; anything later is in a smaller unit
THUMBS = {"THUMBSUP": "up", "ThumbsDown": "down"}


class Me(Struct, frozen=True):
    """Who the bot is, from bot/v3/info."""

    open_id: str
    app_id: str
    name: str = ""


class Place(Struct, frozen=True):
    """Where a message of ours stands, as the sender remembers it or Feishu tells."""

    chat: str
    root: str = ""


def kind_of(payload: Json) -> str:
    """The type of an event or callback; "" for one of the old generation, none of which we ask for."""
    header = payload.get("header")
    return str(header.get("event_type") or "") if isinstance(header, dict) else ""


def parse(payload: Json, me: Me, now: datetime, known: Known, stands: Place | None = None) -> Inbound | None:
    """`known` knows profiles; `now` dates what Feishu does not; `stands` is where the message of a reaction is,
    which the reaction itself does not tell (None: it is not ours)."""
    header = payload.get("header") or {}
    if header.get("app_id") not in (None, "", me.app_id):
        return None  # another app's
    handler = _EVENTS.get(kind_of(payload))
    if handler is None:
        return None
    tenant = str(header.get("tenant_key") or "")
    about = _About(me, now, known, str(header.get("event_id") or ""), tenant, stands)
    return handler(payload.get("event") or {}, about)


class _About(Struct, frozen=True):
    me: Me
    now: datetime
    known: Known
    event_id: str
    tenant: str  # ours: a self-built app is installed in one tenant
    stands: Place | None

    def person(self, id: str, *, name: str = "", tenant: str = "") -> Person:
        """Whom an id names. From outside is whoever is not known to belong to our tenant: what the event says
        counts, then what we knew, and not knowing means outside."""
        known = self.known(id)
        if tenant:
            external = not self.tenant or tenant != self.tenant
        else:
            external = known.external if known is not None else True
        shown = (known.name if known is not None else "") or name
        zone = known.timezone if known is not None else ""
        return Person(PLATFORM, id, shown, tenant or self.tenant, external, zone)

    def thread(self, chat: str, *, root: str = "", anchor: str = "") -> Thread:
        direct = chat.startswith(DIRECT)
        return Thread(PLATFORM, chat, self.tenant, "" if direct else root, anchor, direct)


def _message(event: Json, about: _About) -> Inbound | None:
    sender, message = event.get("sender") or {}, event["message"]
    author = str((sender.get("sender_id") or {}).get("open_id") or "")
    if sender.get("sender_type") != "user" or not author or author == about.me.open_id:
        return None  # ourselves, and other bots (F29)
    said = read(message, about.me.open_id)
    direct = message.get("chat_type") == "p2p"
    id, root = str(message["message_id"]), str(message.get("root_id") or "")
    if not (direct or said.addressed or root):
        return None  # what is said in a chat without us is none of our business
    thread = about.thread(author if direct else str(message["chat_id"]), root=root or id, anchor=id)
    if direct:  # who was asked several things says by a reply which of them is answered
        thread = structs.replace(thread, root=str(message.get("parent_id") or ""))
    return Message(
        id=id,
        thread=thread,
        author=about.person(author, tenant=str(sender.get("tenant_key") or "")),
        text=said.text,
        at=time_of(message.get("create_time"), about.now),
        addressed=direct or said.addressed,
        mentions=tuple(_called(who, about) for who in said.mentioned),
        files=said.files,
    )


def _called(who: Called, about: _About) -> Person:
    return about.person(who.id, name=who.name, tenant=who.tenant)


def _recalled(event: Json, about: _About) -> Inbound | None:
    id = str(event["message_id"])
    return Gone(
        id=id,
        thread=about.thread(str(event["chat_id"]), root=id, anchor=id),
        message_id=id,
        at=time_of(event.get("recall_time"), about.now),
    )


def _joined(event: Json, about: _About) -> Inbound | None:
    by = str((event.get("operator_id") or {}).get("open_id") or "")
    tenant = str(event.get("operator_tenant_key") or "")
    return Joined(
        id=about.event_id,
        thread=about.thread(str(event["chat_id"])),
        at=about.now,
        by=about.person(by, tenant=tenant) if by else None,
    )


def _opened(event: Json, about: _About) -> Inbound | None:
    id = str((event.get("operator_id") or {}).get("open_id") or "")
    return Opened(about.event_id, about.thread(id), about.person(id), about.now) if id else None


def _menu(event: Json, about: _About) -> Inbound | None:
    """An entry of the bot's menu is a command somebody chose instead of typing it. Feishu gives it no message
    id."""
    operator = event.get("operator") or {}
    id = str((operator.get("operator_id") or {}).get("open_id") or "")
    key = str(event.get("event_key") or "").strip()
    if not id or not key:
        return None
    return Message(
        id=f"menu:{key}:{event.get('timestamp') or about.event_id}",
        thread=about.thread(id),
        author=about.person(id, name=str(operator.get("operator_name") or "")),
        text="/" + key.removeprefix("/"),
        at=time_of(event.get("timestamp"), about.now),
        addressed=True,
    )


def reaction_on(payload: Json, me: Me) -> str:
    """The message a thumb was given to, by a person; "" for anything else."""
    event = payload.get("event") or {}
    emoji = (event.get("reaction_type") or {}).get("emoji_type")
    by = (event.get("user_id") or {}).get("open_id")
    counts = kind_of(payload) == "im.message.reaction.created_v1" and emoji in THUMBS
    return str(event.get("message_id") or "") if counts and by and by != me.open_id else ""


def _reaction(event: Json, about: _About) -> Inbound | None:
    if about.stands is None or event.get("operator_type", "user") != "user":
        return None
    id = str(event["user_id"]["open_id"])
    emoji = event["reaction_type"]["emoji_type"]
    return Press(
        id=f"{event['message_id']}:{id}:{emoji}:{event.get('action_time') or about.event_id}",
        thread=about.thread(about.stands.chat, root=about.stands.root, anchor=str(event["message_id"])),
        author=about.person(id),
        action=THUMBS[emoji],
        value="",
        at=time_of(event.get("action_time"), about.now),
        message_id=str(event["message_id"]),
    )


def callback_value(payload: Json) -> Mapping[str, str]:
    """What a button of ours brought back; empty for anything that is not a button of ours."""
    value = ((payload.get("event") or {}).get("action") or {}).get("value")
    ours = isinstance(value, dict) and value.get("do") in (PRESSED, OPENS_FORM, SUBMITTED, CANCELLED)
    return {str(k): str(v) for k, v in value.items()} if ours and isinstance(value, dict) else {}


def pressed_card(payload: Json) -> str:
    """The message whose card waits for the answer to this payload; "" if none does."""
    context = (payload.get("event") or {}).get("context") or {}
    return str(context.get("open_message_id") or "") if kind_of(payload) == "card.action.trigger" else ""


def _pressed(event: Json, about: _About) -> Inbound | None:
    value = callback_value({"event": event})
    operator, context = event.get("operator") or {}, event.get("context") or {}
    id = str(operator.get("open_id") or "")
    if not value or not id or value["do"] == CANCELLED:
        return None
    submitted = value["do"] == SUBMITTED
    card = str(context.get("open_message_id") or "")
    return Press(
        id=about.event_id or f"{event.get('token')}",
        thread=_where(value, id, context, about, card),
        author=about.person(id, tenant=str(operator.get("tenant_key") or "")),
        action=value.get("action", ""),
        value=value.get("value", ""),
        at=about.now,
        message_id=value.get("message", "") if submitted else card,
        fields=_fields((event.get("action") or {}).get("form_value")) if submitted else {},
    )


def _where(value: Mapping[str, str], presser: str, context: Json, about: _About, card: str) -> Thread:
    """The thread a button was made for. A button of a private chat works for its person, one of a group within its
    group; anywhere else (a copy that was passed on) it is a button of the chat where it was pressed (CMD-02)."""
    chat, root, here = value.get("chat", ""), value.get("root", ""), str(context.get("open_chat_id") or "")
    form = value["do"] == SUBMITTED  # stands in the private chat, whatever chat it is about
    fits = chat == presser if chat.startswith(DIRECT) else (form or chat == here)
    if not fits:
        return about.thread(here, root=card, anchor=card)
    return about.thread(chat, root=root or card, anchor=value.get("message", "") or card)


def _fields(given: Any) -> dict[str, str]:
    """What was filled in; a choice of several is a list."""
    if not isinstance(given, dict):
        return {}
    return {
        str(name): ",".join(map(str, value)) if isinstance(value, list) else str("" if value is None else value)
        for name, value in given.items()
    }


_EVENTS: dict[str, Callable[[Json, _About], Inbound | None]] = {
    "im.message.receive_v1": _message,
    "im.message.recalled_v1": _recalled,
    "im.message.reaction.created_v1": _reaction,
    "im.chat.member.bot.added_v1": _joined,
    "im.chat.access_event.bot_p2p_chat_entered_v1": _opened,
    "application.bot.menu_v6": _menu,
    "card.action.trigger": _pressed,
}


def changed_chat(payload: Json) -> str:
    """The chat whose name or members this event changes; "" if none."""
    kind = kind_of(payload)
    changes = kind.startswith(("im.chat.member.", "im.chat.updated", "im.chat.disbanded"))
    return str((payload.get("event") or {}).get("chat_id") or "") if changes else ""


def time_of(given: Any, now: datetime) -> datetime:
    """Feishu dates in milliseconds, in seconds (menu entries) and in microseconds (callbacks), as number or
    string."""
    try:
        stamp = float(given or 0)
    except (TypeError, ValueError):
        return now
    for unit in (1.0, 1e3, 1e6):
        if 0 < stamp / unit < LATEST:
            return datetime.fromtimestamp(stamp / unit, UTC)
    return now
