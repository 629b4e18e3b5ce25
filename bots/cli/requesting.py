"""`understudy consent request|paper|accept|receipt`: asking somebody, a yes on paper, who answers, a receipt.

Nobody signs for the subject here: `request` sends them a link that this command never shows, and the key that signs
is made by their own browser.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from msgspec import structs, to_builtins

from bots import accountability
from bots.cli import given, handing, terms
from bots.cli.choices import after_death, choices, law
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.consenting import PAPER, in_force
from bots.letters.addresses import checked
from bots.operator import OPERATOR, addressed, found
from bots.people import person_of
from bots.subject import passes, requests, takeover
from bots.wording import say
from persona_store import jws
from persona_store.consent import draft, parsing, proposal, receipt, signing
from persona_store.errors import Refused
from persona_store.model import Persona

EVER = "1970-01-01"


def add(verbs: Group, lang: str) -> None:
    request = verbs.add("request", "consent_request", more="consent_request_more")
    request.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    request.add_argument("--to", required=True, metavar="PLATFORM:ID", help=say(lang, "cli.consent_request_to"))
    request.add_argument("--mail", default="", metavar="ADDRESS", help=say(lang, "cli.consent_request_mail"))
    request.add_argument("--by", default="", metavar="PLATFORM:ID", help=say(lang, "cli.consent_request_by"))
    _scope(request, lang)
    add_json(request, lang)
    request.set_defaults(call=_request)

    paper = verbs.add("paper", "consent_paper", more="consent_paper_more")
    paper.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    paper.add_argument("--scan", required=True, type=Path, metavar="FILE", help=say(lang, "cli.consent_paper_scan"))
    paper.add_argument(
        "--witness", action="append", default=[], metavar="NAME", help=say(lang, "cli.consent_paper_witness")
    )
    after_death(paper, lang)
    paper.add_argument("--mail", default="", metavar="ADDRESS", help=say(lang, "cli.consent_paper_mail"))
    _scope(paper, lang)
    add_json(paper, lang)
    paper.set_defaults(call=_paper)

    accept = verbs.add("accept", "consent_accept")
    accept.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    accept.add_argument(
        "--as", dest="who", required=True, metavar="PLATFORM:ID", help=say(lang, "cli.consent_accept_as")
    )
    add_json(accept, lang)
    accept.set_defaults(call=_accept)

    check = verbs.add("receipt", "consent_receipt")
    check.add_argument("file", type=Path, metavar="FILE", help=say(lang, "cli.consent_receipt_file"))
    add_json(check, lang)
    check.set_defaults(call=_receipt)


def _scope(parser: argparse.ArgumentParser, lang: str) -> None:
    """What is proposed; the same words as for signing it oneself."""
    parser.add_argument("--sources", required=True, metavar="LIST", help=say(lang, "cli.consent_sources"))
    parser.add_argument("--containers", default="*", metavar="LIST", help=say(lang, "cli.consent_containers"))
    parser.add_argument("--from", dest="first", default=EVER, metavar="DAY", help=say(lang, "cli.consent_first"))
    parser.add_argument("--until", dest="last", default="", metavar="DAY", help=say(lang, "cli.consent_last"))
    parser.add_argument("--facets", default="work_knowledge", metavar="LIST", help=say(lang, "cli.consent_facets"))
    parser.add_argument("--audience", default="", metavar="LIST", help=say(lang, "cli.consent_audience"))
    parser.add_argument("--days", type=int, default=90, metavar="DAYS", help=say(lang, "cli.consent_days"))
    parser.add_argument("--cooling-off", type=int, default=7, metavar="DAYS", help=say(lang, "cli.consent_cooling"))
    parser.add_argument("--recipients", default="", metavar="LIST", help=say(lang, "cli.consent_recipients"))
    parser.add_argument("--no-learning", action="store_true", help=say(lang, "cli.consent_no_learning"))
    law(parser, lang)
    terms.add(parser, lang)
    parser.add_argument("--controller", default="", metavar="TEXT", help=say(lang, "cli.consent_controller"))
    parser.add_argument("--contact", default="", metavar="TEXT", help=say(lang, "cli.consent_contact"))


async def _request(context: Context) -> int:
    """Into the store; the bot that runs sends the link to the subject, and the question to owner and deputy."""
    asked = context.arguments
    subject = person_of(given.person("--to", asked.to))
    by = given.person("--by", asked.by) or OPERATOR
    async with context.app() as app:
        persona = await found(app, asked.name)
        offered = _proposal(context, persona, app.services.clock.now())
        batch = await requests.ask(
            app.services, persona, subject, offered, by=by, about=offered.controller, address=asked.mail
        )
        await app.services.store.commit(batch)
        base = app.services.link_base
    days = passes.TO_SIGN.days
    if context.json:
        context.give({"persona": persona.name, "to": subject.key, "days": days})
    else:
        context.tell("consent_requested", name=persona.name, to=subject.key, days=days, base=base)
    return 0


async def _paper(context: Context) -> int:
    """Weaker, and says so: that the paper was signed is the word of two witnesses and of whoever types this."""
    asked = context.arguments
    digest = given.digest(asked.scan)
    async with context.app() as app:
        services = app.services
        persona = await found(app, asked.name)
        offered = _proposal(context, persona, services.clock.now())
        if await services.consents.newest(persona.name) is not None:
            what = f"persona {persona.name!r} has a record; a paper neither widens nor replaces it"
            raise Refused("CONSENT_PAPER", what, "the subject changes it on their own page")
        witnesses = _witnesses(asked.witness, persona)
        address = checked(asked.mail) if asked.mail else ""
        raw = proposal.given(
            offered,
            proposal.everything(offered),
            services.clock.now(),
            language=context.lang,
            method="paper",
            proof=f"paper sha256:{digest}; witnesses: {witnesses[0]}; {witnesses[1]}"
            + takeover.bound(services, address),
        )
        private = services.vault.signing_key(PAPER)
        signature, public = signing.sign(raw, private), jws.public_bytes(private)
        batch = await in_force(services, persona, raw, signature, public, OPERATOR)
        await services.store.commit(batch.plus(addressed(app, persona.name, address)))
        await handing.receipt(context, app, persona, parsing.parse(raw).record_id)
        asked_duty = await found(app, persona.name)
        await services.store.commit(await accountability.ask(services, asked_duty))
    record = parsing.parse(raw)
    if context.json:
        context.give(to_builtins(record))
    else:
        context.tell("consent_paper_kept", name=persona.name, end=record.term.end.isoformat(), hash=digest[:16])
    return 0


async def _accept(context: Context) -> int:
    asked = context.arguments
    who = given.person("--as", asked.who)
    async with context.app() as app:
        persona = await found(app, asked.name)
        await app.services.store.commit(await accountability.typed(app.services, persona, who, context.lang))
        accepted = (await found(app, asked.name)).accepted
    context.give(accepted) if context.json else context.tell("consent_accepted", name=persona.name, who=who)
    return 0


async def _receipt(context: Context) -> int:
    """Offline: needs nothing but the file."""
    statement = receipt.check(given.content(context.arguments.file))
    if context.json:
        context.give(to_builtins(statement))
    else:
        context.tell(
            "consent_receipt_holds",
            name=statement.persona,
            record=statement.record_id,
            at=f"{statement.received_at:%Y-%m-%d %H:%M} UTC",
            end=statement.last_day,
        )
    return 0


def _proposal(context: Context, persona: Persona, now: datetime) -> proposal.Proposal:
    """From what was typed, checked by the same reader as a record (nothing blanket, no unknown word)."""
    asked = context.arguments
    if not persona.owner:
        raise Refused(
            "NO_OWNER",
            f"persona {persona.name!r} has no owner, and a record names one",
            "create it with --owner PLATFORM:ID",
        )
    wanted = choices(context, persona, until="--until")
    if asked.controller:
        wanted = structs.replace(wanted, controller=asked.controller)
    wanted = structs.replace(wanted, contact=asked.contact or persona.owner)
    offered = proposal.proposed(parsing.parse(draft.draft(wanted, now)), now.date())
    return structs.replace(offered, days=asked.days, cooling_off_days=asked.cooling_off)


def _witnesses(names: list[str], persona: Persona) -> tuple[str, str]:
    """Two, by name, who are not those whom it is about or whom it serves."""
    told = [" ".join(name.split()) for name in names]
    concerned = {persona.subject, persona.owner, persona.deputy, persona.display_name.casefold()}
    apart = len({name.casefold() for name in told}) == 2
    plain = all(name and ";" not in name and len(name) <= 100 and name.isprintable() for name in told)
    if len(told) != 2 or not apart or not plain or {name.casefold() for name in told} & concerned:
        what = "a paper needs two witnesses, who are neither the subject nor owner or deputy"
        raise Refused("CONSENT_WITNESS", what, "give --witness NAME twice")
    return told[0], told[1]
