"""Talks for tests: a few lines, who says them and when; and what the rules find in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from persona_store.distill.model import Aspect, Facet
from persona_store.distill.rules import ByRules
from persona_store.model import Passage
from tests.persona_store.passages import START, passage

NOW = START + timedelta(days=60)


def talk(name: str, *lines: str, days: int = 0, **more: Any) -> list[Passage]:
    """An episode. "Bo: …" is said by somebody else, all else by the Subject; a minute passes between lines."""
    said: list[Passage] = []
    for number, line in enumerate(lines):
        who, colon, text = line.partition(": ")
        own = not colon or not who.istitle() or " " in who
        fields: dict[str, Any] = {"minutes": days * 1440 + number, "thread": name}
        if not own:
            fields |= {"author": f"slack:{who}", "author_name": who}
        fields |= more
        said.append(passage(f"{name}-{number}", line if own else text, own=own, **fields))
    return said


def one(text: str, **more: Any) -> list[Passage]:
    """An answer to somebody who said something that asks nothing."""
    name = f"t{crc32(text.encode())}"
    return talk(name, "Bo: have a look at the gateway of the settlement jobs", text, **more)


def ground(*words: str) -> list[list[Passage]]:
    """The Subject has spoken of these before: what they say of them now is no small talk."""
    return [talk(f"ground{n}-{word}", f"looked at {word} again", days=n) for n in range(3) for word in words]


def found(*episodes: Sequence[Passage], now: datetime = NOW, **more: Any) -> list[Facet]:
    finder = ByRules(**more)
    for episode in episodes:
        finder.see(episode)
    return finder.facets(now)


def of(aspect: Aspect, *episodes: Sequence[Passage], **more: Any) -> list[Facet]:
    return [facet for facet in found(*episodes, **more) if facet.aspect == aspect]
