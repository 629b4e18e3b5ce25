"""A style facet as sentences: what was measured, said plainly, and no judgement of the person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bots.wording import say
from persona_store.distill.model import Aspect, Facet
from persona_store.hidden_text import reveal

Measures = Mapping[str, float]

OFTEN = 0.04
"""The share of messages from which a habit is worth a sentence; openings and phrases are counted from their own."""
MOST = 5  # openings, phrases or signs in one sentence
_LONGEST = 40  # characters of one of them


def sentences(facet: Facet, lang: str) -> list[str]:
    """What its measures say, the most telling first. Empty for a facet of another kind, or where there is nothing
    to say."""
    tell = _TELL.get(facet.aspect)
    return list(tell(facet.measures, lang)) if tell and facet.measures else []


def _length(found: Measures, lang: str) -> Iterator[str]:
    low, middle, high = (_count(found, f"sentences_q{n}") for n in (1, 2, 3))
    chars = _count(found, "chars_q2")
    if low == high:
        yield say(lang, "style.length_same", sentences=middle, characters=chars)
    else:
        yield say(lang, "style.length", low=low, high=high, characters=chars)
    yield say(lang, "style.length_span", low=_count(found, "chars_q1"), high=_count(found, "chars_q3"))
    if found.get("one_liner", 0) >= OFTEN:
        yield say(lang, "style.one_liner", percent=_percent(found["one_liner"]))
    if found.get("long", 0) >= OFTEN:
        yield say(lang, "style.long", percent=_percent(found["long"]))
    first, reply = _count(found, "first_chars_median"), _count(found, "reply_chars_median")
    if first and reply:
        yield say(lang, "style.first_and_reply", first=first, reply=reply)
    if found.get("row_share", 0) >= OFTEN:
        yield say(lang, "style.row", percent=_percent(found["row_share"]))


def _openings(found: Measures, lang: str) -> Iterator[str]:
    if listed := _listed(found, "opening:", lang):
        yield say(lang, "style.openings", openings=listed)


def _phrases(found: Measures, lang: str) -> Iterator[str]:
    if listed := _listed(found, "phrase:", lang):
        yield say(lang, "style.phrases", phrases=listed)


def _punctuation(found: Measures, lang: str) -> Iterator[str]:
    stop = found.get("ends_period", 0) + found.get("ends_full_stop", 0)
    opened = found.get("ends_open", 0)
    yield say(lang, "style.ends", stop=_percent(stop), open=_percent(opened))
    yield from _habits(found, lang, _PUNCTUATION)


def _emoji(found: Measures, lang: str) -> Iterator[str]:
    most, key = max(_SIGNS, key=lambda kind: (found.get(kind[0], 0.0), kind))
    if not found.get(most):
        yield say(lang, "style.no_emoji")
        return
    yield say(lang, key, percent=_percent(found[most]))
    if listed := _listed(found, "emoji:", lang):
        yield say(lang, "style.signs", signs=listed)


def _languages(found: Measures, lang: str) -> Iterator[str]:
    told = [say(lang, key, percent=_percent(found[name])) for name, key in _LETTERS if _told(found, name)]
    if told:
        yield say(lang, "style.letters", shares=say(lang, "list.between").join(told))
    if _told(found, "mixed"):
        yield say(lang, "style.mixed", percent=_percent(found["mixed"]))


def _shapes(found: Measures, lang: str) -> Iterator[str]:
    yield from _habits(found, lang, _CONTENT)
    if found.get("replies", 0) >= FEWEST_REPLIES:
        yield from _habits(found, lang, _REPLIES)


FEWEST_REPLIES = 20
"""Replies below which nothing is said about how they begin."""

_PUNCTUATION = (
    ("has_exclamation", "style.exclamation"),
    ("has_question", "style.question"),
    ("has_ellipsis_dots", "style.dots"),
    ("has_ellipsis_char", "style.ellipsis"),
    ("has_ellipsis_full", "style.ellipsis_full"),
    ("has_tilde", "style.tilde"),
    ("has_brackets", "style.brackets"),
    ("has_dash", "style.dash"),
    ("has_semicolon", "style.semicolon"),
    ("has_halfwidth_in_chinese", "style.halfwidth"),
    ("starts_lower", "style.lower"),
    ("lower_i", "style.lower_i"),
)
_SIGNS = (
    ("emoji", "style.emoji"),
    ("shortcode", "style.shortcode"),
    ("smiley", "style.smiley"),
    ("kaomoji", "style.kaomoji"),
)
_LETTERS = (
    ("chinese_letters", "style.chinese"),
    ("latin_letters", "style.latin"),
    ("other_letters", "style.other"),
)
_CONTENT = (
    ("code_block", "style.code_block"),
    ("inline_code", "style.inline_code"),
    ("link", "style.link"),
    ("list", "style.list"),
)
_REPLIES = (
    ("reply_question", "style.reply_question"),
    ("reply_yes", "style.reply_yes"),
    ("reply_no", "style.reply_no"),
    ("reply_depends", "style.reply_depends"),
    ("reply_thanks", "style.reply_thanks"),
    ("reply_link", "style.reply_link"),
    ("reply_code", "style.reply_code"),
    ("reply_list", "style.reply_list"),
)
_TELL: Mapping[Aspect, Callable[[Measures, str], Iterator[str]]] = {
    "length": _length,
    "openings": _openings,
    "phrases": _phrases,
    "punctuation": _punctuation,
    "emoji": _emoji,
    "languages": _languages,
    "shapes": _shapes,
}


def _habits(found: Measures, lang: str, keys: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """The sentences of what comes often, the most frequent first."""
    often = [(found[name], key) for name, key in keys if _told(found, name)]
    for share, key in sorted(often, key=lambda pair: (-pair[0], pair[1])):
        yield say(lang, key, percent=_percent(share))


def _listed(found: Measures, prefix: str, lang: str) -> str:
    """`"Yeah," (12 %)` and so on, the most telling first, as measured. The words are somebody's: shown without
    anything hidden in them."""
    shares = [(share, name.removeprefix(prefix)) for name, share in found.items() if name.startswith(prefix)]
    told = [
        say(lang, "style.item", words=reveal(words)[0][:_LONGEST], percent=_percent(share))
        for share, words in shares[:MOST]
    ]
    return say(lang, "list.between").join(told)


def _told(found: Measures, name: str) -> bool:
    return found.get(name, 0.0) >= OFTEN


def _count(found: Measures, name: str) -> int:
    return round(found.get(name, 0.0))


def _percent(share: float) -> str:
    """Whole percents; below one, one digit."""
    percent = 100 * min(1.0, max(0.0, share))
    return f"{percent:.1f}" if 0 < percent < 0.95 else f"{percent:.0f}"
