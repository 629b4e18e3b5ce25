"""Greetings, thanks and the like: said to be kind. Nothing is asked, and no human is to be called for it.

Every sentence of a message has to be phrases of smalltalk.txt. "Thanks, and how do I roll back?" asks something, so
may a single word that could be a topic: "你好，退款", "Hello. Rollback". In doubt it is a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from persona_store.tokens import fold, is_name

LONGEST = 24  # words; who writes more has something to say
PHRASE = 14  # words of one phrase
_EMOJI = re.compile(r":[\w+-]+:")  # as platforms write them
_END = re.compile(r"[.!;。\n]+")
_WORD = re.compile(r"\w(?:[\w'’-]*\w)?|\?")
_THANKS = re.compile(
    r"\b(?:than(?:ks?|x)|thx|tks|ty|cheers|appreciated|help(?:s|ed|ful))\b|谢|辛苦|帮", re.IGNORECASE
)
_CRY = r"(?!(?:help|humans?|urgent|emergency|issues?|problems?|errors?|questions?)\b)"
_LATIN = rf"{_CRY}(?-i:[A-Z](?:['’][A-Z])?[a-z])[\w'’-]*"
_NAME = rf"(?:{_LATIN}(?: {_LATIN})?|([\u4e00-\u9fff]{{2,3}}))(?! \?)"
"""Lin, Lin Zhou, 林舟. With a question mark it is a topic: "Thanks, Redis?"; in capitals, too: "Hello VPN"."""
_ANYTHING = r"\w+(?: \w+){0,3}"


def only_talk(text: str) -> bool:
    """Whether nothing is asked: small talk from end to end, or no words at all."""
    sentences = [_WORD.findall(each) for each in _END.split(_EMOJI.sub(" ", fold(text)))]
    return sum(map(len, sentences)) <= LONGEST and all(map(_only_phrases, sentences))


def _only_phrases(words: Sequence[str]) -> bool:
    reached = {0} if any(word != "?" for word in words) else {len(words)}
    for start in range(len(words)):
        if start in reached:
            ends = range(start + 1, min(len(words), start + PHRASE) + 1)
            reached.update(end for end in ends if _is_phrase(words[start:end], words[end:]))
    return len(words) in reached


def reply(text: str) -> str:
    """The wording of what is said to small talk."""
    return "refused.thanked" if _THANKS.search(fold(text)) else "refused.smalltalk"


def _is_phrase(words: Sequence[str], then: Sequence[str]) -> bool:
    """A question mark belongs to the phrase before it. Two or three signs are a name if the dictionary says so:
    退款 may stand behind 你好 as well as 林舟."""
    said = None if then[:1] == ["?"] else _phrases().fullmatch(" ".join(words))
    return said is not None and all(is_name(called) for called in said.groups() if called)


@cache
def _phrases() -> re.Pattern[str]:
    lines = files("bots.agent").joinpath("smalltalk.txt").read_text(encoding="utf-8").splitlines()
    phrases = "|".join(_pattern(line) for line in lines if line and not line.startswith("#"))
    return re.compile(phrases, re.IGNORECASE)


def _pattern(line: str) -> str:
    """[…] is optional, NAME and ANYTHING stand for what they say, a blank may be left out, ? at the end says that a
    question mark may follow."""
    line, asked = line.removesuffix("?"), r"(?: \?)*" if line.endswith("?") else ""
    line = line.replace("(", "(?:").replace("[", "(?:").replace("]", ")?").replace(" ", " ?") + asked
    return line.replace("NAME", _NAME).replace("ANYTHING", _ANYTHING)
