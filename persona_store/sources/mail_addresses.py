"""Whom a From, To or Cc names: by address, never by what is written beside it (rights.md T14, IMP-16).

The structure is read first and names are decoded afterwards: an encoded word that decodes to `lin@corp.com>` is
part of a name. Python's `getaddresses` reads `lin@corp.com(<mallory@x>)` differently from version to version
(CVE-2023-27043), so this is a reader of its own, which finds nobody where there is doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from persona_store.sources.mail_headers import words

MOST = 500  # people of one mail; what names more is no letter


class Mailbox(Struct, frozen=True):
    """`address` is folded to lower case; `name` is for reading only."""

    address: str
    name: str = ""


_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.){0,400}") | (?P<angle><[^<>]*>)
    | (?P<mark>[,;:()"<>\\]) | (?P<atom>[^\s,;:()"<>\\]+)""",
    re.X,
)
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,200}@[^\s@<>()\[\],;:\"\\]{1,250}")
_OBSCURED = re.compile(r"(\S{1,200}) at (\S{1,250}\.\S{1,20})(?: +\((.*)\))?")


def mailboxes(values: Iterable[str]) -> tuple[Mailbox, ...]:
    """Everybody who is named, in order, each once."""
    found: dict[str, Mailbox] = {}
    for value in values:
        for box in _read(value):
            found.setdefault(box.address, box)
            if len(found) >= MOST:
                return tuple(found.values())
    return tuple(found.values())


def author(values: list[str]) -> Mailbox | None:
    """The one who wrote it, or None where nobody, several, or two different fields claim to have."""
    if len(values) != 1:
        return None
    obscured = _OBSCURED.fullmatch(values[0].strip())
    if obscured and is_obscured(values):
        return Mailbox(f"{obscured[1]}@{obscured[2]}".lower(), words(obscured[3] or "").strip())
    found = list(_read(values[0], strict=True))
    return found[0] if len(found) == 1 else None


def is_obscured(values: list[str]) -> bool:
    """Whether it is written as public archives do, so that nobody harvests it: `lin at corp.com (Lin Wei)`."""
    return len(values) == 1 and "@" not in values[0] and _OBSCURED.fullmatch(values[0].strip()) is not None


def folded(address: str) -> str:
    """As addresses are compared: exactly, but for case. `lin+jobs@` is another address than `lin@`."""
    return address.strip().removeprefix("mail:").strip("<>").lower()


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _read(value: str, *, strict: bool = False) -> Iterator[Mailbox]:
    """With `strict`, a mailbox nobody can make sense of counts as one more, so that it is not passed over."""
    for tokens in _split(value):
        box = _mailbox(tokens)
        if box:
            yield box
        elif strict and any(kind in ("doubt", "mark") or "@" in text for kind, text in tokens):
            yield Mailbox("", "")


def _split(value: str) -> Iterator[list[tuple[str, str]]]:
    """The tokens of each mailbox: commas divide, comments are left out, `Team: …;` is a group."""
    tokens: list[tuple[str, str]] = []
    depth = 0
    for match in _TOKEN.finditer(value):
        kind, text = match.lastgroup or "", match[0]
        if text == "(" or depth:
            depth += {"(": 1, ")": -1}.get(text, 0)
            if kind == "angle":  # `(<…>` may hide a bracket; a comment with an address in it is a trick
                tokens.append(("doubt", text))
        elif text in ",;":
            yield tokens
            tokens = []
        elif text == ":":
            tokens = [("doubt", text) for kind, text in tokens if kind == "doubt" or "@" in text]
        else:
            tokens.append((kind, text))
    if depth:
        tokens.append(("doubt", "("))
    yield tokens


def _mailbox(tokens: list[tuple[str, str]]) -> Mailbox | None:
    kinds = [kind for kind, _ in tokens]
    if "doubt" in kinds or "mark" in kinds:
        return None
    if "angle" in kinds:
        if kinds.count("angle") > 1 or kinds[-1] != "angle":
            return None
        address, name = tokens[-1][1][1:-1].strip(), " ".join(text for _, text in tokens[:-1])
    else:
        address, name = "".join(text for _, text in tokens), ""
    if not _ADDRESS.fullmatch(address):
        return None
    return Mailbox(address.lower(), _name(name))


def _name(written: str) -> str:
    bare = re.sub(r"\\(.)", r"\1", written.replace('"', "")) if '"' in written else written
    return " ".join(words(bare).split())[:100]
