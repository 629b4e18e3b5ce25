"""What a reader of DingTalk sees: its Markdown dialect, its links and buttons. Pure.

The dialect is what the message types' page lists: headings, quotes, bold, italics, links, images, lists. A line
break needs two blanks before it or an empty line after it, a list an empty line before it; tables and code are
shown as typed. HTML is taken for HTML: a tag is not shown (and makes the message blank on phones), an entity is its
character (eryajf/chatgpt-dingtalk#213). Cards have a fuller Markdown, where every line stands for itself. That a
backslash keeps what follows is an assumption.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from tests.platforms.dingtalk_state import Button

LINK = re.compile(r"(!?)\[((?:\\.|[^\]\\])*)\]\(\s*<?([^)\s>]*)>?[^)]*\)")
BARE = re.compile(r"(?<![\w/])[a-zA-Z][a-zA-Z0-9+.-]*://[^\s)>\]]+")
BLOCK = re.compile(r"^(#{1,6}\s+|>\s?)")
ITEM = re.compile(r"^([-*+]|\d+[.)])\s+")
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
ITALIC = re.compile(r"\*(?=\S)([^*\n]+?)(?<=\S)\*")
TAG = re.compile(r"</?[A-Za-z][^>]*>")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|<@:/-])")
UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
KEPT = 0xE000  # where escaped characters wait until all marks are read
BREAK = re.compile(r"<br\s*/?>")


def rendered(markdown: str) -> str:
    """A Markdown message as words: one line for each line the reader sees."""
    lines: list[str] = []
    flowing = listing = False  # whether the next line would run on; whether we are inside a list
    for line in BREAK.sub("  \n", markdown).split("\n"):
        words = line.strip()
        if not words:
            flowing = listing = False
            continue
        block = BLOCK.match(words)
        item = ITEM.match(words) if listing or not flowing else None
        text = inline(words[block.end() :] if block else words)
        if flowing and not block and not item:
            lines[-1] += " " + text
        else:
            lines.append(text)
        listing = bool(item) or (listing and not block)
        flowing = not (line.endswith("  ") or (block and block[0].startswith("#")))
    return "\n".join(lines)


def card_rendered(markdown: str) -> str:
    """A card's Markdown as words."""
    lines, fenced = [], False
    for line in BREAK.sub("\n", markdown).split("\n"):
        if line.strip().startswith("```"):
            fenced = not fenced
            continue
        block = BLOCK.match(line.strip())
        lines.append(line if fenced else inline(line.strip()[block.end() :] if block else line))
    return "\n".join(lines)


def inline(text: str) -> str:
    """Links become their words, pictures a note that there is one; what marks bold and italics goes, and so does
    what cannot be seen."""
    text = ESCAPED.sub(lambda m: chr(KEPT + ord(m[1])), text)
    text = LINK.sub(lambda m: "[picture]" if m[1] else m[2], text)
    text = html.unescape(TAG.sub("", ITALIC.sub(r"\1", BOLD.sub(r"\1", text))))
    text = re.sub(r"[\ue000-\ue07f]", lambda m: chr(ord(m[0]) - KEPT), text)
    return UNSEEN.sub("", text).replace("\u00a0", " ")


def links(markdown: str) -> tuple[str, ...]:
    """Every address a reader could open: written as a link, or bare."""
    written = [m[3] for m in LINK.finditer(markdown)]
    return tuple(written + BARE.findall(LINK.sub(" ", markdown)))


def link_buttons(markdown: str) -> list[Button]:
    """The links in a text that make their reader say something."""
    found = [m for m in LINK.finditer(markdown) if not m[1] and said_by(m[3]) is not None]
    return [Button(inline(m[2]), m[3], inline=True) for m in found]


def said_by(url: str) -> str | None:
    """What a dtmd link makes its reader say, or None if the client would do nothing (hermes#92254: the host is
    compared letter by letter)."""
    if not url.startswith("dtmd://dingtalkclient/sendMessage?"):
        return None
    content = parse_qs(urlsplit(url).query).get("content", [""])[0]
    return content or None


def with_names(text: str, names: dict[str, str]) -> str:
    """An @staffId that notifies is shown as a name."""
    for id, name in names.items():
        text = re.sub(rf"@{re.escape(id)}(?!\w)", f"@{name}", text)
    return text


def addressed(text: str, ids: Iterable[str]) -> list[str]:
    """Those of `ids` whose @ stands in the text."""
    return [id for id in ids if re.search(rf"@{re.escape(id)}(?!\w)", text)]


def card_buttons(listed: str) -> list[Button]:
    """Those of a card's button group, which takes a list as JSON: text, colour, status, and the event of a
    press."""
    found = []
    for one in json.loads(listed or "[]"):
        event, off = one["event"], one.get("status", "normal") != "normal"
        if event["type"] == "openLink":
            found.append(Button(one["text"], event["params"]["url"], disabled=off))
        else:
            assert event["type"] == "sendCardRequest", event["type"]
            given = event["params"]
            found.append(Button(one["text"], id=given["actionId"], params=given.get("params", {}), disabled=off))
    return found


def all_words(text: str, buttons: Iterable[Button]) -> str:
    """A text and what stands on the buttons under it."""
    return "\n".join([text, *(button.text for button in buttons if not button.inline)])
