"""What people typed, out of the forms Feishu's messages come in. Pure.

A `text` holds placeholders (`@_user_1`) that `mentions[]` explains; a `post` holds rows of elements; other kinds
hold a key and sometimes a name. Placeholders are taken whole: `@_user_1` is not the beginning of `@_user_10`
(peers.md F13).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from adapters.feishu import wire

Json = dict[str, Any]

_PLACEHOLDER = re.compile(r"@_user_\d+|@_all\b")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")
EVERYONE = "@_all"


class Called(Struct, frozen=True):
    """Somebody an at sign points to. `tenant` is "" where the platform does not tell."""

    id: str
    name: str
    tenant: str = ""


class Said(Struct, frozen=True):
    """`addressed`: the bot is named; `mentioned` are others, in order; `files` are names, or kinds where there is
    no name."""

    text: str
    addressed: bool = False
    mentioned: tuple[Called, ...] = ()
    files: tuple[str, ...] = ()


def read(message: Json, bot: str) -> Said:
    """The words of a message without the bot's own mention. Raises ValueError if it is not readable."""
    kind = str(message.get("message_type") or "")
    content = wire.read(message.get("content") or "{}")
    if content is None:
        raise ValueError("a message whose content is no object")
    called = {str(m.get("key")): _called(m) for m in message.get("mentions") or ()}
    if kind == "text":
        return _said(str(content.get("text") or ""), called, bot)
    if kind == "post":
        return _post(content, called, bot)
    name = str(content.get("file_name") or kind or "message")
    return Said("", files=(name,))


def _called(mention: Json) -> Called:
    given = mention.get("id")
    id = str((given.get("open_id") or "") if isinstance(given, dict) else given or "")
    return Called(id, str(mention.get("name") or ""), str(mention.get("tenant_key") or ""))


def _said(
    text: str, called: Mapping[str, Called], bot: str, *, also: Sequence[Called] = (), files: Sequence[str] = ()
) -> Said:
    """`also` are people whom a post's elements name by their id."""
    found: list[Called] = [*also]

    def plain(match: re.Match[str]) -> str:
        who = called.get(match[0])
        if match[0] == EVERYONE or who is None:
            return "@all" if match[0] == EVERYONE else match[0]
        found.append(who)
        return "" if who.id == bot else "@" + (who.name or who.id)

    words = _PLACEHOLDER.sub(plain, text)
    words = "\n".join(_SPACES.sub(" ", line).strip() for line in words.split("\n")).strip()
    others: dict[str, Called] = {who.id: who for who in found if who.id and who.id != bot}
    addressed = bool(bot) and any(who.id == bot for who in found)
    return Said(words, addressed, tuple(others.values()), tuple(files))


def _post(content: Json, called: Mapping[str, Called], bot: str) -> Said:
    """A post, with or without a language around it. The `mentions` of the message may be empty while `at` elements
    are there (F12)."""
    body = content
    if "content" not in body:
        body = next((inner for inner in content.values() if isinstance(inner, dict) and "content" in inner), {})
    lines = [str(body.get("title") or "")]
    also: list[Called] = []
    files: list[str] = []
    for row in body.get("content") or ():
        lines.append("".join(_element(element, called, bot, also, files) for element in _elements(row)))
    return _said("\n".join(lines).strip("\n"), called, bot, also=also, files=files)


def _elements(row: Any) -> Iterator[Json]:
    yield from (element for element in (row if isinstance(row, list) else [row]) if isinstance(element, dict))


def _element(element: Json, called: Mapping[str, Called], bot: str, also: list[Called], files: list[str]) -> str:
    tag = element.get("tag")
    if tag == "at":
        id = str(element.get("user_id") or "")
        if id in called or id.startswith("@_"):
            return id if id in called or id == EVERYONE else ""
        if id == "all":
            return EVERYONE
        who = Called(id, str(element.get("user_name") or ""))
        also.append(who)
        return "" if who.id == bot else "@" + (who.name or who.id)
    if tag == "a":
        text, href = str(element.get("text") or ""), str(element.get("href") or "")
        return text if not href or text == href else f"{text} ({href})"
    if tag in ("img", "media"):
        files.append("image" if tag == "img" else "media")
        return ""
    if tag == "emotion":
        return f":{element.get('emoji_type')}:"
    if tag == "hr":
        return "---"
    if tag == "code_block":
        return f"```{str(element.get('language') or '').lower()}\n{str(element.get('text') or '').rstrip()}\n```"
    return str(element.get("text") or "")
