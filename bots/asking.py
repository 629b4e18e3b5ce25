"""Writing to the human who is asked: at once, after their quiet hours, or in a digest; and what becomes of the
cards afterwards. A flood of questions must not become a flood of messages (rights.md T21)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from msgspec import structs

from adapters.model import Card, Person, Post
from bots import cards, escalation, keys, register
from bots.hours import Hours, hours_of
from bots.model import Escalation
from bots.outbox import queue
from bots.people import own_language
from bots.services import Services
from bots.timers import digest_timer, timer
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch, Put

SHOWN = 3  # passages on a card to a human


async def ask(
    services: Services, persona: Persona, record: Escalation, *, crowded: bool = False
) -> tuple[Escalation, Batch]:
    """The assignee's turn. `crowded`: one asker asks a lot, so that it can wait for the digest."""
    now = services.clock.now()
    hours = assignee_hours(persona, record)
    if hours.quiet(now):
        waking = Batch(jobs=(timer(record.id, "ask", hours.next_waking(now)),))
        return record, (await register.save(services, record)).plus(waking)
    behind = record.reason != escalation.REPORTED  # a complaint does not wait behind other people's questions
    if crowded or (behind and await _asked_lately(services, record.assignee, now) >= persona.rules.digest_after):
        return record, (await register.save(services, record)).plus(into_digest(services, persona, record))
    record, batch = await asked(services, persona, record)
    return record, batch.plus(await _card(services, persona, record, ask_key(record)))


async def asked(services: Services, persona: Persona, record: Escalation) -> tuple[Escalation, Batch]:
    """Asked, by whatever message: from now on the reminder and the deputy's turn are due."""
    now, rules = services.clock.now(), persona.rules
    record = escalation.ask(record, now)
    hours = assignee_hours(persona, record)
    jobs = [timer(record.id, "remind", hours.after(now, rules.remind_after_hours))]
    if record.deputy is not None and record.deputy.key != record.assignee.key:
        jobs.append(timer(record.id, "deputy", hours.after(now, rules.deputy_after_hours)))
    listed = Put(keys.asked(record.assignee, record.id), now.isoformat().encode())
    return record, (await register.save(services, record)).plus(Batch(puts=(listed,), jobs=tuple(jobs)))


async def remind(services: Services, persona: Persona, record: Escalation) -> Batch:
    """Once more; whoever was asked by a digest is reminded by a digest."""
    if await services.store.get(keys.receipt(ask_key(record))) is None:
        return into_digest(services, persona, record)
    record = escalation.remind(record, services.clock.now())
    key = f"{ask_key(record)}:remind{record.reminded}"
    sent = await _card(services, persona, record, key, reminder=True)
    return (await register.save(services, record)).plus(sent)


def into_digest(services: Services, persona: Persona, record: Escalation) -> Batch:
    """Put on the list of what the next digest says. The mark tells a digest that is being written just now."""
    person = record.assignee.key
    due = assignee_hours(persona, record).next_waking(services.clock.now() + timedelta(hours=1))
    listed = Put(keys.digest(person, record.id), persona.name.encode())
    mark = Put(keys.digest_mark(person), secrets.token_bytes(8))
    return Batch(puts=(listed, mark), jobs=(digest_timer(person, due),))


async def close_cards(services: Services, record: Escalation, card: Card, *, to: Person | None = None) -> Batch:
    """Every card this was asked with becomes what was made of it, so that nobody presses in vain; only `to`, who
    settled it, keeps buttons. Whoever settled it without such a card is told by a new message."""
    batch, told = Batch(), False
    plain = structs.replace(card, buttons=())
    for n, person_key in enumerate(_asked_ones(record), 1):
        old = _ask_key(record.id, n, person_key)
        raw = await services.store.get(keys.receipt(old))
        if raw is None:
            continue
        mine = to is not None and to.key == person_key and not told
        placed, key = keys.decode_receipt(raw), f"{old}:{record.state}:{len(record.history)}"
        post = Post(key, card if mine else plain, replaces=placed.message_id)
        batch = batch.plus(queue(services, post, to=placed.thread, over=record.persona))
        told = told or mine
    if to is None or told:
        return batch
    key = f"esc:{record.id}:{record.state}:{len(record.history)}:{to.key}"
    return batch.plus(queue(services, Post(key, card), to=to))


def ask_key(record: Escalation) -> str:
    """Names the message the assignee was asked with last; being asked a second time is another message."""
    return _ask_key(record.id, len(_asked_ones(record)), record.assignee.key)


def unsent(record: Escalation) -> list[str]:
    """The posts about it that quote what it is about, by their keys, for those that are still to be sent."""
    turns = enumerate(_asked_ones(record), 1)
    cards_ = [_ask_key(record.id, n, person) for n, person in turns]
    reminders = [f"{key}:remind{n}" for key in cards_ for n in range(1, record.reminded + 1)]
    answers = [f"esc:{record.id}:answer:{n}" for n in range(len(record.askers))]
    return [*cards_, *reminders, *answers]


async def _card(
    services: Services, persona: Persona, record: Escalation, key: str, *, reminder: bool = False
) -> Batch:
    lang = await own_language(services, record.assignee, record.lang)
    place = record.assignee.timezone or persona.rules.timezone
    due = cards.local_time(record.due_at, place, lang, services.clock.now())
    passages = await _passages(services, record)
    card = cards.to_owner(persona, record, passages, lang=lang, due=due, reminder=reminder)
    ref = f"escalation:{record.id}"
    return queue(services, Post(key, card), to=record.assignee, persona=persona.name, ref=ref)


async def _passages(services: Services, record: Escalation) -> tuple[Passage, ...]:
    file = await services.library.file(record.persona)
    return tuple(await file.get(record.evidence_ids[:SHOWN]))


async def _asked_lately(services: Services, person: Person, now: datetime) -> int:
    hour_ago = (now - timedelta(hours=1)).isoformat()
    return len([at async for _, at in services.store.scan(keys.asked(person, "")) if at.decode() > hour_ago])


def assignee_hours(persona: Persona, record: Escalation) -> Hours:
    return hours_of(persona.rules, record.assignee.timezone)


def _asked_ones(record: Escalation) -> list[str]:
    return [by for what, _, by in record.history if what == "asked"]


def _ask_key(id: str, turn: int, person_key: str) -> str:
    return f"esc:{id}:ask{turn}:{person_key}"
