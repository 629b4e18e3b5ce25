"""`understudy ask`: one question on the terminal, or a batch of them for evaluation."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from bots.agent import smalltalk
from bots.agent.batch import ask_batch
from bots.agent.decision import decide
from bots.agent.language import language_of
from bots.app import App
from bots.cards import quote, summarised
from bots.cli import given
from bots.cli.context import Context, add_json, plain
from bots.cli.parser import Group
from bots.knowing import knowers
from bots.licence.standing import stopped, way_out
from bots.model import Question
from bots.operator import found, known_as
from bots.wording import say
from persona_store.consent.policy import Ask, allow
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.personas import stands


def add(commands: Group, lang: str) -> None:
    parser = commands.add("ask", "ask", more="ask_more")
    parser.add_argument("question", nargs="?", default="", metavar="QUESTION", help=say(lang, "cli.ask_question"))
    parser.add_argument("--persona", required=True, metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--batch", type=Path, metavar="FILE", help=say(lang, "cli.ask_batch"))
    parser.add_argument("--as-of", metavar="TIME", help=say(lang, "cli.ask_as_of"))
    add_json(parser, lang)
    parser.set_defaults(call=_ask)


async def _ask(context: Context) -> int:
    asked = context.arguments
    if bool(asked.batch) == bool(asked.question):
        raise Refused("USAGE", "give either a question or --batch FILE", "understudy ask --help")
    as_of = given.moment("--as-of", asked.as_of) if asked.as_of else None
    async with context.app(answering=True) as app:
        persona = await found(app, asked.persona)
        await permitted(app, persona)
        if asked.batch:
            return await _batch(context, app, persona, as_of)
        return await _one(context, app, persona, as_of)


async def permitted(app: App, persona: Persona) -> None:
    """On the terminal there is no chat to be an audience, but the consent must be in force all the same."""
    if persona.state != "live":
        raise Refused(
            "NOT_LIVE", f"persona {persona.name!r} is {persona.state}", f"`understudy persona live {persona.name}`"
        )
    consent = await app.services.consents.current(persona.name)
    decision = allow(consent, Ask(action="retrieve", now=app.services.clock.now()))
    if not decision.ok:
        raise Refused(decision.code, f"persona {persona.name!r} may not answer", decision.fix)
    for each in await stopped(app.services, persona.name, consent):
        if each.stop is not None:
            what = f"persona {persona.name!r} may not answer: {each.account.org} owes {each.stop.month}"
            raise Refused("UNPAID", what, way_out(persona.name, each.account.org, each.stop))
    stands(persona, app.services.clock.now())


async def _one(context: Context, app: App, persona: Persona, as_of: datetime | None) -> int:
    text = context.arguments.question
    question = Question(persona.name, text, language_of(text))
    draft = await app.services.answerer.answer(question, readers=None, as_of=as_of)
    verdict = decide(question, draft, budget=persona.rules.risk_budget)
    pairs = zip(draft.evidence, draft.quotes, strict=True)
    quotes = [quote(evidence.passage, shown, question.lang, persona) for evidence, shown in pairs]
    if context.json:
        context.give(
            {
                "answered": verdict.kind == "answer",
                "outcome": verdict.kind,
                "reason": verdict.reason,
                "confidence": draft.confidence,
                "evidence_ids": draft.ranked_ids,
                "summary": msgspec.to_builtins(draft.summary),
                "quotes": msgspec.to_builtins(quotes),
            }
        )
        return 0
    if verdict.kind == "decline":
        print(say(question.lang, smalltalk.reply(text)))
        return 0
    print(say(question.lang, "label.ai", name=persona.display_name))
    if verdict.kind != "answer":
        owner = await known_as(app, persona, persona.owner)
        if verdict.reason.startswith("withheld"):
            print(say(question.lang, "cli.ask_withheld", owner=plain(owner)))
            return 0
        print(say(question.lang, "cli.ask_unsure", owner=plain(owner), percent=str(round(draft.confidence * 100))))
        return 0
    if draft.summary:
        print(plain(f"{summarised(draft.summary)}\n{say(question.lang, 'answer.by_model')}"))
    for number, each in enumerate(quotes, 1):
        author = say(question.lang, "quote.numbered", number=str(number), author=each.author)
        said_by = author if draft.summary else each.author
        print(plain(f"  {each.text}\n    {said_by} · {each.when} · {each.place} {each.url}".rstrip()))
    if draft.forsaken:
        print(say(question.lang, "answer.without_model"))
    print(say(question.lang, "answer.sure", percent=str(round(draft.confidence * 100))))
    return 0


async def _batch(context: Context, app: App, persona: Persona, as_of: datetime | None) -> int:
    """Lines in, lines out, in order; the format of docs/commands.md."""
    named = context.arguments.batch

    async def owners(text: str) -> list[str]:
        return [each.name for each in await knowers(app.services, persona.name, text, as_of=as_of)]

    with sys.stdin.buffer if str(named) == "-" else _opened(named) as lines:
        results = ask_batch(
            app.services.answerer,
            persona.name,
            _questions(lines, str(named)),
            risk_budget=persona.rules.risk_budget,
            as_of=as_of,
            owners=owners,
        )
        async for result in results:
            context.give(result)
    return 0


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise given.unreadable(path, error) from None


def _questions(lines: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """Each line is looked at when its turn comes, so that a long file may be a pipe."""
    for number, line in enumerate(lines, 1):
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if line.strip():
            yield _question(line, f"line {number} of {name!r}")


def _question(line: bytes, where: str) -> dict[str, Any]:
    try:
        question = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("BATCH", f"{where} is not JSON", "one JSON object per line, UTF-8") from None
    if not isinstance(question, dict) or not isinstance(question.get("text"), str) or "id" not in question:
        raise Refused("BATCH", f"{where} has no id and text", 'write {"id": …, "text": …}')
    return question
