"""`understudy licence statement|export|verify`: files that a Subject can recount, and a proof that needs no bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import to_builtins

from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.files import Folder
from bots.cli.parser import Group
from bots.informing import RECEIPTS
from bots.licence import page
from bots.licence.stating import orgs_of, state
from bots.operator import found
from bots.services import Services
from bots.wording import LANGUAGES, say
from persona_store import jws
from persona_store.consent.receipt import Receipt, decoded, encoded
from persona_store.errors import Refused
from persona_store.licence import statement, verifying
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import checked


def add(verbs: Group, lang: str) -> None:
    make = verbs.add("statement", "licence_statement", more="licence_statement_more")
    make.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    make.add_argument("--month", required=True, metavar="MONTH", help=say(lang, "cli.licence_month"))
    make.add_argument("--org", default="", metavar="ORG", help=say(lang, "cli.licence_org"))
    make.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help=say(lang, "cli.licence_out"))
    make.add_argument("--lang", default="", choices=LANGUAGES, help=say(lang, "cli.licence_lang"))
    add_json(make, lang)
    make.set_defaults(call=_statement)

    export = verbs.add("export", "licence_export")
    export.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    export.add_argument("--org", default="", metavar="ORG", help=say(lang, "cli.licence_org"))
    export.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help=say(lang, "cli.licence_out"))
    add_json(export, lang)
    export.set_defaults(call=_export)

    verify = verbs.add("verify", "licence_verify", more="licence_verify_more")
    verify.add_argument("ledger", type=Path, metavar="LEDGER", help=say(lang, "cli.licence_ledger"))
    verify.add_argument(
        "statements", type=Path, nargs="*", metavar="STATEMENT", help=say(lang, "cli.licence_statements")
    )
    verify.add_argument("--key", default="", metavar="KEY", help=say(lang, "cli.licence_key"))
    add_json(verify, lang)
    verify.set_defaults(call=_verify)


async def payer_named(services: Services, persona: str, org: str) -> str:
    """The organisation that was typed, or the only one there is. Raises Refused LICENCE_ORG, LICENCE_MISSING."""
    orgs = await orgs_of(services, persona)
    if not orgs:
        what = f"persona {persona!r} has no licence that anybody pays for"
        raise Refused("LICENCE_MISSING", what, "see `understudy consent sign --help`, --licence")
    if org in orgs or (not org and len(orgs) == 1):
        return org or orgs[0]
    what = f"{org[:60]!r} is not who pays for {persona!r}" if org else f"several pay for {persona!r}"
    raise Refused("LICENCE_ORG", what, "give --org with one of " + ", ".join(orgs))


async def _statement(context: Context) -> int:
    asked = context.arguments
    month = checked(asked.month)
    async with context.app() as app:
        services, persona = app.services, await found(app, asked.name)
        org = await payer_named(services, persona.name, asked.org)
        signed, kept = await state(services, persona.name, org, month)
        await services.store.commit(kept)
        files = page.files(signed, persona, asked.lang or context.lang)
        folder = Folder(asked.out)
        written = [folder.write(each.name, each.content) for each in files]
        written += await _ledger(services, persona.name, org, folder)
    said = signed.statement
    if context.json:
        context.give({"files": written, "statement": to_builtins(said)})
    else:
        total = page.amounts(said.totals, context.lang)
        context.tell("licence_stated", name=persona.name, org=org, month=month, total=total)
        context.show("\n".join(written))
    return 0


async def _export(context: Context) -> int:
    """The whole ledger, and every statement there is."""
    asked = context.arguments
    async with context.app() as app:
        services, persona = app.services, await found(app, asked.name)
        org = await payer_named(services, persona.name, asked.org)
        folder = Folder(asked.out)
        written = await _ledger(services, persona.name, org, folder)
        for signed in await LedgerBook(services.store).statements(persona.name, org):
            files = page.files(signed, persona, context.lang)
            written += [folder.write(each.name, each.content) for each in files]
    context.give({"files": written}) if context.json else context.show("\n".join(written))
    return 0


async def _ledger(services: Services, persona: str, org: str, folder: Folder) -> list[str]:
    """The lines as they are chained, one below the other, and the key that signs statements."""
    key = jws.public_bytes(services.vault.signing_key(RECEIPTS))
    lines = LedgerBook(services.store).lines(persona, org)
    return [
        await folder.stream(f"{persona}-{org}-ledger.jsonl", lines),
        folder.write(f"{persona}-{org}-key.txt", encoded(key).encode() + b"\n"),
    ]


# ------------------------------------------------------------------ the proof


async def _verify(context: Context) -> int:
    """Offline: needs the files and the public key, and opens no data directory."""
    asked = context.arguments
    if asked.statements and not asked.key:
        what = "a statement proves nothing without the key of whoever signs it"
        raise Refused("USAGE", what, "give --key with the key file, or with the receipt of the consent")
    key = _key(asked.key) if asked.statements else b""
    statements = [_signed(path, key) for path in asked.statements]
    report = verifying.verify(_lines(asked.ledger), statements)
    if context.json:
        context.give(to_builtins(report))
    elif not report.ok:
        context.tell("licence_bad", problem=report.problem, why=context.told(report.detail))
    else:
        total = page.amounts(report.totals, context.lang)
        context.tell("licence_holds", lines=report.lines, total=total, proven=report.proven)
    return 0 if report.ok else 3


def _signed(path: Path, key: bytes) -> statement.Statement:
    beside = path.with_name(path.name + ".jws")
    signature = given.content(beside).decode("ascii", "replace").strip()
    return statement.check(given.content(path), signature, key)


def _key(typed: str) -> bytes:
    """As text, or from a file: the key's own, or a receipt (persona_store/consent/receipt.py), which names it."""
    text = typed
    if Path(typed).is_file():
        text = given.content(Path(typed)).decode("utf-8", "replace").strip()
    try:
        if text.startswith("{"):
            text = msgspec.json.decode(text, type=Receipt).installation_public_key
        return decoded(text)
    except (msgspec.MsgspecError, ValueError):
        what = "what was given as --key is neither a key nor a receipt"
        raise Refused("KEY", what, "give NAME-ORG-key.txt, or the receipt of the consent") from None


def _lines(path: Path) -> Iterator[bytes]:
    """Bounded pieces: a line of any length ends where none of ours is as long."""
    try:
        with path.open("rb") as file:
            while raw := file.readline(verifying.LONGEST + 2):
                yield raw.removesuffix(b"\n")
    except (OSError, ValueError) as error:
        raise given.unreadable(path, error) from None
