"""Configurations to find something in: a quiet one, and what is changed about it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from msgspec.structs import replace

from bots.assessment.configuration import Configuration, Container, Held
from bots.assessment.footprint import footprint
from bots.assessment.installation import Installation
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent, Recipient
from persona_store.model import Persona
from persona_store.papers import NONE, needs

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CN = Recipient("api.example", "processor", "CN", 0, False)
US = Recipient("api.example", "processor", "US", 30, False)
LIN = Persona(
    "lin",
    "Lin Zhou 周林",
    "cooling",
    START,
    START,
    subject="slack:U0LIN",
    owner="slack:U0OWN",
    deputy="slack:U0DEP",
    chats=("slack:C1",),
    accepted={"slack:U0OWN": "sha256:0", "slack:U0DEP": "sha256:0"},
)
HELD = Held(
    own=120,
    others=300,
    first=date(2025, 1, 7),
    last=date(2026, 2, 27),
    containers=(Container("slack_export", "C1", 420),),
    facets={"work_knowledge": 31},
    distilled=True,
)
HERE = Installation(platforms=("slack",), admins=("slack:U0ADM",), link_base="https://bot.acme.example")


def record(**more: Any) -> Consent:
    wishes = {
        "owner": "slack:U0OWN",
        "deputy": "slack:U0DEP",
        "sources": ("slack_export",),
        "containers": ("C1",),
        "audiences": ("slack:C1",),
        "employment_end": date(2026, 4, 30),
        "controller": "Acme",
        "contact": "privacy@acme.example",
        **more,
    }
    return parse(draft(Choices(**wishes), START))


def configuration(
    persona: Persona = LIN,
    consent: Consent | None = None,
    held: Held = HELD,
    here: Installation = HERE,
    **more: Any,
) -> Configuration:
    agreed = consent or record()
    whole = Configuration(
        persona=persona,
        consent=agreed,
        records=1,
        notice_current=True,
        page_reached=True,
        held=held,
        installation=here,
        needs=needs(persona, agreed, NONE),
        reach=footprint(persona, agreed, here),
        version="1.2.3",
        at=START,
    )
    return replace(whole, **more)
