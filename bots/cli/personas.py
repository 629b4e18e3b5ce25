"""`understudy persona …`: make, show, set live, silence and erase personas."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from adapters.model import Person
from bots import keys
from bots.app import open_app
from bots.cli.context import Context, add_json
from bots.operator import create, found, switch
from bots.wording import say
from persona_store import names
from persona_store.errors import Refused
from persona_store.model import Persona, PersonaRules


def add(commands: Any, lang: str) -> None:
    group = commands.add_parser("persona", help=say(lang, "cli.persona"))
    verbs = group.add_subparsers(metavar="VERB", required=True, parser_class=type(group))

    create = verbs.add_parser("create", help=say(lang, "cli.persona_create"))
    create.add_argument("name")
    create.add_argument("--display-name", default="", help=say(lang, "cli.persona_display_name"))
    create.add_argument("--subject", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_subject"))
    create.add_argument("--owner", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_owner"))
    create.add_argument("--deputy", default="", metavar="PLATFORM:ID", help=say(lang, "cli.persona_deputy"))
    create.add_argument("--chats", default="", metavar="LIST", help=say(lang, "cli.persona_chats"))
    create.add_argument("--aliases", default="", metavar="LIST", help=say(lang, "cli.persona_aliases"))
    create.add_argument("--timezone", default="", metavar="ZONE", help=say(lang, "cli.persona_timezone"))
    create.add_argument(
        "--risk-budget", type=float, default=0.10, metavar="SHARE", help=say(lang, "cli.persona_budget")
    )
    add_json(create, lang)
    create.set_defaults(call=_create)

    for verb, call in (("list", _list), ("show", _show), ("live", _live), ("pause", _switch), ("resume", _switch)):
        parser = verbs.add_parser(verb, help=say(lang, f"cli.persona_{verb}"))
        if verb != "list":
            parser.add_argument("name")
        add_json(parser, lang)
        parser.set_defaults(call=call, verb=verb)

    retire = verbs.add_parser("retire", help=say(lang, "cli.persona_retire"))
    retire.add_argument("name")
    retire.add_argument("--yes", action="store_true", help=say(lang, "cli.yes"))
    add_json(retire, lang)
    retire.set_defaults(call=_retire)


async def _create(context: Context) -> int:
    given = context.arguments
    name = names.checked(given.name)
    for what in ("subject", "owner", "deputy"):
        _person_key(what, getattr(given, what))
    if not 0 < given.risk_budget < 1:
        raise Refused(
            "RISK_BUDGET", f"--risk-budget {given.risk_budget} is no share", "use a number between 0 and 1"
        )
    async with open_app(context.settings) as app:
        now = app.services.clock.now()
        persona = Persona(
            name=name,
            display_name=given.display_name or name,
            state="draft",
            created_at=now,
            state_at=now,
            subject=given.subject,
            owner=given.owner,
            deputy=given.deputy,
            chats=_chats(given.chats),
            aliases=_words(given.aliases),
            rules=PersonaRules(timezone=given.timezone, risk_budget=given.risk_budget),
        )
        await create(app, persona)
    context.give(to_builtins(persona)) if context.json else context.tell("persona_created", name=name)
    return 0


async def _list(context: Context) -> int:
    async with open_app(context.settings) as app:
        everyone = await app.services.personas.all()
    if context.json:
        context.give([to_builtins(p) for p in everyone])
        return 0
    rows = [(p.name, p.display_name, say(context.lang, f"state.{p.state}"), p.owner) for p in everyone]
    context.table(("name", "display_name", "state", "owner"), rows) if rows else context.tell("persona_none")
    return 0


async def _show(context: Context) -> int:
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        gone = persona.state in ("erasing", "erased")
        passages = 0 if gone else await (await app.services.library.file(persona.name)).count()
        consent = None if gone else await app.services.consents.current(persona.name)
        waiting = [k async for k, _ in app.services.store.scan(keys.open_question(persona.name, ""))]
    shown = {
        **to_builtins(persona),
        "passages": passages,
        "open_escalations": len(waiting),
        "consent": to_builtins(consent) if consent else None,
    }
    if context.json:
        context.give(shown)
        return 0
    context.tell(
        "persona_shown",
        name=persona.display_name,
        state=say(context.lang, f"state.{persona.state}"),
        owner=persona.owner or "–",
        deputy=persona.deputy or "–",
        subject=persona.subject or "–",
        chats=", ".join(persona.chats) or "–",
        passages=passages,
        open=len(waiting),
        consent=consent.term.end.isoformat() if consent else say(context.lang, "status.no_consent"),
    )
    return 0


async def _live(context: Context) -> int:
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        await switch(app, persona, "live")
    context.tell("persona_live_now", name=persona.name)
    return 0


async def _switch(context: Context) -> int:
    verb = context.arguments.verb
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        await switch(app, persona, "suspend" if verb == "pause" else verb)
    context.tell(f"persona_{verb}d", name=persona.name)
    return 0


async def _retire(context: Context) -> int:
    """Silence, then erase here and now: the command line does not wait for a running bot."""
    async with open_app(context.settings) as app:
        persona = await found(app, context.arguments.name)
        if persona.state == "erased":
            raise Refused("RETIRED", f"persona {persona.name!r} is retired already")
        if not context.arguments.yes and not sure(context, persona):
            context.tell("cancelled")
            return 1
        operator = Person("operator", "cli")
        if persona.state != "erasing":
            await app.services.store.commit(
                await app.retiring.begin(persona, operator, "retire", None, context.lang)
            )
        certificate = await app.retiring.erase_now(persona.name, "retire", app.services.clock.now())
    if context.json:
        context.give(to_builtins(certificate))
    else:
        context.tell("persona_retired", name=persona.name, certificate=certificate.cert_id)
    return 0


def sure(context: Context, persona: Persona) -> bool:
    """Ask for the name, typed out, before what cannot be undone."""
    try:
        return input(context.say("persona_retire_sure", name=persona.name)).strip() == persona.name
    except EOFError:
        return False


def _person_key(what: str, key: str) -> None:
    platform, colon, id = key.partition(":")
    if key and not (platform and colon and id):
        raise Refused("PERSON_KEY", f"--{what} {key!r} is no person", "write PLATFORM:ID, for example slack:U0123")


def _chats(given: str) -> tuple[str, ...]:
    chats = _words(given)
    for chat in chats:
        _person_key("chats", chat)
    return chats


def _words(given: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in given.split(",") if word.strip())
