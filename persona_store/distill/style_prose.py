"""The words of a message that are its author's own prose: without code, links, mentions and what is quoted."""

from __future__ import annotations

import re

from msgspec import Struct

from persona_store.distill.style_lexicon import COMMON_WORDS
from persona_store.distill.style_signs import signs
from persona_store.sources import mail_quotes
from persona_store.sources.chat_quotes import own_words

LONGEST = 20_000
"""Characters of a message that are looked at: a longer one is a paste, and its beginning says how it is written."""

CODE, LINK, MENTION, REMOVED = "\ue000", "\ue001", "\ue002", "\ue003"
"""What stands in place of code, a link, a person's handle and of what redaction took out: no word, and no phrase
goes across it. Private use characters; those of the message itself are dropped."""

MARKS = CODE + LINK + MENTION + REMOVED


class Prose(Struct, frozen=True):
    text: str
    code_block: bool = False
    inline_code: bool = False
    link: bool = False
    list: bool = False

    @property
    def words(self) -> str:
        """The text without the marks."""
        return " ".join(_MARK.sub(" ", self.text).split())


_MARK = re.compile(f"[{MARKS}]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_QUOTED = re.compile(
    r"^[^\n]{0,120}(?:\b(?:said|wrote)\b[^\n]{0,200}|写道|说)[:：][ \t]*\n(?=[ \t]*(?:>|`{3,} ?quote))"  # who
    r"|^(`{3,}) ?quote[ \t]*\n.*?(?:^\1[ \t]*$|\Z)",  # Zulip's block
    re.S | re.M,
)
_FENCE = re.compile(r"```.*?(?:```|\Z)|^~~~.*?(?:^~~~|\Z)", re.S | re.M)
_INLINE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.\-]{1,20}://|\bwww\.)[^\s<>\"'，。）】]+|\b[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,}"
)
_MENTION = re.compile(r"@\*\*[^*\n]{1,80}\*\*|(?<![\w.])@([\w.\-]+)((?: [A-Z][\w\-]+){0,2})")
_REMOVED = re.compile(r"\[removed: [a-z ]+\]")
_BULLET = re.compile(r"^[ \t]*(?:[-*•·]|\d{1,2}[.)、])[ \t]+(?=\S)|^[ \t]*\d{1,2}、", re.M)
_SIGNATURE = re.compile(r"^-- ?\n[\s\S]*\Z", re.M)
_CODE_LINE = re.compile(
    r"(?: {4,}|\t)\S"  # CommonMark 4.4
    r"|\s{0,3}(?:\$|>>>|λ|In \[|Out\[)\s?\S"  # a prompt
    r"|\s{0,3}[\w.]+\s?(?:<-|:=|=)\s?\S"
    r"|\s{0,3}(?:def \w+\(|class \w+[(:]|from [\w.]+ import |import [\w.]+$|#include|SELECT .* FROM )"
    r"|\s{0,3}(?:at \S+\(|File \").*\d"
    r"|.*[;{}]\s?$"
)
_BRACKETS = re.compile(r"\s*[{}\[\]()]+[;,)]*\s*")
_LONGEST_LINE = 400  # characters of a line that are looked at
_SYMBOL = re.compile(r"[(){}\[\]<>=+*/\\|&^%$#@;:_\"]")


def prose(text: str) -> Prose:
    """What the author of a message wrote in their own words. Pure; time grows with the length of the text."""
    text = text[:LONGEST]
    if "\n" in text:
        text = _QUOTED.sub("", text)
    text = _FENCE.sub(CODE, _PRIVATE.sub("", text))
    text = _own(text)
    if "@" in text:
        text = _MENTION.sub(_mention, text)
    lines = text.split("\n")
    text = "\n".join(CODE if _is_code(line) else line for line in lines)
    block = CODE in text
    text, inline = _INLINE.subn(CODE, text)
    text, links = _LINK.subn(LINK, text)
    text = _REMOVED.sub(REMOVED, text)
    text, bullets = _BULLET.subn("", text)
    return Prose(text.strip(), code_block=block, inline_code=inline > 0, link=links > 0, list=bullets >= 2)


def _own(text: str) -> str:
    if "\n" in text:
        text = _SIGNATURE.sub("", mail_quotes.split(text).own)
    return own_words(text)[0]


def _mention(match: re.Match[str]) -> str:
    """`@Nell Bloom` is one person, `@Nell Thanks` is a person and a word."""
    words = (match[2] or "").split(" ")[1:]
    while words and words[-1].lower() in COMMON_WORDS:
        words.pop()
    taken = len("".join(f" {word}" for word in words))
    return MENTION + (match[2] or "")[taken:]


def _is_code(line: str) -> bool:
    """A pasted line of a program or a log, by how it begins and how much of it is symbols."""
    line = line[:_LONGEST_LINE]
    if len(line) < 6:
        return bool(_BRACKETS.fullmatch(line))
    if _CODE_LINE.match(line):
        return not _BULLET.match(line)
    if "://" in line:
        line = _LINK.sub("", line)
    bare = signs(line)[1]
    return len(bare) >= 12 and len(_SYMBOL.findall(bare)) > 0.18 * len(bare)
