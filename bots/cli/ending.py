"""A persona ends from the command line: silent and erased here and now, whether or not a bot runs; then what was
said on the platforms is removed, as far as they let us within a minute. A running bot goes on with the rest."""

from __future__ import annotations

import asyncio
import time

from msgspec import structs, to_builtins

from adapters.model import Person
from bots import informing, keys, witness
from bots.app import App, connect
from bots.cli import handing
from bots.cli.context import Context
from bots.letters import writing
from bots.operator import found
from bots.unsaying import Later
from persona_store import proof
from persona_store.certificate import Certificate

WAITING = 60.0  # seconds somebody may sit before it


async def begun(app: App, name: str, trigger: str, lang: str) -> Certificate | Later:
    """The silence, unless it was there already, and the erasure."""
    persona = await found(app, name)
    if persona.state != "erasing":
        operator = Person("operator", "cli")
        await app.services.store.commit(await app.retiring.begin(persona, operator, trigger, None, lang))
    return await _erased(app, name, trigger, lang)


async def told(context: Context, name: str, trigger: str, ended: Certificate | Later) -> int:
    """To the end, if the platforms let us; 0 also where a bot has to finish it, as everything here is erased."""
    if isinstance(ended, Later):
        ended = await _removed(context, name, trigger)
    if isinstance(ended, Later):
        context.tell("persona_retired_removing", name=name, count=ended.left)
        if context.json:
            context.give({"persona": name, "left": ended.left})
    elif context.json:
        context.give(to_builtins(ended))
    else:
        context.tell("persona_retired", name=name, certificate=ended.cert_id)
    if not isinstance(ended, Later):
        await _handed_over(context, name)
    return 0


async def _handed_over(context: Context, name: str) -> None:
    """The letter with the certificate, where no bot will send it."""
    async with context.app() as app:
        last = await app.services.read(keys.farewell(name), informing.Farewell)
        done = await app.retiring.certificate(name)
        if last is not None and done is not None:
            kept = proof.make(done, app.services.vault.signing_key(informing.RECEIPTS))
            letter = writing.ended(last.name, done, kept, await witness.note(app.services), last.lang)
            if await handing.over(context, app, await found(app, name), letter, last.address):
                await app.services.store.commit(informing.handed_over(app.services, name, last))


async def _removed(context: Context, name: str, trigger: str) -> Certificate | Later:
    async with context.app() as app:
        platforms = await app.retiring.speaking_on(name)
    wanted = tuple(each for each in context.settings.adapters if each in platforms)
    began = time.monotonic()
    async with context.app(connect(structs.replace(context.settings, adapters=wanted))) as app:
        while isinstance(ended := await _erased(app, name, trigger, context.lang), Later):
            if time.monotonic() - began + ended.seconds > WAITING:
                break
            await asyncio.sleep(ended.seconds)
    return ended


async def _erased(app: App, name: str, trigger: str, lang: str) -> Certificate | Later:
    """The day a platform is waited for begins with the silence, not with this call."""
    persona = await found(app, name)
    try:
        return await app.retiring.erase_now(name, trigger, persona.state_at, lang)
    except Later as later:
        return later
