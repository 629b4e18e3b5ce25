"""`understudy licence …`: what use of a persona costs, what was entered, who paid, and the files that prove it."""

from __future__ import annotations

from msgspec import Struct, to_builtins

from bots.cli import given, stating
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.licence import page, paying
from bots.licence.payee import payee
from bots.licence.payers import assign, chats_of
from bots.licence.standing import standing, way_out
from bots.licence.stating import orgs_of
from bots.operator import OPERATOR, found
from bots.wording import say
from persona_store.consent import summary
from persona_store.errors import Refused
from persona_store.licence import money
from persona_store.licence.calendar import checked
from persona_store.licence.statement import Total, state, totals
from persona_store.model import GONE


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("licence", "licence"), "VERB")

    show = verbs.add("show", "licence_show")
    show.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    add_json(show, lang)
    show.set_defaults(call=_show)

    chats = verbs.add("chats", "licence_chats")
    chats.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    chats.add_argument("--org", required=True, metavar="ORG", help=say(lang, "cli.licence_org"))
    chats.add_argument("--chats", required=True, metavar="LIST", help=say(lang, "cli.licence_chats_list"))
    add_json(chats, lang)
    chats.set_defaults(call=_chats)

    for verb, call in (("paid", _paid), ("revenue", _revenue)):
        parser = verbs.add(verb, f"licence_{verb}")
        parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
        parser.add_argument("--month", required=True, metavar="MONTH", help=say(lang, "cli.licence_month"))
        parser.add_argument("--org", default="", metavar="ORG", help=say(lang, "cli.licence_org"))
        if verb == "revenue":
            parser.add_argument("--amount", required=True, metavar="AMOUNT", help=say(lang, "cli.licence_amount"))
        add_json(parser, lang)
        parser.set_defaults(call=call)
    stating.add(verbs, lang)


class Entered(Struct, frozen=True):
    """A month of one organisation, as it stands now."""

    org: str
    month: str
    lines: int
    totals: tuple[Total, ...]
    state: str


async def _show(context: Context) -> int:
    """Terms, months, and what is in the way."""
    async with context.app() as app:
        services, persona = app.services, await found(app, context.arguments.name)
        consent = None if persona.state in GONE else await services.consent(persona.name)
        to = await payee(services, persona.name)
        entered: list[Entered] = []
        stops: list[tuple[str, str, str]] = []
        for org in await orgs_of(services, persona.name):
            stands = await standing(services, persona.name, org, consent)
            for month, of in sorted(stands.account.months.items()):
                told = state(stands.account, month)
                entered.append(Entered(org, month, of.last - of.first + 1, totals(of.sums), told))
            if stands.stop is not None:
                stops.append((org, stands.stop.month, way_out(persona.name, org, stands.stop)))
    terms = summary.licence(consent.licence, context.lang) if consent is not None else []
    if context.json:
        kept = {"terms": to_builtins(consent.licence) if consent else None, "payee": to}
        context.give({**kept, "months": to_builtins(entered), "stopped": stops})
        return 0
    context.show("\n".join(terms) or context.say("licence_none"))
    if consent is not None and consent.licence.payee_ref:
        context.tell("licence_pay_to", payee=to or context.say("licence_payee_unknown"))
    if entered:
        context.table(("org", "month", "lines", "total", "state"), [_row(each, context) for each in entered])
    for org, month, fix in stops:
        context.tell("licence_stopped", org=org, month=month, fix=fix)
    return 0


def _row(each: Entered, context: Context) -> tuple[str, ...]:
    told = say(context.lang, f"licence.state_{each.state}")
    return each.org, each.month, str(each.lines), page.amounts(each.totals, context.lang), told


async def _chats(context: Context) -> int:
    asked = context.arguments
    places = given.chats("--chats", asked.chats)
    async with context.app() as app:
        services, persona = app.services, await found(app, asked.name)
        consent = None if persona.state in GONE else await services.consent(persona.name)
        if consent is None:
            what = f"persona {persona.name!r} has no consent in force"
            raise Refused("CONSENT_MISSING", what, f"`understudy consent sign {persona.name} …`")
        batch = await assign(services, persona.name, consent.licence, asked.org, places)
        await services.store.commit(batch)
        of = (await chats_of(services, persona.name)).of
    context.give(of) if context.json else context.tell("licence_chats_done", org=asked.org, chats=", ".join(places))
    return 0


async def _paid(context: Context) -> int:
    asked = context.arguments
    month = checked(asked.month)
    async with context.app() as app:
        services, persona = app.services, await found(app, asked.name)
        org = await stating.payer_named(services, persona.name, asked.org)
        await services.store.commit(await paying.paid(services, persona, org, month, OPERATOR))
        account = (await standing(services, persona.name, org, None)).account
    amount = page.amounts(totals(account.months[month].sums), context.lang)
    return _told(context, "licence_paid_done", persona.name, org, month, amount)


async def _revenue(context: Context) -> int:
    asked = context.arguments
    month = checked(asked.month)
    async with context.app() as app:
        services, persona = app.services, await found(app, asked.name)
        org = await stating.payer_named(services, persona.name, asked.org)
        due, batch = await paying.revenue(services, persona, org, month, asked.amount, OPERATOR)
        await services.store.commit(batch)
    return _told(
        context, "licence_revenue_done", persona.name, org, month, money.shown(due.price_minor, due.currency)
    )


def _told(context: Context, key: str, name: str, org: str, month: str, amount: str) -> int:
    if context.json:
        context.give({"persona": name, "org": org, "month": month, "amount": amount})
    else:
        context.show(context.say(key, name=name, org=org, month=month, amount=amount))
    return 0
