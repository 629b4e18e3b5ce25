"""One message → what can be counted about how it is written. Pure, and blind to what it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from persona_store.distill import style_lexicon as lexicon
from persona_store.distill.style_prose import CODE, LINK, MARKS, MENTION, Prose
from persona_store.distill.style_signs import signs

ONE_LINER = 60
"""Characters: a message of one line and one sentence that is no longer is a one-liner."""
LONG = 400

CHINESE = r"\u3400-\u9fff\uf900-\ufaff"
_MARK = re.compile(f"[{MARKS}]")
_CHINESE = re.compile(f"[{CHINESE}]")
_LATIN = re.compile("[A-Za-z]")
_SWITCH = re.compile(rf"[{CHINESE}][ \t]?(?=[A-Za-z])|[A-Za-z][ \t]?(?=[{CHINESE}])")
_UNSPACED = re.compile(rf"[{CHINESE}](?=[A-Za-z])|[A-Za-z](?=[{CHINESE}])")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_SENTENCE_END = re.compile(r"[。！？…\n]+|[.!?]+(?=[\s\"'’”)\]]|$)")
_SAYS = re.compile(r"\w")

PUNCTUATION = {
    "has_question": re.compile("[?？]"),
    "has_exclamation": re.compile("[!！]"),
    "has_doubled_mark": re.compile("[!?！？]{2,}"),
    "has_ellipsis_char": re.compile("…"),
    "has_ellipsis_dots": re.compile(r"(?<!\.)\.{2,}(?!\.)"),
    "has_ellipsis_full": re.compile("。{2,}"),
    "has_tilde": re.compile(r"[~～](?![\w/])"),
    "has_brackets": re.compile(r"[(（]"),
    "has_square_brackets": re.compile(r"[\[【「]"),
    "has_dash": re.compile(r"\s[-–]{1,2}\s|--|—|――"),
    "has_semicolon": re.compile("[;；]"),
    "has_colon": re.compile(r"[:：](?=\s|$|[^\x00-\x7f])"),
    "has_quotation": re.compile(r"[\"“”«»「『]|(?<!\w)'\w"),
    "has_curly_quote": re.compile("[‘’“”]"),
    "has_slash": re.compile(r"\w/\w"),
    "has_emphasis": re.compile(r"(?<![\w*])[*_]{1,2}\w[^*_\n]{0,60}[*_]{1,2}(?![\w*])"),
    "has_capitals": re.compile(r"\b(?:NOT|VERY|ALL|ONLY|REALLY|NO|YES|MUST|NEVER|ALWAYS|IS|DO|CAN|ANY|SO)\b"),
    "has_two_spaces": re.compile(r"[.!?]  (?=\S)"),
    "has_paragraphs": re.compile(r"\n[ \t]*\n"),
    "has_line_breaks": re.compile(r"\n"),
    "has_space_before_mark": re.compile(r"\w [?!,:;]"),
    "has_fullwidth": re.compile("[，。！？：；（）]"),
    "has_halfwidth_in_chinese": re.compile(rf"[{CHINESE}][,.!?:;]"),
    "has_unspaced_mixture": _UNSPACED,
    "lower_i": re.compile(r"(?<![\w.'’/-])i(?:['’](?:m|ve|d|ll))?(?![\w.'’/-])"),
    "no_apostrophe": re.compile(r"\b(?:im|ive|dont|doesnt|didnt|cant|wont|isnt|thats|whats|youre|theres)\b", re.I),
    "has_greeting": re.compile(rf"^[{MARKS}\s]*(?:{lexicon.GREETING.pattern})", re.I),
    "has_thanks": lexicon.THANKS,
    "has_softener": lexicon.SOFTENER,
}
"""By measure: what a message has or has not."""

_ENDS = {
    "ends_period": re.compile(r"(?<!\.)\.$"),
    "ends_full_stop": re.compile("(?<!。)。$"),
    "ends_question": re.compile("[?？]$"),
    "ends_exclamation": re.compile("[!！]$"),
    "ends_ellipsis": re.compile(r"(?:…|\.{2,}|。{2,})$"),
    "ends_tilde": re.compile("[~～]$"),
    "ends_colon": re.compile("[:：]$"),
    "ends_bracket": re.compile("[)）]$"),
    "ends_open": re.compile(r"[\w\u3400-\u9fff]$"),
}
_ASKS = re.compile(r"^[^.!?。！？\n]{0,200}[?？]|^[^.!?。！？\n]{0,60}[吗呢么][ \t]*(?:$|\n)")
_TRIM = " \t\n\"'”’*_"


class Counted(Struct, frozen=True):
    """`has`: the measures that are true of the message; `words`: its closed-class words, out of `total` words."""

    chars: int
    sentences: int
    has: frozenset[str]
    words: Counter[str]
    total: int
    letters: tuple[int, int, int]  # Chinese, Latin, other
    switches: int  # between Chinese and Latin letters
    signs: tuple[str, ...]  # emoji, shortcodes, smileys and kaomoji, as they are written


def count(said: Prose) -> Counted:
    """What can be counted in one message. `chars` and `sentences` are those of its prose."""
    text = said.words
    found, clean = signs(said.text)
    bare = " ".join(_MARK.sub(" ", clean).split())
    letters = _letters(bare)
    sentences = sum(1 for piece in _SENTENCE_END.split(clean) if _SAYS.search(piece))
    total, words = _words(bare)
    has = {name for name in ("code_block", "inline_code", "link", "list") if getattr(said, name)}
    has |= {name for name, mark in PUNCTUATION.items() if mark.search(clean)}
    has |= {kind for kind, _ in found}
    has.update(_shape(text, bare, sentences, "\n" in said.text))
    if letters[0] and letters[1] > 1:
        has.add("mixed")
    return Counted(
        chars=len(text),
        sentences=sentences,
        has=frozenset(has),
        words=words,
        total=total,
        letters=letters,
        switches=sum(1 for _ in _SWITCH.finditer(bare)),
        signs=tuple(sign for _, sign in found),
    )


def reply_shapes(said: Prose) -> Iterator[str]:
    """How a message begins that follows somebody else's."""
    begin = said.text.lstrip(f" \t\n{MENTION},，:：")
    if begin.startswith(CODE):
        yield "reply_code"
    if begin.startswith(LINK):
        yield "reply_link"
    if said.list:
        yield "reply_list"
    if _ASKS.match(begin):
        yield "reply_question"
    if lexicon.YES.match(begin):
        yield "reply_yes"
    elif lexicon.NO.match(begin):
        yield "reply_no"
    if lexicon.DEPENDS.match(begin):
        yield "reply_depends"
    if lexicon.THANKS.match(begin):
        yield "reply_thanks"


def _letters(text: str) -> tuple[int, int, int]:
    chinese = len(_CHINESE.findall(text))
    latin = len(_LATIN.findall(text))
    other = 0 if text.isascii() else sum(map(str.isalpha, text)) - chinese - latin
    return chinese, latin, max(0, other)


def _words(text: str) -> tuple[int, Counter[str]]:
    """(how many words, those of the closed lists). Two Chinese characters count as a word, about its length."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    closed = Counter(word for word in words if word in lexicon.COMMON_WORDS)
    chinese = 0
    if not text.isascii():
        closed.update(lexicon.CHINESE_WORD.findall(text))
        chinese = len(_CHINESE.findall(text))
    return len(words) + (chinese + 1) // 2, closed


def _shape(text: str, bare: str, sentences: int, lines: bool) -> Iterator[str]:
    end = bare.rstrip(_TRIM)
    yield from (name for name, found in _ENDS.items() if found.search(end))
    first = bare.lstrip("\"'(*_ ")[:1]
    if first.isascii() and first.isalpha():
        yield "starts_lower" if first.islower() else "starts_upper"
    if sentences <= 1 and len(text) <= ONE_LINER and not lines:
        yield "one_liner"
    if len(text) > LONG:
        yield "long"
