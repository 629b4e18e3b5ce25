"""Finder of what words mean: "X stands for …", "X 是指 …", and full names in brackets, `LTV (loan to value)`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from persona_store.distill.candidates import Best, Candidate, of_line
from persona_store.distill.cues import STRENGTHS, cues
from persona_store.distill.scene import Line, Scene

_STRONG, _PLAIN = STRENGTHS["strong"], STRENGTHS["plain"]

_TERM = (
    r"(`[^`\n]{1,40}`|[\"“「『][^\"”」』\n]{1,30}[\"”」』]"
    r"|[A-Za-z][\w.+#/:-]{0,39}(?: [A-Z][\w-]{1,20}){0,2})"
)
_DEFINED = re.compile(
    rf"^(?:\W{{0,3}}|(?:so|and|btw|fyi|note that|basically|here|in \w{{2,20}}),? )"
    rf"(?:(?:the|an?) )?{_TERM},? "
    r"(?:(?:just |basically |essentially |simply )?"
    r"(stands for|is short for|is shorthand for|refers to|is defined as"
    r"|is an? (?:abbreviation|acronym) (?:of|for)|is another (?:name|word|term) for)"
    r"|(means|is (?:just |basically |essentially |simply )?an?))\s+"
    r"(?!(?:good|great|bad|nice|bit|lot|little|quite|very|pretty|different|better|single|big|huge|common"
    r"|real|hard|problem|question|matter|must|pain|mess|joke|mistake|bug|example|reason|way|thing|no-op|experiment|effort|attempt|ongoing|internal|existing|issue|option|work|new|older?|case"
    r"|known|really|not|also|only|one|nice|useful|important|interesting|possible|hack|workaround)\b)\w",
    re.IGNORECASE,
)
_DEFINED_ZH = re.compile(
    r"^[\W\d_]{0,4}"
    r"(`[^`\n]{1,40}`|[“「『\"][^”」』\"\n]{1,20}[”」』\"]|[A-Za-z][\w.+#/:-]{0,39}|[\u3400-\u9fff]{2,8}?)"
    r"\s*(?:(指的是|是指|是[^，。]{1,20}的(?:缩写|简称|意思)|的全称是?|也叫做?|又称|俗称|的意思是|简称|就是说|：是指)"
    r"|(就是|是一[个种类套]|即|相当于))\s*\S"
)
_BRACKETS = re.compile(r"\b([A-Z][A-Za-z]{0,3}[A-Z]{1,4})\s?[(（]([A-Za-z][A-Za-z /&-]{4,60})[)）]")
_BRACKETED = re.compile(r"\b((?:[A-Za-z][a-z]+[ -]){1,5}[A-Za-z][a-z]+)\s?[(（]([A-Z]{2,6})s?[)）]")
_BRACKETS_ZH = re.compile(
    r"\b([A-Z]{2,6})\s?[(（]([\u3400-\u9fff]{2,20})[)）]|([\u3400-\u9fff]{2,12})[(（]([A-Z]{2,6})[)）]"
)
_NO_TERM_ZH = re.compile(
    "[我你您他她它这那哪谁啥某也都不没还只但]|什么|怎么|问题|原因|意思|如果|因为|所以|其实|应该|可能|直接|一般"
    "|目前|现在|主要|结果|关键|重点|首先|然后|另外|永远"
)


class Definitions:
    def see(self, scene: Scene, best: Best) -> None:
        for line in scene.lines:
            if line.whole:
                for term, cue in defined(line):
                    best.put(of_line("term", line, cue, subject=term))

    def ended(self, known: object) -> Iterable[Candidate]:
        return ()


def defined(line: Line) -> Iterator[tuple[str, float]]:
    """(term, strength) of what the sentence says the meaning of; "X is a …" only of what is written like a name."""
    text = line.text
    for pattern in (_DEFINED, _DEFINED_ZH):
        match = pattern.match(text)
        if not match:
            continue
        term, strong = match[1], match[2] is not None
        bare = term.strip('`"“”「」『』 ')
        if not _is_term(bare):
            continue
        if strong or _written_like_a_name(term):
            yield bare, _STRONG if strong else _PLAIN
            return
    for match in _BRACKETS.finditer(text):
        if _initials(match[1], match[2]):
            yield match[1], _STRONG
            return
    for match in _BRACKETED.finditer(text):
        short = _shortest(match[1], match[2])
        if short:
            yield match[2], _STRONG
            return
    match = _BRACKETS_ZH.search(text)
    if match:
        yield match[1] or match[4], _PLAIN


def _is_term(bare: str) -> bool:
    words = bare.lower().split()
    if not words or {words[0], words[-1]} & cues().words("no_term"):
        return False
    if "://" in bare or len(bare) > 40:
        return False
    return len(bare) > 1 and (bare.isascii() or _NO_TERM_ZH.search(bare) is None)


def _written_like_a_name(term: str) -> bool:
    """In code or quotes, an acronym, an identifier: what one looks up."""
    return term[0] in '`"“「『' or bool(re.search(r"[a-z][A-Z_.\-]\w|^[A-Z]{2,6}$|\d|::|/", term))


def _initials(short: str, long: str) -> bool:
    letters = [word[0].lower() for word in re.split(r"[ /&-]+", long) if word]
    wanted = short.lower()
    return len(wanted) > 1 and _subsequence(wanted, letters)


def _shortest(long: str, short: str) -> bool:
    words = [word[0].lower() for word in re.split(r"[ -]+", long) if word]
    return _subsequence(short.lower(), words[-len(short) - 2 :])


def _subsequence(wanted: str, letters: list[str]) -> bool:
    """Every letter in order; small words between them ("of", "to") may be left out."""
    place = 0
    for letter in letters:
        if place < len(wanted) and wanted[place] == letter:
            place += 1
    return place == len(wanted)
