"""Whether a licence lets the persona answer: asked before every answer, and again right before it is posted.

What is expired or withdrawn the gate refuses anyway (bots/gate.py). Here it is what is not paid: refused, and not
merely unbilled (rights.md §2A).
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from adapters.model import Thread
from bots import gate
from bots.licence.payers import chats_of, payer, payer_at, payers
from bots.services import Services
from persona_store.certificate import SignedCertificate
from persona_store.consent import parsing
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.licence.book import LedgerBook
from persona_store.licence.debts import Debt, debts, stopping
from persona_store.licence.ledger import Account
from persona_store.licence.periods import Period, Signed, begun, periods
from persona_store.model import GONE, Persona
from persona_store.retirement import certificate_key

UNPAID = "unpaid"
NO_PAYER = "no_payer"


class Standing(Struct, frozen=True):
    """Of one persona with one organisation. `stop`: the debt for which nothing is answered; None for who does not
    pay by the record that holds, whatever it owes from before."""

    account: Account
    owed: tuple[Debt, ...]
    stop: Debt | None


async def refusal(services: Services, persona: str, consent: Consent | None, where: Thread) -> gate.Reason | None:
    """None if nothing about money is in the way."""
    if consent is None or consent.licence.model == "none":
        return None
    org = await payer_at(services, persona, consent.licence, where)
    if not org:
        return gate.Reason(NO_PAYER, f"`understudy licence chats {persona} --org ORG --chats {where.chat_key}`")
    stop = (await standing(services, persona, org, consent)).stop
    return None if stop is None else gate.Reason(UNPAID, way_out(persona, org, stop))


async def stopped(services: Services, persona: str, consent: Consent | None) -> list[Standing]:
    """The organisations for which nothing is answered, with why."""
    orgs = payers(consent.licence) if consent is not None else ()
    found = [await standing(services, persona, org, consent) for org in orgs]
    return [each for each in found if each.stop is not None]


async def unpaid_chats(services: Services, persona: Persona, consent: Consent) -> list[str]:
    """The chats it serves in which nothing is answered, as nobody was named who pays there."""
    of = await chats_of(services, persona.name)
    places = [(chat, *chat.split(":", 1)) for chat in persona.chats]
    return [chat for chat, platform, id in places if not payer(consent.licence, Thread(platform, id), of)]


async def standing(services: Services, persona: str, org: str, consent: Consent | None) -> Standing:
    """How it stands now; `consent` is the record that holds, and says how long may be owed."""
    today = services.clock.now()
    account = (await LedgerBook(services.store).open(persona, org)).account
    shares = await _shares(services, persona, org, consent)
    owed = debts(account, today.date(), shares)
    if consent is None or org not in payers(consent.licence):
        return Standing(account, owed, None)
    return Standing(account, owed, stopping(owed, consent.licence.stop_on_unpaid_days, today.date()))


def way_out(persona: str, org: str, debt: Debt) -> str:
    """What lifts it, as somebody types it."""
    if debt.why == "untold":
        return f"`understudy licence revenue {persona} --org {org} --month {debt.month} --amount AMOUNT`"
    return f"`understudy licence paid {persona} --org {org} --month {debt.month}`"


async def held(services: Services, persona: str) -> tuple[Period, ...]:
    """When which record was in force. A chain that was tampered with was never in force."""
    try:
        chain = await services.consents.chain(persona)
    except Refused:
        return ()
    if chain is None:
        return ()
    records = [Signed(parsing.parse(each.raw), each.withdrawn_at) for each in chain.records]
    return periods(records, await _over_at(services, persona))


async def _over_at(services: Services, persona: str) -> datetime | None:
    """Since when it is silent for good. A report of a death counts too, for as long as it is not undone."""
    state = await services.personas.get(persona)
    if state is None or state.state not in (*GONE, "deceased"):
        return None
    raw = await services.store.get(certificate_key(persona))
    if raw is None:
        return state.state_at
    return msgspec.json.decode(raw, type=SignedCertificate).certificate.suspended_at


async def _shares(services: Services, persona: str, org: str, consent: Consent | None) -> tuple[str, ...]:
    """Only who ever agreed on a share has revenues to tell; for all others nothing more is read."""
    if consent is None or consent.licence.model != "revenue_share":
        return ()
    now = services.clock.now()
    return tuple(month for month, _ in begun(await held(services, persona), org, "revenue_share", now))
