"""`understudy export …` and `understudy import bundle`: a persona to another installation, and from one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from msgspec import to_builtins

from bots.cli import given
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.exchanging import seal_bundle, take_bundle
from bots.operator import OPERATOR, found
from bots.services import Services
from bots.skills.exporting import export_skill
from bots.skills.making import folder
from bots.wording import LANGUAGES, say
from persona_store import bundle, jws, names
from persona_store.envelope import Identity
from persona_store.errors import Refused
from persona_store.model import Persona, PersonaRules

KEY = "receiving.age"  # in the key folder
SIGNS = "ed25519:"  # before a key's thumbprint, which may begin with a dash, as only an option should


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


def signs_with(services: Services) -> str:
    """The key that bundles from here are signed with, as people pass it on."""
    return SIGNS + jws.key_id(jws.public_bytes(services.vault.signing_key("bundles")))


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
    _free(asked.path)
    async with context.app() as app:
        persona = await found(app, asked.name)
        sealed = await seal_bundle(app.services, persona, to=asked.to, recipient=asked.recipient, actor=OPERATOR)
        signs = signs_with(app.services)
    _write(asked.path, sealed.data)
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
            _free(asked.path / folder(persona))
        exported = await export_skill(app.services, persona, recipient=asked.recipient, lang=lang, actor=OPERATOR)
    target = _put(asked.path / exported.folder, exported.files)
    if context.json:
        context.give({"folder": str(target), "content": exported.content, "files": sorted(exported.files)})
    else:
        context.tell("export_skill_done", folder=target, statements=exported.statements, content=exported.content)
    return 0


def _free(path: Path) -> None:
    """Looked at before anything is made: the log and the certificate are not to tell of a file that never was."""
    if path.is_symlink() or path.exists():
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name, or take it away")
    if not path.absolute().parent.is_dir():
        raise Refused("NOT_FOUND", f"there is no folder {str(path.parent)!r}", "make it first, or give another one")


def _put(place: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of its own, whole or not at all: it is written beside its place and moved there."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _free(place)
    draft = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(draft / name, content)
        draft.rename(place)  # over an empty folder at most
    except BaseException:
        rmtree(draft, ignore_errors=True)
        raise
    return place


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, and never over something that is there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        _create(draft, data)
        os.link(draft, path)  # refuses what is there, as a renaming would not
    except FileExistsError:
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name") from None
    finally:
        draft.unlink(missing_ok=True)


def _create(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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
        if (there := await app.services.personas.get(name)) is not None:
            what = f"there is a persona {name!r} ({there.state})"
            raise Refused("PERSONA_EXISTS", what, "give this one another name: --as NAME")
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
    said = context.answer(key, name=opened.head.display_name, signer=f"{SIGNS}{opened.signer}", made=made)
    return said.casefold() in ("y", "yes", "是", "同意")
