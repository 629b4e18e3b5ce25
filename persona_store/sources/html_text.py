"""HTML as a reader sees it: words, line ends, quotes after `>`; what is hidden from the eye is left out and told.

A reader of its own because the input is hostile: the fast library for this needs half a minute for 100,000 nested
`<div>`, and Python's own is quadratic before 3.11.14 (CVE-2025-6069). This one looks at each character once, keeps
at most `DEEPEST` open elements, and builds nothing: scripts, links and pictures are never followed.
"""

from __future__ import annotations

import html
import re
from collections import Counter

from msgspec import Struct

DEEPEST = 200


def _words(names: str) -> list[str]:
    return names.split()


VOID = frozenset(_words("area base br col embed hr img input link meta param source track wbr includetail"))
RAW = frozenset(("script", "style", "title", "textarea", "noscript", "iframe", "xmp", "noembed", "noframes"))
UNSEEN = frozenset(("head", "template", "svg", "math", "select", "object", "audio", "video", "canvas", "map"))
LINES = frozenset(
    _words("div li tr dt dd section article header footer main nav aside figure form body html address")
)
PARAGRAPHS = frozenset(_words("p blockquote ul ol dl table pre hr h1 h2 h3 h4 h5 h6 fieldset"))
CELLS = frozenset(("td", "th"))
WALLS = frozenset(("td", "th", "caption", "table"))
"""What an end tag of something outside does not reach through (https://html.spec.whatwg.org/#has-an-element-in-scope)."""
TABLE = frozenset(("table", "tr", "td", "th", "tbody", "thead", "tfoot", "caption"))

QUOTES = re.compile(
    r"gmail_quote|gmail_attr|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|isReplyContent|"
    r"OutlookMessageHeader|reply-quote|reply-separator|quoted-text|mail_quote|ntes_quote",
    re.I,
)
"""How mailers mark what is not the writer's: Gmail, Yahoo, Thunderbird, Proton, Zoho, NetEase, Outlook."""
REST_IS_QUOTED = re.compile(r"appendonsend|divRplyFwdMsg|OLK_SRC_BODY_SECTION|reference-message-container", re.I)
SIGNATURES = re.compile(r"gmail_signature|moz-signature|\bsignature\b", re.I)

_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:_-]{0,40})")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_HIDING = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}[01](?:\.\d)?(?:px|pt)?\s{0,3}(?:;|!|$)|"
    r"mso-hide\s{0,3}:\s{0,3}all|opacity\s{0,3}:\s{0,3}0\s{0,3}(?:;|!|$)",
    re.I,
)
_WHITE = re.compile(r"(?:^|;|\s)color\s{0,3}:\s{0,3}(?:#fff(?:fff)?\b|white\b|rgb\(255,\s?255,\s?255\))", re.I)


class Page(Struct):
    text: str
    title: str = ""
    said: dict[str, str] = {}  # its <meta> fields, by lower-case name
    hidden: bool = False  # whether something was left out because nobody sees it


class _Open(Struct):
    tag: str
    quoted: bool = False
    unseen: bool = False
    exact: bool = False  # blanks and line ends count
    filled: bool = False  # has a background, so that white on it can be read
    link: str = ""


def html_text(source: str, *, headings: bool = False) -> Page:
    """The page's words. With `headings` they are marked as in Markdown, for documents."""
    reading = _Reading(source, headings)
    reading.run()
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(reading.lines)).strip("\n")
    return Page(text, _plain(reading.title), reading.said, reading.hidden)


