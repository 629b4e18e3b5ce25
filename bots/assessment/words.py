"""The words of the pages: findings, risks and facts in a reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bots.assessment.configuration import Configuration
from bots.assessment.model import Finding, Grade, Risk, Severity
from bots.assessment.retention import PERIODS
from bots.wording import say
from persona_store.consent import summary
from persona_store.consent.draft import FACETS

GRADES: dict[Grade, str] = {
    "good": "assessment.grade_good",
    "note": "assessment.grade_note",
    "act": "assessment.grade_act",
}
SEVERITIES: dict[Severity, str] = {
    "low": "assessment.severity_low",
    "medium": "assessment.severity_medium",
    "high": "assessment.severity_high",
}
SHADES: dict[Severity, Grade] = {"low": "good", "medium": "note", "high": "act"}


def finding(each: Finding, lang: str) -> str:
    return say(lang, f"assessment.found_{each.code}", **each.values)


def risk(each: Risk, lang: str) -> str:
    return say(lang, f"assessment.risk_{each.code}")


def period(kept: timedelta, lang: str) -> str:
    hours = int(kept.total_seconds() // 3600)
    if hours >= 24 * 365:
        return say(lang, "assessment.years", count=hours // (24 * 365))
    return (
        say(lang, "assessment.days", count=hours // 24)
        if hours % 24 == 0
        else say(lang, "assessment.hours", count=hours)
    )


def retention(lang: str) -> list[str]:
    return [say(lang, f"assessment.kept_{what}", period=period(kept, lang)) for what, kept in PERIODS.items()]


def description(c: Configuration, lang: str) -> list[tuple[str, str | Sequence[str]]]:
    """What is done with whose data, as GDPR 35(7)(a) and PIPL 56(1) want it described."""
    record, where = c.consent, c.installation
    model = (
        say(lang, "assessment.model_at", model=where.model_name or "–", host=where.model) if c.reach.models else ""
    )
    persona = c.persona
    return [
        (say(lang, "assessment.subject"), f"{persona.display_name} · {record.pii_principal_id}"),
        (say(lang, "assessment.controller"), [f"{p.party} · {p.contact}" for p in record.pii_controllers]),
        (say(lang, "assessment.responsible"), [who for who in (persona.owner, persona.deputy) if who]),
        (say(lang, "assessment.asked_by"), persona.asked_by),
        (say(lang, "assessment.made_by"), persona.made_by),
        (say(lang, "assessment.basis"), [f"{basis.type}: {basis.ref}" for basis in record.lawful_basis]),
        (say(lang, "assessment.purposes"), [summary.use(use, lang) for use in record.uses]),
        (say(lang, "assessment.facets"), [summary.facet(f, lang) for f in FACETS if getattr(record.facets, f)]),
        (say(lang, "assessment.sources"), [summary.source(grant, lang) for grant in record.scope.sources]),
        (say(lang, "assessment.excluded"), _excluded(c)),
        (say(lang, "assessment.held"), _held(c, lang)),
        (say(lang, "assessment.audiences"), [summary.audience(grant, lang) for grant in record.audiences]),
        (say(lang, "assessment.offered"), say(lang, f"assessment.offered_{persona.offered_to}")),
        (
            say(lang, "assessment.recipients"),
            [summary.recipient(each, lang) for each in record.recipients] or say(lang, "assessment.nobody"),
        ),
        (say(lang, "assessment.model"), model or say(lang, "assessment.no_model")),
        (say(lang, "assessment.platforms"), ", ".join(where.platforms) or "–"),
        (say(lang, "assessment.store"), say(lang, "assessment.store_told", store=where.store)),
        (say(lang, "assessment.jurisdiction"), ", ".join(record.jurisdiction)),
        (
            say(lang, "assessment.term"),
            say(lang, "assessment.term_told", start=f"{record.term.start:%Y-%m-%d}", end=record.last_day),
        ),
        (say(lang, "assessment.retention"), retention(lang)),
    ]


def _excluded(c: Configuration) -> list[str]:
    excluded = c.consent.scope.excluded
    return [", ".join(words) for words in (excluded.containers, excluded.keywords, excluded.people) if words]


def _held(c: Configuration, lang: str) -> str:
    held = c.held
    if not held.containers:
        return say(lang, "assessment.held_nothing")
    facets = sum(held.facets.values())
    return say(
        lang,
        "assessment.held_told",
        own=held.own,
        others=held.others,
        places=len(held.containers),
        facets=facets,
        first=held.first,
        last=held.last,
        withheld=sum(held.withheld.values()),
    )
