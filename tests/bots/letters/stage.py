"""A bot that runs with a mail server beside it, and a Subject who gave their private address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from bots import keys
from persona_store.model import Persona
from persona_store.protocols import Batch, Put
from tests.bots.letters.postbox import LIN, Postbox, postbox, settings
from tests.bots.subject.stage import linked
from tests.scenarios.world import World, folder, world


@asynccontextmanager
async def running(path: Path | None = None, **more: Any) -> AsyncIterator[tuple[World, Postbox]]:
    async with postbox() as post:
        with folder() as other:
            async with world(path or other, **more) as w:
                linked(w)
                object.__setattr__(w.app.services, "mail", settings(post.port))
                yield w, post


async def gave_address(w: World, persona: str = "lin", address: str = LIN) -> None:
    """As by the field on the page."""
    services, key = w.app.services, keys.of_subject(persona, "address")
    await services.store.commit(Batch(puts=(Put(key, services.seal(address, key)),)))


async def at_home(w: World, **more: Any) -> Persona:
    """A live persona whose Subject gets letters."""
    persona = await w.persona(**more)
    await w.settle()  # the receipt is over: there was nowhere to send it yet
    await gave_address(w, persona.name)
    return persona


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    found = {}
    for each in mail.iter_attachments():
        content = each.get_content()
        found[str(each.get_filename())] = content if isinstance(content, bytes) else content.encode()
    return found
