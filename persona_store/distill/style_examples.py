"""Words that may be shown as an example of how somebody writes: theirs, short, and about nobody and nothing."""

from __future__ import annotations

import re

from persona_store.distill import style_lexicon as lexicon
from persona_store.distill.style_counts import CHINESE
from persona_store.distill.style_phrases import named
from persona_store.distill.style_prose import prose

LONGEST = 90
"""Characters of an example."""
_COMMON = 0.55  # of its words: an example shows the manner, not the matter
_WORD = re.compile(rf"[A-Za-z]+(?:['’][A-Za-z]+)?|[{CHINESE}]")
_UNSAFE = re.compile(r"[\d@#<>{}=|\\^$/`\ue000-\ue003]|\[removed")
_OF_SOMEBODY = frozenset(
    ["he", "she", "him", "her", "his", "hers", "he's", "she's", "he'll", "she'll", "he'd", "she'd", "他", "她"]
)
_CAPITAL = re.compile(r"(?<=[\w,;:\u3400-\u9fff])[ ]?[A-Z](?!\b|['’])\w*|(?<=[a-z])[A-Z]")


def example(text: str) -> str:
    """The message itself if it may be shown, else "": one line, nothing but the author's prose, no number, link,
    handle or code, no name as far as one sees, nothing about
    a third person, and mostly words of the closed lists."""
    text = text.strip()
    if not 2 <= len(text) <= LONGEST or "\n" in text or _UNSAFE.search(text) or _CAPITAL.search(text):
        return ""
    if prose(text).text != text:
        return ""
    words = _WORD.findall(text)
    common = sum(
        word.lower().replace("’", "'") in lexicon.COMMON_WORDS or word in lexicon.COMMON_CHARACTERS
        for word in words
    )
    if (
        not words
        or common < _COMMON * len(words)
        or named(text)
        or any(word.lower() in _OF_SOMEBODY for word in words)
    ):
        return ""
    return text


def names_of(author_name: str) -> frozenset[str]:
    """The parts of a name by which somebody may be called; common words are none."""
    parts = re.findall(r"[^\W\d_]{2,}", author_name.casefold())
    return frozenset(part for part in parts if part not in lexicon.COMMON_WORDS)


def mentions(quote: str, names: frozenset[str]) -> bool:
    """Whether one of these people is named in it."""
    folded = quote.casefold()
    if names & frozenset(re.findall(r"[^\W\d_]+", folded)):
        return True
    if folded.isascii():
        return False
    places = range(len(folded))
    return any(folded[start : start + length] in names for start in places for length in (2, 3, 4))
