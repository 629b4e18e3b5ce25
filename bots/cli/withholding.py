"""`understudy withhold`: what the subject keeps back, by category or item; a look before, and a copy for them."""

from __future__ import annotations

import argparse
import os
from datetime import datetime
from pathlib import Path

from msgspec import to_builtins

from bots.app import App
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.cli.progress import bar
from bots.distilling import book_of, distil_by_rules
from bots.operator import OPERATOR, found
from bots.withheld import keeping, words
from bots.withheld.page import html
from bots.withheld.pointing import pointed_at
from bots.withheld.preview import Preview, preview
from bots.wording import LANGUAGES, say
from persona_store import envelope
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.withheld.backup import backup, sealed
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, at
from persona_store.withheld.sweep import Plan

ALL = "all"


def add(commands: Group, lang: str) -> None:
    parser = commands.add("withhold", "withhold", more="withhold_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    listed = ", ".join((*CATEGORIES, ALL))
    parser.add_argument(
        "--category", default="", metavar="LIST", help=say(lang, "cli.withhold_category", categories=listed)
    )
    parser.add_argument("--level", default="", choices=LEVELS, help=say(lang, "cli.withhold_level"))
    parser.add_argument("--item", action="append", default=[], metavar="ID", help=say(lang, "cli.withhold_item"))
    parser.add_argument("--preview", action="store_true", help=say(lang, "cli.withhold_preview"))
    parser.add_argument(
        "--question", action="append", default=[], metavar="TEXT", help=say(lang, "cli.withhold_ask")
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help=say(lang, "cli.withhold_page"))
    parser.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.persona_page_lang"))
    parser.add_argument("--backup", type=Path, metavar="FILE", help=say(lang, "cli.withhold_backup"))
    parser.add_argument("--to", default="", metavar="AGE_ADDRESS", help=say(lang, "cli.withhold_to"))
    parser.add_argument("--release", action="store_true", help=say(lang, "cli.withhold_release"))
    parser.add_argument("--tell", default="", choices=("yes", "no"), help=say(lang, "cli.withhold_tell"))
    add_yes(parser, lang)
    add_json(parser, lang)
    parser.set_defaults(call=_withhold)


async def _withhold(context: Context) -> int:
    asked = context.arguments
    categories, level = _categories(asked), _level(asked)
    if bool(asked.backup) != bool(asked.to):
        raise Refused("USAGE", "a backup needs a file and somebody's key", "give both --backup FILE and --to age1…")
    if asked.to:
        envelope.checked(asked.to)
    if asked.backup and asked.backup.exists():
        raise _exists(asked.backup)
    async with context.app() as app:
        persona = await found(app, asked.name)
        if persona.state in GONE:
            raise Refused("RETIRED", f"persona {persona.name!r} is retired", "nothing of it is left to keep back")
        if asked.release:
            return await _release(context, app, persona, categories)
        if asked.tell:
            await keeping.tell_category(app.services, persona, asked.tell == "yes", OPERATOR)
        if not categories and not asked.item:
            return await _show(context, app, persona)
        return await _keep_back(context, app, persona, categories, level)


def _categories(asked: argparse.Namespace) -> tuple[Category, ...]:
    """`all` and no category at all mean those of which the level keeps something back."""
    named = [word for word in asked.category.split(",") if word.strip()]
    if any(word.strip() == ALL for word in named) or (not named and asked.level):
        return CATEGORIES if asked.release else at(_level(asked))
    found = [words.category_of(word) for word in named]
    if None in found:
        unknown = named[found.index(None)]
        known = ", ".join((*CATEGORIES, ALL))
        raise Refused("CATEGORY", f"there is no category {unknown[:40]!r}", f"choose from {known}")
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _level(asked: argparse.Namespace) -> Level:
    return next((level for level in LEVELS if level == asked.level), "medium")


async def _keep_back(
    context: Context, app: App, persona: Persona, categories: tuple[Category, ...], level: Level
) -> int:
    asked, services = context.arguments, app.services
    rule = keeping.wanted((await keeping.standing(services, persona)).rule, categories, level)
    item = pointed_at(tuple(asked.item)) if asked.item else None
    with bar(context, "withhold_looking") as progress:
        planned = await keeping.plan(services, persona, rule, item=item, progress=progress)
    if asked.item and "item" not in planned.counts:
        what = f"nothing of the subject's is held under {asked.item[0][:60]!r}"
        raise Refused("ITEM", what, "give the link of a citation, the id of a source or the name of a file")
    lang = asked.lang or context.lang
    if asked.preview or asked.page:
        shown = await preview(services, persona, planned, asked.question)
        _told(context, shown, persona, lang)
        if asked.preview:
            return 0
    else:
        context.tell("withhold_lead", lead=words.lead(planned, lang))
    if not asked.yes and not context.agreed("withhold_sure"):
        context.tell("cancelled")
        return 1
    if asked.backup:  # before anything goes
        _save(context, services.clock.now(), persona, planned, lang)
    kept = await keeping.keep_back(services, persona, planned, OPERATOR)
    if (await (await book_of(services, persona)).portrait()).version:
        with bar(context, "persona_distilling") as progress:
            await distil_by_rules(services, persona, OPERATOR, progress=progress)
    if context.json:
        context.give({**to_builtins(kept), "rule": dict(rule.levels)})
    else:
        context.tell(
            "withhold_done",
            name=persona.name,
            sentences=sum(kept.counts.values()),
            shortened=kept.shortened,
            gone=kept.gone,
        )
        for line in words.counted(kept.counts, context.lang):
            context.tell("withhold_line", line=line)
    return 0


def _told(context: Context, shown: Preview, persona: Persona, lang: str) -> None:
    asked = context.arguments
    if asked.page:
        # For their eyes alone: it shows what is to be kept back.
        handle = os.open(asked.page, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(html(shown, persona, lang))
    if context.json and asked.preview:
        context.give(
            {
                "counts": shown.plan.counts,
                "passages": len(shown.plan.changes),
                "gone": shown.plan.whole,
                "questions": to_builtins(shown.pairs),
            }
        )
    else:
        context.show(words.text(shown, persona, lang))
        if asked.page:
            context.tell("withhold_page_done", file=asked.page)


def _save(context: Context, now: datetime, persona: Persona, planned: Plan, lang: str) -> None:
    """Whole on the disk, and never over something that is there."""
    kept = backup(persona.name, planned.changes, now)
    data = sealed(kept, words.backup_of(persona, kept, lang), context.arguments.to)
    path: Path = context.arguments.backup
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _exists(path) from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # what it holds is about to be destroyed
    context.tell("withhold_backup_done", file=path, to=context.arguments.to)


def _exists(path: Path) -> Refused:
    return Refused("FILE_EXISTS", f"there is a file {str(path)!r} already", "give another name")


async def _release(context: Context, app: App, persona: Persona, categories: tuple[Category, ...]) -> int:
    items = ALL in (word.strip() for word in context.arguments.category.split(","))
    if not categories:
        raise Refused("USAGE", "it is not said what is to be released", "add --category LIST, or --category all")
    rule = await keeping.release(app.services, persona, categories, items=items, actor=OPERATOR)
    if context.json:
        context.give({"rule": dict(rule.levels)})
    else:
        context.tell(
            "withhold_released", name=persona.name, what=", ".join(words.kind(c, context.lang) for c in categories)
        )
    return 0


async def _show(context: Context, app: App, persona: Persona) -> int:
    standing = await keeping.standing(app.services, persona)
    if context.json:
        context.give({"rule": dict(standing.rule.levels), "told": standing.rule.told, "counts": standing.counts})
        return 0
    if not standing.rule.levels and not standing.counts:
        context.tell("withhold_none", name=persona.name)
        return 0
    context.tell("withhold_standing", name=persona.name)
    for line in (*words.ruled(standing.rule, context.lang), *words.counted(standing.counts, context.lang)):
        context.tell("withhold_line", line=line)
    context.tell("withhold_told" if standing.rule.told else "withhold_untold")
    return 0
