"""A refusal in the reader's language. The program says no in English, where the fault is found, and the line that a
person reads is put into their language here: the sentence is compared with those of
`locales/refusals.<language>.toml`, what stood in it is carried over as it is, and what is not known stays English.
The literals of a form are looked for one after the other and nothing is tried twice: no value in a sentence, a
stranger's file name perhaps, makes it take long."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter

from msgspec import Struct

from bots.wording import LANGUAGES, sentences
from persona_store.errors import ModelError, Refused

BORROWED = ("assessment.change_", "reconsent.chat", "reconsent.recipient", "reconsent.facet")
"""Sentences of wording.py that go into refusals, by the beginnings of their keys."""
DOT = " · "
LISTS = (("; ", "；"), (", ", "、"))
TOLD = "told"
"""`{0:told}` is a hole in which a sentence of its own stands. Any other word behind the colon is the beginning of
keys of wording.py: `{0:state.}` says `state.draft` for what is called draft."""
MOST_PIECES, DEEPEST = 8, 3

_MARK = re.compile(r"(?:^|: )error\[[A-Z_]{1,40}\]: ")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'" r'|"(?:[^"\\]|\\.)*"', re.DOTALL)


class Form(Struct, frozen=True):
    """An English sentence as its literal parts, with a hole between each two, and what is said for it."""

    literals: tuple[str, ...]
    said: tuple[str | tuple[int, str], ...]  # words, and (the hole's number, what stands behind its colon)


def line(error: Exception, lang: str) -> str:
    """What the command line prints: the code stays as it is, since people and programs look for it."""
    if isinstance(error, Refused | ModelError):
        return f"error[{error.code}]: {told(error.what, lang)}" + (DOT + told(error.fix, lang) if error.fix else "")
    return f"error: {told(str(error), lang)}"


def told(sentence: str, lang: str) -> str:
    """The sentence in this language, or as it is. Raises KeyError for an unknown language."""
    return sentence if lang == LANGUAGES[0] else _told(sentence, lang, 0)


@cache
def forms(lang: str) -> tuple[Form, ...]:
    """Those that begin with words of their own first: a hole at the beginning takes in what another says there.
    Of each kind the most particular, with most words of its own."""
    spoken = sentences(lang)
    pairs = {said: spoken[key] for key, said in sentences(LANGUAGES[0]).items() if key.startswith(BORROWED)}
    text = files("bots").joinpath("locales", f"refusals.{lang}.toml").read_text(encoding="utf-8")
    pairs |= tomllib.loads(text)
    made = (_form(english, said) for english, said in pairs.items())
    return tuple(sorted(made, key=_place))


def _place(form: Form) -> tuple[bool, int, int]:
    return not form.literals[0], -sum(map(len, form.literals)), len(form.literals)


def holes(sentence: str, literals: Sequence[str]) -> list[str] | None:
    """What stands between the literals; None if it is another sentence. A quoted value ends where its quote does,
    whatever is inside; any other at the first place where the next literal begins: with the ends tied down, that
    fits wherever anything does."""
    first, *between, last = literals if len(literals) > 1 else (*literals, "")
    if len(literals) == 1:
        return [] if sentence == first else None
    end = len(sentence) - len(last)
    if not sentence.startswith(first) or not sentence.endswith(last) or end < len(first):
        return None
    found, at = [], len(first)
    for literal in between:
        stop = _stop(sentence, at, end, literal)
        if stop < 0:
            return None
        found.append(sentence[at:stop])
        at = stop + len(literal)
    return [*found, sentence[at:end]]


def _told(sentence: str, lang: str, depth: int) -> str:
    if depth > DEEPEST:
        return sentence
    if mark := _MARK.search(sentence):  # of something that could not be read: its name, and the refusal
        return sentence[: mark.end()] + _told(sentence[mark.end() :], lang, depth + 1)
    if depth and (listed := _listed(sentence, lang, depth)):
        return listed
    found, pieces = _found(sentence, lang), sentence.split(DOT, MOST_PIECES)
    if found and not any(DOT in value and not _QUOTED.fullmatch(value) for value in found[1]):
        return _said(*found, lang, depth)
    if len(pieces) > 1:  # what is wrong, and the way out
        return _each(pieces, DOT, lang, depth) or DOT.join(_told(piece, lang, depth + 1) for piece in pieces)
    named, colon, rest = sentence.partition(": ")  # a platform's name, and what it said
    if colon and (reason := _told(rest, lang, depth + 1)) != rest:
        return f"{named}: {reason}"
    return sentence


def _listed(sentence: str, lang: str, depth: int) -> str:
    """Several sentences in the place of one; "" if it is none."""
    for separator, comma in LISTS:
        if separator in sentence and (said := _each(sentence.split(separator, MOST_PIECES), comma, lang, depth)):
            return said
    return ""


def _each(pieces: Sequence[str], between: str, lang: str, depth: int) -> str:
    """All of them; "" if one is not known."""
    said: list[str] = []
    for piece in pieces:
        if (found := _found(piece, lang)) is None:
            return ""
        said.append(_said(*found, lang, depth + 1))
    return between.join(said)


def _found(sentence: str, lang: str) -> tuple[Form, list[str]] | None:
    for form in forms(lang):
        if (values := holes(sentence, form.literals)) is not None:
            return form, values
    return None


def _said(form: Form, values: Sequence[str], lang: str, depth: int) -> str:
    return "".join(
        part if isinstance(part, str) else _value(values[part[0]], part[1], lang, depth) for part in form.said
    )


def _value(value: str, kind: str, lang: str, depth: int) -> str:
    if kind == TOLD:
        return _told(value, lang, depth + 1)
    known = sentences(lang)
    words = [known.get(kind + word) for word in value.split(", ")] if kind else [None]
    return value if None in words else "、".join(map(str, words))


def _stop(sentence: str, at: int, end: int, literal: str) -> int:
    quoted = _QUOTED.match(sentence, at, end)
    if quoted and sentence.startswith(literal, quoted.end()) and quoted.end() + len(literal) <= end:
        return quoted.end()
    return sentence.find(literal, at, end)


def _form(english: str, said: str) -> Form:
    names = [name for _, name, _, _ in Formatter().parse(english) if name is not None]
    return Form(tuple(_literals(english)), tuple(_parts(said, names)))


def _literals(english: str) -> Iterator[str]:
    words = ""
    for literal, name, _, _ in Formatter().parse(english):
        words += literal
        if name is not None:
            yield words
            words = ""
    yield words


def _parts(said: str, names: Sequence[str]) -> Iterator[str | tuple[int, str]]:
    """A hole is called by its number or name, or is the next one from the left."""
    place = 0
    for literal, name, spec, _ in Formatter().parse(said):
        if literal:
            yield literal
        if name is not None:
            yield (int(name) if name.isdigit() else names.index(name) if name else place), spec or ""
            place += 1
