"""`understudy import …`: material into a persona, as far as its consent reaches."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots.cli import exchanging, handing
from bots.cli.context import Context, add_json
from bots.cli.kinds import KINDS, OPTIONS
from bots.cli.parser import Group, Parser
from bots.cli.progress import bar
from bots.operator import adopt_subject, found, import_into
from bots.wording import say, sentences
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import GONE, Persona
from persona_store.sources.members import Limits

LITTLE = 20  # own messages, fewer than which answer hardly anything
MOST_FILES = 1_000_000


def add(commands: Group, lang: str) -> None:
    kinds = Group(commands.add("import", "import"), "SOURCE")
    for kind in KINDS:
        parser = kinds.add(kind.name, kind.about)
        for option in kind.options:
            metavar, about = OPTIONS[option]
            parser.add_argument(
                option.partition(" ")[0], default="", metavar=metavar, help=say(lang, f"cli.{about}")
            )
        if kind.path:
            _add_path(parser, lang)
        parser.add_argument("--persona", required=True, metavar="NAME", help=say(lang, "cli.for_persona"))
        if kind.own:
            parser.add_argument("--subject", default="", metavar="ID", help=say(lang, "cli.import_subject"))
        add_json(parser, lang)
        parser.set_defaults(call=_import, source=kind.source, own=kind.own)
    exchanging.add_import(kinds, lang)


def _add_path(parser: Parser, lang: str) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help=say(lang, "cli.import_path"))
    parser.add_argument(
        "--max-files",
        type=int,
        default=Limits().members,
        metavar="NUMBER",
        help=say(lang, "cli.import_max_files"),
    )


async def _import(context: Context) -> int:
    asked = context.arguments
    if "max_files" in asked and not 0 < asked.max_files <= MOST_FILES:
        raise Refused("MAX_FILES", f"--max-files {asked.max_files} is out of range", f"1 to {MOST_FILES:,}")
    async with context.app() as app:
        persona = await found(app, asked.persona)
        if persona.state in GONE:
            raise Refused("RETIRED", f"persona {persona.name!r} is retired", "create one with another name")
        if asked.own and not (asked.subject or persona.subject):
            raise Refused("SUBJECT", "it is not said whose words are to be imported", "give --subject ID")
        source, subject = asked.source(context, persona)
        try:
            with bar(context, "import_reading") as progress:
                report = await import_into(app, persona, source, progress)
        except Refused as refused:
            if refused.code != "ARCHIVE_COUNT":
                raise
            raise Refused(refused.code, refused.what, "if it is what you mean, allow it with --max-files") from None
        if report.kept and subject:
            await adopt_subject(app, persona, subject)
        await handing.built(context, app, persona, passages=report.new + report.changed)
    report_on(context, persona, report)
    return 0


# ------------------------------------------------------------------ afterwards


def report_on(context: Context, persona: Persona, report: ImportReport) -> None:
    if context.json:
        context.give(to_builtins(report))
        return
    passages = {"new": report.new, "changed": report.changed, "same": report.same}
    if context.arguments.own:
        context.tell("import_done", name=persona.name, kept=report.kept, context=report.context, **passages)
    else:
        context.tell("import_described", name=persona.name, count=report.described, **passages)
    for reason, count in report.dropped.items():
        context.tell("import_dropped", reason=reason_of(context.lang, reason), count=count)
    for kind, count in report.removed.items():
        context.tell("import_removed", kind=kind, count=count)
    if report.missing:
        context.tell("import_missing", count=report.missing)
    for problem in report.problems:
        context.tell("import_problem", problem=context.told(problem))
    if "CONSENT_PRIVATE" in report.dropped and hasattr(context.arguments, "team_chats"):
        context.tell("import_private")
    if not report.kept and not report.described:
        context.tell("import_nothing" if context.arguments.own else "import_nothing_described")
    elif report.kept < LITTLE and not report.described:
        context.tell("import_little")
    if (report.new or report.changed) and context.settings.embedding.model:
        context.tell("import_embedding", name=persona.name)
    if (report.kept or report.described) and persona.state == "draft":
        context.hint("import_next", name=persona.name)


def reason_of(lang: str, code: str) -> str:
    """Why something was left out, in words; a code nobody wrote words for is shown as it is."""
    return sentences(lang).get(f"cli.reason_{code.lower()}", code)
