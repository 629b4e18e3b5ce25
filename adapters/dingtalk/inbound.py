"""DingTalk's payloads → events of adapters/model.py. Pure; None means: acknowledge and forget.

A message is known by its `msgId`, which a redelivery keeps, and not by the frame that carried it (peers.md D2).
Groups deliver only what @s the robot. There are no threads: what one person asks in a group is one conversation, so
that two askers are two lanes and a follow-up has its context.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from adapters.dingtalk import buttons, cards
from adapters.dingtalk.addresses import bare, direct, lane_of, outsider
from adapters.dingtalk.failures import PLATFORM
from adapters.dingtalk.quoting import Quoting
from adapters.model import Message, Person, Press, Thread
from adapters.text import clip

Json = dict[str, Any]
Known = Callable[[str], Person | None]  # who an id is, if that is known

QUOTED = 400  # characters of a message that is quoted
_LEADING = re.compile(r"\s*[@＠]\S+\s*")
_COMMANDS = ("/", "／", "!", "！")


class Session(Struct, frozen=True):
    """What a message brings along for answering it: its chat's id in DingTalk's own form, and for a while an
    address to reply to (a credential: never stored, never shown). `until` is in seconds since 1970."""

    conversation: str
    webhook: str
    until: float

    def __repr__(self) -> str:
        return f"Session({self.conversation!r}, '***', {self.until})"


def session(data: Json, *, replies: bool) -> Session:
    """Without `replies` the address is left out: one that nobody signed could carry our answers to anywhere."""
    conversation = str(data.get("conversationId") or "")
    if not replies:
        return Session(conversation, "", 0.0)
    return Session(
        conversation,
        str(data.get("sessionWebhook") or ""),
        float(data.get("sessionWebhookExpiredTime") or 0) / 1000,
    )


def message(data: Json, known: Known, quoting: Quoting) -> Message | Press | None:
    """What somebody said to the robot. The label of a button that was said is a press of it."""
    if not data.get("msgId") or not data.get("conversationId") or not (data.get("senderId") or _staff(data)):
        return None
    author = _author(data, known)
    text, files = _content(data)
    said = buttons.read(text)
    at = datetime.fromtimestamp(float(data.get("createAt") or 0) / 1000, UTC)
    if said is not None:
        return Press(
            id=str(data["msgId"]),
            thread=_thread(data, author),
            author=author,
            action=said.action,
            value=said.value,
            at=at,
            message_id=quoting.id(said.message),
        )
    root = _quoted_root(data, quoting)
    if not root and not _is_direct(data):
        text = _with_quoted(text, data)
    return Message(
        id=str(data["msgId"]),
        thread=_thread(data, author, root=root),
        author=author,
        text=text,
        at=at,
        addressed=_is_direct(data) or data.get("isInAtList") is not False,
        mentions=tuple(_mentioned(data, known)),
        files=files,
    )


# who and where ------------------------------------------------------------------------------------------------


def _author(data: Json, known: Known) -> Person:
    """Only a staffId of our own organisation is somebody: without one, or from another organisation, a person is
    from outside (D6). Another organisation's staffIds are another's, and may be equal to ours."""
    staff, corp = _staff(data), str(data.get("chatbotCorpId") or "")
    name = str(data.get("senderNick") or "")
    if not staff or (data.get("senderCorpId") or corp) != corp:
        return Person(PLATFORM, outsider(data.get("senderId")), name, corp, external=True)
    person = known(staff)
    return Person(PLATFORM, staff, (person and person.name) or name, corp, bool(person and person.external))


def _staff(data: Json) -> str:
    return str(data.get("senderStaffId") or "")


def _is_direct(data: Json) -> bool:
    return str(data.get("conversationType")) == "1"


def _thread(data: Json, author: Person, *, root: str = "") -> Thread:
    anchor = str(data["msgId"])
    if _is_direct(data):
        return direct(author.id, root=root, anchor=anchor)
    return Thread(
        PLATFORM,
        str(data["conversationId"]),
        str(data.get("chatbotCorpId") or ""),
        root=root or lane_of(author.id),
        anchor=anchor,
        chat_name=str(data.get("conversationTitle") or ""),
    )


def _quoted_root(data: Json, quoting: Quoting) -> str:
    """What a reply hangs from because of what it quotes; "" if nothing that we know. In a group that is the
    conversation in which it was said, whoever began it. In a direct chat it is the post of ours itself: that is how
    somebody who was asked several things says which of them is answered."""
    if not (data.get("text") or {}).get("isReplyMsg"):
        return ""
    ours = str(data.get("originalProcessQueryKey") or "")
    if _is_direct(data):
        return quoting.id(ours)
    return quoting.root(ours) or quoting.root(str(data.get("originalMsgId") or ""))


def _mentioned(data: Json, known: Known) -> Iterator[Person]:
    """The others who were @ed: by id only (D9). Those without a staffId stay out of it."""
    me = bare(data.get("chatbotUserId"))
    for user in data.get("atUsers") or ():
        staff = str(user.get("staffId") or "")
        if staff and bare(user.get("dingtalkId")) != me:
            yield known(staff) or Person(PLATFORM, staff, tenant=str(data.get("chatbotCorpId") or ""))


# what was said ------------------------------------------------------------------------------------------------


def _content(data: Json) -> tuple[str, tuple[str, ...]]:
    """The words, and the names of what came with them; contents are never fetched."""
    kind = str(data.get("msgtype") or "")
    content = data.get("content")
    content = content if isinstance(content, dict) else {}
    if kind == "text":
        return _words((data.get("text") or {}).get("content")), ()
    if kind == "richText":
        parts = [part for part in content.get("richText") or () if isinstance(part, dict)]
        words = "".join(str(part.get("text") or part.get("content") or "") for part in parts)
        return _once_called(_words(words), data), tuple("picture" for part in parts if part.get("downloadCode"))
    if kind == "audio":
        return _words(content.get("recognition")), ()  # DingTalk writes down what was spoken (D18)
    return "", (str(content.get("fileName") or kind or "file"),)


def _words(text: object) -> str:
    """DingTalk takes the robot's name out and leaves the blank behind it."""
    return str(text or "").strip()


