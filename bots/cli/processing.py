"""`understudy ropa`: the record of processing activities, and what has changed since an earlier one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from msgspec import to_builtins

from bots.assessment import processing
from bots.assessment.processing_page import record_page
from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.files import Folder
from bots.cli.parser import Group
from bots.wording import LANGUAGES, say
from persona_store.errors import Refused

CHANGED = 1


def add(commands: Group, lang: str) -> None:
    parser = commands.add("ropa", "ropa", more="ropa_more")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=say(lang, "cli.ropa_out"))
    parser.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.persona_page_lang"))
    parser.add_argument("--against", type=Path, metavar="FILE", help=say(lang, "cli.ropa_against"))
    add_json(parser, lang)
    parser.set_defaults(call=_ropa)


async def _ropa(context: Context) -> int:
    asked = context.arguments
    if asked.out is None and asked.against is None and not context.json:
        raise Refused("USAGE", "it is not said where the record goes", "add --out FOLDER, --against FILE or --json")
    before = processing.read(given.content(asked.against)) if asked.against else None
    async with context.app() as app:
        whole = await processing.record(app.services)
        now = app.services.clock.now()
    if asked.out is not None:
        folder = Folder(asked.out)
        lang = asked.lang or context.lang
        folder.write("processing.html", record_page(whole, lang, at=now, version=version("understudy")).encode())
        folder.write("processing.json", processing.encode(whole))
    if before is not None:
        return _compared(context, before, whole)
    if context.json:
        context.give(to_builtins(whole))
    else:
        context.tell("ropa_written", folder=asked.out, count=len(whole.activities))
    return 0


def _compared(context: Context, before: processing.Record, now: processing.Record) -> int:
    """Exit status 1 where something is different, so that a scheduled job notices."""
    changes = processing.drift(before, now)
    if context.json:
        context.give(to_builtins(changes))
        return CHANGED if changes else 0
    for each in changes:
        where = ".".join(filter(None, (each.persona, each.field)))
        context.tell("ropa_changed", where=where, before=each.before or "–", now=each.now or "–")
    if not changes:
        context.tell("ropa_same")
    return CHANGED if changes else 0
