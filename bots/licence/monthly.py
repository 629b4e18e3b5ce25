"""What the running bot does about licences by itself, looked at every few minutes.

It enters the months that begin, states those that are over, and tells of a stop: each once, however many look.
"""

from __future__ import annotations

import logging

from bots import keys
from bots.letters import sending, writing
from bots.licence import page, stating, telling
from bots.licence.standing import Standing, standing
from bots.services import Services
from persona_store.errors import StoreError
from persona_store.licence.book import LedgerBook
from persona_store.licence.statement import SignedStatement
from persona_store.model import GONE, UNBORN, Persona
from persona_store.protocols import Batch, Put

log = logging.getLogger(__name__)


async def look(services: Services) -> None:
    for persona in await services.personas.all():
        if persona.state in UNBORN:
            continue
        try:
            for org in await stating.orgs_of(services, persona.name):
                await _look(services, persona, org)
        except StoreError as error:  # tampered with, or changed this very moment: looked at again
            log.warning("the licence of %s: %s", persona.name, error)


async def _look(services: Services, persona: Persona, org: str) -> None:
    await stating.begin_months(services, persona.name, org)
    for month in await _unstated(services, persona.name, org):
        signed, kept = await stating.state(services, persona.name, org, month)
        if kept.puts:
            await services.store.commit(kept.plus(await _announced(services, persona, org, signed)))
    now_stands = await standing(services, persona.name, org, await services.consent(persona.name))
    if now_stands.stop is not None and persona.state == "live":
        await _tell_stop(services, persona, now_stands)


async def _unstated(services: Services, persona: str, org: str) -> list[str]:
    """Months that are over, oldest first."""
    stated = await LedgerBook(services.store).statements(persona, org)
    left = await stating.months_of(services, persona, org) - {signed.statement.month for signed in stated}
    return sorted(month for month in left if month <= stating.last_month(services))


async def _announced(services: Services, persona: Persona, org: str, signed: SignedStatement) -> Batch:
    """To the Subject by letter where they gave an address, else by chat; and to the Owner. Of a month in which
    nothing was used and nothing is owed nobody is told; of an erased persona nobody is known any more. The
    Subject's own page has both."""
    quiet = not signed.statement.days and not signed.statement.owed
    if quiet or persona.state in GONE:
        return Batch()
    consent = await services.consent(persona.name)
    lang = writing.language(consent, services.lang)
    address = await services.read(keys.of_subject(persona.name, "address"), str) or ""
    files = page.files(signed, persona, lang)
    month = signed.statement.month
    letter = writing.statement(persona, month, page.facts(signed.statement, lang), files, lang, org)
    sent = await sending.queue(services, persona.name, address, letter)
    account = (await LedgerBook(services.store).open(persona.name, org)).account
    return sent.plus(await telling.stated(services, persona, account, month, subject=not sent.jobs))


async def _tell_stop(services: Services, persona: Persona, stands: Standing) -> None:
    """Once for each debt and each time it is doubted anew."""
    account, debt = stands.account, stands.stop
    assert debt is not None
    payment = account.payments.get(debt.month)
    since = payment.contested.isoformat() if payment is not None and payment.contested else ""
    mark = keys.of_subject(persona.name, f"licence-stop/{account.org}/{debt.month}:{debt.why}:{since}")
    if await services.store.get(mark) is not None:
        return
    alive = (services.personas.key(persona.name), await services.personas.raw(persona.name))
    told = await telling.stopped(services, persona, stands)
    log.warning("%s answers nothing for %s: %s is %s", persona.name, account.org, debt.month, debt.why)
    await services.store.commit(told.plus(Batch(puts=(Put(mark, b""),), absent=(mark,), unchanged=(alive,))))
