"""What the Subject takes home of a licence: the ledger line by line, and each statement with its signature."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape

import msgspec

from bots.informing import RECEIPTS
from bots.licence import page, showing
from bots.services import Services
from bots.wording import say
from persona_store import jws
from persona_store.consent.receipt import encoded
from persona_store.licence.book import LedgerBook
from persona_store.model import Persona


async def members(
    services: Services, persona: Persona, lang: str
) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
    """(name in the archive, its content in pieces); nothing where nobody ever paid."""
    book = LedgerBook(services.store)
    told = await showing.overview(services, persona, lang)
    if not told.payers:
        return
    yield "licence/overview.json", _whole(msgspec.json.format(msgspec.json.encode(told)))
    key = jws.public_bytes(services.vault.signing_key(RECEIPTS))
    yield "licence/key.txt", _whole(encoded(key).encode() + b"\n")
    for org in (payer.org for payer in told.payers):
        yield f"licence/{persona.name}-{org}-ledger.jsonl", _lines(book, persona.name, org)
        for signed in await book.statements(persona.name, org):
            for file in page.files(signed, persona, lang):
                yield f"licence/{file.name}", _whole(file.content)


async def section(services: Services, persona: Persona, lang: str) -> str:
    """For the readable page; "" where nobody ever paid."""
    told = await showing.overview(services, persona, lang)
    if not told.payers:
        return ""
    months = [
        say(lang, "licence.mine", org=payer.org, month=each.month, amount=each.total, state=each.state_words)
        for payer in told.payers
        for each in payer.months
    ]
    rows = "".join(f"<li>{escape(line)}</li>" for line in (*told.terms, *months))
    heading = escape(say(lang, "subject_page.licence"))
    return f'<section class="part"><h2>{heading}</h2><ul>{rows}</ul></section>'


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _lines(book: LedgerBook, persona: str, org: str) -> AsyncIterator[bytes]:
    async for raw in book.lines(persona, org):
        yield raw + b"\n"
