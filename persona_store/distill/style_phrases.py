"""The phrases of a message that may be somebody's habit: how it opens, and how its clauses begin and end.

A catch-phrase stands at the edge of a clause ("没问题，", "…, if that makes sense"); looking only there keeps the
words of the topic out and the counting small. Nothing with a number, a link, a handle or code in it is a phrase,
nor what looks like a name: a capital inside a clause, a Chinese surname before its given name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from persona_store.distill import style_lexicon as lexicon
from persona_store.distill.style_counts import CHINESE
from persona_store.distill.style_prose import MARKS, MENTION
from persona_store.tokens import segmented

MOST_WORDS = 5
MOST_CHARACTERS = 8  # of a Chinese phrase
_MOST_CLAUSES = 24  # of a message
_LONGEST_CLAUSE = 400  # characters of a clause that are looked at
_CLAUSE = re.compile(rf"[^{MARKS}.,!?;:，。！？；：、…~～()（）\[\]【】\"“”\n*]+")
_TOKEN = re.compile(rf"([{CHINESE}]+)|([A-Za-z]+(?:['’][A-Za-z]+)?)|\S")
_LATIN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_AFTER = re.compile(r"[.,!?;:，。！？；：、…~～]{1,6}")
_NAMED = re.compile(f"[老小阿][{''.join(sorted(lexicon.SURNAMES))}]|[{CHINESE}](?:总|哥|姐|工|老师|经理)$")

_UPPER = frozenset(("I", "I'm", "I'd", "I'll", "I've", "I’m", "I’d", "I’ll", "I’ve"))


class Word(NamedTuple):
    text: str  # lower case
    start: int
    end: int
    common: bool  # of the closed lists
    plain: bool  # a word, and no name or number as far as one sees
    chinese: bool


def phrases(text: str) -> dict[str, tuple[int, int]]:
    """phrase, folded → where it stands first. At most some hundred a message."""
    found: dict[str, tuple[int, int]] = {}
    for clause in islice(_CLAUSE.finditer(text), _MOST_CLAUSES):
        words = _words(clause)
        for start, end in (*_beginnings(words), *_endings(words)):
            place = (words[start].start, words[end - 1].end)
            if not _name(text[slice(*place)], words[start:end], whole=end - start == len(words)):
                found.setdefault(folded(text[slice(*place)]), place)
    return found


def openings(text: str) -> list[tuple[int, int]]:
    """Where the message's openings stand, as they are written: its first word, its first two or three, and a first
    clause of at most three with the mark after it."""
    begin = re.match(rf"[{MENTION}\s,，:：]*", text)
    place = begin.end() if begin else 0
    clause = _CLAUSE.match(text, place)
    words = _words(clause) if clause else []
    if not clause or not words or words[0].start != place:
        return []
    places: list[tuple[int, int]] = []
    for length, word in enumerate(words[:3], start=1):
        if not word.plain or word.end - place > MOST_CHARACTERS and word.chinese:
            break
        whole = length == len(words)
        after = _AFTER.match(text, word.end) if whole else None
        end = after.end() if after else word.end
        short = word.chinese and end - place < 2 or length > 1 and not whole and word.text in lexicon.DANGLING
        short = short or length == 3 and not whole and not all(each.common for each in words[:3])
        if not short and not _name(text[place : word.end], words[:length], whole=whole):
            places.append((place, end))
    return places


def folded(phrase: str) -> str:
    """Case and blanks make no other phrase, but `i` for `I` is a habit."""
    return " ".join(word.replace("’", "'") if word in _UPPER else _lower(word) for word in phrase.split())


def named(text: str) -> bool:
    """Whether somebody may be called by a name in it: 老王, 李总, a capital that begins no common word."""
    clauses = (clause[0].strip() for clause in _CLAUSE.finditer(text))
    return any(_called(clause) for clause in clauses) or any(
        word[0].isupper() and _lower(word) not in lexicon.COMMON_WORDS for word in _LATIN.findall(text)
    )


def _called(clause: str) -> bool:
    """老王, 李总, or a clause of two or three characters behind a surname."""
    short = len(clause) in (2, 3) and clause[0] in lexicon.SURNAMES and clause not in lexicon.CHINESE_WORDS
    return short or bool(_NAMED.search(clause))


def _lower(word: str) -> str:
    return word.lower().replace("’", "'")


def _words(clause: re.Match[str]) -> list[Word]:
    found: list[Word] = []
    for token in _TOKEN.finditer(clause[0][:_LONGEST_CLAUSE]):
        start = clause.start() + token.start()
        if token[1]:
            for word in segmented(token[1]):
                common = word in lexicon.CHINESE_WORDS or lexicon.COMMON_CHARACTERS.issuperset(word)
                found.append(Word(word, start, start + len(word), common, True, True))
                start += len(word)
        else:
            word = _lower(token[0])
            plain = bool(token[2]) and (token[0][0].islower() or not found or token[0] in _UPPER)
            found.append(Word(word, start, start + len(word), word in lexicon.COMMON_WORDS, plain, False))
    return found


def _beginnings(words: list[Word]) -> Iterator[tuple[int, int]]:
    common = 0
    for length, word in enumerate(words[:MOST_WORDS], start=1):
        if not word.plain:
            return
        common += word.common
        whole = length == len(words)
        if (whole or word.text not in lexicon.DANGLING) and _telling(words[:length], common, whole):
            yield 0, length


def _endings(words: list[Word]) -> Iterator[tuple[int, int]]:
    common = 0
    for length, word in enumerate(reversed(words[1:][-MOST_WORDS:]), start=1):
        if not word.plain:
            return
        common += word.common
        start = len(words) - length
        if word.text not in lexicon.DANGLING and _telling(words[start:], common, False):
            yield start, len(words)


def _telling(run: list[Word], common: int, whole: bool) -> bool:
    """At least half of it says nothing about a topic; a single word is a clause of its own."""
    if 2 * common < len(run):
        return False
    if run[0].chinese:
        return MOST_CHARACTERS >= run[-1].end - run[0].start >= (2 if whole or len(run) > 1 else 3)
    return whole if len(run) == 1 else len(run) > 2 or common == 2 or whole


def _name(said: str, run: list[Word], *, whole: bool) -> bool:
    """Whether it may begin with how somebody is called: a capitalised word that is none of the common ones, or two
    or three characters behind a surname that are a clause of their own."""
    if not run[0].chinese:
        return said[0].isupper() and not run[0].common
    return _called(said) if whole else bool(_NAMED.search(said))
