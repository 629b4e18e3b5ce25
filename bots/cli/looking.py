"""`understudy escalations`, `audit verify`, `doctor`: looking without touching."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import to_builtins

from bots import doctor, keys
from bots.app import connect, open_app
from bots.cli.context import Context, add_json
from bots.model import Escalation
from bots.runtime import CHECKPOINTS
from bots.wording import say
from persona_store import audit, jws
from persona_store.errors import Refused


def add(commands: Any, lang: str) -> None:
    parser = commands.add_parser("escalations", help=say(lang, "cli.escalations"))
    parser.add_argument("--persona", default="", help=say(lang, "cli.for_persona"))
    parser.add_argument("--all", action="store_true", help=say(lang, "cli.escalations_all"))
    add_json(parser, lang)
    parser.set_defaults(call=_escalations)

    group = commands.add_parser("audit", help=say(lang, "cli.audit"))
    verbs = group.add_subparsers(metavar="VERB", required=True, parser_class=type(group))
    verify = verbs.add_parser("verify", help=say(lang, "cli.audit_verify"))
    verify.add_argument("--against", type=Path, metavar="FILE", help=say(lang, "cli.audit_against"))
    add_json(verify, lang)
    verify.set_defaults(call=_verify)
    checkpoint = verbs.add_parser("checkpoint", help=say(lang, "cli.audit_checkpoint"))
    checkpoint.set_defaults(call=_checkpoint)

    check = commands.add_parser("doctor", help=say(lang, "cli.doctor"))
    check.add_argument("--online", action="store_true", help=say(lang, "cli.doctor_online"))
    add_json(check, lang)
    check.set_defaults(call=_doctor)


async def _escalations(context: Context) -> int:
    """The open list: no question to a human ever vanishes from it by itself."""
    wanted, everything = context.arguments.persona, context.arguments.all
    async with open_app(context.settings) as app:
        records = [
            app.services.unseal(raw, key, Escalation) async for key, raw in app.services.store.scan(keys.ESCALATION)
        ]
    shown = [
        r for r in records if (everything or r.state in ("open", "asked", "expired")) and wanted in ("", r.persona)
    ]
    shown.sort(key=lambda r: r.opened_at)
    if context.json:
        context.give([to_builtins(r) for r in shown])
    elif shown:
        context.table(
            ("id", "persona", "state", "question", "assignee", "due"),
            [
                (
                    r.id,
                    r.persona,
                    r.state,
                    " ".join(r.question.split())[:60],
                    r.assignee.name or r.assignee.key,
                    r.due_at.isoformat(timespec="minutes"),
                )
                for r in shown
            ],
        )
    else:
        context.tell("escalations_none")
    return 0


async def _verify(context: Context) -> int:
    """Proves the log: every line chained, every checkpoint signed; says where it first fails."""
    async with open_app(context.settings) as app:
        held = _read(context.arguments.against) if context.arguments.against else None
        public = jws.public_bytes(app.services.vault.signing_key(CHECKPOINTS))
        report = await audit.verify(app.services.store, public, held)
    if context.json:
        context.give(to_builtins(report))
    elif report.ok:
        context.tell("audit_ok", size=report.size, root=report.root[:16])
    else:
        context.tell("audit_bad", seq=report.bad_seq, why=f"{report.problem} {report.detail}".rstrip())
    return 0 if report.ok else 3


async def _checkpoint(context: Context) -> int:
    """A signed summary of the log for somebody else to hold: what makes a cut-off tail provable."""
    async with open_app(context.settings) as app:
        key = app.services.vault.signing_key(CHECKPOINTS)
        print((await audit.checkpoint(app.services.store, key)).decode(), end="")
    return 0


async def _doctor(context: Context) -> int:
    adapters = connect(context.settings) if context.arguments.online else {}
    async with open_app(context.settings, adapters=adapters) as app:
        findings = await doctor.examine(app.services, context.settings)
    if context.json:
        context.give(to_builtins(findings))
    else:
        for finding in findings:
            print(("✓ " if finding.ok else "✗ ") + finding.what + (f" · {finding.fix}" if finding.fix else ""))
    return 0 if all(f.ok for f in findings) else 1


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused("FILE", f"{str(path)!r} cannot be read: {error.strerror}") from None
