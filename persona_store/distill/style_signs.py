"""Emoji, :shortcodes:, smileys and kaomoji: found in a text, and taken out of it."""

from __future__ import annotations

import re

EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}|[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\U0001f300-\U0001faff\u2600-\u27bf][\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
SHORTCODE = re.compile(
    r"(?<![\w:]):(?=[a-z0-9_+\-]*[a-z+])(?:\+1|-1|[a-z][a-z0-9_+\-]{1,40}):(?![\w:])|\[[\u4e00-\u9fff]{1,4}\]"
)
SMILEY = re.compile(r"(?<![\w:;=(])(?:[:;=8][-'’o]?[)(DPpOo/\\|]|[xX]D|<3|\^_?\^)(?![\w)])|(?<=\s)\^\^|:\)")
KAOMOJI = re.compile(
    r"[(（][ ]?[^\w\s()（）.,]{1,3}[_.ωдᴥ▽﹏∀‿ー-]{1,2}[^\w\s()（）.,]{1,3}[ ]?[)）]"
    r"|¯\\?_\(ツ\)_/¯|\b(?:T_T|QAQ|QwQ|orz|OTZ|o_O|O_o)\b"
    r"|-_-|>_<|=_="
)

_KINDS = (("kaomoji", KAOMOJI), ("shortcode", SHORTCODE), ("smiley", SMILEY), ("emoji", EMOJI))


def signs(text: str) -> tuple[list[tuple[str, str]], str]:
    """(kind and sign of each, the text without them)."""
    found: list[tuple[str, str]] = []
    for kind, sign in _KINDS:
        there = sign.findall(text)
        if there:
            found += [(kind, each) for each in there]
            text = sign.sub(" ", text)
    return found, text
