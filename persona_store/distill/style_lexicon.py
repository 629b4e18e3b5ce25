"""The closed lists that style is measured with: words that say how somebody writes and not what about.

Function words tell people apart best, and independently of the topic (Mosteller and Wallace, *Inference and
Disputed Authorship*, 1964); to these come the small words of chat. No list holds a feeling, a trait or a
judgement: what is counted here is read by people about a colleague (rights.md L25, L35).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files


def _lists() -> Mapping[str, tuple[str, ...]]:
    """By the name in brackets, the words below it."""
    lists: dict[str, tuple[str, ...]] = {}
    name = ""
    text = files("persona_store").joinpath("distill", "style_words.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        elif name:
            lists[name] = lists.get(name, ()) + tuple(line.split())
    return lists


_LISTS = _lists()
FUNCTION_WORDS = frozenset(_LISTS["function"])
TALK_WORDS = frozenset(_LISTS["talk"])
COMMON_WORDS = FUNCTION_WORDS | TALK_WORDS
CHINESE_WORDS = frozenset(_LISTS["chinese"])
CHINESE_WORD = re.compile("|".join(sorted(CHINESE_WORDS, key=lambda word: (-len(word), word))))
COMMON_CHARACTERS = frozenset("".join(CHINESE_WORDS))
DANGLING = frozenset(_LISTS["dangling"])
"""A phrase that breaks off after one of these, or begins with one in the middle of a clause, is none."""
SURNAMES = frozenset(_LISTS["surnames"])
"""The commonest; what looks like one of their names at the beginning of a clause is taken for somebody's."""

YES = re.compile(
    r"(?:yes|yeah|yea|yep|yup|ya|sure|right|correct|exactly|indeed|absolutely|definitely|of course|ok|okay"
    r"|agreed)\b"
    r"|嗯|对[的啊呀，。,!！\s]|对$|是的|是啊|好的|好[，。,!！\s]|好$|可以|没错|行[，。,!！\s啊的]|行$|有的|没问题",
    re.IGNORECASE,
)
NO = re.compile(
    r"(?:no|nope|nah|not (?:really|quite|yet|sure|that)|never|don't think|i don't think)\b"
    r"|不是|不行|不[，。,!！\s]|不$|没有|不能|不可以|不用|不对|不会|还没|暂不",
    re.IGNORECASE,
)
DEPENDS = re.compile(
    r"(?:well, )?(?:(?:it|that) )?(?:all )?depends\b|看情况|要看|得看|取决于|分情况|不一定", re.IGNORECASE
)
THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|ty|cheers|much appreciated)\b|谢谢|多谢|感谢|谢了|辛苦", re.IGNORECASE
)
GREETING = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear)\b|你好|您好|大家好|早[，。!！\s]|hi", re.I
)
SOFTENER = re.compile(
    r"\b(?:i think|i guess|i believe|i suppose|maybe|perhaps|probably|might|possibly|not sure|imo|imho"
    r"|afaik|iirc)\b"
    r"|可能|也许|大概|应该|估计|好像|似乎|感觉|我觉得|不确定",
    re.IGNORECASE,
)
