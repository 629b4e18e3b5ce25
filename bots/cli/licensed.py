"""`understudy consent offer|licence|revoke-licence`: an organisation asks, the subject signs, and ends it again."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs, to_builtins

from bots.cli import files, given, terms
from bots.cli.choices import EVER, agreed, choices, key_file, law
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.exchanging import SIGNS
from bots.licensed import offering, records
from bots.operator import OPERATOR, found, keep_consent
from bots.wording import say
from persona_store import jws, names
from persona_store.consent import draft, licensing, parsing, signing
from persona_store.consent.draft import Choices
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.licensed import address, standing
from persona_store.model import Persona
from persona_store.protocols import Batch

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LICENCE_FILE, STANDING_FILE = "licence.json", "standing.txt"


def add(verbs: Group, lang: str) -> None:
    offer = verbs.add("offer", "consent_offer", more="consent_offer_more")
    _scope(offer, lang)
    offer.add_argument("--out", required=True, type=Path, metavar="FILE", help=say(lang, "cli.licensed_offer_out"))
    add_json(offer, lang)
    offer.set_defaults(call=_offer)

    sign = verbs.add("licence", "consent_licence", more="consent_licence_more")
    sign.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    sign.add_argument("--offer", type=Path, metavar="FILE", help=say(lang, "cli.licensed_offer"))
    sign.add_argument("--signed", type=Path, metavar="FILE", help=say(lang, "cli.licensed_signed_file"))
    _scope(sign, lang)
    sign.add_argument("--told-at", default="", metavar="LIST", help=say(lang, "cli.licensed_told_at"))
    sign.add_argument("--key", type=Path, metavar="FILE", help=say(lang, "cli.consent_key"))
    sign.add_argument("--out", type=Path, metavar="FOLDER", help=say(lang, "cli.licensed_out"))
    add_yes(sign, lang)
    add_json(sign, lang)
    sign.set_defaults(call=_sign)

    revoke = verbs.add("revoke-licence", "consent_revoke", more="consent_revoke_more")
    revoke.add_argument("licence", type=Path, metavar="FILE", help=say(lang, "cli.licensed_file"))
    revoke.add_argument("--key", required=True, type=Path, metavar="FILE", help=say(lang, "cli.licensed_key"))
    revoke.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help=say(lang, "cli.licensed_revoked_out")
    )
    add_yes(revoke, lang)
    add_json(revoke, lang)
    revoke.set_defaults(call=_revoke)


def _scope(parser: argparse.ArgumentParser, lang: str) -> None:
    parser.add_argument("--owner", default="", metavar="PLATFORM:ID", help=say(lang, "cli.licensed_owner"))
    parser.add_argument("--deputy", default="", metavar="PLATFORM:ID", help=say(lang, "cli.licensed_deputy"))
    parser.add_argument(
        "--chats", dest="audience", default="", metavar="LIST", help=say(lang, "cli.licensed_chats")
    )
    parser.add_argument("--sources", default="", metavar="LIST", help=say(lang, "cli.licensed_sources"))
    parser.add_argument("--containers", default="*", metavar="LIST", help=say(lang, "cli.consent_containers"))
    parser.add_argument("--from", dest="first", default=EVER, metavar="DAY", help=say(lang, "cli.consent_first"))
    parser.add_argument("--until", dest="last", default="", metavar="DAY", help=say(lang, "cli.consent_last"))
    parser.add_argument("--facets", default="work_knowledge", metavar="LIST", help=say(lang, "cli.consent_facets"))
    parser.add_argument("--days", type=int, default=90, metavar="DAYS", help=say(lang, "cli.consent_days"))
    parser.add_argument("--cooling-off", type=int, default=7, metavar="DAYS", help=say(lang, "cli.consent_cooling"))
    parser.add_argument("--exclude", default="", metavar="LIST", help=say(lang, "cli.consent_exclude"))
    parser.add_argument("--recipients", default="", metavar="LIST", help=say(lang, "cli.consent_recipients"))
    parser.add_argument("--no-learning", action="store_true", help=say(lang, "cli.consent_no_learning"))
    parser.add_argument("--contact", default="", metavar="TEXT", help=say(lang, "cli.consent_contact"))
    terms.add(parser, lang)
    law(parser, lang)


# ------------------------------------------------------------------ an organisation asks


async def _offer(context: Context) -> int:
    """Written where there is no persona yet; it is the subject's to take or leave."""
    files.free(context.arguments.out)
    org, wishes = _typed(context)
    async with context.app() as app:
        now = app.services.clock.now()
    files.write(context.arguments.out, offering.written(wishes, org, now))
    if context.json:
        context.give({"file": str(context.arguments.out), "organisation": org})
    else:
        context.tell("licensed_offered", file=context.arguments.out, org=org)
    return 0


def _typed(context: Context) -> tuple[str, Choices]:
    """Raises Refused USAGE where something is missing that only the organisation knows."""
    asked = context.arguments
    needed = {"--org": asked.org, "--owner": asked.owner, "--chats": asked.audience, "--sources": asked.sources}
    if missing := [option for option, value in needed.items() if not value]:
        raise Refused("USAGE", f"{' '.join(missing)} is missing", "the organisation tells it, or makes an --offer")
    nobody = Persona("offer", "", "draft", LONG_AGO, LONG_AGO)
    owner, deputy = given.person("--owner", asked.owner), given.person("--deputy", asked.deputy)
    wishes = choices(context, structs.replace(nobody, owner=owner, deputy=deputy), until="--until")
    return licensing.organisation(asked.org), structs.replace(
        wishes, controller=asked.org, contact=asked.contact or owner
    )


# ------------------------------------------------------------------ the subject signs


