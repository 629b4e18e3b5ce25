"""`understudy escalations`, `audit verify`, `doctor`: looking without touching."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots import doctor, keys
from bots.app import connect
from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.embedding import probe as embedder
from bots.llm import probe
from bots.model import Escalation
from bots.operator import found
from bots.witness import CHECKPOINTS
from bots.wording import say
from persona_store import audit, checkpoint, jws

WAITING = ("open", "asked", "delegated", "expired")
"""States in which somebody still has no answer."""


def add(commands: Group, lang: str) -> None:
    parser = commands.add("escalations", "escalations")
    parser.add_argument("--persona", default="", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--all", action="store_true", help=say(lang, "cli.escalations_all"))
    add_json(parser, lang)
    parser.set_defaults(call=_escalations)

    verbs = Group(commands.add("audit", "audit"), "VERB")
    verify = verbs.add("verify", "audit_verify")
    verify.add_argument("--against", type=Path, metavar="FILE", help=say(lang, "cli.audit_against"))
    add_json(verify, lang)
    verify.set_defaults(call=_verify)
    verbs.add("checkpoint", "audit_checkpoint").set_defaults(call=_checkpoint)

    check = commands.add("doctor", "doctor")
    check.add_argument("--online", action="store_true", help=say(lang, "cli.doctor_online"))
    add_json(check, lang)
    check.set_defaults(call=_doctor)


async def _escalations(context: Context) -> int:
    """The open list: no question to a human ever vanishes from it by itself."""
    wanted, everything = context.arguments.persona, context.arguments.all
    async with context.app() as app:
        if wanted:
            await found(app, wanted)
        records = [record async for _, record in app.services.all(keys.ESCALATION, Escalation)]
    shown = [r for r in records if (everything or r.state in WAITING) and wanted in ("", r.persona)]
    shown.sort(key=lambda r: r.opened_at)
    if context.json:
        context.give([to_builtins(r) for r in shown])
    elif shown:
        context.table(
            ("id", "persona", "state", "question", "asker", "since", "assignee", "due"), [*map(_row, shown)]
        )
    else:
        context.tell("escalations_none")
    return 0


def _row(record: Escalation) -> tuple[str, ...]:
    return (
        record.id,
        record.persona,
        record.state,
        " ".join(record.question.split())[:60],
        ", ".join(waiter.person.name or waiter.person.key for waiter in record.askers),
        f"{record.opened_at:%Y-%m-%d %H:%M}",
        record.assignee.name or record.assignee.key,
        f"{record.due_at:%Y-%m-%d %H:%M}",
    )


async def _verify(context: Context) -> int:
    """Proves the log: every line chained, every checkpoint signed; says where it first fails."""
    async with context.app() as app:
        held = checkpoint.clipped(given.content(context.arguments.against)) if context.arguments.against else None
        public = jws.public_bytes(app.services.vault.signing_key(CHECKPOINTS))
        report = await audit.verify(app.services.store, public, held)
    if context.json:
        context.give(to_builtins(report))
    elif report.ok:
        context.tell("audit_ok", size=report.size, root=report.root[:16])
    else:
        why = f"{report.problem} {context.told(report.detail)}".rstrip()
        context.tell("audit_bad", seq=report.bad_seq, why=why)
    return 0 if report.ok else 3


async def _checkpoint(context: Context) -> int:
    """A signed summary of the log for somebody else to hold: what makes a cut-off tail provable."""
    async with context.app() as app:
        key = app.services.vault.signing_key(CHECKPOINTS)
        print((await audit.checkpoint(app.services.store, key)).decode(), end="")
    return 0


async def _doctor(context: Context) -> int:
    adapters = connect(context.settings) if context.arguments.online else {}
    async with context.app(adapters) as app:
        findings = await doctor.examine(app.services, context.settings)
        if context.arguments.online:
            findings += await doctor.mail_server(context.settings)
            findings += await probe.examine(context.settings.llm, app.services.store, app.services.clock)
            findings += await embedder.examine(context.settings.embedding, app.services.clock)
    if context.json:
        context.give(to_builtins(findings))
    else:
        for finding in findings:
            way_out = f" · {context.told(finding.fix)}" if finding.fix else ""
            print(("✓ " if finding.ok else "✗ ") + context.told(finding.what) + way_out)
    return 0 if all(f.ok for f in findings) else 1
