"""Who answers for a persona: an owner and a deputy who said so themselves, and silence once both are gone.

Everyone responsible is no one responsible: exactly one owner, one deputy at most, each by a sentence of their own
(Civil Code 1165; ISO/IEC 42001 A.10.2; rights.md L18).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

from msgspec import Struct, structs

from adapters.errors import AdapterError, NotFound
from adapters.model import Button, Post, Press
from adapters.protocol import HasPeople
from bots import cards, keys
from bots.audit import line
from bots.outbox import queue
from bots.people import own_language, person_of, reach, shown
from bots.services import Services
from bots.wording import say
from persona_store.errors import Conflict, Refused
from persona_store.model import GONE, Persona
from persona_store.personas import transition
from persona_store.protocols import Batch, Put

LOOK_EVERY = 240.0  # seconds; who left is noticed within five minutes
OPEN_FOR = timedelta(days=30)
NOBODY = "nobody_left"  # why a persona is suspended
log = logging.getLogger(__name__)


class Duty(Struct, frozen=True):
    """What somebody was asked to accept, word for word."""

    persona: str
    who: str  # person key
    role: str  # owner | deputy
    text: str


def wording(persona: Persona, role: str, lang: str) -> str:
    """The sentence somebody accepts."""
    return say(lang, f"duty.{role}", name=persona.display_name, id=persona.name)


async def ask(services: Services, persona: Persona) -> Batch:
    """A Batch that asks owner and deputy, as far as they did not accept yet and can be written to."""
    batch = Batch()
    duties = keys.of_subject(persona.name, "duty/")
    waiting = [duty async for _, duty in services.all(duties, Duty)]
    for role, who in (("owner", persona.owner), ("deputy", persona.deputy)):
        if not who or who in persona.accepted:
            continue
        # Typed at the command line nothing is connected; the bot that runs beside it will know them.
        person = await reach(services, who) if services.adapters else person_of(who)
        if person is None:
            continue
        lang = await own_language(services, person)
        duty = Duty(persona.name, who, role, wording(persona, role, lang))
        if duty in waiting:  # the card with the button is in their chat already
            continue
        nonce = keys.short("duty", persona.name, who, services.clock.now().isoformat())
        key = keys.of_subject(persona.name, f"duty/{nonce}")
        card = cards.notice(
            duty.text,
            lang=lang,
            tone="owner",
            buttons=(Button("accept", say(lang, "button.accept"), f"{persona.name}:{nonce}", style="primary"),),
        )
        batch = batch.plus(Batch(puts=(Put(key, services.seal(duty, key), services.clock.now() + OPEN_FOR),))).plus(
            queue(services, Post(f"duty:{nonce}", card), to=person)
        )
    return batch


async def pressed(services: Services, press: Press, lang: str) -> tuple[str, Batch]:
    """(what to say, a Batch) for the button. It is a signature: only for who was asked, and only while they are
    still who is meant."""
    name, _, nonce = press.value.partition(":")
    persona = await services.personas.get(name)
    key = keys.of_subject(name, f"duty/{nonce}") if persona is not None else ""
    duty, raw = await services.read_raw(key, Duty) if persona is not None else (None, None)
    if persona is None or duty is None or persona.state in GONE:
        return say(lang, "button.too_old"), Batch()
    if not await services.directory.same(press.author.key, duty.who):
        return say(lang, "confirm.not_yours"), Batch()
    if duty.who not in (persona.owner, persona.deputy):
        return say(lang, "button.too_old"), Batch(deletes=(key,))
    used = Batch(deletes=(key,), unchanged=((key, raw),))
    accepted = await _accepted(services, persona, duty, press.author.key, "button")
    return say(lang, "duty.thanks", name=persona.display_name), used.plus(accepted)


async def typed(services: Services, persona: Persona, who: str, lang: str) -> Batch:
    """The same, from the command line of the installation, which the log tells. Raises Refused NOT_ASKED for
    somebody who is neither owner nor deputy."""
    role = {persona.owner: "owner", persona.deputy: "deputy"}.get(who)
    if role is None or not who:
        what = f"{who!r} is neither owner nor deputy of {persona.name!r}"
        raise Refused("NOT_ASKED", what, f"see `understudy persona show {persona.name}`")
    duty = Duty(persona.name, who, role, wording(persona, role, lang))
    return await _accepted(services, persona, duty, who, "cli")


async def _accepted(services: Services, persona: Persona, duty: Duty, by: str, how: str) -> Batch:
    proof = "sha256:" + hashlib.sha256(f"{duty.who}\n{duty.text}".encode()).hexdigest()
    after = structs.replace(persona, accepted={**persona.accepted, duty.who: proof})
    audited = line(services, persona.name, f"accepted.{duty.role}", by, decision="done", code=how, refs=(proof,))
    return Batch(
        puts=(services.personas.put(after),),
        unchanged=(await services.personas.unchanged(persona),),
        log=(audited,),
    )


# ------------------------------------------------------------------ and when they leave


async def watch(services: Services) -> None:
    """Look at every persona that speaks; one that nobody answers for any more falls silent, and is told of."""
    for persona in await services.personas.all():
        if persona.state != "live":
            continue
        try:
            for who in filter(None, (persona.owner, persona.deputy)):
                if not await left(services, who):
                    break
            else:
                await services.store.commit(await _suspended(services, persona))
        except (Refused, Conflict, AdapterError) as error:  # looked at again in some minutes
            log.warning("who answers for %s: %s", persona.name, type(error).__name__)


async def left(services: Services, key: str) -> bool:
    """Whether somebody is gone for certain: no account of theirs is active on a platform that runs here. A platform
    that is away, or does not run here, proves nothing."""
    known = False
    for identity in sorted(await services.directory.identities(key)):
        person = person_of(identity)
        adapter = services.adapters.get(person.platform)
        if not isinstance(adapter, HasPeople):
            return False
        try:
            await adapter.person(person.id)
        except NotFound:
            known = True
        except AdapterError:
            return False
        else:
            return False
    return known


async def _suspended(services: Services, persona: Persona) -> Batch:
    now = services.clock.now()
    after = transition(persona, "suspend", now, NOBODY)
    batch = Batch(
        puts=(services.personas.put(after),),
        unchanged=(await services.personas.unchanged(persona),),
        log=(line(services, persona.name, "suspend", "", decision="done", code="NOBODY_LEFT"),),
    )
    log.warning("%s is suspended: neither its owner nor its deputy has an account any more", persona.name)
    for who in dict.fromkeys((persona.subject, *services.directory.admins)):
        person = await reach(services, who) if who else None
        if person is None:
            continue
        lang = await own_language(services, person)
        owner = shown(person_of(persona.owner))
        text = say(lang, "duty.nobody_left", name=persona.display_name, owner=owner, id=persona.name)
        key = f"nobody:{keys.short(persona.name, person.key, now.isoformat())}"
        batch = batch.plus(queue(services, Post(key, cards.notice(text, lang=lang, tone="admin")), to=person))
    return batch
