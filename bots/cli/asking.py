"""`understudy ask`: one question on the terminal, or a batch of them for evaluation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec

from bots.agent.batch import ask_batch
from bots.agent.decision import decide
from bots.agent.language import language_of
from bots.app import App, open_app
from bots.cards import quote
from bots.cli.context import Context, add_json
from bots.model import Question
from bots.operator import found
from bots.wording import say
from persona_store.consent.policy import Ask, allow
from persona_store.errors import Refused
from persona_store.model import Persona


def add(commands: Any, lang: str) -> None:
    parser = commands.add_parser("ask", help=say(lang, "cli.ask"))
    parser.add_argument("question", nargs="?", default="")
    parser.add_argument("--persona", required=True, metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--batch", type=Path, metavar="FILE", help=say(lang, "cli.ask_batch"))
    parser.add_argument("--as-of", metavar="TIME", help=say(lang, "cli.ask_as_of"))
    add_json(parser, lang)
    parser.set_defaults(call=_ask)


async def _ask(context: Context) -> int:
    given = context.arguments
    if bool(given.batch) == bool(given.question):
        raise Refused("USAGE", "give either a question or --batch FILE", "understudy ask --help")
    as_of = _time(given.as_of) if given.as_of else None
    async with open_app(context.settings) as app:
        persona = await found(app, given.persona)
        await _permitted(app, persona)
        if given.batch:
            return await _batch(context, app, persona, as_of)
        return await _one(context, app, persona, as_of)


async def _permitted(app: App, persona: Persona) -> None:
    """On the terminal there is no chat to be an audience, but the consent must be in force all the same."""
    if persona.state != "live":
        raise Refused(
            "NOT_LIVE", f"persona {persona.name!r} is {persona.state}", f"`understudy persona live {persona.name}`"
        )
    decision = allow(
        await app.services.consents.current(persona.name), Ask(action="retrieve", now=app.services.clock.now())
    )
    if not decision.ok:
        raise Refused(decision.code, f"persona {persona.name!r} may not answer", decision.fix)


async def _one(context: Context, app: App, persona: Persona, as_of: datetime | None) -> int:
    text = context.arguments.question
    question = Question(persona.name, text, language_of(text))
    draft = await app.services.answerer.answer(question, readers=None, as_of=as_of)
    verdict = decide(question, draft, budget=persona.rules.risk_budget)
    quotes = [quote(e.passage, shown, question.lang) for e, shown in zip(draft.evidence, draft.quotes, strict=True)]
    if context.json:
        context.give(
            {
                "outcome": verdict.kind,
                "reason": verdict.reason,
                "confidence": draft.confidence,
                "evidence_ids": draft.ranked_ids,
                "quotes": msgspec.to_builtins(quotes),
            }
        )
        return 0
    print(say(question.lang, "label.ai", name=persona.display_name))
    if verdict.kind != "answer":
        print(say(question.lang, "cli.ask_unsure", owner=persona.owner, percent=str(round(draft.confidence * 100))))
        return 0
    for each in quotes:
        print(f"  {each.text}\n    {each.author} · {each.when} · {each.place} {each.url}".rstrip())
    print(say(question.lang, "answer.sure", percent=str(round(draft.confidence * 100))))
    return 0


async def _batch(context: Context, app: App, persona: Persona, as_of: datetime | None) -> int:
    """Lines in, lines out, in order; the format of docs/commands.md."""
    try:
        lines = context.arguments.batch.open(encoding="utf-8")
    except OSError as error:
        raise Refused("FILE", f"{str(context.arguments.batch)!r} cannot be read: {error.strerror}") from None
    with lines:
        results = ask_batch(
            app.services.answerer,
            persona.name,
            _questions(lines, str(context.arguments.batch)),
            risk_budget=persona.rules.risk_budget,
            as_of=as_of,
        )
        async for result in results:
            sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return 0


def _questions(lines: TextIO, name: str) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                question = msgspec.json.decode(line)
                if (
                    not isinstance(question, dict)
                    or not isinstance(question.get("text"), str)
                    or "id" not in question
                ):
                    raise Refused(
                        "BATCH", f"line {number} of {name!r} has no id and text", 'write {"id": …, "text": …}'
                    )
                yield question
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refused(
            "BATCH", f"line {number} of {name!r} is not JSON", "one JSON object per line, UTF-8"
        ) from None


def _time(given: str) -> datetime:
    """ISO 8601, or seconds since 1970 as Slack's `ts` are."""
    try:
        at = (
            datetime.fromtimestamp(float(given), UTC)
            if given.replace(".", "", 1).isdigit()
            else datetime.fromisoformat(given)
        )
    except (ValueError, OverflowError):
        raise Refused("TIME", f"--as-of {given!r} is no time", "write 2026-05-31 or 2026-05-31T12:00:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
