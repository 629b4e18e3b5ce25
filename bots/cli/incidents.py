"""`understudy incident`: exactly whose a leaked key or copy is, and drafts of the notices. Sends nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from msgspec import to_builtins

from bots import incident
from bots.cli import files, given
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.operator import found
from bots.wording import say
from persona_store import audit
from persona_store.errors import Refused
from persona_store.protocols import Batch


def add(commands: Group, lang: str) -> None:
    parser = commands.add("incident", "incident", more="incident_more")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--key", default="", metavar="ID", help=say(lang, "cli.incident_key"))
    parser.add_argument("--list", action="store_true", help=say(lang, "cli.incident_list"))
    parser.add_argument("--noticed", default="", metavar="TIME", help=say(lang, "cli.incident_noticed"))
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=say(lang, "cli.incident_out"))
    add_json(parser, lang)
    parser.set_defaults(call=_incident)


async def _incident(context: Context) -> int:
    asked = context.arguments
    if asked.list:
        return await _list(context)
    if bool(asked.name) == bool(asked.key):
        raise Refused(
            "INCIDENT", "it is not said what leaked", "give a persona's NAME, or --key ID; --list has both"
        )
    if asked.out:
        files.free(asked.out)
    async with context.app() as app:
        services = app.services
        if asked.name:
            await found(app, asked.name)
        now = services.clock.now().replace(microsecond=0)
        noticed = _noticed(asked.noticed, now)
        whose = await incident.affected(services, app.retiring, asked.name, asked.key)
        if asked.out:
            key = asked.key or whose[0].key_id
            files.put(asked.out, incident.drafts(whose, key_id=key, at=now, noticed=noticed))
        # An erased persona has no key left to make stand-ins with: nobody is named.
        lines = (audit.entry(at=now, actor="", action="incident", persona=each.persona) for each in whose)
        await services.store.commit(Batch(log=tuple(lines)))
    if context.json:
        context.give(to_builtins(whose))
        return 0
    rows = [
        (each.persona, say(context.lang, f"state.{each.state}"), each.subject or "–", each.address or "–")
        + (str(each.items), each.key_id[:16])
        for each in whose
    ]
    context.table(("persona", "state", "subject", "address", "items", "key"), rows)
    if asked.out:
        context.tell("incident_written", count=len(whose), folder=str(asked.out))
    return 0


async def _list(context: Context) -> int:
    async with context.app() as app:
        there = await incident.keys_there_are(app.services)
    if context.json:
        context.give([{"persona": name, "key_id": id} for name, id in there])
    else:
        context.table(("persona", "key"), there)
    return 0


def _noticed(typed: str, now: datetime) -> datetime:
    """When it was found out: from then on the time to report runs."""
    if not typed:
        return now
    at = given.moment("--noticed", typed)
    if at > now:
        raise Refused("TIME", f"{typed[:40]!r} is still to come", "say when it was noticed")
    return at
