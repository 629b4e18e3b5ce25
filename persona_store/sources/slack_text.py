"""What a Slack message says, as plain text: pure functions over the message as exported.

Slack's markup: https://docs.slack.dev/messaging/formatting-message-text/ (mrkdwn, `<…>` and three entities) and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block/ (what the composer has sent since 2019).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct


class Names(Struct, frozen=True):
    """What people and channels are called, by id."""

    people: Mapping[str, str]
    channels: Mapping[str, str]


_TOKEN = re.compile(r"<([@#!][^<>\n]*|[A-Za-z][A-Za-z0-9+.\-]{0,20}:[^<>\n]*)>")


def message_text(message: Mapping[str, Any], names: Names) -> str:
    """The words its author wrote: `text`, or where that is empty the blocks, or else old-style attachments."""
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return plain(text, names).strip()
    blocks = "\n".join(_block(block, names) for block in _dicts(message.get("blocks"))).strip()
    if blocks:
        return blocks
    return "\n".join(_attachment(item, names) for item in _dicts(message.get("attachments"))).strip()


def plain(mrkdwn: str, names: Names) -> str:
    """Undo Slack's markup of mentions, channels, links and entities; `*bold*` and code read well as they are."""
    if "<" in mrkdwn:
        mrkdwn = _TOKEN.sub(lambda match: _token(match[1], names), mrkdwn)
    if "&" in mrkdwn:
        mrkdwn = mrkdwn.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return mrkdwn


def _token(inner: str, names: Names) -> str:
    target, _, label = inner.partition("|")
    mark, ident = target[:1], target[1:]
    if mark == "@":
        return "@" + (names.people.get(ident) or label or ident)
    if mark == "#":
        return "#" + (label or names.channels.get(ident) or ident)
    if mark == "!":  # <!here>, <!subteam^S1|@team>, <!date^1392734382^{date}|Feb 18>
        return label or "@" + ident.partition("^")[0]
    return _link(target, label)


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label == address or target.removesuffix("/").endswith("//" + label.removesuffix("/")):
        return address
    return f"{label} ({address})"


# ------------------------------------------------------------------ blocks


def _block(block: Mapping[str, Any], names: Names) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return "\n".join(_rich(part, names) for part in _dicts(block.get("elements")))
    if kind in ("section", "header"):
        texts = [block.get("text"), *_dicts(block.get("fields"))]
    elif kind == "context":
        texts = list(_dicts(block.get("elements")))
    elif kind == "markdown":
        texts = [{"text": block.get("text")}]
    else:
        return ""
    found = [item["text"] for item in texts if isinstance(item, dict) and isinstance(item.get("text"), str)]
    return "\n".join(plain(text, names) for text in found)


def _rich(part: Mapping[str, Any], names: Names) -> str:
    kind, elements = part.get("type"), list(_dicts(part.get("elements")))
    if kind == "rich_text_list":
        return "\n".join("• " + _rich(item, names) for item in elements)
    text = "".join(_element(element, names) for element in elements)
    if kind == "rich_text_preformatted":
        return f"```\n{text}\n```"
    if kind == "rich_text_quote":
        return "\n".join("> " + line for line in text.split("\n"))
    return text


def _string(element: Mapping[str, Any], key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""


_ELEMENTS: dict[str, Callable[[Mapping[str, Any], Names], str]] = {
    "text": lambda e, names: _string(e, "text"),
    "link": lambda e, names: _link(_string(e, "url"), _string(e, "text")),
    "user": lambda e, names: "@" + (names.people.get(_string(e, "user_id")) or _string(e, "user_id")),
    "channel": lambda e, names: "#" + (names.channels.get(_string(e, "channel_id")) or _string(e, "channel_id")),
    "usergroup": lambda e, names: "@" + _string(e, "usergroup_id"),
    "broadcast": lambda e, names: "@" + _string(e, "range"),
    "emoji": lambda e, names: f":{_string(e, 'name')}:",
    "date": lambda e, names: _string(e, "fallback"),
}


def _element(element: Mapping[str, Any], names: Names) -> str:
    write = _ELEMENTS.get(_string(element, "type"))
    return write(element, names) if write else ""


# Each of these says that the attachment shows somebody else's words: an unfurled link, a shared message.
_FOREIGN = ("from_url", "original_url", "author_id", "author_name", "author_subname", "is_share", "is_msg_unfurl")


def _attachment(attachment: Mapping[str, Any], names: Names) -> str:
    if any(attachment.get(key) for key in _FOREIGN):
        return ""
    parts = (_string(attachment, key) for key in ("pretext", "title", "text"))
    return plain("\n".join(part for part in parts if part), names)


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


# ------------------------------------------------------------------ quotes


def split_quotes(text: str) -> tuple[str, str]:
    """(own words, quoted words). Lines after `>` are somebody else's until shown otherwise, so they must not be
    credited to who quoted them (rights.md IMP-16); inside a code block `>` is a prompt."""
    if ">" not in text:
        return text, ""
    own, quoted, fenced, rest = [], [], False, False
    for line in text.split("\n"):
        if not fenced and (rest or line.startswith(">")):
            rest = rest or line.startswith(">>>")  # quotes everything that follows
            quoted.append(line.lstrip("> "))
            continue
        if line.count("```") % 2:
            fenced = not fenced
        own.append(line)
    return "\n".join(own).strip(), "\n".join(quoted).strip()
