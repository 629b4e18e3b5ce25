"""`understudy export licensed|traced`, `consent revoked|standing`, and a pack that is taken in: what two
organisations do with a licence their subject signed."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs, to_builtins

from bots.app import App
from bots.cli import ending, files, given
from bots.cli.context import Context, add_json
from bots.cli.importing import reason_of
from bots.cli.parser import Group
from bots.exchanging import SIGNS, signs_with
from bots.licensed import checking, packing, records, refreshing, taking, tracing
from bots.operator import OPERATOR, found
from bots.wording import say
from persona_store import jws
from persona_store.bundle import Bundle
from persona_store.consent import licensing
from persona_store.errors import Refused
from persona_store.model import GONE, Persona


def add_export(verbs: Group, lang: str) -> None:
    out = verbs.add("licensed", "export_licensed", more="export_licensed_more")
    out.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    out.add_argument("path", type=Path, metavar="FILE", help=say(lang, "cli.export_path"))
    out.add_argument("--org", required=True, metavar="ORG", help=say(lang, "cli.licensed_org"))
    out.add_argument("--to", required=True, metavar="AGE_ADDRESS", help=say(lang, "cli.export_to"))
    out.add_argument("--release", type=Path, metavar="FILE", help=say(lang, "cli.licensed_release"))
    out.add_argument("--valid", type=int, default=30, metavar="DAYS", help=say(lang, "cli.licensed_valid"))
    add_json(out, lang)
    out.set_defaults(call=_export)

    traced = verbs.add("traced", "export_traced")
    traced.add_argument("file", type=Path, metavar="FILE", help=say(lang, "cli.licensed_traced"))
    add_json(traced, lang)
    traced.set_defaults(call=_traced)


def add_consent(verbs: Group, lang: str) -> None:
    take = verbs.add("revoked", "consent_revoked")
    take.add_argument("file", type=Path, metavar="FILE", help=say(lang, "cli.licensed_revocation"))
    add_json(take, lang)
    take.set_defaults(call=_revoked)

    look = verbs.add("standing", "consent_standing")
    look.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    add_json(look, lang)
    look.set_defaults(call=_standing)


# ------------------------------------------------------------------ the pack


async def _export(context: Context) -> int:
    asked = context.arguments
    files.free(asked.path)
    release = f"sha256:{given.digest(asked.release)}" if asked.release else ""
    async with context.app() as app:
        persona = await found(app, asked.name)
        org = licensing.organisation(asked.org)
        made = await packing.pack(
            app.services, persona, org, to=asked.to, release=release, days=asked.valid, actor=OPERATOR
        )
        signs = signs_with(app.services)
    files.write(asked.path, made.sealed.data)
    if context.json:
        told = {field: value for field, value in structs.asdict(made).items() if field != "sealed"}
        context.give({**told, "file": str(asked.path), "content": made.sealed.content, "signs": signs})
        return 0
    context.tell(
        "export_licensed_done", file=asked.path, org=org, passages=made.passages, facets=made.facets,
        expires=f"{made.expires:%Y-%m-%d}", phrase=made.phrase, content=made.sealed.content, signs=signs,
    )  # fmt: skip
    for code, count in sorted(made.left.items()):
        context.tell("export_licensed_left", code=code, count=count, why=reason_of(context.lang, code))
    return 0


async def _traced(context: Context) -> int:
    """Whose copy a text is; 1 where it is none of ours."""
    text = given.content(context.arguments.file).decode(errors="replace")
    async with context.app() as app:
        traced = await tracing.trace(app.services, text)
    if context.json:
        context.give(to_builtins(traced))
    for each in () if context.json else traced:
        context.tell("licensed_trace", name=each.persona, org=each.organisation, pack=each.pack,
                     at=f"{each.at:%Y-%m-%d}", by=each.by)  # fmt: skip
    if not traced and not context.json:
        context.tell("licensed_no_trace")
    return 0 if traced else 1


# ------------------------------------------------------------------ what comes from there


async def taken(context: Context, app: App, opened: Bundle, drafted: Persona) -> int:
    """What `understudy import bundle` does with a pack; who answers is what the record says. `drafted` is the one
    that runs by the licence already, if there is one: then it is brought up to date."""
    if context.arguments.owner or context.arguments.deputy:
        what = "who answers for a licensed persona is what its subject signed"
        raise Refused("LICENCE_OWNER", what, "leave out --owner and --deputy")
    name = context.settings.rights.organisation
    known = await app.services.personas.get(drafted.name) is not None
    take = refreshing.refresh if known else taking.take
    done = await take(app.services, opened, drafted, name, OPERATOR)
    key = SIGNS + jws.key_id(opened.head.consent_key)
    if context.json:
        told = {"organisation": name, "content": opened.statement.content, "subject_key": key}
        context.give({**to_builtins(done), **told})
        return 0
    context.tell(
        "licensed_taken",
        name=done.persona.name,
        org=name,
        passages=done.passages,
        facets=done.facets,
        owner=done.persona.owner,
        key=key,
    )
    context.hint("import_next", name=done.persona.name)
    return 0


async def _revoked(context: Context) -> int:
    """Silence at once, then erasure, as when the subject withdraws in the chat."""
    text = given.content(context.arguments.file).decode(errors="replace")
    async with context.app() as app:
        persona, org = await checking.revocation(app.services, text)
        if org:
            await app.services.store.commit(await records.revoked(app.services, persona.name, org, OPERATOR))
        elif persona.state not in GONE:
            await app.services.store.commit(await checking.ended(app.services, app.retiring, persona))
        elif persona.state == "erased":
            raise Refused("RETIRED", f"persona {persona.name!r} is erased already", "there is nothing left to do")
        else:
            context.tell("licensed_erasing", name=persona.name)
        if org:
            done = {"persona": persona.name, "organisation": org}
            context.give(done) if context.json else context.tell("licensed_packs_end", name=persona.name, org=org)
            return 0
        ended = await ending.begun(app, persona.name, "withdraw", context.lang)
    return await ending.told(context, persona.name, "withdraw", ended)


async def _standing(context: Context) -> int:
    """Asks the address now. 0 where it stands or nothing is to be asked, 1 where it cannot be seen."""
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        if persona.state in GONE:
            raise Refused("RETIRED", f"persona {persona.name!r} is retired", "there is nothing to look at")
        seen = await checking.check(app.services, app.retiring, persona, app.fetch)
        if seen.standing == "revoked":
            ended = await ending.begun(app, persona.name, "withdraw", context.lang)
    if seen.standing == "revoked":
        return await ending.told(context, persona.name, "withdraw", ended)
    if context.json:
        context.give(to_builtins(seen))
    else:
        until = f"{seen.until:%Y-%m-%d %H:%M} UTC" if seen.until else ""
        context.tell(f"licensed_{seen.standing}", name=persona.name, until=until, why=context.told(seen.why))
    return 1 if seen.standing == "unreached" else 0
