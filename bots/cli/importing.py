"""`understudy import …`: material into a persona, as far as its consent reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import to_builtins
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bots.app import open_app
from bots.cli.context import Context, add_json
from bots.operator import found, import_into
from bots.wording import say
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import Persona
from persona_store.protocols import Source
from persona_store.sources.documents import Documents
from persona_store.sources.slack_export import SlackExport


def add(commands: Any, lang: str) -> None:
    group = commands.add_parser("import", help=say(lang, "cli.import"))
    kinds = group.add_subparsers(metavar="SOURCE", required=True, parser_class=type(group))

    slack = kinds.add_parser("slack-export", help=say(lang, "cli.import_slack"))
    slack.add_argument("--link-base", default="", metavar="URL", help=say(lang, "cli.import_link_base"))
    slack.set_defaults(source=_slack)
    documents = kinds.add_parser("documents", help=say(lang, "cli.import_documents"))
    documents.add_argument("--encoding", default="", metavar="NAME", help=say(lang, "cli.import_encoding"))
    documents.add_argument("--names", default="", metavar="LIST", help=say(lang, "cli.import_names"))
    documents.set_defaults(source=_documents)
    for parser in (slack, documents):
        parser.add_argument("path", type=Path)
        parser.add_argument("--persona", required=True, metavar="NAME", help=say(lang, "cli.for_persona"))
        parser.add_argument("--subject", default="", metavar="ID", help=say(lang, "cli.import_subject"))
        add_json(parser, lang)
        parser.set_defaults(call=_import)


async def _import(context: Context) -> int:
    given = context.arguments
    async with open_app(context.settings) as app:
        persona = await found(app, given.persona)
        if persona.state in ("erasing", "erased"):
            raise Refused("RETIRED", f"persona {persona.name!r} is retired", "create one with another name")
        subject = given.subject or persona.subject
        if not subject:
            raise Refused("SUBJECT", "it is not said whose words are to be imported", "give --subject ID")
        with _bar(context) as progress:
            report = await import_into(app, persona, given.source(context, persona, subject), progress)
    _print(context, persona, report)
    return 0


def _slack(context: Context, persona: Persona, subject: str) -> Source:
    source: Source = SlackExport(context.arguments.path, subject, context.arguments.link_base.rstrip("/"))
    return source


def _documents(context: Context, persona: Persona, subject: str) -> Source:
    given = context.arguments
    names = (*_names(given.names), persona.display_name, *persona.aliases)
    source: Source = Documents(given.path, subject, names=names, encoding=given.encoding)
    return source


def _names(given: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in given.split(",") if name.strip())


class _bar:  # noqa: N801  # reads as a verb where it is used
    """A progress bar on the terminal; nothing where nobody looks."""

    def __init__(self, context: Context) -> None:
        columns = (
            TextColumn(context.say("import_reading")),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=context.console, transient=True, disable=context.json)

    def __enter__(self) -> Callable[[int, int], None]:
        task = self._progress.__enter__().add_task("import", total=None)
        return lambda done, total: self._progress.update(task, completed=done, total=total or None)

    def __exit__(self, *error: Any) -> None:
        self._progress.__exit__(*error)


def _print(context: Context, persona: Persona, report: ImportReport) -> None:
    if context.json:
        context.give(to_builtins(report))
        return
    context.tell(
        "import_done",
        name=persona.name,
        kept=report.kept,
        context=report.context,
        new=report.new,
        changed=report.changed,
        same=report.same,
    )
    for reason, count in report.dropped.items():
        context.tell("import_dropped", reason=reason, count=count)
    for kind, count in report.removed.items():
        context.tell("import_removed", kind=kind, count=count)
    for problem in report.problems:
        context.tell("import_problem", problem=problem)
    if report.kept < 20:
        context.tell("import_little")
