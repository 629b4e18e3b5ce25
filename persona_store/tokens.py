"""Text → the terms it is found by, for Chinese, English and what engineers write in between.

One function cuts documents and questions alike, so that whatever a question says meets what a document said:
full and half width, traditional and simplified, case, plural and tense fall together; an identifier is kept whole
and its parts stand beside it (`pay.retry_count` → itself, `pay`, `retry`, `count`). Words that carry no content,
question words and greetings among them, are left out on both sides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

VERSION = 1
"""Changes whenever the same text would be cut differently; an index in memory is always cut by one version."""

_PIECE = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]+"  # a stretch of Chinese
    r"|[a-z0-9_]+(?:(?:[./:@#+-]|::|->)[a-z0-9_]+)*"  # a word, or an identifier with its joints
    r"(?:(?<=[a-z])\+\+|(?<![a-z0-9_].)(?<=[cfj])#)?",  # C++, C#
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Z]{2,}s?(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ACRONYMS = re.compile(r"[A-Z]{2,}s")  # JVMs, PRs: several of what JVM, PR is one of
_OTHER_WORDS = re.compile(r"[^\W\d_a-zA-Z\u3400-\u9fff\uf900-\ufaff]+")
_NAMED = re.compile(
    r"\b(?:[A-Za-z]+[-_.]){0,6}[A-Za-z]+[-_.]?\d[\w.-]*\w|\b[A-Za-z]\d\b"  # E1007, v1.2, pay-job-02
    r"|\b\w+(?:_\w+)+|\b[a-z]+[A-Z]\w+"  # retry_count, retryCount
    r"|(?<=[\w,] )[A-Z][a-z]+\b|(?<=[\u3400-\u9fff]) ?[A-Za-z]{3,}|\b[A-Za-z]{3,}(?= ?[\u3400-\u9fff])"
)
_LONGEST = 80  # a base64 blob or a hash chain is nobody's search term

QUESTION_WORDS = {
    "which command": "command", "what command": "command", "命令": "command",
    "who": "who", "whom": "who", "whose": "who", "谁": "who", "哪位": "who",
    "when": "when", "几点": "when", "何时": "when", "哪天": "when", "哪年": "when", "哪一年": "when",
    "where": "where", "哪里": "where", "哪儿": "where", "何处": "where", "在哪": "where",
    "how many": "number", "how much": "number", "how often": "number", "how long": "number", "多少": "number",
    "几": "number", "多久": "number", "多长": "number", "多大": "number", "多高": "number", "多远": "number",
    "why": "why", "为什么": "why", "为何": "why", "为啥": "why",
    "which version": "version", "哪个版本": "version", "什么版本": "version",
    "how": "how", "怎么": "how", "如何": "how", "怎样": "how",
    "which year": "when", "what year": "when", "what time": "when", "what date": "when", "时间": "when",
    "日期": "when", "what percentage": "number", "what number": "number", "地点": "where",
}  # fmt: skip
"""What a question is after, by the words it asks with; read by those who judge whether a sentence can answer it."""


def terms(text: str) -> list[str]:
    """The content terms of a text, in order and with repeats."""
    found: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        if piece[0] > "\u33ff":
            found += _chinese(piece)
        elif len(piece) <= _LONGEST:
            found += _latin(piece)
    found += [word.lower() for word in _OTHER_WORDS.findall(text) if len(word) < _LONGEST]
    return found


def named(text: str) -> frozenset[str]:
    """The terms that name one thing and no other: identifiers, codes, versions, and capitalised words inside a
    sentence. An answer that does not speak of them is about something else."""
    found: set[str] = set()
    for match in _NAMED.finditer(fold(text)):
        found.update(_latin(match[0].strip())[:1])
    return frozenset(found)


def content_tokens(text: str) -> frozenset[str]:
    """What a text is about, as a set: for telling whether two questions are one."""
    return frozenset(terms(text))


def surfaces(text: str) -> Iterator[tuple[str, str]]:
    """(term, how it is written) for what can be shown to a person: whole words and identifiers, not their parts."""
    for piece in _PIECE.findall(fold(text)):
        if piece[0] > "\u33ff":
            yield from ((word, word) for word in _segmenter().cut(piece) if word not in _stop_words())
        elif len(piece) <= _LONGEST and (cut := _latin(piece)):
            yield cut[0], piece


def segmented(chinese: str) -> list[str]:
    """A stretch of Chinese as its words, in order; put together again they are the stretch."""
    return list(_segmenter().cut(chinese))


def is_noun(word: str) -> bool:
    """Whether a Chinese word is a noun for the dictionary (ICTCLAS tags: n…, vn, j for abbreviations, eng)."""
    return _speech(word).startswith(("n", "vn", "j", "eng"))


def may_be_noun(word: str) -> bool:
    """Whether it is a verb for the dictionary, which in Chinese may stand for what is done."""
    return _speech(word) == "v"


def is_name(word: str) -> bool:
    """Whether a Chinese word as a whole is what somebody is called, for the dictionary (nr, nrfg: 林舟, 老李)."""
    tagged = _segmenter().tag(word)
    return len(tagged) == 1 and tagged[0][1] in ("nr", "nrfg")


def tells_something(word: str) -> bool:
    """Whether a Chinese word says something when it stands alone. One sign, and what counts, places, modifies or
    colours for the dictionary (m, q, f, d, r, p, c, u, y), does not."""
    return len(word) > 1 and not _speech(word).startswith(("m", "q", "f", "d", "r", "p", "c", "u", "y"))


@lru_cache(maxsize=1 << 14)
def _speech(word: str) -> str:
    tagged = _segmenter().tag(word)
    return str(tagged[-1][1]) if tagged else ""  # of a compound the last word says what it is


def fold(text: str) -> str:
    """One width, one script: full-width letters and digits to half (NFKC), traditional characters to simplified."""
    return unicodedata.normalize("NFKC", text).translate(_simplified())


def _chinese(piece: str) -> list[str]:
    return [word for word in _segmenter().cut_for_search(piece) if word not in _stop_words()]


@lru_cache(maxsize=1 << 16)
def _latin(piece: str) -> tuple[str, ...]:
    """A plain word by its stem; an identifier whole, lower-cased, followed by the stems of its parts."""
    lowered = piece.lower()
    if piece.isalpha() and (piece == lowered or piece[1:] == lowered[1:] or piece == piece.upper()):
        return () if lowered in _stop_words() else (stem(lowered),)
    if _ACRONYMS.fullmatch(piece):
        return (lowered[:-1],)
    if piece.isdigit():
        return (piece,)
    parts = [part[:-1].lower() if _ACRONYMS.fullmatch(part) else part.lower() for part in _PART.findall(piece)]
    kept = [stem(part) for part in parts if (len(part) > 1 or len(parts) == 1) and part not in _stop_words()]
    whole = lowered.strip("_")
    return (whole, *(part for part in kept if part != whole)) if whole else ()


def stem(word: str) -> str:
    """Light English stemming: plural, -ing, -ed, -ly, a final e. A wrong stem does no harm: both sides get it."""
    if len(word) < 4 or not word.isascii():
        return word
    if word.endswith(("ies", "ied")) and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    for suffix in ("ing", "ed", "ly"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and re.search("[aeiouy]", word[: -len(suffix)]):
            word = word[: -len(suffix)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


@cache
def _simplified() -> dict[int, int]:
    return {ord(pair[0]): ord(pair[1]) for pair in _words("folding.txt")}


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(_words("stopwords.txt"))


def _words(name: str) -> list[str]:
    lines = files("persona_store").joinpath(name).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


@cache
def _segmenter() -> Any:
    """The dictionary takes a fifth of a second and 35 MB: loaded when Chinese is first met, not at import."""
    import rjieba

    return rjieba
