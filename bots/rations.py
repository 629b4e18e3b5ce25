"""How many questions one person may ask, and one persona be asked; then one notice, then silence (rights.md T40).

Counted in the store, so that all processes count together, and before anything is looked up: what is over costs no
search and no model. A window begins with the first question in it and is not prolonged by asking on, so nobody
locks themselves out, nor anybody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bots import keys
from bots.options import Limits
from bots.services import Services
from persona_store.errors import Conflict
from persona_store.protocols import Batch, Put

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MOST_TOLD = 500  # people who hear of one window; the rest of so great a crowd is met with silence


class Ration(Struct, frozen=True):
    """Questions a minute and a day; 0 is no limit."""

    per_minute: int = 0
    per_day: int = 0


def of_asker(limits: Limits) -> Ration:
    return Ration(limits.asker_per_minute, limits.asker_per_day)


def of_persona(limits: Limits) -> Ration:
    return Ration(limits.persona_per_minute, limits.persona_per_day)


class Tally(Struct, frozen=True):
    """What was asked lately. `asked` are the ids of the minute's questions, because an event that is handled again
    is not asked again. `told` and `told_today` are those who heard that it is enough, each with what told them."""

    minute: datetime
    day: datetime
    asked: tuple[str, ...] = ()
    today: int = 0
    told: tuple[str, ...] = ()
    told_today: tuple[str, ...] = ()


class Verdict(Struct, frozen=True):
    """`over`: the window that is used up, "minute" or "day"; "" if it may be answered. `tell`: say so, once."""

    over: str = ""
    tell: bool = False


def count(tally: Tally, ration: Ration, id: str, who: str, now: datetime) -> tuple[Tally, Verdict]:
    """One more question `id` of `who`. Pure."""
    if not now - tally.minute < MINUTE:
        tally = replace(tally, minute=now, asked=(), told=())
    if not now - tally.day < DAY:
        tally = replace(tally, day=now, today=0, told_today=())
    if id in tally.asked:
        return tally, Verdict()
    if ration.per_day and tally.today >= ration.per_day:
        told, tell = _telling(tally.told_today, who, id)
        return replace(tally, told_today=told), Verdict("day", tell)
    if ration.per_minute and len(tally.asked) >= ration.per_minute:
        told, tell = _telling(tally.told, who, id)
        return replace(tally, told=told), Verdict("minute", tell)
    return replace(tally, asked=(*tally.asked, id), today=tally.today + 1), Verdict()


def _telling(told: tuple[str, ...], who: str, id: str) -> tuple[tuple[str, ...], bool]:
    """Who was told is not told again; only the very event that did it is, when it is handled once more."""
    this = f"{who} {id}"
    if any(each.startswith(f"{who} ") for each in told):
        return told, this in told
    return ((*told, this), True) if len(told) < MOST_TOLD else (told, False)


async def take(services: Services, key: str, ration: Ration, id: str, who: str) -> Verdict:
    """Count a question under `key`; durable when it returns."""
    if not ration.per_minute and not ration.per_day:
        return Verdict()
    while True:
        now, raw = services.clock.now(), await services.store.get(key)
        before = Tally(now, now) if raw is None else msgspec.json.decode(raw, type=Tally)
        after, verdict = count(before, ration, id, keys.short(who), now)
        if after == before:
            return verdict
        put = Put(key, msgspec.json.encode(after), expires=now + 2 * DAY)
        try:
            await services.store.commit(Batch(puts=(put,), unchanged=((key, raw),)))
        except Conflict:  # somebody else was asked at the same instant
            continue
        return verdict
