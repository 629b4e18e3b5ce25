"""What must not be remembered, taken out before anything is kept: secrets, sensitive personal data, hidden text.

The value is replaced by what kind of thing it was and is stored nowhere, so nothing can talk it out again
(rights.md T11–T13). Looked for in the text as it is, in its compatibility form (full-width letters), with the emoji
or blanks between its characters taken out, and in base64, hex and URL encoding once. What is spread over several
messages is `scrubbing`'s business.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from msgspec import Struct

from persona_store import personal_rules, secret_rules
from persona_store.hidden_text import reveal
from persona_store.secret_rules import Span


class Redacted(Struct, frozen=True):
    """The text that may be kept, and what kinds of things were taken out of it."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """One text on its own: at import, and again before anything is posted."""
    text, hidden = reveal(text)
    spans = list(find(text))
    kinds = ("hidden text",) * hidden
    if not spans:
        return Redacted(text, kinds)
    merged = merge(spans)
    return Redacted(replace_spans(text, merged), kinds + tuple(span.kind for span in merged))


def find(text: str) -> Iterator[Span]:
    """Every span that must go; they may overlap."""
    yield from secret_rules.find(text)
    yield from personal_rules.find(text)
    yield from _encoded(text)
    for view, places in _views(text):
        for span in (*secret_rules.find(view), *personal_rules.find(view)):
            yield Span(places[span.start], places[span.end - 1] + 1, span.kind)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans as one, called after the first."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end), merged[-1].kind)
        else:
            merged.append(span)
    return merged


def replace_spans(text: str, spans: Iterable[Span]) -> str:
    for span in sorted(spans, reverse=True):
        text = f"{text[: span.start]}{placeholder(span.kind)}{text[span.end :]}"
    return text


def placeholder(kind: str) -> str:
    return f"[removed: {kind}]"


_PLACEHOLDER = re.compile(r"\[removed: [a-z ]+\]")


def says_something(text: str) -> bool:
    """Whether anything is left besides what was taken out: a letter, a digit, an emoji."""
    return any(not (letter.isspace() or letter in "[](){}`\"'.,;:") for letter in _PLACEHOLDER.sub("", text))


# ------------------------------------------------------------------ disguises

# Letters and digits with an ASCII twin: full-width ones, and the styled ones that mathematics rarely puts in a row.
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_STYLED = re.compile("[\u2460-\u24ff\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff]{4}")
_BETWEEN = re.compile("[\u2600-\u27bf\u2b50-\u2b55\U0001f000-\U0001faff\ufe0f\u200d]+")
_SPELT = re.compile(r"(?<![A-Za-z0-9_])(?:[A-Za-z0-9_][ .]){15,}[A-Za-z0-9_](?![A-Za-z0-9_])")


def _views(text: str) -> Iterator[tuple[str, list[int]]]:
    """Other ways to read the text, each with the place in the text that every character of it comes from."""
    if not text.isascii():
        if _WIDE.search(text) or _STYLED.search(text):
            yield _mapped((unicodedata.normalize("NFKC", letter), place) for place, letter in enumerate(text))
        if len(_BETWEEN.findall(text)) >= 8:
            yield _mapped((letter, place) for place, letter in enumerate(text) if not _BETWEEN.match(letter))
    for match in _SPELT.finditer(text):
        yield _mapped((text[place], place) for place in range(match.start(), match.end(), 2))


def _mapped(letters: Iterable[tuple[str, int]]) -> tuple[str, list[int]]:
    pieces, places = [], []
    for piece, place in letters:
        pieces.append(piece)
        places.extend([place] * len(piece))
    return "".join(pieces), places


_PACKED = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{16,20000}={0,2}")
_HEX = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}){8,})")
_QUOTED = re.compile(r"(?<!\S)\S{0,200}?%[0-9A-Fa-f]{2}\S{0,2000}")


def _encoded(text: str) -> Iterator[Span]:
    """Tokens that are a secret once they are decoded."""
    for match in _PACKED.finditer(text):
        for decoded in _decodings(match[0]):
            found = next(secret_rules.find(decoded), None)
            if found:
                yield Span(*match.span(), found.kind)
                break
    if "%" in text:
        for match in _QUOTED.finditer(text):
            found = next(secret_rules.find(unquote(match[0], errors="replace")), None)
            if found:
                yield Span(*match.span(), found.kind)


def _decodings(token: str) -> Iterator[str]:
    packed = _HEX.fullmatch(token)
    if packed:
        yield from _text(bytes.fromhex(packed[1]))
    bare = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        yield from _text(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except (binascii.Error, ValueError):
        return


def _text(raw: bytes) -> Iterator[str]:
    """Only what decodes to plain text is looked at: nearly every word of sixteen letters is base64 of something."""
    if raw.isascii():
        text = raw.decode("ascii").strip()
        if text.replace("\n", "").replace("\r", "").isprintable():
            yield text
