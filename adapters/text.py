"""The Markdown subset that cards are written in, read into spans that a platform can render without being fooled.

The subset: paragraphs, `**bold**`, `` `code` ``, fenced code, lists, quotes and links. What people wrote, what was
imported and what a model said passes through here, so the rule is *structure in, structure out*: whatever is not
one of these forms is text, and text is escaped by the dialect that prints it (rights.md T25, T26).

A link survives only if its URL is one the caller named. Images never do. `<!channel>`, `<@U1>`, `@all` and
`javascript:` are shown as they were written and do nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct


class Span(Struct, frozen=True):
    """A run of text with one look. `url` is only ever one the caller allowed."""

    text: str
    bold: bool = False
    code: bool = False
    url: str = ""


class Block(Struct, frozen=True):
    """`kind` is paragraph, item, quote or code; `number` is the number of an ordered item."""

    kind: str
    spans: tuple[Span, ...]
    number: int = 0


_FENCE = re.compile(r"^\s{0,3}```")
_ITEM = re.compile(r"^\s*(?:[-*+•]|(\d{1,9})[.)])\s+(.*)$")
_QUOTE = re.compile(r"^\s{0,3}>\s?(.*)$")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*$")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^\s*](?:[^\n]*?[^\s])??)\*\*"
    r"|!\[(?P<alt>[^\]\n]*)\]\([^)\n]*\)"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<url>[^)\s]+)\)"
)
# "everyone" in the platforms' own words, after an at sign of any width; letters of any width are folded below,
# because some of the platforms fold them too
_AT = re.compile(r"[@＠﹫](?=\w)")
_EVERYONE = re.compile(r"(?:all|channel|here|everyone|所有人|全体成员)(?![a-zA-Z0-9_])", re.IGNORECASE)
_LONGEST = len("everyone ")
_SCHEME = re.compile(r"(?<![a-zA-Z0-9+.-])([a-zA-Z][a-zA-Z0-9+.-]{1,20}):(?=//|[^\s:]*\()")
_JOINER = "\u2060"  # WORD JOINER: invisible, and no linkifier or mention parser reads across it
_LINKABLE = ("https://", "http://")


def parse(markdown: str, *, links: Collection[str] = ()) -> tuple[Block, ...]:
    """Read the subset. `links` are the only URLs that may become links; any other link keeps its words."""
    lines = markdown.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(_blocks(lines, frozenset(url for url in links if url.startswith(_LINKABLE))))


def _blocks(lines: Sequence[str], links: frozenset[str]) -> Iterator[Block]:
    held: list[str] = []
    held_kind = "paragraph"
    fence: list[str] | None = None

    def flush() -> Iterator[Block]:
        if held:
            yield Block(held_kind, tuple(_spans("\n".join(held), links)))
            held.clear()

    for line in lines:
        if fence is not None:
            if _FENCE.match(line):
                yield Block("code", (Span("\n".join(fence), code=True),))
                fence = None
            else:
                fence.append(line)
            continue
        if _FENCE.match(line):
            yield from flush()
            fence = []
            continue
        quoted = _QUOTE.match(line)
        kind = "quote" if quoted else "paragraph"
        item, heading = _ITEM.match(line), _HEADING.match(line)
        if not line.strip() or item or heading or kind != held_kind:
            yield from flush()
        held_kind = kind
        if quoted:
            held.append(quoted[1])
        elif item:
            yield Block("item", tuple(_spans(item[2], links)), number=int(item[1] or 0))
        elif heading:
            yield Block("paragraph", tuple(_spans(heading[1], links, bold=True)))
        elif line.strip():
            held.append(line.rstrip())
    yield from flush()
    if fence:  # a fence nobody closed is still code
        yield Block("code", (Span("\n".join(fence), code=True),))


def _spans(text: str, links: frozenset[str], *, bold: bool = False) -> Iterator[Span]:
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            yield Span(mute(text[at : match.start()], links), bold=bold)
        if match["code"] is not None:
            yield Span(mute(match["code"], links), bold=bold, code=True)
        elif match["bold"] is not None:
            yield from _spans(match["bold"], links, bold=True)
        elif match["alt"] is not None:
            yield Span(mute(match["alt"], links), bold=bold)
        else:
            yield Span(mute(match["label"], links), bold=bold, url=match["url"] if match["url"] in links else "")
        at = match.end()
    if at < len(text):
        yield Span(mute(text[at:], links), bold=bold)


def mute(text: str, links: Collection[str] = ()) -> str:
    """The same words to the eye, but no `@all` that calls everyone and no URL that turns into a link by itself."""

    def hush(match: re.Match[str]) -> str:
        called = unicodedata.normalize("NFKC", text[match.end() : match.end() + _LONGEST])
        return "@" + _JOINER if _EVERYONE.match(called) else match[0]

    def defang(match: re.Match[str]) -> str:
        if any(text.startswith(url, match.start()) for url in links):
            return match[0]
        return match[0] + _JOINER

    text = _AT.sub(hush, text)
    return _SCHEME.sub(defang, text)


def plain(blocks: Sequence[Block]) -> str:
    """For platforms and places without any markup."""
    return _join(blocks, lambda span: span.text, fence=lambda text: text)


def escape_mrkdwn(text: str) -> str:
    """Slack reads three characters as control; escaped, no `<!channel>`, `<@U1>` or `<url|text>` can be smuggled
    in (docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(blocks: Sequence[Block]) -> str:
    """Slack's dialect: `*bold*`, `<url|text>`, no headings."""

    def show(span: Span) -> str:
        text = escape_mrkdwn(span.text)
        if span.code:
            return "`" + text.replace("`", "ˋ") + "`"
        if span.url:
            text = f"<{escape_mrkdwn(span.url).replace('|', '%7C')}|{text.replace('|', '¦')}>"
        return f"*{text.replace('*', '∗')}*" if span.bold else text

    return _join(blocks, show, fence=lambda text: "```\n" + escape_mrkdwn(text).replace("```", "ˋˋˋ") + "\n```")


def commonmark(blocks: Sequence[Block]) -> str:
    """Full CommonMark, for fields that take it; every character of meaning in text is escaped."""

    def show(span: Span) -> str:
        if span.code:
            return "`" + span.text.replace("`", "ˋ") + "`"
        text = re.sub(r"([\\`*_{}\[\]()#+!|~>-])", r"\\\1", span.text).replace("&", "&amp;").replace("<", "&lt;")
        if span.url:
            text = f"[{text}]({span.url.replace('(', '%28').replace(')', '%29')})"
        return f"**{text}**" if span.bold else text

    return _join(blocks, show, fence=lambda text: "```\n" + text.replace("```", "ˋˋˋ") + "\n```")


def _join(blocks: Sequence[Block], show: Callable[[Span], str], *, fence: Callable[[str], str]) -> str:
    lines: list[str] = []
    before = ""
    for block in blocks:
        if lines and not (block.kind == "item" and before == "item"):
            lines.append("")
        before = block.kind
        if block.kind == "code":
            lines.append(fence(block.spans[0].text))
            continue
        text = _glue([(span, show(span)) for span in block.spans])
        if block.kind == "item":
            lines.append((f"{block.number}. " if block.number else "- ") + text)
        elif block.kind == "quote":
            lines.extend("> " + line for line in text.split("\n"))
        else:
            lines.append(text)
    return "\n".join(lines)


def _glue(shown: Sequence[tuple[Span, str]]) -> str:
    """Put spans together. A bold mark that touches a letter or a CJK character on its outside is not rendered
    (peers.md S12), so a space goes between."""
    out = ""
    was_bold = False
    for span, text in shown:
        marked = text != span.text and span.bold and not span.code
        if out and text and (marked and _wordy(out[-1]) or was_bold and _wordy(text[0])):
            out += " "
        out += text
        was_bold = marked
    return out


def _wordy(char: str) -> bool:
    return char.isalnum() or char == "_"


def whole(text: str, at: int) -> int:
    """The nearest place at or before `at` where a cut leaves every visible character whole: no cut before a
    combining mark, variation selector, skin tone or joiner, nor between the two halves of a flag."""
    while 0 < at < len(text) and _sticks(text, at):
        at -= 1
    return at


def _sticks(text: str, at: int) -> bool:
    char, before = text[at], text[at - 1]
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or char == "\u200d" or before == "\u200d":
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or (before == "\r" and char == "\n"):
        return True
    if not _flag(char):
        return False
    run = 0
    while run < at and _flag(text[at - 1 - run]):
        run += 1
    return run % 2 == 1


def _flag(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: whole(text, limit - 1)].rstrip() + "…"


def split(markdown: str, limit: int) -> list[str]:
    """Cut Markdown into pieces of at most `limit` characters: at a paragraph if possible, else a line, a sentence,
    a space, a character. A fence that must be cut is closed and opened again. `limit` must leave room (≥ 32)."""
    if limit < 32:
        raise ValueError(f"limit {limit!r} leaves no room for text")
    pieces: list[str] = []
    rest, opening = markdown.strip("\n"), ""
    while len(opening) + len(rest) > limit:
        room = limit - len(opening) - len("\n```")
        cut = _cut(rest, room)
        piece = opening + rest[:cut].rstrip("\n ")
        opening = _open_fence(piece)
        pieces.append(piece + ("\n```" if opening else ""))
        rest = rest[cut:].lstrip("\n" if opening else "\n ")
    return [*pieces, opening + rest] if rest or not pieces else pieces


def _cut(text: str, room: int) -> int:
    for mark in ("\n\n", "\n", "。", ". ", "！", "？", "; ", "；", " "):
        at = text.rfind(mark, room // 2, room)
        if at > 0:
            return at + len(mark)
    return max(whole(text, room), 1)


def _open_fence(text: str) -> str:
    """The line that opened the fence still open at the end of `text`, with its line break; else nothing."""
    opening = ""
    for line in text.split("\n"):
        if _FENCE.match(line):
            opening = "" if opening else line + "\n"
    return opening
