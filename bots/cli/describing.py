"""`understudy describe`: what somebody says about the Subject, asked for at the terminal; `--print` gives the form.
A filled-in form is read by `understudy import description`."""

from __future__ import annotations

from bots.cli import given, terminal
from bots.cli.context import Context, add_json
from bots.cli.importing import report_on
from bots.cli.parser import Group
from bots.operator import found, import_into
from bots.wording import say
from persona_store.sources.description import Description
from persona_store.sources.paper import Handed

ASKED = ("role", "work", "decisions", "style", "impression")
_WAY_OUT = "`understudy describe NAME --print` gives a form, `understudy import description FILE` reads it"


def add(commands: Group, lang: str) -> None:
    parser = commands.add("describe", "describe")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--by", default="", metavar="PLATFORM:ID", help=say(lang, "cli.import_by"))
    parser.add_argument("--by-name", default="", metavar="NAME", help=say(lang, "cli.import_by_name"))
    parser.add_argument("--print", action="store_true", help=say(lang, "cli.describe_print"))
    add_json(parser, lang)
    parser.set_defaults(call=_describe, own=False)


async def _describe(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        if asked.print:
            context.show(form(persona.display_name, context.lang))
            return 0
        by = given.describer(asked.by, persona)
        terminal.check(_WAY_OUT)
        context.show(say(context.lang, "cli.describe_opening", name=persona.display_name))
        said = await _asked(context)
        if not any(said.values()):
            context.tell("cancelled")
            return 1
        text = filled(said, context.lang).encode()
        now = app.services.clock.now()
        source = Description(
            lambda: Handed(text, "description.md", now, "", lambda _: False),
            by=by,
            by_name=asked.by_name,
            names=(persona.display_name, *persona.aliases),
        )
        report = await import_into(app, persona, source)
    report_on(context, persona, report)
    return 0


async def _asked(context: Context) -> dict[str, str]:
    said: dict[str, str] = {}
    for name in ASKED:
        context.show("\n" + context.say(f"describe_{name}"))
        text, last = await terminal.written()
        said[name] = "" if text in (terminal.SKIP, terminal.STOP) else text
        if last:
            break
    return said


def form(name: str, lang: str) -> str:
    """Blank, to be filled in. It asks for no tag, type or grade: none would be taken."""
    head = "\n".join(f"{field}:" for field in ("name", "role", "company", "date"))
    how = say(lang, "cli.describe_how", name=name)
    sections = (f"## {say(lang, f'cli.describe_head_{part}')}\n\n<!-- {say(lang, f'cli.describe_{part}')} -->\n"
                for part in ASKED[1:])  # fmt: skip
    return f"---\n{head}\n---\n\n<!-- {how} -->\n\n" + "\n".join(sections)


def filled(said: dict[str, str], lang: str) -> str:
    parts = [said.get("role", "")]
    parts += [
        f"## {say(lang, f'cli.describe_head_{part}')}\n\n{said[part]}" for part in ASKED[1:] if said.get(part)
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
