"""What could go wrong for the person, how bad it would be as configured, and what is really done against it. Pure.

A measure is in force where the program always does it, or where the configuration shows it. Everything else is told
as open; nothing is promised. Each names the rows of docs/consent.md and docs/threat-model.md under which it is
explained and tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from bots.assessment.configuration import Configuration
from bots.assessment.findings import SHORT
from bots.assessment.model import Measure, Risk, Severity
from persona_store import papers, regions

Rule = Callable[[Configuration], bool]


def always(c: Configuration) -> bool:
    """The program does it whatever the configuration: its tests hold that."""
    return True


def never(c: Configuration) -> bool:
    """Not done by this version (docs/threat-model.md, "Not enforced yet")."""
    return False


class Kind(Struct, frozen=True):
    """`severity` reads the configuration; `when`: whether there is such a risk at all. A measure is (code, rows,
    whether it is in force)."""

    severity: Callable[[Configuration], Severity]
    measures: tuple[tuple[str, tuple[str, ...], Rule], ...]
    when: Rule = always


def _high_if(rule: Rule) -> Callable[[Configuration], Severity]:
    return lambda c: "high" if rule(c) else "medium"


def _abroad(c: Configuration) -> bool:
    return any(regions.outside(each.region, c.consent.jurisdiction) for each in c.consent.recipients)


def _outside(c: Configuration) -> Severity:
    return "high" if _abroad(c) else "medium" if c.consent.recipients else "low"


def _seen_and_approved(c: Configuration) -> bool:
    """Who was asked has to approve before it goes live; who made it themselves may have."""
    return bool(c.persona.approved) or "asked" in c.needs


def _accepted(c: Configuration) -> bool:
    return all(who in c.persona.accepted for who in (c.persona.owner, c.persona.deputy) if who)


KINDS: Mapping[str, Kind] = {
    "pressed": Kind(
        _high_if(lambda c: bool(c.needs)),
        (
            ("cooling_off", ("L19",), lambda c: c.consent.voluntariness.cooling_off_days >= SHORT),
            ("no_price", ("L19",), lambda c: c.consent.voluntariness.no_detriment),
            ("one_ask", ("L04",), always),
            ("preview", ("L11", "§2B"), _seen_and_approved),
            ("withdraw_alone", ("L05",), always),
        ),
    ),
    "replaced": Kind(
        lambda c: "high",
        (
            ("no_rating", ("L09", "L35"), always),
            ("no_severance", ("L19",), lambda c: not c.consent.voluntariness.tied_to_severance),
            ("no_authority", ("L26",), always),
        ),
    ),
    "impersonated": Kind(
        _high_if(lambda c: c.consent.facets.name_avatar or c.consent.facets.communication_style),
        (
            ("label", ("L20", "L21", "L22"), always),
            ("quotes", ("T38",), always),
            ("name_agreed", ("L17",), always),
        ),
    ),
    "others": Kind(
        _high_if(lambda c: c.held.private > 0),
        (
            ("pseudonyms", ("L07",), always),
            ("left_out", ("L07",), always),
            ("readers", ("T06", "T08"), always),
            ("guests", ("T10",), always),
        ),
    ),
    "sensitive": Kind(
        lambda c: "high",
        (("dropped", ("L08",), always), ("secrets", ("T11", "T12"), always)),
    ),
    "outside": Kind(
        _outside,
        (
            ("named_only", ("L15",), always),
            ("no_training", ("L36",), lambda c: not any(each.trains for each in c.consent.recipients)),
            ("inside_region", ("L15",), lambda c: not _abroad(c)),
            ("keeps_nothing", ("L15",), lambda c: all(each.retention_days == 0 for each in c.consent.recipients)),
        ),
    ),
    "wrong": Kind(
        lambda c: "medium",
        (
            ("human_asked", ("T22",), always),
            ("closed_topics", ("L09", "T38"), always),
            ("owner_named", ("L18",), lambda c: bool(c.persona.owner)),
        ),
    ),
    "nobody": Kind(
        _high_if(lambda c: not c.persona.deputy),
        (
            ("owner_accepted", ("L18",), _accepted),
            ("deputy", ("L18",), lambda c: bool(c.persona.deputy)),
            ("silent_without", ("L18",), always),
        ),
    ),
    "too_long": Kind(
        _high_if(lambda c: c.consent.term.employment_end is None),
        (
            ("ends_itself", ("L12", "T42"), always),
            ("end_known", ("L12",), lambda c: c.consent.term.employment_end is not None),
            ("erased_proven", ("§2C",), always),
        ),
    ),
    "steered": Kind(
        lambda c: "medium",
        (("no_orders", ("T01", "T02"), always), ("no_poison", ("T05",), always)),
    ),
    "secretly": Kind(
        _high_if(lambda c: c.consent.event.method == "paper"),
        (
            ("own_key", ("L01", "T35"), lambda c: c.consent.event.method != "paper"),
            ("log", ("§2D",), always),
        ),
    ),
    "stolen": Kind(
        lambda c: "medium",
        (("own_keys", ("L16",), always), ("keys_apart", (), never)),
    ),
    "companion": Kind(lambda c: "low", (("work_only", ("L25",), always),)),
    "offered": Kind(
        lambda c: "high",
        (("filed", ("L24",), lambda c: not papers.unfiled(c.persona)), ("label", ("L20", "L21"), always)),
        when=lambda c: c.persona.offered_to != "internal",
    ),
}
"""Risk → how it is weighed. Their titles and the measures' sentences are in the locales."""


def risks(c: Configuration) -> tuple[Risk, ...]:
    return tuple(_risk(code, kind, c) for code, kind in KINDS.items() if kind.when(c))


def _risk(code: str, kind: Kind, c: Configuration) -> Risk:
    measures = tuple(Measure(name, rows, rule(c)) for name, rows, rule in kind.measures)
    before = kind.severity(c)
    return Risk(code, before, _left(before, measures), measures)


def _left(before: Severity, measures: Iterable[Measure]) -> Severity:
    """One step down where every measure is in force, two never: a measure can fail. With one of them open it stays
    where it was."""
    if not all(measure.in_force for measure in measures):
        return before
    return "medium" if before == "high" else "low"


def rows() -> tuple[str, ...]:
    """Every row that a measure names."""
    return tuple(sorted({row for kind in KINDS.values() for _, names, _ in kind.measures for row in names}))
