"""`understudy consent takeover`: a record on paper passes to the Subject's own key.

Without `--code` it sends the Subject the letter with the code and shows nothing; with it, it is the Subject who
types: the code came to their private address, and the key is made, and stays, on this side."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots import settings
from bots.app import App
from bots.cli import handing
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.operator import OPERATOR, found
from bots.subject import passes, signing, takeover
from bots.wording import say
from persona_store.consent import notice, parsing, proposal, summary
from persona_store.consent import signing as signatures
from persona_store.errors import Refused
from persona_store.model import Persona


def add(verbs: Group, lang: str) -> None:
    parser = verbs.add("takeover", "consent_takeover", more="consent_takeover_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--code", default="", metavar="CODE", help=say(lang, "cli.consent_takeover_code"))
    parser.add_argument("--key", type=Path, metavar="FILE", help=say(lang, "cli.consent_key"))
    add_yes(parser, lang)
    add_json(parser, lang)
    parser.set_defaults(call=_takeover)


async def _takeover(context: Context) -> int:
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        if asked.code:
            return await _signed(context, app, persona)
        await app.services.store.commit(await takeover.ask(app.services, persona, OPERATOR))
    if context.json:
        context.give({"persona": persona.name, "days": takeover.GOOD_FOR.days})
    else:
        context.tell("consent_takeover_asked", name=persona.name, days=takeover.GOOD_FOR.days)
    return 0


async def _signed(context: Context, app: App, persona: Persona) -> int:
    asked, services = context.arguments, app.services
    held = await passes.opened(services, asked.code)
    if held is None or held.held.purpose != "takeover" or held.held.persona != persona.name:
        raise Refused(
            "CODE", "that code opens nothing: it was used, is too old, or is another's", "ask for a new one"
        )
    offered = await signing.narrowest(services, persona.name)
    if offered is None:
        raise Refused("CONSENT_MISSING", f"persona {persona.name!r} has no record", "there is nothing to take over")
    draft = await takeover.to_sign(services, held, proposal.everything(offered), context.lang)
    raw = draft.record.encode()
    if not asked.yes:
        context.show(notice.text(context.lang).decode())
        context.show("\n".join(summary.lines(parsing.parse(raw), context.lang)))
        if not context.agreed("consent_sure"):
            context.tell("cancelled")
            return 1
    path = asked.key or settings.config_dir() / "subject-keys" / f"{persona.name}.pem"
    private = signatures.own_key(path)
    signature = signatures.sign(raw, private)
    await takeover.sign(services, held, signature, signatures.public_key(private), "")
    record = parsing.parse(raw)
    await handing.receipt(context, app, persona, record.record_id)
    if context.json:
        context.give(to_builtins(record))
    else:
        context.tell("consent_taken_over", name=persona.name, key=str(path))
    return 0
