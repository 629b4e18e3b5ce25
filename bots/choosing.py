"""Which persona is meant? Pure: by name, by the thread, by the chat's default, by being the only one; else ask.
A retired or unknown name gets a plain sentence and never another persona (peers.md E10)."""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

from persona_store.model import GONE, Persona


class Chosen(Struct, frozen=True):
    persona: Persona
    text: str


class Retired(Struct, frozen=True):
    name: str


class Unknown(Struct, frozen=True):
    name: str


class Ambiguous(Struct, frozen=True):
    personas: tuple[Persona, ...]


class Nobody(Struct, frozen=True):
    pass


Choice = Chosen | Retired | Unknown | Ambiguous | Nobody
# "@bob how …" or "ask bob: …" names somebody; "ask how …", "问题：…" and "请问退款：…" do not.
_CALLED = re.compile(
    r"^(?:(?:ask|问)(?:\s+@?|\s*@)([^\s:：,，]{1,40})\s*[:：]|@([^\s:：,，]{1,40})[\s:：,，])\s*\S",
    re.IGNORECASE,
)


def choose(
    text: str, here: list[Persona], everyone: list[Persona], *, thread: str = "", default: str = ""
) -> Choice:
    """`here` are the personas that serve this place in any state but erased; `everyone` also tombstones."""
    called = _at_start(text, everyone)
    # Who answers elsewhere only is not known here: called by name, no other steps in; as a mere word it is none.
    if called is not None and called[0] not in here and called[0].state not in GONE:
        if called[1] != text:
            return Unknown(text.removesuffix(called[1]).strip("@:：,， \n\t"))
        called = None
    everyone = [p for p in everyone if p in here or p.state in GONE]
    if called is not None:
        persona, rest = called
        if persona.state in GONE:
            return Retired(persona.display_name)
        return Chosen(persona, rest or text)
    if unknown := _CALLED.match(text):
        return Unknown(unknown[1] or unknown[2])
    named = [p for p in here if _mentions(text, p)]
    if len(named) == 1:
        return Chosen(named[0], text)
    for bound in (thread, default):
        if bound and not named:
            return _by_name(bound, text, everyone)
    if not named:
        gone = [p for p in everyone if p.state in GONE and _mentions(text, p)]
        if gone:
            return Retired(gone[0].display_name)
    candidates = [p for p in (named or here) if p.state not in GONE]
    speaking = [p for p in candidates if p.state == "live"] or candidates
    if len(speaking) == 1:
        return Chosen(speaking[0], text)
    return Ambiguous(tuple(speaking)) if speaking else _nobody(everyone)


def _by_name(name: str, text: str, everyone: list[Persona]) -> Choice:
    for persona in everyone:
        if persona.name == name:
            return Retired(persona.display_name) if persona.state in GONE else Chosen(persona, text)
    return Unknown(name)


def _nobody(everyone: list[Persona]) -> Choice:
    """With a single persona that is gone, saying so is more helpful than saying there is none."""
    gone = [p for p in everyone if p.state in GONE]
    return Retired(gone[0].display_name) if len(gone) == 1 and len(everyone) == 1 else Nobody()


def _at_start(text: str, everyone: list[Persona]) -> tuple[Persona, str] | None:
    folded = fold(text)
    start = re.match(r"^(?:(?:ask|问|请问)\s*)?@?", folded)
    offset = start.end() if start else 0
    names = sorted(((fold(n), p) for p in everyone for n in called(p)), key=lambda pair: -len(pair[0]))
    for name, persona in names:
        if not name or not folded.startswith(name, offset):
            continue
        rest = folded[offset + len(name) :]
        if not rest:
            return persona, ""
        # "carlyn: how", "carlyn how", "@林舟 为什么"; not "linzhoux"
        if rest[0] in ":：,， \n\t" and (rest[0] in ":：,，" or text.lstrip().startswith("@") or offset):
            return persona, text[offset + len(name) :].lstrip(":：,， \n\t")
        if rest[0] in " \n\t":
            return persona, text
    return None


def _mentions(text: str, persona: Persona) -> bool:
    folded = fold(text)
    for name in called(persona):
        word = fold(name)
        if not word:
            continue
        if word.isascii():
            if re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded):
                return True
        elif word in folded:
            return True
    return False


def called(persona: Persona) -> tuple[str, ...]:
    """Everything a persona answers to."""
    return (persona.name, persona.display_name, *persona.aliases)


def fold(text: str) -> str:
    """Case and width do not matter; length is kept, so that positions still fit the original."""
    if text.isascii():
        return text.lower()
    return "".join(folded if len(folded := unicodedata.normalize("NFKC", c).lower()) == 1 else c for c in text)
