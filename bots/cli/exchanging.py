"""`understudy export …` and `understudy import bundle`: a persona to another installation, and from one."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots.cli import files, given, packs
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.exchanging import SIGNS, seal_bundle, signs_with, take_bundle
from bots.licensed import taking
from bots.operator import OPERATOR, found
from bots.skills.exporting import export_skill
from bots.skills.making import folder
from bots.wording import LANGUAGES, say
from persona_store import bundle, names
from persona_store.envelope import Identity
from persona_store.errors import Refused
from persona_store.model import GONE, Persona, PersonaRules

KEY = "receiving.age"  # in the key folder


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("export", "export"), "WHAT")

    key = verbs.add("key", "export_key")
    add_json(key, lang)
    key.set_defaults(call=_key)

    out = verbs.add("bundle", "export_bundle", more="export_bundle_more")
    out.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    out.add_argument("path", type=Path, metavar="FILE", help=say(lang, "cli.export_path"))
    out.add_argument("--to", required=True, metavar="AGE_ADDRESS", help=say(lang, "cli.export_to"))
    out.add_argument("--recipient", required=True, metavar="WHO", help=say(lang, "cli.export_recipient"))
    add_json(out, lang)
    out.set_defaults(call=_export)

    skill = verbs.add("skill", "export_skill", more="export_skill_more")
    skill.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    skill.add_argument("path", type=Path, metavar="FOLDER", help=say(lang, "cli.export_skill_path"))
    skill.add_argument("--recipient", required=True, metavar="WHO", help=say(lang, "cli.export_recipient"))
    skill.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.export_lang"))
    add_json(skill, lang)
    skill.set_defaults(call=_skill)

    packs.add_export(verbs, lang)


def add_import(kinds: Group, lang: str) -> None:
    """Below `understudy import`; it makes a persona instead of adding to one."""
    take = kinds.add("bundle", "import_bundle")
    take.add_argument("path", type=Path, metavar="FILE", help=say(lang, "cli.import_bundle_path"))
    take.add_argument("--as", dest="name", default="", metavar="NAME", help=say(lang, "cli.import_bundle_as"))
    take.add_argument("--from", dest="signer", default="", metavar="KEY", help=say(lang, "cli.import_bundle_from"))
    take.add_argument("--owner", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_owner"))
    take.add_argument("--deputy", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_deputy"))
    take.add_argument("--chats", default="", metavar="LIST", help=say(lang, "cli.persona_chats"))
    take.add_argument("--timezone", default="", metavar="ZONE", help=say(lang, "cli.persona_timezone"))
    add_yes(take, lang)
    add_json(take, lang)
    take.set_defaults(call=_import)


def _identity(context: Context) -> Identity:
    return Identity.kept_in(context.settings.data.dir / "keys" / KEY)


async def _key(context: Context) -> int:
    """What others need to send something here, and what they see of whoever sends from here."""
    async with context.app() as app:
        signs = signs_with(app.services)
    address = _identity(context).address
    if context.json:
        context.give({"address": address, "signs": signs})
    else:
        context.tell("export_key_told", address=address, signs=signs)
    return 0


async def _export(context: Context) -> int:
    asked = context.arguments
    files.free(asked.path)
    async with context.app() as app:
        persona = await found(app, asked.name)
        sealed = await seal_bundle(app.services, persona, to=asked.to, recipient=asked.recipient, actor=OPERATOR)
        signs = signs_with(app.services)
    files.write(asked.path, sealed.data)
    if context.json:
        context.give({"file": str(asked.path), "content": sealed.content, "signs": signs})
    else:
        context.tell("export_bundle_done", name=persona.name, file=asked.path, content=sealed.content, signs=signs)
    return 0


async def _skill(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        lang = asked.lang or context.lang
        if asked.path.exists():  # else it is made
            files.free(asked.path / folder(persona))
        exported = await export_skill(app.services, persona, recipient=asked.recipient, lang=lang, actor=OPERATOR)
    target = files.put(asked.path / exported.folder, exported.files)
    if context.json:
        context.give({"folder": str(target), "content": exported.content, "files": sorted(exported.files)})
    else:
        context.tell("export_skill_done", folder=target, statements=exported.statements, content=exported.content)
    return 0


async def _import(context: Context) -> int:
    asked = context.arguments
    owner, deputy = given.person("--owner", asked.owner), given.person("--deputy", asked.deputy)
    zone = given.zone("--timezone", asked.timezone)
    if not asked.path.is_file():
        raise Refused("NOT_FOUND", f"there is no file {str(asked.path)!r}", "give the file that was sent")
    if asked.path.stat().st_size > bundle.LARGEST_FILE:
        raise Refused(
            "BUNDLE_BROKEN", f"{str(asked.path)!r} is too large", f"{bundle.LARGEST_FILE:,} bytes at most"
        )
    async with context.app() as app:
        opened = bundle.open_bundle(asked.path.read_bytes(), _identity(context))
        signer = f"{SIGNS}{opened.signer}"
        if asked.signer and asked.signer.removeprefix(SIGNS) != opened.signer:
            what = f"it was signed with the key {signer}, not {asked.signer[:60]}"
            raise Refused("SIGNER", what, "ask the sender for the key that `understudy export key` shows there")
        name = names.checked(asked.name or opened.head.name)
        there = await app.services.personas.get(name)
        if there is not None and (opened.licensed is None or there.state in GONE):
            what = f"there is a persona {name!r} ({there.state})"
            raise Refused("PERSONA_EXISTS", what, "give this one another name: --as NAME")
        if opened.licensed is not None:
            taking.licence(opened, context.settings.rights.organisation, app.services.clock.now())
        if not asked.signer and not asked.yes and not _sure(context, opened):
            context.tell("cancelled")
            return 1
        now = app.services.clock.now()
        draft = Persona(
            name=name,
            display_name=name,
            state="draft",
            created_at=now,
            state_at=now,
            owner=owner,
            deputy=deputy,
            chats=given.chats("--chats", asked.chats),
            rules=PersonaRules(timezone=zone),
        )
        if opened.licensed is not None:
            return await packs.taken(context, app, opened, there or draft)
        taken = await take_bundle(app.services, opened, draft, OPERATOR)
    if context.json:
        context.give(
            {**to_builtins(taken), "signer": f"{SIGNS}{opened.signer}", "content": opened.statement.content}
        )
        return 0
    context.tell("import_bundle_done", name=name, passages=taken.passages, facets=taken.facets)
    for reason, count in taken.left.items():
        context.tell("import_dropped", reason=context.say(f"import_bundle_left_{reason.lower()}"), count=count)
    context.hint("import_next", name=name)
    return 0


def _sure(context: Context, opened: bundle.Bundle) -> bool:
    """A signature is worth what its key is: whoever sits here compares it with what the sender says."""
    key = "import_bundle_sure"
    made = opened.statement.made_at.date().isoformat()
    return context.agreed(key, name=opened.head.display_name, signer=f"{SIGNS}{opened.signer}", made=made)
