"""Whether words stand in a text: quotes letter by letter, sentences by their facts and what they are about. Pure.

Whoever lets a model write checks with this what came back. It sees made-up numbers, names and subjects; a sentence
that says something false in the very words of its source it does not see.
"""

from __future__ import annotations

import re
import unicodedata

from persona_store.tokens import content_tokens

SHORTEST_QUOTE = 6  # characters; fewer prove nothing

_FACT = re.compile(
    r"[A-Za-z_]*\d[\w.:%/-]*|\b\w+(?:[_./:-]\w+)+|\b[A-Z]{2,}\b|`[^`]+`", re.ASCII
)  # ASCII, so that a measure word is no part of its number
_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"'})
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ENGLISH = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ENGLISH_NUMBER = re.compile(rf"\b(?:{'|'.join(_ENGLISH)})\b", re.IGNORECASE)
_CHINESE = "一二三四五六七八九"
_CHINESE_NUMBER = re.compile(
    rf"(?<![{_CHINESE}十百千万])(?:[{_CHINESE}]?十[{_CHINESE}]?|[二两三四五六七八九])"
    r"(?=[个次天周月年分小秒点步人条倍台份元块项种级层轮号日])"
)  # one is left out, because 一个 and "one" count nothing

_NEGATION = re.compile(
    r"\bnot?\b(?! (?:more|less|fewer|later|earlier|sooner) than)|n['’]t\b|"
    r"\b(?:never|none|nobody|nothing|neither|nor|without|cannot)\b|"
    r"不(?![过仅但同断管久少错如止]|好意思|[多晚早低高大小]于|超过)(?<!要不)(?<!差不)(?<!是不)(?<!能不)|"
    r"没(?!问题)|未(?!来)|无(?![论线])|(?<![分级特类区识个])别(?![的人名处])|勿|禁止",
    re.IGNORECASE,
)


_UNITS = {
    "ms": "ms|msecs?|milliseconds?|毫秒",
    "s": "s|secs?|seconds?|秒钟?",
    "min": "mins?|minutes?|分钟",
    "h": "h|hrs?|hours?|个?小时|个?钟头",
    "d": "days?|天",
    "w": "weeks?|个?星期|个?礼拜|周",
    "mo": "months?|个月",
    "y": "years?|年",
    "b": "bytes?|字节",
    "kb": "kb|kib",
    "mb": "mb|mib",
    "gb": "gb|gib",
    "tb": "tb|tib",
    "%": "%|percent|per cent",
}
_MEASURED = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)[ -]?(?:"
    + "|".join(f"(?P<u{index}>{words})" for index, words in enumerate(_UNITS.values()))
    + r")(?![a-z0-9])",
    re.IGNORECASE,
)


def verbatim(quote: str, text: str) -> str | None:
    """The stretch of `text` that a quote stands for, as it is written there: models change blanks, width and the
    kind of quotation marks when they copy, and nothing else is forgiven."""
    folded, places = _folded(text)
    whole = _folded(quote)[0].strip()
    for wanted in (whole, whole.strip("\"'")):
        start = folded.find(wanted)
        if start >= 0 and len(wanted) >= max(1, min(SHORTEST_QUOTE, len(folded))):
            return text[places[start] : places[start + len(wanted) - 1] + 1]
    return None


def support(text: str, source: str) -> float:
    """The share of a sentence's content words that stand in its source; 0 if one of its facts does not, or has
    another unit there."""
    said, there = _counted(text), _counted(source)
    if not measured(said) <= measured(there) or not all(_stands(fact, there.casefold()) for fact in facts(text)):
        return 0.0
    wanted = content_tokens(said)
    return len(wanted & content_tokens(there)) / len(wanted) if wanted else 0.0


def facts(text: str) -> list[str]:
    """Numbers, identifiers, abbreviations and what stands in code marks: what may not be put in other words."""
    return [fact for found in _FACT.findall(_counted(text)) if (fact := found.strip("`.:-/"))]


def measured(text: str) -> set[tuple[str, str]]:
    """Numbers with what they count, where that is time, size or a share: thirty seconds are not thirty minutes."""
    units = tuple(_UNITS)
    return {(found[1], units[(found.lastindex or 2) - 2]) for found in _MEASURED.finditer(_counted(text))}


def negated(text: str) -> bool:
    """Whether it says that something is not so: "cannot be done without" says that it is."""
    return len(_NEGATION.findall(text)) % 2 == 1


def _stands(fact: str, folded: str) -> bool:
    """A number stands there as a whole: 3 does not stand in 30 or in 2.3."""
    before = r"(?<!\d)(?<!\d[.,])" if fact[0].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if fact[-1].isdigit() else ""
    return re.search(before + re.escape(fact.casefold()) + after, folded) is not None


def _counted(text: str) -> str:
    """Folded, with numbers in figures however they are written."""
    figures = _ENGLISH_NUMBER.sub(lambda word: str(_ENGLISH.index(word[0].lower()) + 2), _folded(text)[0])
    return _THOUSANDS.sub("", _CHINESE_NUMBER.sub(lambda number: str(_below_hundred(number[0])), figures))


def _below_hundred(number: str) -> int:
    tens, ten, ones = number.replace("两", "二").rpartition("十")
    return (10 * (_CHINESE.find(tens) + 1 if tens else 1) if ten else 0) + _CHINESE.find(ones or "零") + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """Blanks as one, width and quotation marks as the plain ones; and where each character came from."""
    chars: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        for each in unicodedata.normalize("NFKC", char).translate(_QUOTES):
            if each.isspace():
                if not chars or chars[-1] == " ":
                    continue
                each = " "
            chars.append(each)
            places.append(index)
    return "".join(chars).rstrip(), places
