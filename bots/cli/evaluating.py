"""`understudy evaluate`: how far a persona can be trusted, by questions whose answers are known or a team's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bots import exports, keys
from bots.agent.batch import ask_batch
from bots.app import App
from bots.cli import given, reports
from bots.cli.asking import permitted
from bots.cli.context import Context, add_json, version
from bots.cli.parser import Group
from bots.evaluation import comparing, escalated, page, reading, words
from bots.evaluation.judging import judge
from bots.evaluation.model import Asked, Comparison, Id, Judged, Prediction, Report
from bots.evaluation.reporting import report
from bots.model import Escalation
from bots.operator import found
from bots.records import Outcome
from bots.wording import say
from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.model import Persona
from persona_store.protocols import Batch

WORSE = 1

Predicted = Mapping[Id, Prediction]


def add(commands: Group, lang: str) -> None:
    parser = commands.add("evaluate", "evaluate", more="evaluate_more")
    parser.add_argument(
        "questions", nargs="?", type=Path, metavar="QUESTIONS", help=say(lang, "cli.evaluate_questions")
    )
    parser.add_argument("--persona", required=True, metavar="NAME", help=say(lang, "cli.for_persona"))
    for option, metavar in (("out", "FOLDER"), ("predictions", "FILE"), ("against", "FILE"), ("documents", "FILE")):
        help = say(lang, f"cli.evaluate_{option}")
        parser.add_argument(f"--{option}", type=Path, metavar=metavar, help=help)
    parser.add_argument("--budget", type=float, metavar="SHARE", help=say(lang, "cli.evaluate_budget"))
    parser.add_argument(
        "--tolerance", type=float, default=0.01, metavar="AMOUNT", help=say(lang, "cli.evaluate_tolerance")
    )
    parser.add_argument("--as-of-column", action="store_true", help=say(lang, "cli.evaluate_as_of"))
    parser.add_argument("--from-escalations", action="store_true", help=say(lang, "cli.evaluate_escalations"))
    add_json(parser, lang)
    parser.set_defaults(call=_evaluate)


async def _evaluate(context: Context) -> int:
    asked = context.arguments
    _sensible(context)
    if asked.out:
        reports.free(asked.out)
    if asked.from_escalations:
        return await _handed(context)
    questions = reading.questions(reports.lines(asked.questions), str(asked.questions))
    moments = {each.id: _moment(each) for each in questions} if asked.as_of_column else {}
    now = _predictions(asked.predictions, questions) if asked.predictions else None
    before = _predictions(asked.against, questions) if asked.against else None
    if before is not None and len(before) < len(questions):
        what = f"{str(asked.against)!r} has no prediction of {len(questions) - len(before)} questions"
        raise Refused("PREDICTIONS", what, "compare what was asked the same questions")
    threads = reading.threads(reports.lines(asked.documents), str(asked.documents)) if asked.documents else None
    async with context.app() as app:
        persona = await found(app, asked.persona)
        await permitted(app, persona)
        budget = persona.rules.risk_budget if asked.budget is None else asked.budget
        if now is None:
            now = await _asked(context, app, persona, questions, moments, budget)
        file = await app.services.library.file(persona.name)
        rows, rows_before = await _judged(file, questions, (now, before or {}), threads)
        made_at = app.services.clock.now()
        if asked.out:
            note = exports.note(app.services, persona.name, "report", asked.out.name)
            await app.services.store.commit(Batch(puts=(note,)))
    compared = _compared(context, rows_before, rows) if before is not None else None
    made = report(
        rows,
        {each.id: each.text for each in questions},
        persona=persona.name,
        made_at=made_at,
        version=version(),
        budget=budget,
        missing=len(questions) - len(now),
        against=compared,
    )
    if asked.out:
        kept = b"".join(msgspec.json.encode(now[each.id]) + b"\n" for each in questions if each.id in now)
        reports.write(asked.out, (page.page(made, context.lang).encode(), reports.indented(made), kept))
    _print(context, made)
    return _told(context, compared)


# ------------------------------------------------------------------ what was typed and what stands in files


def _sensible(context: Context) -> None:
    asked = context.arguments
    if bool(asked.questions) == asked.from_escalations:
        raise Refused("USAGE", "give either QUESTIONS or --from-escalations", "understudy evaluate --help")
    alone = [name for name in ("predictions", "against", "documents", "budget") if getattr(asked, name) is not None]
    if asked.from_escalations and (alone or asked.as_of_column):
        named = alone[0] if alone else "as-of-column"
        raise Refused("USAGE", f"--{named} is about QUESTIONS", "leave it out with --from-escalations")
    if asked.predictions and asked.as_of_column:
        raise Refused("USAGE", "--as-of-column is about asking", "leave it out with --predictions")
    if asked.budget is not None and not 0 < asked.budget < 1:
        raise Refused("RISK_BUDGET", f"--budget {asked.budget} is no share", "use a number between 0 and 1")
    if not 0 <= asked.tolerance <= 1:
        raise Refused("TOLERANCE", f"--tolerance {asked.tolerance} is out of range", "use a number from 0 to 1")


def _predictions(path: Path, questions: Sequence[Asked]) -> Predicted:
    return reading.predictions(reports.lines(path), str(path), questions)


def _moment(asked: Asked) -> datetime | None:
    return given.moment(f"ts of question {str(asked.id)[:40]!r}", str(asked.ts)) if asked.ts else None


# ------------------------------------------------------------------ asking and judging


async def _asked(
    context: Context,
    app: App,
    persona: Persona,
    questions: Sequence[Asked],
    moments: Mapping[Id, datetime | None],
    budget: float,
) -> Predicted:
    """What the persona makes of each question, on the same path as `ask --batch`. What is known about the right
    answer is not handed on, and of what was said only what is measured is kept."""
    found: dict[Id, Prediction] = {}
    with _bar(context, "evaluate_asking") as progress:
        for number, each in enumerate(questions, 1):
            results = ask_batch(
                app.services.answerer,
                persona.name,
                ({"id": each.id, "text": each.text},),
                risk_budget=budget,
                as_of=moments.get(each.id),
            )
            async for result in results:
                found[each.id] = msgspec.convert(result, Prediction)
            progress(number, len(questions))
    return found


async def _judged(
    file: EvidenceFile,
    questions: Sequence[Asked],
    predictions: tuple[Predicted, Predicted],
    threads: Mapping[str, str] | None,
) -> tuple[list[Judged], list[Judged]]:
    """Both predictions of each question. Threads are those of `threads`, else of the persona's own material, which
    is read as far as it was cited."""
    rows: tuple[list[Judged], list[Judged]] = ([], [])
    for asked in questions:
        given_ = [each.get(asked.id) for each in predictions]
        known = threads
        if known is None:
            ids = {*asked.gold, *(id for each in given_ if each for id in each.evidence_ids)}
            known = {passage.id: passage.thread for passage in await file.get(ids)}
        for into, predicted in zip(rows, given_, strict=True):
            into.append(judge(asked, predicted, known.get))
    return rows


def _compared(context: Context, before: Sequence[Judged], now: Sequence[Judged]) -> Comparison:
    with _bar(context, "evaluate_drawing") as progress:
        return comparing.compare(before, now, tolerance=context.arguments.tolerance, progress=progress)


async def _handed(context: Context) -> int:
    """Out of the sealed records of what went to a human; nothing but counts is printed or written."""
    async with context.app() as app:
        services, persona = app.services, await found(app, context.arguments.persona)
        confidences: dict[str, float] = {}
        async for _, outcome in services.all(keys.OUTCOME, Outcome):
            if outcome.persona == persona.name and outcome.escalation:
                confidences.setdefault(outcome.escalation, outcome.confidence)
        records = [record async for _, record in services.all(keys.ESCALATION, Escalation)]
        made_at = services.clock.now()
    mine = (record for record in records if record.persona == persona.name)
    counted = escalated.handed(persona.name, mine, confidences)
    if context.arguments.out:
        when = f"{made_at:%Y-%m-%d %H:%M} UTC"
        html = page.handed_page(counted, context.lang, when=when, version=version())
        reports.write(context.arguments.out, (html.encode(), reports.indented(counted)))
    if context.json:
        context.give(counted)
        return 0
    lang = context.lang
    context.show(words.handed_headline(counted, lang))
    if counted.answered:
        context.table(("fate", "count"), [(say(lang, words.FATES[k]), str(n)) for k, n in counted.fates.items()])
        reasons = [(words.because(k, lang), str(n), str(m)) for k, (n, m) in counted.reasons.items()]
        context.table(("reason", "count", "needless"), reasons)
    _where(context)
    return 0


# ------------------------------------------------------------------ what comes out


def _print(context: Context, made: Report) -> None:
    if context.json:
        context.give(made)
        return
    lang = context.lang
    context.show(words.headline(made, lang))
    if told := words.verdict(made, lang):
        context.show(told)
    shown = ("questions", "answerable", *words.MEANINGS)
    meaning = {name: say(lang, key) for name, key in words.MEANINGS.items()}
    rows = [(name, words.value(name, made.figures[name]), meaning.get(name, "")) for name in shown]
    context.table(("figure", "value", "meaning"), rows)
    kinds = [(k.kind, str(k.right), str(k.wrong), str(k.handed_over)) for k in made.kinds]
    context.table(("kind", "right", "wrong", "handed_over"), kinds)
    if made.against:
        context.table(
            ("figure", "before", "now", "difference"), [words.changed(d) for d in made.against.differences]
        )
    _where(context)


def _where(context: Context) -> None:
    if context.arguments.out:
        context.tell("evaluate_written", path=context.arguments.out / reports.FILES[0])


def _told(context: Context, compared: Comparison | None) -> int:
    """The exit status by which CI knows."""
    if compared is None:
        return 0
    won, lost = len(compared.won), len(compared.lost)
    if not compared.worse:
        context.tell("evaluate_same", won=won, lost=lost)
        return 0
    figures = ", ".join(f"{d.figure} {d.before:.3f} → {d.now:.3f}" for d in compared.differences if d.worse)
    context.console.print(
        context.say("evaluate_got_worse", figures=figures, won=won, lost=lost), markup=False, soft_wrap=True
    )
    return WORSE


@contextmanager
def _bar(context: Context, key: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on the terminal; nothing where nobody looks."""
    columns = (TextColumn(context.say(key)), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = context.console
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("evaluate", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
