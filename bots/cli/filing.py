"""`understudy filing`: what has to be filed for a persona that is offered beyond the organisation, and the pack."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots.assessment import filing
from bots.assessment.pack import pack
from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.files import Folder
from bots.cli.parser import Group
from bots.exports import note
from bots.operator import OPERATOR, found
from bots.wording import LANGUAGES, say
from persona_store.errors import Refused
from persona_store.protocols import Batch


def add(commands: Group, lang: str) -> None:
    parser = commands.add("filing", "filing", more="filing_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--number", default="", metavar="TEXT", help=say(lang, "cli.filing_number"))
    parser.add_argument("--authority", default="", metavar="TEXT", help=say(lang, "cli.filing_authority"))
    parser.add_argument("--on", default="", metavar="DAY", help=say(lang, "cli.filing_on"))
    parser.add_argument("--kind", default=None, choices=filing.KINDS, help=say(lang, "cli.filing_kind"))
    parser.add_argument("--pack", type=Path, metavar="FOLDER", help=say(lang, "cli.filing_pack"))
    parser.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.persona_page_lang"))
    add_json(parser, lang)
    parser.set_defaults(call=_filing)


async def _filing(context: Context) -> int:
    asked = context.arguments
    told = (asked.number, asked.authority, asked.on)
    if any(told) and not all(told):
        raise Refused(
            "USAGE", "a filing has a number, an authority and a day", "give --number, --authority and --on"
        )
    async with context.app() as app:
        persona = await found(app, asked.name)
        if asked.number:
            day = given.day("--on", asked.on)
            await app.services.store.commit(
                await filing.record(app.services, persona, asked.kind, asked.number, asked.authority, day, OPERATOR)
            )
            persona = await found(app, asked.name)
        if asked.pack is not None:
            files = await pack(app.services, persona, asked.lang or context.lang)
            folder = Folder(asked.pack)
            put = note(app.services, persona.name, "filing pack", str(asked.pack))
            await app.services.store.commit(Batch(puts=(put,)))
            for name, content in files.items():
                folder.write(name, content)
    listed = filing.checklist(persona)
    if context.json:
        context.give({"offered_to": persona.offered_to, "checklist": to_builtins(listed)})
        return 0
    tell(context, persona.name, persona.offered_to, listed)
    if asked.pack is not None:
        context.tell("filing_packed", folder=asked.pack)
    return 0


def tell(context: Context, name: str, offered_to: str, listed: tuple[filing.Item, ...]) -> None:
    """The checklist in plain lines."""
    if not listed:
        context.tell("filing_none", name=name)
        return
    context.tell("filing_offered", name=name, to=say(context.lang, f"assessment.offered_{offered_to}"))
    for item in listed:
        articles = say(context.lang, "filing.between").join(item.articles)
        kind = say(context.lang, f"filing.kind_{item.kind}")
        if item.filing is None:
            context.tell("filing_due", kind=kind, articles=articles)
        else:
            done = item.filing
            context.tell("filing_done", kind=kind, number=done.number, authority=done.authority, on=done.on)
