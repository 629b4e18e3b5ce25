"""`understudy verify-acl`: the test with two accounts, as a command; and what may be shared too widely."""

from __future__ import annotations

from msgspec import to_builtins

from bots import acl
from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.operator import found
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import GONE

MOST_PLACES = 40  # shown; --json has all


def add(commands: Group, lang: str) -> None:
    parser = commands.add("verify-acl", "verify_acl", more="verify_acl_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    about = say(lang, "cli.verify_acl_as")
    parser.add_argument("--as", dest="people", action="append", default=[], metavar="PLATFORM:ID", help=about)
    add_json(parser, lang)
    parser.set_defaults(call=_verify)


async def _verify(context: Context) -> int:
    """1 if anybody was handed what is not theirs."""
    asked = context.arguments
    people = [given.person("--as", each) for each in dict.fromkeys(asked.people)]
    async with context.app() as app:
        persona = await found(app, asked.name)
        if persona.state in GONE:
            raise Refused("RETIRED", f"persona {persona.name!r} is {persona.state}", "nothing of it is kept")
        audiences = await acl.verify(app.services, persona.name, people)
        places = await acl.shared(app.services, persona.name)
    leaks = sum(len(each.leaked) for each in audiences)
    if context.json:
        context.give({"audiences": to_builtins(audiences), "places": to_builtins(places), "leaks": leaks})
        return 1 if leaks else 0
    for each in audiences:
        who = ", ".join(each.who) or context.say("verify_acl_team")
        told = {"who": who, "asked": each.asked, "readable": each.readable, "found": each.found}
        context.tell("verify_acl_audience", **told, leaked=len(each.leaked))
    _places(context, places)
    context.tell("verify_acl_leaks" if leaks else "verify_acl_fine", count=leaks)
    return 1 if leaks else 0


def _places(context: Context, places: tuple[acl.Place, ...]) -> None:
    rows = []
    for each in places[:MOST_PLACES]:
        readers = context.say("verify_acl_team") if each.readers < 0 else str(each.readers)
        told = [context.say("verify_acl_name")] if each.name_tells else []
        told += [context.say("verify_acl_words", count=each.words_tell)] if each.words_tell else []
        rows.append((each.name or each.container, str(each.passages), readers, "; ".join(told)))
    if rows:
        context.table(("place", "passages", "readers", "look"), rows)
    look = sum(each.name_tells or each.words_tell > 0 for each in places)
    if look:
        context.tell("verify_acl_look", count=look)