def _once_called(text: str, data: Json) -> str:
    """HarmonyOS repeats the leading @ of the robot in a rich text (D11). Nobody tells the robot its name; but there
    are as many names as others who were @ed, and what stands there besides is its own."""
    me = bare(data.get("chatbotUserId"))
    others = sum(bare(user.get("dingtalkId")) != me for user in data.get("atUsers") or ())
    ends = [0]
    while match := _LEADING.match(text, ends[-1]):
        ends.append(match.end())
    return text[ends[max(len(ends) - 1 - others, 0)] :]


def _with_quoted(text: str, data: Json) -> str:
    """In a group, what a person said is often half of the question that quotes it ("who approves this?"), so it
    follows as a quote. What was said to us or by us does not: we know it. And no command takes a quote for its
    argument."""
    replied = (data.get("text") or {}).get("repliedMsg")
    if not isinstance(replied, dict) or text.startswith(_COMMANDS) or not text:
        return text
    if bare(replied.get("senderId")) == bare(data.get("chatbotUserId")):
        return text
    content = replied.get("content")
    content = content if isinstance(content, dict) else {"text": content}
    rich = [part for part in content.get("richText") or () if isinstance(part, dict)]
    words = content.get("text") or "".join(str(part.get("text") or part.get("content") or "") for part in rich)
    said = clip(" ".join(str(words or "").split()), QUOTED)
    return f"{text}\n> {said}" if said else text


# cards ---------------------------------------------------------------------------------------------------------


class Pressed(Struct, frozen=True):
    """A card's callback. `form`: the button wants one; `event` is None if a form was merely closed."""

    event: Press | None
    opens_form: bool = False
    closes_form: bool = False


def pressed(data: Json, id: str, now: datetime, known: Known, *, ours: str = "") -> Pressed | None:
    """`id` is the frame's: nothing in a callback tells two presses apart. `ours` is our organisation, as far as any
    message has told it yet, else the button does; whoever presses for another is from outside."""
    content = data.get("content")
    given = json.loads(content) if isinstance(content, str) else content or {}
    private = given.get("cardPrivateData") or {}
    params = private.get("params") or {}
    action = next(iter(private.get("actionIds") or ()), "")
    if action == cards.CANCEL:
        return Pressed(None, closes_form=True)
    if action not in (cards.PRESS, cards.SUBMIT) or not data.get("outTrackId"):
        return None
    what = _submitted(params) if action == cards.SUBMIT else _named(params)
    corp = str(data.get("corpId") or "")
    ours = ours or str(params.get("corp") or "") or corp
    author = _presser(str(data.get("userId") or ""), corp, ours, known)
    event = Press(
        id=id,
        thread=_stands_in(data, params, author, corp),
        author=author,
        action=what[0],
        value=what[1],
        at=now,
        message_id=str(data["outTrackId"]),
        fields=what[2],
    )
    return Pressed(event, opens_form=bool(params.get("form")), closes_form=action == cards.SUBMIT)


def _presser(id: str, corp: str, ours: str, known: Known) -> Person:
    if not id or corp != ours:
        return Person(PLATFORM, outsider(id), tenant=corp, external=True)
    return known(id) or Person(PLATFORM, id, tenant=corp)


def _named(params: Json) -> tuple[str, str, dict[str, str]]:
    return str(params["action"]), str(params.get("value") or ""), {}


def _submitted(params: Json) -> tuple[str, str, dict[str, str]]:
    about = json.loads(params["about"])
    fields = {str(field): _typed(params.get(f"input{number}")) for number, field in enumerate(about["fields"], 1)}
    return str(about["action"]), str(about["value"]), fields


def _typed(value: object) -> str:
    """An input's value; a picker of people gives a list."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _stands_in(data: Json, params: Json, author: Person, corp: str) -> Thread:
    """Where the card stands: as the callback says, else as its button was told when it was made."""
    space, chat = str(data.get("spaceType") or ""), str(data.get("spaceId") or "")
    if not space and params.get("chat"):
        chat = str(params["chat"])
        space = "IM_ROBOT" if chat.startswith("u:") else "IM_GROUP"
    if space.upper() == "IM_GROUP" and chat:
        return Thread(PLATFORM, chat, corp, root=lane_of(author.id))
    return direct(author.id)
