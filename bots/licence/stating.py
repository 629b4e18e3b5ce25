"""Statements: of every month that is over, once, signed; and the months a subscription owes, as they begin.

What was stated is never stated anew: whoever has the first holds what any later one would have to agree with.
"""

from __future__ import annotations

from bots.informing import RECEIPTS
from bots.licence.payers import payers
from bots.licence.standing import held, standing
from bots.services import Services
from persona_store import audit
from persona_store.errors import Refused
from persona_store.licence import statement as form
from persona_store.licence import terms
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import day_of, month_of
from persona_store.licence.ledger import digest, of_month
from persona_store.licence.periods import begun
from persona_store.licence.statement import SignedStatement
from persona_store.protocols import Batch


async def orgs_of(services: Services, persona: str) -> list[str]:
    """All that ever paid for it, or are to: by what was entered, and by every record that was in force."""
    entered = {account.org for account in await LedgerBook(services.store).accounts(persona)}
    agreed = {org for period in await held(services, persona) for org in payers(period.consent.licence)}
    return sorted(entered | agreed)


async def begin_months(services: Services, persona: str, org: str) -> None:
    """A line for each month that has begun under a subscription and has none yet."""
    book, now = LedgerBook(services.store), services.clock.now()
    opened = await book.open(persona, org)
    charges = [
        of_month(consent.licence, persona, org, consent.record_id, month)
        for month, consent in begun(await held(services, persona), org, "subscription", now)
        if month not in opened.account.begun
    ]
    if charges:
        await services.store.commit(book.enter(opened, charges, now))


async def months_of(services: Services, persona: str, org: str) -> set[str]:
    """Those in which something was entered, or could have been."""
    now, held_then = services.clock.now(), await held(services, persona)
    found = set((await LedgerBook(services.store).open(persona, org)).account.months)
    for model in terms.MODELS:
        if model != "none":
            found |= {month for month, _ in begun(held_then, org, model, now)}
    return found


async def state(services: Services, persona: str, org: str, month: str) -> tuple[SignedStatement, Batch]:
    """The statement, and a Batch that keeps it; empty if it was made before. Raises Refused MONTH_OPEN for a month
    that is not over, and LICENCE_MISSING for one in which nobody could have owed anything."""
    book, now = LedgerBook(services.store), services.clock.now()
    known = await book.statement(persona, org, month)
    if known is not None:
        return known, Batch()
    if day_of(month, 1) > now.date():
        what = f"{month} is not over, and a statement is of a month in which nothing is entered any more"
        raise Refused("MONTH_OPEN", what, f"`understudy licence show {persona}` tells how it stands")
    if month not in await months_of(services, persona, org):
        what = f"{persona!r} was not licensed to {org[:60]!r} in {month}"
        raise Refused("LICENCE_MISSING", what, f"see `understudy licence show {persona}`")
    await begin_months(services, persona, org)
    opened = await book.open(persona, org)
    consent = await services.consent(persona)
    owed = (await standing(services, persona, org, consent)).owed
    lines = await book.read(persona, org, month)
    made = form.make(opened.account, month, lines, owed, now)
    signed = form.sign(made, services.vault.signing_key(RECEIPTS))
    proof = digest(signed.raw)  # binds the statement into the log, as certificates are
    audited = audit.entry(at=now, actor="", action="licence.stated", persona=persona, code=month, refs=(proof,))
    return signed, book.stated(opened, signed).plus(Batch(log=(audited,)))


def last_month(services: Services) -> str:
    """The newest that is over."""
    return month_of(day_of(month_of(services.clock.now().date()), -1))
