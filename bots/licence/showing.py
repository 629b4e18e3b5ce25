"""What Subject, Owner and Admin see of a licence: terms, months, payments, and what stands in the way."""

from __future__ import annotations

from msgspec import Struct

from bots.licence import page, payee
from bots.licence.standing import standing, stopped, way_out
from bots.licence.stating import orgs_of
from bots.services import Services
from bots.wording import say
from persona_store.consent import summary
from persona_store.consent.record import Consent
from persona_store.licence.book import LedgerBook
from persona_store.licence.statement import state, totals
from persona_store.model import GONE, Persona


class Month(Struct, frozen=True):
    """In words that are ready to be read. `contestable`: it is said to be paid, which the Subject may deny."""

    month: str
    lines: int
    total: str
    state: str
    state_words: str
    stated: bool
    contestable: bool


class Payer(Struct, frozen=True):
    """One organisation: newest month first."""

    org: str
    months: tuple[Month, ...]
    stopped: str  # why it gets no answers; "" while it does


class Overview(Struct, frozen=True):
    terms: tuple[str, ...]
    paid: bool  # whether there is anything to pay, or ever was
    payee: str
    payers: tuple[Payer, ...]


async def overview(services: Services, persona: Persona, lang: str) -> Overview:
    """Also after the end: what is owed outlives the persona."""
    consent = None if persona.state in GONE else await services.consent(persona.name)
    orgs = await orgs_of(services, persona.name)
    payers = [await _payer(services, persona, org, consent, lang) for org in orgs]
    return Overview(
        terms=tuple(summary.licence(consent.licence, lang)) if consent is not None else (),
        paid=bool(orgs) or bool(consent is not None and consent.licence.model != "none"),
        payee=await payee.payee(services, persona.name),
        payers=tuple(payers),
    )


async def _payer(services: Services, persona: Persona, org: str, consent: Consent | None, lang: str) -> Payer:
    stands = await standing(services, persona.name, org, consent)
    stated = {each.statement.month for each in await LedgerBook(services.store).statements(persona.name, org)}
    untold = {debt.month for debt in stands.owed if debt.why == "untold"}  # no line says what it came to
    found = []
    for month in sorted({*stands.account.months, *stated}, reverse=True):
        of = stands.account.months.get(month)
        told = "untold" if month in untold else state(stands.account, month)
        found.append(
            Month(
                month=month,
                lines=of.last - of.first + 1 if of else 0,
                total=page.amounts(totals(of.sums) if of else (), lang),
                state=told,
                state_words=say(lang, f"licence.state_{told}"),
                stated=month in stated,
                contestable=told == "paid",
            )
        )
    stop = stands.stop
    why = say(lang, "licence.stop", month=stop.month, why=say(lang, f"licence.why_{stop.why}")) if stop else ""
    return Payer(org, tuple(found), why)


async def mine(services: Services, persona: Persona, lang: str) -> list[str]:
    """For the Subject, in the chat: one line a month, the newest of each organisation first."""
    told = await overview(services, persona, lang)
    if not told.payers:
        return []
    lines = [
        say(lang, "licence.mine", org=payer.org, month=each.month, amount=each.total, state=each.state_words)
        for payer in told.payers
        for each in payer.months[:3]
    ]
    return [say(lang, "licence.mine_title", name=persona.display_name), *(f"- {line}" for line in lines)]


async def status(services: Services, persona: Persona, lang: str) -> str:
    """For owner and admin; "" where nothing is paid."""
    consent = await services.consent(persona.name)
    if consent is None or consent.licence.model == "none":
        return ""
    lines = [
        say(
            lang,
            "status.licence_stopped",
            org=each.account.org,
            month=each.stop.month,
            why=say(lang, f"licence.why_{each.stop.why}"),
            fix=way_out(persona.name, each.account.org, each.stop),
        )
        for each in await stopped(services, persona.name, consent)
        if each.stop is not None
    ]
    terms = summary.licence(consent.licence, lang)[0]
    return "\n" + "\n".join(lines or [say(lang, "status.licence_ok", terms=terms)])
