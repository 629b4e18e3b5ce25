"""Whose words stand in a chat message: its author's, and those it only quotes. Pure functions."""

from __future__ import annotations

import re

from persona_store.sources.slack_text import split_quotes

# How WeChat and DingTalk paste a quotation: 「名字：原文」, a line of dashes, the answer.
_CORNERS = re.compile(r"\s{0,9}「(.{1,5000}?)」[ \t]{0,9}\n\s{0,9}(?:[-—–─] ?){3,99}\s{0,9}", re.S)
# WeCom's archive has an answer and what it answers in one text.
_ANSWER = re.compile(
    r"\s{0,9}(?:这是一条引用/回复消息|This is a quote/reply)[：:]\s{0,9}"
    r"(?P<quoted>.{0,20000}?)\n-{6}[ \t]{0,9}(?:\n|$)",
    re.S,
)


def own_words(text: str) -> tuple[str, str]:
    """(own words, quoted words)."""
    quoted: list[str] = []
    while match := _CORNERS.match(text):
        quoted.append(match[1].strip())
        text = text[match.end() :]
    if match := _ANSWER.match(text):
        quoted.append(match["quoted"].strip().strip('"“”').strip())
        text = text[match.end() :]
    own, below = split_quotes(text)
    return own.strip(), "\n".join(filter(None, [*quoted, below]))
