"""Everything the Subject may have, as one archive: JSON for a machine, a page for a person, the signed records.

Written as it is read: a million items are no more in memory than a hundred, and nothing of it touches the disk
(PIPL 45; GDPR 15(3), 20; rights.md L10).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from html import escape
from importlib.resources import files

import msgspec

from bots import cards, exports
from bots.audit import line
from bots.licensed import records, told
from bots.portrait.model import Aigc
from bots.services import Services
from bots.subject import ledgers, place
from bots.wording import say
from persona_store.distill.book import FacetBook
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch

CHUNK = 64 * 1024
DAY = (1980, 1, 1, 0, 0, 0)  # of every member: the archive of the same things is the same archive


class _Sink(io.RawIOBase):
    """Takes what the archive writes, until it is handed on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes
        self._parts.append(bytes(data))
        self.waiting += len(data)
        return len(data)

    def take(self) -> bytes:
        parts, self._parts, self.waiting = self._parts, [], 0
        return b"".join(parts)


async def archive(services: Services, persona: Persona, who: str, lang: str, actor: str) -> AsyncIterator[bytes]:
    """A ZIP in pieces. The audit log has that it was asked for before the first piece."""
    audited = line(services, persona.name, "exported", actor, code="subject")
    note = exports.note(services, persona.name, "data", persona.subject or "subject")
    await services.store.commit(Batch(puts=(note,), log=(audited,)))
    sink = _Sink()
    mine = await services.directory.identities(who or persona.subject)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in [each async for each in _small(services, persona, lang)]:
            zipped.writestr(zipfile.ZipInfo(name, DAY), content, zipfile.ZIP_DEFLATED)
        async for piece in _streamed(zipped, sink, "items.json", _items_json(services, persona, mine)):
            yield piece
        async for piece in _streamed(zipped, sink, f"{persona.name}.html", _page(services, persona, mine, lang)):
            yield piece
        async for piece in _ledgers(zipped, sink, services, persona, lang):
            yield piece
    yield sink.take()


async def afterwards(services: Services, persona: Persona, lang: str) -> AsyncIterator[bytes]:
    """What outlives the persona: the ledgers. No key is left that could tell in the log who asked."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as zipped:
        async for piece in _ledgers(zipped, sink, services, persona, lang):
            yield piece
    yield sink.take()


async def _ledgers(
    zipped: zipfile.ZipFile, sink: _Sink, services: Services, persona: Persona, lang: str
) -> AsyncIterator[bytes]:
    async for name, content in ledgers.members(services, persona, lang):
        async for piece in _streamed(zipped, sink, name, content):
            yield piece


async def _streamed(
    zipped: zipfile.ZipFile, sink: _Sink, name: str, content: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """A member of any length; handed on whenever enough of the archive is there."""
    info = zipfile.ZipInfo(name, DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipped.open(info, "w", force_zip64=True) as out:
        async for piece in content:
            out.write(piece)
            if sink.waiting >= CHUNK:
                yield sink.take()


async def _small(services: Services, persona: Persona, lang: str) -> AsyncIterator[tuple[str, bytes]]:
    for number, receipt in enumerate(await place.receipts(services, persona.name), 1):
        yield f"records/{number}.json", receipt.record.encode()
        yield f"records/{number}.receipt.json", msgspec.json.format(msgspec.json.encode(receipt))
    for org, chain in await records.all_of(services, persona.name):
        signed = chain.records[-1]
        yield f"licences/{org}.json", records.file(signed.raw, signed.signature, chain.public_key)
    for last in await told.all_of(services, persona.name):
        yield f"licences/{last.org}.{last.standing}.txt", last.text.encode()
    portrait = await FacetBook((await services.library.file(persona.name)).sealed).portrait()
    consent = await services.consent(persona.name)
    facets = [f for f in portrait.facets if consent is not None and getattr(consent.facets, f.kind)]
    drawn = {"AIGC": _label(persona).fields(), "version": portrait.version, "facets": facets}
    yield "facets.json", msgspec.json.format(msgspec.json.encode(drawn))
    said = await place.every_answer(services, persona, lang)
    yield (
        "answers.json",
        msgspec.json.format(msgspec.json.encode({"AIGC": _label(persona).fields(), "answers": said})),
    )


async def _items_json(services: Services, persona: Persona, mine: frozenset[str]) -> AsyncIterator[bytes]:
    """Whole passages, as they are kept."""
    yield b"[\n"
    first = True
    async for _, passage in (await services.library.file(persona.name)).scan():
        if place.shown(passage, mine):
            yield (b"" if first else b",\n") + msgspec.json.encode(passage)
            first = False
    yield b"\n]\n"


async def _page(services: Services, persona: Persona, mine: frozenset[str], lang: str) -> AsyncIterator[bytes]:
    """Readable without us, without a network and without a script."""
    style = files("bots.portrait").joinpath("page.css").read_text(encoding="utf-8")
    title = escape(say(lang, "subject_page.export_title", name=persona.display_name))
    label = escape(say(lang, "subject_page.export_about"))
    consent = await services.consent(persona.name)
    facts = await place.overview(services, persona, "subject", lang, "")
    yield (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f'<meta name="AIGC" content="{escape(msgspec.json.encode(_label(persona).fields()).decode())}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head>"
        f'<body><div class="page"><header><h1>{title}</h1><p class="lead">{label}</p></header><main>'
    ).encode()
    if consent is not None:
        lines = "".join(f"<li>{escape(each)}</li>" for each in facts.lines)
        yield f'<section class="part"><h2>{_say(lang, "allowed")}</h2><ul>{lines}</ul></section>'.encode()
    yield f'<section class="part"><h2>{_say(lang, "held")}</h2>'.encode()
    async for _, passage in (await services.library.file(persona.name)).scan():
        if place.shown(passage, mine):
            yield _article(passage, lang, persona).encode()
    yield f'</section><section class="part"><h2>{_say(lang, "answers")}</h2>'.encode()
    for piece in _told(await place.every_answer(services, persona, lang), lang):
        yield piece.encode()
    yield b"</section>" + (await ledgers.section(services, persona, lang)).encode()
    yield b"</main></div></body></html>\n"


def _article(passage: Passage, lang: str, persona: Persona) -> str:
    quote = cards.quote(passage, passage.text, lang, persona)
    return (
        f'<article class="card"><figure class="quote"><blockquote dir="auto">{escape(quote.text)}</blockquote>'
        f"<figcaption>{escape(quote.author)} {escape(quote.when)} {escape(quote.place)} {escape(passage.url)}"
        "</figcaption></figure></article>"
    )


def _told(answers: list[place.Answer], lang: str) -> Iterator[str]:
    for answer in answers:
        asked = f"<p>{escape(answer.question)}</p>" if answer.question else ""
        quotes = "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in answer.quotes)
        kind = _say(lang, f"kind_{answer.kind}")
        yield (
            f'<article class="card"><p>{answer.at:%Y-%m-%d %H:%M} UTC {escape(answer.place)} {kind} '
            f"{escape(answer.asker)}</p>{asked}{quotes}</article>"
        )


def _say(lang: str, key: str) -> str:
    return escape(say(lang, f"subject_page.{key}"))


def _label(persona: Persona) -> Aigc:
    return Aigc("understudy", f"{persona.name}/{hashlib.sha256(persona.name.encode()).hexdigest()[:16]}")
