"""`understudy consent …`: the subject signs, looks at, and withdraws their yes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import to_builtins

from adapters.model import Person
from bots import settings
from bots.app import open_app
from bots.cli.context import Context, add_json
from bots.cli.personas import sure
from bots.operator import found, keep_consent
from bots.wording import say
from persona_store.consent import draft, notice, parsing, signing, summary
from persona_store.errors import Refused
from persona_store.model import Persona


def add(commands: Any, lang: str) -> None:
    group = commands.add_parser("consent", help=say(lang, "cli.consent"))
    verbs = group.add_subparsers(metavar="VERB", required=True, parser_class=type(group))

    sign = verbs.add_parser("sign", help=say(lang, "cli.consent_sign"))
    sign.add_argument("name")
    sign.add_argument("--sources", required=True, metavar="LIST", help=say(lang, "cli.consent_sources"))
    sign.add_argument("--containers", default="*", metavar="LIST", help=say(lang, "cli.consent_containers"))
    sign.add_argument("--facets", default="work_knowledge", metavar="LIST", help=say(lang, "cli.consent_facets"))
    sign.add_argument("--audience", default="", metavar="LIST", help=say(lang, "cli.consent_audience"))
    sign.add_argument("--days", type=int, default=90, help=say(lang, "cli.consent_days"))
    sign.add_argument("--cooling-off", type=int, default=7, metavar="DAYS", help=say(lang, "cli.consent_cooling"))
    sign.add_argument("--exclude", default="", metavar="LIST", help=say(lang, "cli.consent_exclude"))
    sign.add_argument("--no-learning", action="store_true", help=say(lang, "cli.consent_no_learning"))
    sign.add_argument("--key", type=Path, metavar="FILE", help=say(lang, "cli.consent_key"))
    sign.add_argument("--yes", action="store_true", help=say(lang, "cli.yes"))
    add_json(sign, lang)
    sign.set_defaults(call=_sign)

    take = verbs.add_parser("add", help=say(lang, "cli.consent_add"))
    take.add_argument("name")
    take.add_argument("record", type=Path)
    take.add_argument("signature", type=Path)
    take.add_argument("public_key", type=Path)
    add_json(take, lang)
    take.set_defaults(call=_add)

    for verb, call in (("show", _show), ("withdraw", _withdraw)):
        parser = verbs.add_parser(verb, help=say(lang, f"cli.consent_{verb}"))
        parser.add_argument("name")
        if verb == "withdraw":
            parser.add_argument("--yes", action="store_true", help=say(lang, "cli.yes"))
        add_json(parser, lang)
        parser.set_defaults(call=call)


async def _sign(context: Context) -> int:
    """For a subject who signs on this machine: the key is made here and kept apart from the installation."""
    given = context.arguments
    async with open_app(context.settings) as app:
        persona = await found(app, given.name)
        if not persona.owner:
            raise Refused(
                "NO_OWNER",
                f"persona {persona.name!r} has no owner, and a record names one",
                "create it with --owner PLATFORM:ID",
            )
        before = await app.services.consents.newest(persona.name)
        raw = draft.draft(_choices(context, persona), app.services.clock.now(), previous=before)
        if not given.yes and not _agreed(context, raw):
            context.tell("cancelled")
            return 1
        path = given.key or settings.config_dir() / "subject-keys" / f"{persona.name}.pem"
        private = _key(path)
        await keep_consent(app, persona, raw, signing.sign(raw, private), signing.public_key(private))
    record = parsing.parse(raw)
    if context.json:
        context.give(to_builtins(record))
    else:
        context.tell("consent_signed", name=persona.name, end=record.term.end.isoformat(), key=str(path))
    return 0


def _choices(context: Context, persona: Persona) -> draft.Choices:
    given = context.arguments
    audience = _words(given.audience) or persona.chats
    if not audience:
        raise Refused(
            "CONSENT_AUDIENCE",
            f"it is not said where {persona.name!r} may answer",
            "give --audience 'slack:*', or create the persona with --chats",
        )
    return draft.Choices(
        owner=persona.owner,
        deputy=persona.deputy,
        sources=_words(given.sources),
        audiences=audience,
        containers=_words(given.containers),
        facets=_words(given.facets),
        days=given.days,
        cooling_off_days=given.cooling_off,
        excluded_keywords=_words(given.exclude),
        learn=not given.no_learning,
        language=context.lang,
    )


def _key(path: Path) -> Ed25519PrivateKey:
    if path.exists():
        return signing.load_key(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = signing.generate_key()
    signing.save_key(path, private)
    return private


def _agreed(context: Context, raw: bytes) -> bool:
    """The notice and what the record says are shown; nothing is signed unseen."""
    print(notice.text(context.lang).decode())
    print("\n".join(summary.lines(parsing.parse(raw), context.lang)))
    if not sys.stdin.isatty():
        raise Refused("NOT_AGREED", "there is nobody at this terminal who could agree", "add --yes")
    return input(context.say("consent_sure")).strip().lower() in ("yes", "y", "是", "同意")


async def _add(context: Context) -> int:
    """A record that was signed elsewhere, on the subject's own device."""
    given = context.arguments
    async with open_app(context.settings) as app:
        persona = await found(app, given.name)
        raw, signature, public = (_read(path) for path in (given.record, given.signature, given.public_key))
        await keep_consent(app, persona, raw, signature.decode("ascii", "replace").strip(), public)
    context.tell("consent_added", name=persona.name)
    return 0


async def _show(context: Context) -> int:
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        record = await app.services.consents.current(persona.name)
    if record is None:
        raise Refused(
            "CONSENT_MISSING",
            f"persona {persona.name!r} has no consent in force",
            f"`understudy consent sign {persona.name} …`",
        )
    if context.json:
        context.give(to_builtins(record))
        return 0
    print("\n".join(summary.lines(record, context.lang)))
    return 0


async def _withdraw(context: Context) -> int:
    """Silence at once, then erasure; nobody can undo it."""
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        if persona.state in ("erasing", "erased"):
            raise Refused("RETIRED", f"persona {persona.name!r} is retired already")
        if not context.arguments.yes and not sure(context, persona):
            context.tell("cancelled")
            return 1
        batch = await app.retiring.begin(persona, Person("operator", "cli"), "withdraw", None, context.lang)
        await app.services.store.commit(batch)
        certificate = await app.retiring.erase_now(persona.name, "withdraw", app.services.clock.now())
    if context.json:
        context.give(to_builtins(certificate))
    else:
        context.tell("persona_retired", name=persona.name, certificate=certificate.cert_id)
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused("FILE", f"{str(path)!r} cannot be read: {error.strerror}") from None


def _words(given: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in given.split(",") if word.strip())
