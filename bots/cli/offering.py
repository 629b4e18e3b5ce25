"""`understudy consent offer`: what an organisation would like a licence to say, as a file for the subject, or
laid on their own page where the persona is."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from bots.cli import files, given, terms
from bots.cli.choices import EVER, choices, law
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.licensed import laying, offering
from bots.operator import OPERATOR, found
from bots.wording import say
from persona_store.consent import licensing
from persona_store.consent.draft import Choices
from persona_store.errors import Refused
from persona_store.model import Persona

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def add(verbs: Group, lang: str) -> None:
    offer = verbs.add("offer", "consent_offer", more="consent_offer_more")
    offer.add_argument("name", nargs="?", default="", metavar="NAME", help=say(lang, "cli.licensed_offer_name"))
    offer.add_argument("--offer", type=Path, metavar="FILE", help=say(lang, "cli.licensed_offer"))
    scope(offer, lang)
    offer.add_argument("--out", type=Path, metavar="FILE", help=say(lang, "cli.licensed_offer_out"))
    add_json(offer, lang)
    offer.set_defaults(call=_offer)


def scope(parser: argparse.ArgumentParser, lang: str) -> None:
    """What a licence may say, as it is typed."""
    parser.add_argument("--owner", default="", metavar="PLATFORM:ID", help=say(lang, "cli.licensed_owner"))
    parser.add_argument("--deputy", default="", metavar="PLATFORM:ID", help=say(lang, "cli.licensed_deputy"))
    parser.add_argument(
        "--chats", dest="audience", default="", metavar="LIST", help=say(lang, "cli.licensed_chats")
    )
    parser.add_argument("--sources", default="", metavar="LIST", help=say(lang, "cli.licensed_sources"))
    parser.add_argument("--containers", default="*", metavar="LIST", help=say(lang, "cli.consent_containers"))
    parser.add_argument("--from", dest="first", default=EVER, metavar="DAY", help=say(lang, "cli.consent_first"))
    parser.add_argument("--until", dest="last", default="", metavar="DAY", help=say(lang, "cli.consent_last"))
    parser.add_argument("--facets", default="work_knowledge", metavar="LIST", help=say(lang, "cli.consent_facets"))
    parser.add_argument("--days", type=int, default=90, metavar="DAYS", help=say(lang, "cli.consent_days"))
    parser.add_argument("--cooling-off", type=int, default=7, metavar="DAYS", help=say(lang, "cli.consent_cooling"))
    parser.add_argument("--exclude", default="", metavar="LIST", help=say(lang, "cli.consent_exclude"))
    parser.add_argument("--recipients", default="", metavar="LIST", help=say(lang, "cli.consent_recipients"))
    parser.add_argument("--no-learning", action="store_true", help=say(lang, "cli.consent_no_learning"))
    parser.add_argument("--contact", default="", metavar="TEXT", help=say(lang, "cli.consent_contact"))
    terms.add(parser, lang)
    law(parser, lang)


def wanted(context: Context) -> tuple[str, Choices]:
    """(the organisation, its wishes), from its file or as typed."""
    asked = context.arguments
    if asked.offer is None:
        return _typed(context)
    if any((asked.org, asked.owner, asked.deputy, asked.audience, asked.sources)):
        raise Refused("USAGE", "--offer says what else was typed", "give one or the other")
    return offering.read(given.content(asked.offer))


def _typed(context: Context) -> tuple[str, Choices]:
    """Raises Refused USAGE where something is missing that only the organisation knows."""
    asked = context.arguments
    needed = {"--org": asked.org, "--owner": asked.owner, "--chats": asked.audience, "--sources": asked.sources}
    if missing := [option for option, value in needed.items() if not value]:
        raise Refused("USAGE", f"{' '.join(missing)} is missing", "the organisation tells it, or makes an --offer")
    nobody = Persona("offer", "", "draft", LONG_AGO, LONG_AGO)
    owner, deputy = given.person("--owner", asked.owner), given.person("--deputy", asked.deputy)
    wishes = choices(context, structs.replace(nobody, owner=owner, deputy=deputy), until="--until")
    return licensing.organisation(asked.org), structs.replace(
        wishes, controller=asked.org, contact=asked.contact or owner
    )


async def _offer(context: Context) -> int:
    """As a file where there is no persona yet; on the subject's page where there is. Theirs to take or leave."""
    asked = context.arguments
    if bool(asked.name) == (asked.out is not None):
        what = "an offer is written to a file, or laid before the subject of a persona"
        raise Refused("USAGE", what, "give --out FILE or NAME, and not both")
    return await (_laid(context) if asked.name else _written(context))


async def _written(context: Context) -> int:
    files.free(context.arguments.out)
    org, wishes = wanted(context)
    async with context.app() as app:
        now = app.services.clock.now()
    files.write(context.arguments.out, offering.written(wishes, org, now))
    if context.json:
        context.give({"file": str(context.arguments.out), "organisation": org})
    else:
        context.tell("licensed_offered", file=context.arguments.out, org=org)
    return 0


async def _laid(context: Context) -> int:
    """A running bot sends the link. Whether an earlier one was declined, the answer does not tell."""
    org, wishes = wanted(context)
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        done = await laying.lay(app.services, persona, org, wishes, OPERATOR)
        await app.services.store.commit(done.batch)
        base = app.services.link_base
    if context.json:
        context.give({"persona": persona.name, "organisation": org, "corrects": done.corrects, "told": done.told})
        return 0
    name, days = persona.name, laying.OPEN_FOR.days
    if done.corrects:
        context.tell("licensed_laid_again", name=name, org=org)
        return 0
    context.tell("licensed_laid", name=name, org=org, days=days)
    if "chat" in done.told:
        context.tell("licensed_laid_chat", base=base)
    if "mail" in done.told:
        context.tell("licensed_laid_mail")
    if not done.told:
        context.tell("licensed_laid_untold", base=base)
    return 0
