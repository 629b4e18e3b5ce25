"""`understudy consent …`: the subject signs, looks at, and withdraws their yes."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs, to_builtins

from bots.assessment.keeping import latest_ref
from bots.cli import certifying, ending, given, handing, licensed, packs, requesting, taking_over, terms
from bots.cli.choices import EVER, after_death, agreed, choices, key_file, law
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.cli.personas import sure
from bots.licence import payee
from bots.licensed import records
from bots.operator import OPERATOR, found, keep_consent
from bots.wording import say
from persona_store.consent import draft, parsing, signing, summary
from persona_store.errors import Refused
from persona_store.model import GONE


def add(commands: Group, lang: str) -> None:
    verbs = Group(commands.add("consent", "consent"), "VERB")

    sign = verbs.add("sign", "consent_sign", more="consent_sign_more")
    sign.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    sign.add_argument("--sources", required=True, metavar="LIST", help=say(lang, "cli.consent_sources"))
    sign.add_argument("--containers", default="*", metavar="LIST", help=say(lang, "cli.consent_containers"))
    sign.add_argument("--from", dest="first", default=EVER, metavar="DAY", help=say(lang, "cli.consent_first"))
    sign.add_argument("--to", dest="last", default="", metavar="DAY", help=say(lang, "cli.consent_last"))
    sign.add_argument("--facets", default="work_knowledge", metavar="LIST", help=say(lang, "cli.consent_facets"))
    sign.add_argument("--audience", default="", metavar="LIST", help=say(lang, "cli.consent_audience"))
    sign.add_argument("--days", type=int, default=90, metavar="DAYS", help=say(lang, "cli.consent_days"))
    sign.add_argument("--cooling-off", type=int, default=7, metavar="DAYS", help=say(lang, "cli.consent_cooling"))
    sign.add_argument("--exclude", default="", metavar="LIST", help=say(lang, "cli.consent_exclude"))
    sign.add_argument("--exclude-chats", default="", metavar="LIST", help=say(lang, "cli.consent_exclude_chats"))
    sign.add_argument("--exclude-people", default="", metavar="LIST", help=say(lang, "cli.consent_exclude_people"))
    sign.add_argument("--recipients", default="", metavar="LIST", help=say(lang, "cli.consent_recipients"))
    sign.add_argument("--no-learning", action="store_true", help=say(lang, "cli.consent_no_learning"))
    law(sign, lang)
    terms.add(sign, lang, payee=True)
    after_death(sign, lang)
    sign.add_argument("--mail", default="", metavar="ADDRESS", help=say(lang, "cli.consent_mail"))
    sign.add_argument("--key", type=Path, metavar="FILE", help=say(lang, "cli.consent_key"))
    add_yes(sign, lang)
    add_json(sign, lang)
    sign.set_defaults(call=_sign)

    take = verbs.add("add", "consent_add")
    take.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    take.add_argument("record", type=Path, metavar="RECORD", help=say(lang, "cli.consent_record"))
    take.add_argument("signature", type=Path, metavar="SIGNATURE", help=say(lang, "cli.consent_signature"))
    take.add_argument("public_key", type=Path, metavar="PUBLIC_KEY", help=say(lang, "cli.consent_public_key"))
    add_json(take, lang)
    take.set_defaults(call=_add)

    for verb, call in (("show", _show), ("withdraw", _withdraw)):
        parser = verbs.add(verb, f"consent_{verb}")
        parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
        if verb == "withdraw":
            add_yes(parser, lang)
        add_json(parser, lang)
        parser.set_defaults(call=call)
    requesting.add(verbs, lang)
    certifying.add(verbs, lang)
    licensed.add(verbs, lang)
    packs.add_consent(verbs, lang)
    taking_over.add(verbs, lang)


async def _sign(context: Context) -> int:
    """For a subject who signs on this machine: the key is made here and kept apart from the installation."""
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        if not persona.owner:
            raise Refused(
                "NO_OWNER",
                f"persona {persona.name!r} has no owner, and a record names one",
                "create it with --owner PLATFORM:ID",
            )
        before = await app.services.consents.newest(persona.name)
        wanted = structs.replace(
            choices(context, persona, until="--to"), assessment_ref=await latest_ref(app.services, persona.name)
        )
        raw = draft.draft(wanted, app.services.clock.now(), previous=before)
        if not asked.yes and not agreed(context, parsing.parse(raw)):
            context.tell("cancelled")
            return 1
        path = key_file(context, persona.name)
        private = signing.own_key(path)
        paid_to = payee.checked(asked.payee)
        await keep_consent(
            app, persona, raw, signing.sign(raw, private), signing.public_key(private), address=asked.mail
        )
        if paid_to:
            await payee.keep(app.services, persona.name, paid_to, persona.subject or OPERATOR)
        record = parsing.parse(raw)
        await handing.receipt(context, app, persona, record.record_id)
    if context.json:
        context.give(to_builtins(record))
    else:
        context.tell("consent_signed", name=persona.name, end=record.term.end.isoformat(), key=str(path))
        kinds = {source.kind for source in record.scope.sources}
        for kind in (kind for kind in IMPORTS if kind in kinds):
            context.hint("consent_signed_next", name=persona.name, what=IMPORTS[kind])
    return 0


IMPORTS = {
    "slack_export": "slack-export EXPORT.zip",
    "feishu_export": "feishu PATH",
    "feishu_api": "feishu-api --chats CHATS",
    "dingtalk_export": "dingtalk PATH",
    "dingtalk_api": "dingtalk-api --docs all",
    "mail": "mail PATH",
    "doc": "documents FOLDER",
}
"""How material of a kind is brought in, once it is agreed to."""


async def _add(context: Context) -> int:
    """A record that was signed elsewhere, on the subject's own device."""
    asked = context.arguments
    async with context.app() as app:
        persona = await found(app, asked.name)
        raw, signature, public = (given.content(path) for path in (asked.record, asked.signature, asked.public_key))
        await keep_consent(app, persona, raw, signature.decode("ascii", "replace").strip(), public)
    context.give(to_builtins(parsing.parse(raw))) if context.json else context.tell(
        "consent_added", name=persona.name
    )
    return 0


async def _show(context: Context) -> int:
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        record = await app.services.consents.current(persona.name)
        elsewhere = await records.standing(app.services, persona.name)
    if record is None:
        raise Refused(
            "CONSENT_MISSING",
            f"persona {persona.name!r} has no consent in force",
            f"`understudy consent sign {persona.name} …`",
        )
    if context.json:
        context.give(to_builtins(record))
        return 0
    context.show("\n".join(summary.lines(record, context.lang)))
    if elsewhere:
        context.tell("licensed_besides", orgs=", ".join(elsewhere))
    return 0


async def _withdraw(context: Context) -> int:
    """Silence at once, then erasure; nobody can undo it."""
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        if persona.state in GONE:
            raise Refused("RETIRED", f"persona {persona.name!r} is retired already")
        if not context.arguments.yes and not sure(context, persona):
            context.tell("cancelled")
            return 1
        if elsewhere := await records.standing(app.services, persona.name):
            context.tell("licensed_goes_on", orgs=", ".join(elsewhere))
        ended = await ending.begun(app, persona.name, "withdraw", context.lang)
    return await ending.told(context, persona.name, "withdraw", ended)