class _Reading:
    def __init__(self, source: str, headings: bool) -> None:
        self._source = source
        self._headings = headings
        self._stack = [_Open("")]
        self._counts: Counter[str] = Counter()
        self._beyond = 0  # elements open deeper than is kept track of
        self._rest_quoted = False
        self._line: list[str] = []
        self._has_quote = True  # whether a `"` may still follow
        self.lines: list[str] = []
        self.title = ""
        self.said: dict[str, str] = {}
        self.hidden = False

    def run(self) -> None:
        source, at = self._source, 0
        while (start := source.find("<", at)) >= 0:
            self._say(source[at:start])
            if source.startswith("<!--", start):
                end = source.find("-->", start + 4)
                at = len(source) if end < 0 else end + 3
            elif source.startswith(("<!", "<?"), start):
                end = source.find(">", start)
                at = len(source) if end < 0 else end + 1
            elif match := _TAG.match(source, start):
                at = self._tag(match[1].lower(), match.end(), closing=source.startswith("</", start))
            else:
                self._say("<")
                at = start + 1
        self._say(source[at:])
        self._end_line()

    # -------------------------------------------------------------- tags

    def _tag(self, tag: str, at: int, *, closing: bool) -> int:
        """Where it goes on after the tag."""
        end = self._end_of_tag(at)
        if closing:
            self._close(tag)
            return end
        written = self._source[at : end - 1][:4000]
        said = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(written)}
        if tag in RAW:
            return self._raw(tag, end)
        if tag == "meta":
            name = (said.get("name") or said.get("property") or "").lower()
            self.said.setdefault(name[:60], said.get("content", "")[:300])
        self._open(tag, said, empty=written.endswith("/") and tag not in LINES | PARAGRAPHS | CELLS)
        return end

    def _end_of_tag(self, at: int) -> int:
        source = self._source
        end = source.find(">", at)
        while end >= 0 and self._has_quote and source.count('"', at, end) % 2:
            close = source.find('"', end)
            if close < 0:
                self._has_quote = False
                break
            at, end = close + 1, source.find(">", close)
        return len(source) if end < 0 else end + 1

    def _raw(self, tag: str, at: int) -> int:
        """Past an element whose content is no markup and, but for the title, nothing anybody reads."""
        end = self._source.find(f"</{tag}", at)
        if end < 0:
            end = self._source.lower().find(f"</{tag}", at)
        end = len(self._source) if end < 0 else end
        if tag == "title" and not self.title:
            self.title = html.unescape(self._source[at : min(end, at + 1000)])
        close = self._source.find(">", end)
        return len(self._source) if close < 0 else close + 1

    def _open(self, tag: str, said: dict[str, str], *, empty: bool) -> None:
        marks = f"{said.get('class', '')} {said.get('id', '')}"
        if REST_IS_QUOTED.search(marks) or tag == "includetail":
            self._end_line()
            self._rest_quoted = True
        self._break_before(tag)
        if tag in VOID or empty:
            return
        if len(self._stack) >= DEEPEST:
            self._beyond += 1
            return
        around, style = self._stack[-1], said.get("style", "")
        filled = around.filled or "background" in style.lower() or "bgcolor" in said
        hiding = bool("hidden" in said or _HIDING.search(style) or (_WHITE.search(style) and not filled))
        if tag in ("blockquote", "q") or QUOTES.search(marks):
            self._end_line()
        self._stack.append(
            _Open(
                tag,
                quoted=around.quoted or tag == "blockquote" or bool(QUOTES.search(marks)),
                unseen=around.unseen or tag in UNSEEN or hiding or bool(SIGNATURES.search(marks)),
                exact=around.exact or tag == "pre",
                filled=filled,
                link=said.get("href", "") if tag == "a" else "",
            )
        )
        self._counts[tag] += 1
        self.hidden |= hiding and not around.unseen
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6") and self._headings and not self._stack[-1].unseen:
            self._line.append("#" * int(tag[1]) + " ")

    def _close(self, tag: str) -> None:
        if tag in ("p", "br"):  # a stray end tag of these is an empty line, as browsers have it
            self._break_before(tag)
        if self._beyond:
            self._beyond -= 1
            return
        if not self._counts[tag]:
            return
        place = len(self._stack) - 1
        while self._stack[place].tag != tag:
            if self._stack[place].tag in WALLS and tag not in TABLE:
                return
            place -= 1
            if not place:
                return
        inner, around = self._stack[place], self._stack[place - 1]
        if (inner.quoted and not around.quoted) or (inner.exact and not around.exact):
            self._end_line()
        link = self._stack[place].link
        if link.startswith(("http://", "https://")) and len(link) <= 200 and link not in "".join(self._line[-3:]):
            self._say(f" ({link})")
        for gone in self._stack[place:]:
            self._counts[gone.tag] -= 1
        del self._stack[place:]
        if tag not in CELLS:
            self._break_before(tag)

    def _break_before(self, tag: str) -> None:
        if tag == "br":
            self._end_line(kept=True)
        elif tag in CELLS:
            if "".join(self._line).strip():
                self._line.append(" | ")
        elif tag in PARAGRAPHS:
            self._end_line()
            self._empty_line()
        elif tag in LINES:
            self._end_line()
            if tag == "li" and not self._stack[-1].unseen:
                self._line.append("• ")

    # -------------------------------------------------------------- words

    def _say(self, written: str) -> None:
        if not written:
            return
        inner = self._stack[-1]
        if inner.unseen:
            return
        text = html.unescape(written) if "&" in written else written
        if inner.exact:
            first, *more = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for line in more:
                self._end_line(kept=True)
                self._line.append(line)
            return
        self._line.append(_BLANKS.sub(" ", text))

    def _end_line(self, *, kept: bool = False) -> None:
        """`kept`: also a line without words, as <br> makes one."""
        inner = self._stack[-1]
        joined = "".join(self._line)
        line = joined.rstrip() if inner.exact else _BLANKS.sub(" ", joined).strip()
        self._line.clear()
        if line.strip(" |•#") or (line and inner.exact):
            # Deeper than anybody can follow it is not known whose words they are.
            quoted = inner.quoted or self._rest_quoted or self._beyond > 0
            self.lines.append("> " + line if quoted else line)
        elif kept:
            self._empty_line()

    def _empty_line(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")


def _plain(text: str) -> str:
    return " ".join(text.split())[:300]
