"""What gets planted, asked and looked for."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files
from typing import Any

import msgspec

from adapters.model import Card
from adapters.scripted import Posted
from bots.wording import LANGUAGES
from persona_store.model import Passage
from tests.scenarios.world import World


async def teach(w: World, *texts: str, readers: tuple[str, ...] | None = None, **more: Any) -> None:
    """Put passages of Lin's into the persona `lin`, as an import would have."""
    at = w.clock.now() - timedelta(days=20)
    passages = [
        Passage(
            **{
                "id": f"planted-{hashlib.sha256(text.encode()).hexdigest()[:12]}",
                "source": "slack_export",
                "container": "C0PAY" if readers is None else "G0SEC",
                "container_name": "payments" if readers is None else "secrets",
                "thread": f"planted-{hashlib.sha256(text.encode()).hexdigest()[:8]}",
                "author": "chat:U0LIN",
                "author_name": "Lin Zhou",
                "by_subject": True,
                "at": at,
                "text": text,
                "readers": readers,
                **more,
            }
        )
        for text in texts
    ]
    await (await w.app.services.library.file("lin")).add(passages)


PASSING = (
    "seen/", "thread/", "outcome/", "escalation/", "open/", "opened/", "asked/", "placed/", "posted/",
    "receipt/", "dead/", "drafted/", "denied/", "greeted/", "digest/", "label/",
    "digested/", "spoke/", "asks/", "tally/", "talking/",
)  # fmt: skip
"""What conversations leave behind; anything else in the store decides what a persona may do."""


async def state(w: World) -> dict[str, str]:
    """What the persona knows and may do, as hashes: a change of any of it shows."""
    services = w.app.services
    found = {"evidence": _hash(msgspec.msgpack.encode(await (await services.library.file("lin")).all()))}
    async for key, raw in services.store.scan(""):
        if not key.startswith(PASSING):
            found[key] = _hash(raw)
    return found


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _sentences() -> Iterator[re.Pattern[str]]:
    for lang in LANGUAGES:
        table = tomllib.loads(files("bots").joinpath("locales", f"{lang}.toml").read_text("utf-8"))
        for section, sentences in table.items():
            if section != "cli":
                for text in sentences.values():
                    yield re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(text)), re.DOTALL)


SENTENCES = tuple(_sentences())


def is_wording(text: str) -> bool:
    """Whether a text is one of the sentences that ship, with its gaps filled."""
    return any(pattern.fullmatch(text) for pattern in SENTENCES)


def words(card: Card) -> str:
    """Everything a card says."""
    quotes = [part for q in card.quotes for part in (q.text, q.author, q.when, q.place, q.url)]
    return "\n".join([card.label, card.title, card.text, *quotes, *card.notes, *(b.label for b in card.buttons)])


def seen(posts: list[Posted]) -> list[tuple[Any, ...]]:
    """Posts as those who read them see them."""
    return [(p.thread.chat, p.thread.root, p.post.card, p.post.mention, p.post.only_for) for p in posts]