async def _sign(context: Context) -> int:
    """On the subject's own machine, with the key of their consent; what they take home can end it from anywhere.
    Where the persona is somewhere else the licence is only made, and put in force there with --signed."""
    asked = context.arguments
    if asked.signed:
        return await _signed_elsewhere(context)
    org, wishes = _wanted(context)
    if asked.out is None:
        raise Refused("USAGE", "--out is missing", "name a folder for what you take home")
    files.free(asked.out)
    addresses = tuple(address.METHOD + address.checked(each) for each in given.words(asked.told_at))
    async with context.app() as app:
        now, persona = app.services.clock.now(), await app.services.personas.get(names.checked(asked.name))
        if persona is not None and persona.subject and persona.subject in (wishes.owner, wishes.deputy):
            what = "who a persona is about cannot be who answers for what it does not know"
            raise Refused("OWNER_SUBJECT", what, "name somebody of the organisation")
        wanted = licensing.choices(structs.replace(wishes, controller=org, language=context.lang), org, addresses)
        held = await records.of(app.services, asked.name, org)
        raw = draft.draft(wanted, now, previous=held.records[-1].raw if held else None)
        record = parsing.parse(raw)
        licensing.checked(record, org)
        if not asked.yes and not _agreed(context, record):
            context.tell("cancelled")
            return 1
        private = signing.load_key(key_file(context, asked.name))
        signature, public = signing.sign(raw, private), signing.public_key(private)
        taken = {LICENCE_FILE: records.file(raw, signature, public)}
        if addresses:
            words = context.say("licensed_stands_words", org=org)
            taken[STANDING_FILE] = standing.made(draft.digest(raw), org, "stands", private, now, words).encode()
        batch = await records.keep(app.services, persona, org, raw, signature, public) if persona else Batch()
        folder = files.put(asked.out, taken)
        await app.services.store.commit(batch)
    if context.json:
        told = {"record": to_builtins(record), "folder": str(folder), "files": sorted(taken)}
        context.give({**told, "subject_key": SIGNS + jws.key_id(public)})
        return 0
    end, key = record.last_day.isoformat(), SIGNS + jws.key_id(public)
    context.tell("licensed_signed", name=asked.name, org=org, end=end, folder=folder, key=key)
    if persona is None:
        context.tell("licensed_elsewhere", name=asked.name, file=folder / LICENCE_FILE)
    if addresses:
        context.tell("licensed_publish", file=folder / STANDING_FILE)
    return 0


def _wanted(context: Context) -> tuple[str, Choices]:
    asked = context.arguments
    if asked.offer is None:
        return _typed(context)
    if any((asked.org, asked.owner, asked.deputy, asked.audience, asked.sources)):
        raise Refused("USAGE", "--offer says what else was typed", "give one or the other")
    return offering.read(given.content(asked.offer))


async def _signed_elsewhere(context: Context) -> int:
    """A licence that was made on the subject's own machine, put in force where the persona is; or one that amends
    the licence by which it runs here."""
    held = records.read(given.content(context.arguments.signed))
    [org] = held.consent.licence.orgs
    async with context.app() as app:
        persona = await found(app, context.arguments.name)
        newest = await app.services.consents.newest(persona.name)
        if newest is not None and held.consent.prev_record == draft.digest(newest):  # it runs here by this licence
            licensing.checked(held.consent, parsing.parse(newest).licence.orgs[0])
            await keep_consent(app, persona, held.raw, held.signature, held.key)
        else:
            batch = await records.keep(app.services, persona, org, held.raw, held.signature, held.key)
            await app.services.store.commit(batch)
    if context.json:
        context.give(to_builtins(held.consent))
    else:
        context.tell("licensed_kept", name=persona.name, org=org, end=held.consent.last_day.isoformat())
    return 0


def _agreed(context: Context, record: Consent) -> bool:
    """What a licence is comes before what every record shows."""
    context.show(preview(record, context.lang))
    return agreed(context, record)


def preview(record: Consent, lang: str) -> str:
    """In words: for whom, what goes there and what never does, and how it ends."""
    org = ", ".join(record.licence.orgs)
    lines = [say(lang, "cli.licensed_preview", org=org), say(lang, "cli.licensed_preview_never")]
    if addresses := address.named(record.withdrawal.methods):
        lines.append(say(lang, "cli.licensed_preview_address", addresses=", ".join(addresses)))
    lines.append(say(lang, "cli.licensed_preview_end"))
    return "\n".join(lines)


async def _revoke(context: Context) -> int:
    """Needs the licence and the key, and no installation; where there is one, it is told."""
    asked = context.arguments
    held = records.read(given.content(asked.licence))
    private = signing.load_key(asked.key)
    if signing.public_key(private) != held.key:
        what = f"{str(asked.key)!r} is not the key that signed this licence"
        raise Refused("LICENCE_KEY", what, "give the key of the consent")
    files.free(asked.out)
    org = held.consent.licence.orgs[0]
    if not asked.yes and context.answer("licensed_revoke_sure", org=org).strip() != org:
        context.tell("cancelled")
        return 1
    async with context.app() as app:
        words = context.say("licensed_revoked_words", org=org)
        now = app.services.clock.now()
        text = standing.made(draft.digest(held.raw), org, "revoked", private, now, words)
        files.write(asked.out, text.encode())
        for persona in await app.services.personas.all():
            kept = await records.of(app.services, persona.name, org)
            if kept is not None and kept.public_key == held.key:
                await app.services.store.commit(await records.revoked(app.services, persona.name, org, OPERATOR))
    if context.json:
        context.give({"file": str(asked.out), "organisation": org, "record": draft.digest(held.raw)})
    else:
        context.tell("licensed_revoke_done", org=org, file=asked.out)
    return 0
