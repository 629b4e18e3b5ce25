"""Who hears of what about the money: the Subject of payments and statements, owner and admins of stops and doubts.

Words are written for people and hold figures, never what was asked. What a command line does is told by the bot
that runs beside it: a post is a job in the store.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.model import Button, Person, Post
from bots import cards, keys
from bots.licence import page
from bots.licence.standing import Standing, way_out
from bots.outbox import queue
from bots.people import own_language, person_of, reach
from bots.services import Services
from bots.wording import say
from persona_store.licence.ledger import Account
from persona_store.licence.statement import totals
from persona_store.model import Persona
from persona_store.protocols import Batch

CONTEST = "not_received"  # the button below a payment


async def paid(services: Services, persona: Persona, account: Account, month: str) -> Batch:
    """The Subject is asked to look, and can say with one press that nothing came."""
    person = await _reach(services, persona.subject)
    if person is None:
        return Batch()
    lang = await own_language(services, person)
    facts = _facts(persona, account, month, lang)
    button = Button(CONTEST, say(lang, "button.not_received"), f"{persona.name}:{account.org}:{month}")
    card = cards.notice(say(lang, "licence.paid", **facts), lang=lang, tone="owner", buttons=(button,))
    return queue(services, Post(_key("paid", account, month, person, services), card), to=person)


async def contested(services: Services, persona: Persona, account: Account, month: str) -> Batch:
    return await _told(services, persona, account, month, "contested")


async def stopped(services: Services, persona: Persona, standing: Standing) -> Batch:
    """Why nothing is answered any more, and what lifts it."""
    assert standing.stop is not None
    account, debt = standing.account, standing.stop
    fix = way_out(persona.name, account.org, debt)
    return await _told(services, persona, account, debt.month, f"stopped_{debt.why}", fix=fix)


async def stated(services: Services, persona: Persona, account: Account, month: str, *, subject: bool) -> Batch:
    """That a statement is there: to the owner, and to the Subject unless a letter has it."""
    who = (persona.owner, persona.subject if subject else "")
    return await _told(services, persona, account, month, "stated", who=who)


async def _told(
    services: Services,
    persona: Persona,
    account: Account,
    month: str,
    what: str,
    *,
    who: Iterable[str] | None = None,
    fix: str = "",
) -> Batch:
    batch, told = Batch(), set[str]()
    for key in (persona.owner, *services.directory.admins) if who is None else who:
        person = await _reach(services, key)
        if person is None or person.key in told:
            continue
        told.add(person.key)
        lang = await own_language(services, person)
        text = say(lang, f"licence.{what}", **_facts(persona, account, month, lang), fix=fix)
        card = cards.notice(text, lang=lang, tone="admin")
        batch = batch.plus(queue(services, Post(_key(what, account, month, person, services), card), to=person))
    return batch


def _facts(persona: Persona, account: Account, month: str, lang: str) -> dict[str, str]:
    of = account.months.get(month)
    return {
        "name": persona.display_name,
        "id": persona.name,
        "org": account.org,
        "month": month,
        "amount": page.amounts(totals(of.sums if of else {}), lang),
    }


async def _reach(services: Services, key: str) -> Person | None:
    """At the command line nothing is connected; the bot that runs beside it will know them."""
    if not key:
        return None
    return await reach(services, key) if services.adapters else person_of(key)


def _key(what: str, account: Account, month: str, person: Person, services: Services) -> str:
    now = services.clock.now().isoformat()
    return f"licence:{keys.short(what, account.persona, account.org, month, person.key, now)}"
