"""What people say about the money: the organisation that it paid and what it earned, the Subject that nothing came.

Nothing of it moves money: what is written down here decides whether the persona goes on answering, and is told to
the other side at once.
"""

from __future__ import annotations

from adapters.model import Press
from bots.audit import line
from bots.licence import telling
from bots.licence.standing import held
from bots.services import Services
from bots.wording import say
from persona_store import audit
from persona_store.errors import Refused
from persona_store.licence import debts, money
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import checked, day_of
from persona_store.licence.ledger import Charge, of_revenue
from persona_store.licence.periods import begun
from persona_store.model import Persona
from persona_store.protocols import Batch


async def paid(services: Services, persona: Persona, org: str, month: str, by: str) -> Batch:
    """A Batch after which a month counts as paid, until the Subject says otherwise. Raises Refused LICENCE_NOT_DUE,
    LICENCE_PAID."""
    book = LedgerBook(services.store)
    opened = await book.open(persona.name, org)
    after = debts.paid(opened.account, month, services.clock.now().date())
    batch = book.changed(opened, after).plus(_logged(services, persona, "licence.paid", by, month))
    return batch.plus(await telling.paid(services, persona, after, month))


async def contested(services: Services, persona: Persona, org: str, month: str, by: str) -> Batch:
    """A Batch after which it is owed as if it had never been paid. Raises Refused LICENCE_NOT_PAID."""
    book = LedgerBook(services.store)
    opened = await book.open(persona.name, org)
    after = debts.contested(opened.account, month, services.clock.now().date())
    batch = book.changed(opened, after).plus(_logged(services, persona, "licence.contested", by, month))
    return batch.plus(await telling.contested(services, persona, after, month))


async def revenue(
    services: Services, persona: Persona, org: str, month: str, amount: str, by: str
) -> tuple[Charge, Batch]:
    """(the Subject's share, a Batch that enters it) of a month's revenue; 0 is one. Raises Refused
    LICENCE_NO_SHARE for a month in which no share was agreed on, LICENCE_TOLD if it was told before, and what
    money.py refuses."""
    book, now = LedgerBook(services.store), services.clock.now()
    agreed = dict(begun(await held(services, persona.name), org, "revenue_share", now))
    if month not in agreed:
        what = f"no share of the revenue of {month} is agreed on with {org[:60]!r}"
        raise Refused("LICENCE_NO_SHARE", what, f"see `understudy licence show {persona.name}`")
    if day_of(month, 1) > now.date():
        what = f"{month} is not over; its revenue is not known yet"
        raise Refused("LICENCE_NOT_DUE", what, f"tell it from {day_of(month, 1)} on")
    opened = await book.open(persona.name, org)
    if month in opened.account.told:
        what = f"the revenue of {month} is in the ledger, where nothing is changed"
        raise Refused("LICENCE_TOLD", what, f"see `understudy licence show {persona.name}`")
    record = agreed[month]
    earned = money.minor(amount, record.licence.currency)
    due = of_revenue(record.licence, persona.name, org, record.record_id, month, earned)
    return due, book.enter(opened, (due,), now).plus(_logged(services, persona, "licence.revenue", by, month))


async def pressed(services: Services, press: Press, lang: str) -> tuple[str, Batch]:
    """(what to say, a Batch) for the button below a payment: the Subject's alone."""
    name, org, month = (press.value.split(":") + ["", ""])[:3]
    persona = await services.personas.get(name)
    if persona is None or not persona.subject:
        return say(lang, "button.too_old"), Batch()
    if not await services.directory.same(press.author.key, persona.subject):
        return say(lang, "confirm.not_yours"), Batch()
    try:
        doubted = await contested(services, persona, org, checked(month), press.author.key)
    except Refused:
        return say(lang, "button.too_old"), Batch()
    return say(lang, "licence.contested_done", org=org, month=month), doubted


def _logged(services: Services, persona: Persona, action: str, by: str, month: str) -> Batch:
    """Once the persona is erased its key is gone, and with it the pseudonyms: then the log has no actor."""
    if services.vault.has_key(persona.name):
        return Batch(log=(line(services, persona.name, action, by, decision="done", code=month),))
    now = services.clock.now()
    entry = audit.entry(at=now, actor="", action=action, persona=persona.name, decision="done", code=month)
    return Batch(log=(entry,))
