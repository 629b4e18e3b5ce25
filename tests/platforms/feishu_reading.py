"""How Feishu shows what a bot sends: the words a reader sees, who is notified, what can be pressed.

Markdown of cards (open.feishu.cn, "Rich text component") and of `post`'s md tag is the same dialect here; `text`
messages know `<at>` and little else. In doubt something notifies or leads away: an `<at>` need not be closed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MARKS = re.compile(
    r"""
    (?P<fence>```[^\n`]*\n.*?(?:```|\Z))
    | (?P<code>`[^`\n]+`)
    | (?P<escape>\\[!-/:-@\[-`{-~])
    | (?P<entity>&(?:\#\d+|\#[xX][0-9a-fA-F]+|[A-Za-z]+);)
    | <at\s+(?:id|user_id|ids|email)\s*=\s*["']?(?P<at>[^"'>\s]+)["']?\s*>(?:(?P<given>[^<]*)</at>)?
    | <person\s+id\s*=\s*["'](?P<person>[^"']+)["'][^>]*>\s*</person>
    | (?P<image>!\[[^\]\n]*\]\([^)\s]*\))
    | \[(?P<label>[^\]\n]+)\]\((?P<target>[^)\s]+)\)
    | <a\s+href\s*=\s*["'](?P<href>[^"']+)["'][^>]*>
    | (?P<tag></?(?:a|font|b|i|u|s|strong|em|del|text_tag|number_tag|br|hr|li|ul|ol|link|person)\b[^>]*>)
    | (?P<bare>https?://[^\s<>()\[\]"'，。、；）】]+)
    | (?<![\w*])\*(?P<slanted>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])
    | (?P<strong>\*\*|~~)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""What is not plain words in a card's Markdown, in the order in which it wins."""

TEXT_AT = re.compile(r"""<at\s+user_id\s*=\s*["']?([^"'>\s]+)["']?\s*>(?:([^<]*)</at>)?""", re.IGNORECASE)


def shown(kind: str, content: Json, names: dict[str, str]) -> list[str]:
    """Every piece of text a reader sees, in order. `names`: open_id → name, for mentions."""
    pieces = [_plain(text, names) if rich else text for text, rich in _pieces(kind, content, names)]
    return [piece for piece in pieces if piece]


def notified(kind: str, content: Json) -> list[str]:
    """The ids a message mentions for real, `all` among them."""
    if kind == "text":
        return [found[1] for found in TEXT_AT.finditer(content.get("text", ""))]
    found = [id for text, rich in _pieces(kind, content, {}) if rich for id in mentioned(text)]
    if kind == "post":
        found += [e.get("user_id", "") for line in post_lines(content) for e in line if e.get("tag") == "at"]
    return found


def mentioned(markdown: str) -> list[str]:
    ids = [m["at"] or m["person"] for m in MARKS.finditer(markdown) if m["at"] or m["person"]]
    return [id for several in ids for id in several.split(",")]


def links(kind: str, content: Json) -> list[str]:
    """Where a click can lead: Markdown links, bare addresses, `a` elements and buttons that open something. Only a
    card's plain text is never made a link of."""
    found = [
        target
        for text, rich in _pieces(kind, content, {})
        if rich or kind != "interactive"
        for m in MARKS.finditer(text)
        if (target := m["target"] or m["href"] or m["bare"])
    ]
    if kind == "post":
        found += [e["href"] for line in post_lines(content) for e in line if e.get("tag") == "a"]
    for element in elements(content):
        found += [b.get("default_url", "") for b in element.get("behaviors", []) if b.get("type") == "open_url"]
        found += [element["url"]] if element.get("url") else []
    return found


def buttons(content: Json) -> list[Json]:
    return [element for element in elements(content) if element.get("tag") == "button"]


def elements(node: Any) -> Iterator[Json]:
    """Every element of a card, parents before children."""
    if isinstance(node, list):
        for child in node:
            yield from elements(child)
    elif isinstance(node, dict):
        if "tag" in node:
            yield node
        if node.get("tag") != "table":  # whose columns are descriptions
            for key in ("body", "elements", "columns", "actions", "extra"):
                yield from elements(node.get(key))


def value_of(button: Json) -> Any:
    """What a press brings back: the callback behaviour's value, or the old `value`."""
    for behaviour in button.get("behaviors", []):
        if behaviour.get("type") == "callback":
            return behaviour.get("value", {})
    return button.get("value", {})


def _pieces(kind: str, content: Json, names: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """(text, whether it is Markdown), in reading order."""
    if kind == "text":
        words = TEXT_AT.sub(lambda m: "@" + names.get(m[1], m[2] or m[1]), content.get("text", ""))
        yield words, False
    elif kind == "post":
        for title in [_post(content).get("title", "")]:
            yield title, False
        for line in post_lines(content):
            if any(e.get("tag") == "md" for e in line):
                yield from ((e.get("text", ""), True) for e in line)
            else:
                yield "".join(_post_words(e, names) for e in line), False
    elif kind == "interactive":
        yield from pieces_of(content)
    else:
        yield from ((str(content[key]), False) for key in ("file_name", "text") if key in content)


def pieces_of(node: Any) -> Iterator[tuple[str, bool]]:
    """The texts of a card or a part of one, as (text, whether it is Markdown), in reading order."""
    if isinstance(node, list):
        for child in node:
            yield from pieces_of(child)
        return
    if not isinstance(node, dict):
        return
    tag = node.get("tag", "")
    if tag in ("plain_text", "lark_md", "markdown", "text_tag"):
        text = node.get("content", node.get("text", ""))
        if isinstance(text, dict):
            text = text.get("content", "")
        yield str(text), tag in ("lark_md", "markdown")
        return
    if tag == "table":
        yield from ((str(c.get("display_name", "")), False) for c in node.get("columns", []))
        for row in node.get("rows", []):
            yield from ((str(cell), True) for cell in row.values())
        return
    for key in ("header", "title", "subtitle", "text_tag_list", "label", "text", "placeholder", "default_value",
                "fields", "columns", "body", "elements", "actions", "options", "extra", "alt"):  # fmt: skip
        if key == "default_value" and isinstance(node.get(key), str):
            yield node[key], False
        else:
            yield from pieces_of(node.get(key))


def _post(content: Json) -> Json:
    """A post that is sent stands under its language, one that is received does not."""
    return next((v for v in content.values() if isinstance(v, dict) and "content" in v), content)


def post_lines(content: Json) -> list[list[Json]]:
    return list(_post(content).get("content", []))


def _post_words(element: Json, names: dict[str, str]) -> str:
    if element.get("tag") == "at":
        id = element.get("user_id", "")
        return "@" + names.get(id, element.get("user_name") or id)
    return str(element.get("text", element.get("emoji_type", "")))


def _plain(markdown: str, names: dict[str, str]) -> str:
    """The Markdown as it is displayed, mentions by name."""

    def display(mark: re.Match[str]) -> str:
        if mark["fence"]:
            return mark[0].strip("`").partition("\n")[2].rstrip("\n")
        if mark["code"]:
            return mark[0][1:-1]
        if mark["escape"]:
            return mark[0][1:]
        if mark["entity"]:
            return html.unescape(mark[0])
        if id := mark["at"] or mark["person"]:
            return "@" + names.get(id, mark["given"] or id)
        if inner := mark["label"] or mark["slanted"]:
            return _plain(inner, names)
        return mark["bare"] or ""

    return MARKS.sub(display, markdown)
