"""`understudy consent certificate`: whether a certificate of erasure holds, for whoever has the file."""

from __future__ import annotations

from pathlib import Path

from msgspec import to_builtins

from bots.cli import given
from bots.cli.context import Context, add_json
from bots.cli.parser import Group
from bots.wording import say
from persona_store import proof


def add(verbs: Group, lang: str) -> None:
    check = verbs.add("certificate", "consent_certificate")
    check.add_argument("file", type=Path, metavar="FILE", help=say(lang, "cli.consent_certificate_file"))
    check.add_argument("--receipt", type=Path, metavar="FILE", help=say(lang, "cli.consent_certificate_receipt"))
    add_json(check, lang)
    check.set_defaults(call=_certificate)


async def _certificate(context: Context) -> int:
    """Offline: needs nothing but the files."""
    asked = context.arguments
    checked = proof.check(given.content(asked.file), given.content(asked.receipt) if asked.receipt else b"")
    if context.json:
        context.give(to_builtins(checked))
        return 0
    told = checked.certificate
    context.tell(
        "consent_certificate_holds",
        id=told.cert_id,
        name=told.persona,
        why=say(context.lang, f"letter.trigger_{told.trigger}"),
        silent=f"{told.suspended_at:%Y-%m-%d %H:%M:%S} UTC",
        at=f"{told.completed_at:%Y-%m-%d %H:%M:%S} UTC",
        items=sum(item.items for item in told.inventory),
        keys=len(told.key_ids_destroyed),
        key=checked.key,
    )
    for kept in told.retained:
        what, why, until = map(context.told, (kept.what, kept.why, kept.until))
        context.tell("consent_certificate_kept", what=what, why=why, until=until)
    for left in told.residuals:
        where, why, who = map(context.told, (left.where, left.why, left.who_to_ask))
        context.tell("consent_certificate_left", where=where, why=why, who=who)
    context.tell("consent_certificate_bound" if checked.bound else "consent_certificate_unbound")
    return 0
