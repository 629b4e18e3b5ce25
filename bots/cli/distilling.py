"""`understudy persona distil` and what is done with what came of it: read, compare, put back, strike."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import to_builtins

from bots import exports
from bots.app import App
from bots.audit import line
from bots.cli import handing
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.cli.progress import bar
from bots.distilling import (
    Distilled,
    book_of,
    carrying,
    distil_by_rules,
    distil_with_model,
    roll_back,
    standing,
    still_granted,
    strike,
)
from bots.llm.addresses import is_private
from bots.llm.opening import open_model
from bots.operator import OPERATOR, found
from bots.portrait.html import html
from bots.portrait.looking import look
from bots.portrait.markdown import markdown
from bots.portrait.style import sentences
from bots.portrait.words import ASPECTS as ASPECT_WORDS
from bots.wording import LANGUAGES, say
from persona_store.distill.book import Version
from persona_store.distill.difference import difference
from persona_store.distill.model import ASPECTS, Aspect, Facet
from persona_store.distill.rules import KINDS as STATED
from persona_store.distill.with_model import Distiller, Told
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch

LITTLE = 5  # statements, fewer than which a page is hardly worth reading
WIDE = 100  # characters of a facet on one line
CALLED: Mapping[Aspect, str] = {**ASPECT_WORDS, "name": "portrait.called", "avatar": "portrait.avatar"}
ASPECT_NAMES = tuple(aspect for aspects in ASPECTS.values() for aspect in aspects)


def add(verbs: Group, lang: str) -> None:
    """Below `understudy persona`."""

    def verb(name: str, call: Callable[[Context], Awaitable[int]]) -> argparse.ArgumentParser:
        parser = verbs.add(name, f"persona_{name}")
        parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
        add_json(parser, lang)
        parser.set_defaults(call=call)
        return parser

    distil = verb("distil", _distil)
    distil.add_argument("--model", action="store_true", help=say(lang, "cli.persona_distil_model"))
    add_yes(distil, lang)
    facets = verb("facets", _facets)
    facets.add_argument("--aspect", default="", metavar="ASPECT", help=_aspects(lang))
    facets.add_argument("--version", type=int, metavar="NUMBER", help=say(lang, "cli.persona_facets_version"))
    page = verb("page", _page)
    page.add_argument("--out", type=Path, required=True, metavar="FILE", help=say(lang, "cli.persona_page_out"))
    page.add_argument("--format", choices=tuple(FORMATS), default="", help=say(lang, "cli.persona_page_format"))
    page.add_argument("--lang", choices=LANGUAGES, default="", help=say(lang, "cli.persona_page_lang"))
    page.add_argument("--version", type=int, metavar="NUMBER", help=say(lang, "cli.persona_facets_version"))
    verb("versions", _versions)
    compare = verb("compare", _compare)
    compare.add_argument("old", type=int, nargs="?", metavar="OLD", help=say(lang, "cli.persona_compare_old"))
    compare.add_argument("new", type=int, nargs="?", metavar="NEW", help=say(lang, "cli.persona_compare_new"))
    rollback = verb("rollback", _rollback)
    rollback.add_argument("to", type=int, metavar="VERSION", help=say(lang, "cli.persona_rollback_version"))
    struck = verb("strike", _strike)
    struck.add_argument("ids", nargs="+", metavar="FACET", help=say(lang, "cli.persona_strike_ids"))
    struck.add_argument("--keep-evidence", action="store_true", help=say(lang, "cli.persona_strike_keep"))


def _aspects(lang: str) -> str:
    return say(lang, "cli.persona_facets_aspect", aspects=", ".join(ASPECT_NAMES))


async def _distil(context: Context) -> int:
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        told = None
        if context.arguments.model:
            told = await _ask_model(context, app, persona)
            if told is None:
                context.tell("cancelled")
                return 1
        with bar(context, "persona_distilling") as progress:
            if told is None:
                made = await distil_by_rules(app.services, persona, OPERATOR, progress=progress)
            else:
                made = await distil_with_model(app.services, persona, told, OPERATOR, progress)
        difference = made.difference
        if difference.new or difference.changed or difference.gone:
            await handing.built(context, app, persona, versions=1)
    if context.json:
        asked = {"model": _asked(told)} if told else {}
        context.give({"version": to_builtins(made.version), **_counts(made), **asked})
    else:
        same = not (made.difference.new or made.difference.changed or made.difference.gone)
        key = "persona_distilled_same" if same else "persona_distilled"
        context.tell(key, name=persona.name, version=made.version.number, **_counts(made))
        if sum(facet.kind in STATED for facet in made.portrait.facets) < LITTLE:
            context.tell("persona_distilled_little", name=persona.name)
        context.hint("persona_distilled_next", name=persona.name)
    return 1 if told is not None and told.stopped else 0


async def _ask_model(context: Context, app: App, persona: Persona) -> Told | None:
    """What the model said; None if nobody agreed to what it costs."""
    services, llm = app.services, context.settings.llm
    async with open_model(llm, services.store, services.clock) as model:
        still = partial(still_granted, services, persona, model.recipient)
        await still()
        distiller = Distiller(
            await services.library.file(persona.name),
            model,
            await services.consent(persona.name),
            services.clock.now(),
            context=is_private(llm.base_url),
        )
        plan = await distiller.plan()
        cost = model.prices.words(plan.usage) or context.say("model_price_unknown")
        context.tell(
            "model_plan",
            model=model.name,
            recipient=model.recipient,
            asked=plan.asked,
            known=plan.known,
            tokens=f"{plan.usage.total:,}",
            cost=cost,
        )
        if plan.asked and not context.arguments.yes and not context.agreed("model_sure"):
            return None
        with bar(context, "model_asking") as progress:
            told = await distiller.run(plan, progress, still)
        cost = model.prices.words(told.usage) or context.say("model_price_unknown")
        context.tell(
            "model_done", asked=told.asked, tokens=f"{told.usage.total:,}", cost=cost, facets=len(told.facets)
        )
    for reason, count in told.dropped.items():
        context.tell("import_dropped", reason=context.say(f"model_dropped_{reason.lower()}"), count=count)
    if told.failed:
        context.tell("model_failed", count=told.failed)
    if told.stopped:
        context.tell("model_stopped", left=told.left, why=context.told(told.stopped))
    return told


def _asked(told: Told) -> dict[str, object]:
    return {**to_builtins(told), "facets": len(told.facets)}


def _counts(made: Distilled) -> dict[str, int]:
    told = made.difference
    return {
        "total": len(made.portrait.facets),
        "new": len(told.new),
        "changed": len(told.changed),
        "gone": len(told.gone),
    }


async def _facets(context: Context) -> int:
    asked = context.arguments
    if asked.aspect and asked.aspect not in ASPECT_NAMES:
        raise Refused(
            "ASPECT", f"there is no aspect {asked.aspect[:40]!r}", "choose from " + ", ".join(ASPECT_NAMES)
        )
    async with context.app() as app:
        persona = await found(app, asked.name)
        portrait = await standing(app.services, persona, asked.version)
    shown = [facet for facet in portrait.facets if asked.aspect in ("", facet.aspect)]
    if context.json:
        context.give({"version": portrait.version, "facets": to_builtins(shown)})
    elif not portrait.version:
        context.tell("persona_facets_none", name=persona.name)
    else:
        rows = [(facet.id, *_told(context, facet)) for facet in shown]
        context.table(("id", "aspect", "topic", "status", "text"), rows)
    return 0


def _told(context: Context, facet: Facet) -> tuple[str, str, str, str]:
    status = say(context.lang, f"facet_status.{facet.status}")
    text = " ".join(facet.text.split())
    measured = " ".join(sentences(facet, context.lang))
    return (say(context.lang, CALLED[facet.aspect]), facet.topic, status, _short(text or measured))


def _short(text: str) -> str:
    return text if len(text) <= WIDE else text[: WIDE - 1] + "…"


FORMATS = {"html": html, "md": markdown}
SUFFIXES = {".html": "html", ".htm": "html", "": "html", ".md": "md", ".markdown": "md"}


async def _page(context: Context) -> int:
    """What the whole team may see of it."""
    asked = context.arguments
    written = asked.format or SUFFIXES.get(asked.out.suffix.lower(), "")
    if not written:
        what = f"what {asked.out.name[-80:]!r} is to be cannot be told from its name"
        raise Refused("FORMAT", what, "end it in .html or .md, or give --format html or --format md")
    if asked.out.is_dir() or not asked.out.absolute().parent.is_dir():  # before it is noted as written
        raise Refused(
            "NOT_FOUND", f"{str(asked.out)!r} is no place for a file", "give a file in a folder that exists"
        )
    async with context.app() as app:
        persona = await found(app, asked.name)
        page = await look(app.services, persona, asked.lang or context.lang, version=asked.version)
        note = exports.note(app.services, persona.name, "page", asked.out.name)
        audited = line(app.services, persona.name, "exported", OPERATOR, decision=page.aigc.produce_id, code="page")
        await app.services.store.commit(Batch(puts=(note,), log=(audited,)))
    _replace(asked.out, FORMATS[written](page).encode())
    if context.json:
        context.give({"file": str(asked.out), "format": written})
    else:
        context.tell("persona_page_done", name=persona.name, file=asked.out)
    return 0


def _replace(path: Path, data: bytes) -> None:
    """A page is made anew in the place of the one before, whole or not at all. What is no file, such as a pipe, is
    written to."""
    place = path.resolve()
    if place.exists() and not place.is_file():
        place.write_bytes(data)
        return
    draft = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    try:
        draft.write_bytes(data)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


async def _versions(context: Context) -> int:
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        versions = await (await book_of(app.services, persona)).versions()
    if context.json:
        context.give(to_builtins(versions))
    elif not versions:
        context.tell("persona_facets_none", name=persona.name)
    else:
        rows = [(str(each.number), f"{each.made_at:%Y-%m-%d %H:%M}", _how(context, each)) for each in versions]
        context.table(("version", "made_at", "how"), rows)
    return 0


def _how(context: Context, version: Version) -> str:
    return context.say(f"persona_version_how_{version.how}", **({"of": version.of} if version.of else {}))


async def _compare(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        numbers = [version.number for version in await (await book_of(app.services, persona)).versions()]
        new = await standing(app.services, persona, asked.new)
        earlier = [number for number in numbers if number < new.version]
        before = asked.old if asked.old is not None else max(earlier, default=new.version)
        old = await standing(app.services, persona, before)
    told = difference(old, new)
    if context.json:
        context.give({"old": old.version, "new": new.version, **to_builtins(told)})
        return 0
    if not (told.new or told.changed or told.gone):
        context.tell("persona_compare_same", name=persona.name, old=old.version, new=new.version)
    for key, facets in (("new", told.new), ("gone", told.gone), ("changed", tuple(now for _, now in told.changed))):
        for facet in facets:
            context.tell(f"persona_compare_{key}_facet", facet=" · ".join(filter(None, _told(context, facet))))
    return 0


async def _rollback(context: Context) -> int:
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        version = await roll_back(app.services, persona, context.arguments.to, OPERATOR)
    if context.json:
        context.give(to_builtins(version))
    else:
        same = version.of != context.arguments.to  # the newest one stands, because nothing in it is different
        key = "persona_rolled_back_same" if same else "persona_rolled_back"
        context.tell(key, name=persona.name, version=version.number, of=context.arguments.to)
    return 0


async def _strike(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        struck = await strike(app.services, persona, asked.ids, OPERATOR, evidence=not asked.keep_evidence)
    withheld = 0 if asked.keep_evidence else len(carrying(struck))
    if context.json:
        context.give({"struck": [facet.id for facet in struck], "passages": withheld})
    else:
        context.tell("persona_struck", name=persona.name, count=len(struck), passages=withheld)
    return 0
