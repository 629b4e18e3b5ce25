"""A passage → its sentences, and the one or two of them to show. What is shown stands in the passage, in its order,
and every gap is marked with …"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from math import log

from msgspec import Struct

from persona_store.tokens import QUESTION_WORDS, terms

MOST = 2  # sentences in a quote
LONGEST = 400  # characters of one sentence before it is trimmed

_BREAK = re.compile(r"(?<=[。！？；!?;])(?=[^\s。！？；!?;」』”’）)])|(?<=[.!?])\s+(?=\S)|\s*\n\s*")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|approx|no|mr|mrs|ms|dr|st|[a-z])\.$|^\d{1,3}\.$", re.IGNORECASE
)  # and the number of a list's item, which is no sentence
_QUOTED_LINE = re.compile(r"^\s*(?:>|On .{5,80} wrote:$|--\s*$|_{5,}$|-{5,}$)")

_SHAPES = {
    "number": re.compile(r"\d|[一二三四五六七八九十百千万两半]\s*(?:个|次|天|小时|分钟|秒|人|年|月|倍|"
                         r"条|元|块|公里|米)|"
                         r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|once|twice|hundred|"
                         r"thousand|million)\b", re.I),
    "when": re.compile(r"\d{1,4}\s*[-/年月日:点号]|\d{4}|周[一二三四五六日末]|星期|每天|每周|每月|早上|"
                       r"上午|下午|晚上|昨天|今天|明天|"
                       r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:january|february|march|april|"
                       r"may|june|july|august|"
                       r"september|october|november|december)\b|\b(?:daily|weekly|monthly|yesterday|"
                       r"today|tomorrow|century)\b", re.I),
    "version": re.compile(r"\bv?\d+(?:\.\d+)+|版本\s*\d|\bversion \d", re.I),
    "where": re.compile(r"[/\\]\w|https?://|\b(?:in|at|on|under|near)\s+(?:the\s+)?\w|在|位于|里|上|处"),
    "who": re.compile(r"@\w|(?<=[a-z,] )[A-Z][a-z]+|[·•]|[\u4e00-\u9fff]{2,3}(?:老师|经理|负责|先生|女士)"),
    "command": re.compile(r"`[^`]+`|\$ \w"),
    "how": re.compile(r"`|\b(?:use|run|call|try|set|add|click|first|then|need|should|can)\b|用|先|再|"
                      r"然后|需要|可以|设置|执行|点击", re.I),
    "why": re.compile(r"\b(?:because|since|due|so that|reason|caused?)\b|因为|由于|所以|原因|为了", re.I),
}  # fmt: skip


class Sentence(Struct, frozen=True):
    """`place` to `last`: where it stands among the pieces of its passage (more than one after an abbreviation)."""

    text: str
    place: int
    last: int


def split(text: str) -> list[Sentence]:
    """Sentences in order, without what a mail quotes from another; what is left out still takes a place."""
    found: list[Sentence] = []
    for place, part in enumerate(_BREAK.split(text)):
        part = part.strip()
        if not part or _QUOTED_LINE.match(part):
            continue
        before = found[-1] if found else None
        if (
            before
            and before.last == place - 1
            and _ABBREVIATED.search(before.text)
            and f"{before.text} {part}" in text
        ):
            found[-1] = Sentence(f"{before.text} {part}", before.place, place)
        else:
            found.append(Sentence(part, place, place))
    return found


def shape(question: str) -> str:
    """What the question is after (a number, a time, a person …), "" if it does not say."""
    lowered = question.lower()
    for words, kind in QUESTION_WORDS.items():
        if re.search(rf"\b{words}\b", lowered) if words.isascii() else words in lowered:
            return kind
    return ""


def fits(kind: str, sentence: str) -> bool:
    """Whether a sentence has the shape of an answer to such a question."""
    return kind in _SHAPES and _SHAPES[kind].search(sentence) is not None


def choose(text: str, weights: Mapping[str, float], kind: str) -> tuple[str, float]:
    """(the sentences to show, the share of the question's weight they cover)."""
    sentences = split(text)
    if not sentences:
        return "", 0.0
    total = sum(weights.values()) or 1.0
    speaks = {sentence: weights.keys() & terms(sentence.text) for sentence in sentences}
    chosen: list[Sentence] = []
    covered: set[str] = set()

    def worth(sentence: Sentence) -> tuple[float, int]:
        """Its share of the question, more for what no chosen sentence has yet; long ones need more to be worth it.
        A little for its shape, and for standing right below one that was chosen."""
        share = sum(weights[term] * (0.1 if term in covered else 1.0) for term in speaks[sentence]) / total
        share /= 1 + 0.1 * log(1 + len(sentence.text) / 100)
        share += 0.12 * fits(kind, sentence.text)
        share += 0.05 * any(sentence.place == other.last + 1 for other in chosen)
        share -= 0.15 * sentence.text.endswith(("?", "？"))
        return share, -sentence.place

    while len(chosen) < min(MOST, len(sentences)):
        best = max((sentence for sentence in sentences if sentence not in chosen), key=worth)
        covered |= speaks[best]
        chosen.append(best)
    shown = _join(sentences, sorted(chosen, key=lambda sentence: sentence.place))
    return shown, sum(weights[term] for term in covered) / total


def carrying(sentences: Sequence[Sentence], words: Collection[str], most: int) -> list[Sentence]:
    """The fewest sentences that have those of the words which any has, the one with most of them first."""
    left, found = set(words), list[Sentence]()
    speaks = {sentence: left.intersection(terms(sentence.text)) for sentence in sentences}
    while left and speaks and len(found) < most:
        best = max(speaks, key=lambda sentence: (len(left & speaks[sentence]), -sentence.place))
        if not left & speaks[best]:
            break
        left -= speaks.pop(best)
        found.append(best)
    return found


def excerpt(text: str, chosen: Collection[Sentence]) -> str:
    """Those sentences of a text in their order, with its gaps marked."""
    return _join(split(text), sorted(set(chosen), key=lambda sentence: sentence.place))


def _join(sentences: Sequence[Sentence], chosen: Sequence[Sentence]) -> str:
    shown, last = "", -1
    for sentence in chosen:
        if sentence.place > last + 1:
            shown += " … " if shown else "… "
        elif shown:
            shown += "" if shown[-1] in "。！？；" else " "
        shown += trimmed(sentence.text)
        last = sentence.last
    return shown if last == sentences[-1].last or shown.endswith("…") else shown + " …"


def trimmed(sentence: str) -> str:
    """At most LONGEST characters, cut at a blank or a comma if there is one near the end."""
    if len(sentence) <= LONGEST:
        return sentence
    cut = max(sentence.rfind(mark, LONGEST // 2, LONGEST) for mark in " ，、,")
    return sentence[: cut if cut > 0 else LONGEST].rstrip() + " …"
