"""`understudy consent licence|revoke-licence`: the subject signs a licence, and ends it again."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs, to_builtins

from bots.cli import files, given, offering
from bots.cli.choices import agreed, key_file
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.exchanging import SIGNS
from bots.licensed import records, words
from bots.operator import OPERATOR, found, keep_consent
from bots.wording import say
from persona_store import jws, names
from persona_store.consent import draft, licensing, parsing, signing
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.licensed import address, standing
from persona_store.protocols import Batch

LICENCE_FILE, STANDING_FILE = "licence.json", "standing.txt"


def add(verbs: Group, lang: str) -> None:
    offering.add(verbs, lang)

    sign = verbs.add("licence", "consent_licence", more="consent_licence_more")
    sign.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    sign.add_argument("--offer", type=Path, metavar="FILE", help=say(lang, "cli.licensed_offer"))
    sign.add_argument("--signed", type=Path, metavar="FILE", help=say(lang, "cli.licensed_signed_file"))
    offering.scope(sign, lang)
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


# ------------------------------------------------------------------ the subject signs


async def _sign(context: Context) -> int:
    """On the subject's own machine, with the key of their consent; what they take home can end it from anywhere.
    Where the persona is somewhere else the licence is only made, and put in force there with --signed."""
    asked = context.arguments
    if asked.signed:
        return await _signed_elsewhere(context)
    org, wishes = offering.wanted(context)
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
            said = say(context.lang, "licensed.stands_words", org=org)
            taken[STANDING_FILE] = standing.made(draft.digest(raw), org, "stands", private, now, said).encode()
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
    addresses = address.named(record.withdrawal.methods)
    context.show("\n".join(words.about(", ".join(record.licence.orgs), addresses, context.lang)))
    return agreed(context, record)


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
        said = say(context.lang, "licensed.revoked_words", org=org)
        now = app.services.clock.now()
        before = (held.consent.prev_record,) if held.consent.prev_record else ()
        text = standing.made(draft.digest(held.raw), org, "revoked", private, now, said, also=before)
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
