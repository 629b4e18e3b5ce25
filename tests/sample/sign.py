"""Signs the sample's consent record: `python -m tests.sample.sign`. The key is thrown away at once, so a change of
the record means a new signature and a new public key; nobody can sign in Lin Zhou's name in between.

A term is three years at most, so the sample must be signed anew before 2029-10-18 (a test says so in time). The
record leaves `employment_end` open although Lin has left: a real one would name the day and would end 90 days later
(PIPL 47), while the sample has to answer whoever tries it next year.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

from persona_store.consent.parsing import parse
from persona_store.consent.record import (
    AudienceGrant,
    Basis,
    Consent,
    Event,
    Excluded,
    Facets,
    Licence,
    Notice,
    Party,
    Prohibition,
    RecordScope,
    Responsible,
    SourceGrant,
    Term,
    Voluntariness,
    Withdrawal,
    encode,
)
from persona_store.consent.signing import generate_key, public_key, sign
from tests.sample.build import SAMPLE, Team

SIGNED = datetime(2026, 10, 19, 8, 0, tzinfo=UTC)
FIRST, LAST_DAY = date(2026, 3, 1), date(2026, 9, 30)
END = date(2029, 10, 18)


def record(notice: bytes) -> Consent:
    team = Team()
    return Consent(
        schema_version="understudy.consent/1",
        record_id="urn:uuid:5f0c7a52-8d0e-4a57-9a44-2f6b6f0f3b11",
        prev_record=None,
        language="zh-CN",
        jurisdiction=("CN",),
        pii_principal_id="p_8f41c6d02b7e",
        pii_controllers=(Party(party="Paperboat 纸舟", role="controller", contact="privacy@paperboat.example"),),
        owner=Responsible(id=f"local:{team.user('lan')}", accepted=None),
        deputy=Responsible(id=f"local:{team.user('tomas')}", accepted=None),
        recipients=(),
        privacy_notice=Notice(
            uri="privacy-notice.md", version="1", sha256=hashlib.sha256(notice).hexdigest(), shown_at=SIGNED
        ),
        scope=RecordScope(
            sources=_sources(team),
            excluded=Excluded(
                containers=tuple(room["id"] for room in team.direct.values()),
                keywords=("薪资", "年终奖", "salary", "bonus"),
                people=(),
            ),
            authored_by_subject_only=True,
        ),
        facets=Facets(work_knowledge=True, decision_patterns=False, communication_style=False, name_avatar=False),
        purposes=("handover_qa",),
        prohibited=get_args(Prohibition),
        audiences=(AudienceGrant(platform="local", chat="*"), AudienceGrant(platform="local", chat="dm")),
        uses=("Answer colleagues' questions about the payment systems that Lin Zhou handed over",),
        lawful_basis=(Basis(type="consent", ref="PIPL 13(1)"),),
        lia_ref=None,
        assessment_ref=None,
        workers_notice_ref=None,
        term=Term(start=SIGNED, end=END, employment_end=None, erase_within_days=90, after_death="delete"),
        voluntariness=Voluntariness(
            no_detriment=True, tied_to_severance=False, cooling_off_days=0, representation="none"
        ),
        licence=Licence(
            model="none",
            currency="CNY",
            amount_minor=0,
            share_bp=0,
            orgs=(),
            sublicense=False,
            payee_ref=None,
            audit_right=True,
            stop_on_unpaid_days=30,
        ),
        withdrawal=Withdrawal(methods=("dm:withdraw", "cli"), effect="suspend_60s_then_erase"),
        event=Event(type="consent_given", time=SIGNED, method="cli", locale="zh-CN"),
    )


def _sources(team: Team) -> tuple[SourceGrant, ...]:
    """Each room by its id, the private one too; the direct chats are not among them."""
    chat = [
        SourceGrant(kind="slack_export", container=room["id"], first=FIRST, last=LAST_DAY)
        for room in team.rooms.values()
    ]
    return (
        *chat,
        SourceGrant(kind="doc", container="*", first=FIRST, last=LAST_DAY),
        SourceGrant(kind="correction", container="*", first=SIGNED.date(), last=END),
    )


def main(target: Path = SAMPLE) -> None:
    raw = encode(record((target / "privacy-notice.md").read_bytes()))
    parse(raw)
    key = generate_key()
    (target / "consent.json").write_bytes(raw)
    (target / "consent.json.jws").write_text(sign(raw, key) + "\n", encoding="ascii")
    (target / "consent.pub").write_bytes(public_key(key))


if __name__ == "__main__":
    main()
