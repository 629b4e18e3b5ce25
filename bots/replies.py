"""A word to one person about what they just did: seen by them alone, even where others read along."""

from __future__ import annotations

from adapters.model import Button, Card, Person, Post, Thread
from bots import cards
from bots.outbox import queue
from bots.services import Services
from persona_store.protocols import Batch


def alone(
    services: Services,
    person: Person,
    thread: Thread,
    text: str,
    *,
    lang: str,
    key: str,
    tone: str = "notice",
    buttons: tuple[Button, ...] = (),
    links: tuple[str, ...] = (),
) -> Batch:
    card = cards.notice(text, lang=lang, tone=tone, buttons=buttons, links=links)
    return alone_card(services, person, thread, card, key=key)


def alone_card(
    services: Services, person: Person, thread: Thread, card: Card, *, key: str, persona: str = ""
) -> Batch:
    """With a `persona` it speaks for it, and is not said once that is silenced."""
    post = Post(key, card, only_for=None if thread.direct else person)
    return queue(services, post, to=thread, persona=persona)
