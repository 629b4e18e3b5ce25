"""`understudy interview`: the handover interview at the terminal, or on a sheet that is filled in elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from msgspec import to_builtins

from bots.app import App
from bots.cli import given, terminal
from bots.cli.context import Context, add_json
from bots.cli.importing import reason_of
from bots.cli.parser import Group
from bots.interview import keeping
from bots.interview.cards import contradiction
from bots.interview.looking import questions
from bots.interview.plan import IN_A_SITTING, MOST_IN_A_SITTING, Question
from bots.interview.sheet import Filled, read, sheet
from bots.operator import OPERATOR, found, known_as
from bots.wording import say
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import Persona
from persona_store.protocols import Batch
from persona_store.sources.interview import Given, document_id

ELSEWHERE = "`understudy interview NAME --print` gives a sheet, `--batch FILE` reads it"


def add(commands: Group, lang: str) -> None:
    parser = commands.add("interview", "interview", more="interview_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument(
        "--questions", type=int, default=IN_A_SITTING, metavar="NUMBER", help=say(lang, "cli.interview_questions")
    )
    parser.add_argument("--print", action="store_true", help=say(lang, "cli.interview_print"))
    parser.add_argument("--batch", type=Path, metavar="FILE", help=say(lang, "cli.interview_batch"))
    add_json(parser, lang)
    parser.set_defaults(call=_interview)


async def _interview(context: Context) -> int:
    asked = context.arguments
    if not 1 <= asked.questions <= MOST_IN_A_SITTING:
        raise Refused("USAGE", f"--questions {asked.questions} is out of range", f"1 to {MOST_IN_A_SITTING}")
    if asked.print and asked.batch:
        raise Refused("USAGE", "--print and --batch are two steps", "print the sheet first")
    async with context.app() as app:
        persona = await found(app, asked.name)
        await keeping.check(app.services, persona)
        if asked.batch:
            return await _batch(context, app, persona)
        if not asked.print:
            terminal.check(ELSEWHERE)
        planned = await questions(app.services, persona, asked.questions)
        if asked.print:
            return _print(context, persona, planned)
        return await _sit(context, app, persona, planned)


def _print(context: Context, persona: Persona, planned: tuple[Question, ...]) -> int:
    if context.json:
        lines = [{"id": q.id, "key": q.key, "topic": q.topic, "question": q.words(context.lang)} for q in planned]
        context.give(lines)
    else:
        context.show(sheet(planned, name=persona.display_name, lang=context.lang))
    return 0


# ------------------------------------------------------------------ at the terminal


async def _sit(context: Context, app: App, persona: Persona, planned: tuple[Question, ...]) -> int:
    name, lang, kept = persona.display_name, context.lang, 0
    if not planned:
        context.show(say(lang, "interview.nothing_open", name=name))
        return 0
    context.show(say(lang, "interview.opening", name=name, count=str(len(planned))))
    context.tell("interview_how")
    author = await _author(app, persona)
    for number, question in enumerate(planned, 1):
        shown = [f"{number}/{len(planned)}  {question.words(lang)}", contradiction(question, lang)]
        context.show("\n" + "\n".join(filter(None, shown)))
        text, last = await terminal.written()
        if text == terminal.SKIP:
            await app.services.store.commit(keeping.remembered(persona.name, question, "skipped"))
        elif text != terminal.STOP:
            now = app.services.clock.now()
            report = await _keep(app, persona, [(question, text)], now, author, lang)
            kept += report.kept
            _told(context, report)
        if last:
            break
    context.show(say(lang, "interview.all" if kept else "interview.none_kept", count=str(kept)))
    return 0


def _told(context: Context, report: ImportReport) -> None:
    lang = context.lang
    if report.kept and not (report.new or report.changed or report.same):
        context.show(say(lang, "interview.withheld"))
    elif report.kept:
        context.show(say(lang, "interview.kept"))
    for reason, count in report.dropped.items():
        context.tell("import_dropped", reason=reason_of(lang, reason), count=count)
    for kind, count in report.removed.items():
        context.tell("import_removed", kind=kind, count=count)


async def _author(app: App, persona: Persona) -> str:
    known = await known_as(app, persona, persona.subject) if persona.subject else ""
    return "" if known == persona.subject else known


async def _keep(
    app: App, persona: Persona, said: list[tuple[Question, str]], at: datetime, author: str, lang: str
) -> ImportReport:
    given_ = [Given(question.id, question.words(lang), text, at) for question, text in said]
    report = await keeping.keep(app.services, persona, given_, OPERATOR, name=author)
    file = await app.services.library.file(persona.name)
    there = {passage.thread for passage in await file.get(f"{document_id(each.id)}#1" for each in given_)}
    batch = Batch()
    for question, _ in said:
        if document_id(question.id) in there:
            batch = batch.plus(keeping.remembered(persona.name, question, "answered"))
    await app.services.store.commit(batch)
    return report


# ------------------------------------------------------------------ on a sheet


async def _batch(context: Context, app: App, persona: Persona) -> int:
    """As old as the file is, so that reading the same one twice changes nothing."""
    path: Path = context.arguments.batch
    filled = read(given.content(path), path.name)
    at = min(_written_at(path), app.services.clock.now())
    answered = _answered(filled)
    report = await _keep(app, persona, answered, at, await _author(app, persona), context.lang)
    if context.json:
        context.give({"questions": len(filled), **to_builtins(report)})
        return 0
    context.tell("interview_read", name=persona.name, kept=report.kept, questions=len(filled))
    for reason, count in report.dropped.items():
        context.tell("import_dropped", reason=reason_of(context.lang, reason), count=count)
    for kind, count in report.removed.items():
        context.tell("import_removed", kind=kind, count=count)
    return 0


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _answered(filled: list[Filled]) -> list[tuple[Question, str]]:
    """Of two answers to one question the later."""
    last = {each.question.id: (each.question, each.answer) for each in filled if each.answer}
    return list(last.values())
