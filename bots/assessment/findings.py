"""What the live configuration shows, under the four heads of PIPL 56 and GDPR 35(7). Pure: the same configuration
has the same findings, and nothing is found that is not in it."""

from __future__ import annotations

from collections.abc import Iterator

from bots.assessment.configuration import Configuration
from bots.assessment.model import Finding
from persona_store import papers, regions
from persona_store.consent import draft
from persona_store.consent.draft import CORRECTION, FACETS
from persona_store.consent.record import DIRECT, EVERY

SHORT = 7  # days of cooling-off below which it is short (rights.md L19)
LONG = 180  # days of a term from which on it is long
OLD = 3 * 365  # days of age from which on material is old
LATER = (CORRECTION, *draft.LATER)  # granted for what is still to be said


def findings(c: Configuration) -> tuple[Finding, ...]:
    return (*_lawful(c), *_necessary(c), *_effect(c), *_protection(c))


def _lawful(c: Configuration) -> Iterator[Finding]:
    record, places = c.consent, ", ".join(c.consent.jurisdiction)
    day = record.event.time.date().isoformat()
    paper = record.event.method == "paper"
    yield Finding(
        "lawful",
        f"signed_{record.event.method}",
        "note" if paper else "good",
        {"day": day, "records": c.records, "record": record.record_id},
    )
    yield Finding("lawful", *(("notice_current", "good") if c.notice_current else ("notice_changed", "act")))
    if regions.in_eea(record.jurisdiction):
        for what, ref in (("lia", record.lia_ref), ("workers", record.workers_notice_ref)):
            yield Finding("lawful", f"{what}_there" if ref else f"{what}_missing", "good" if ref else "act",
                          {"ref": ref or ""})  # fmt: skip
    if not record.recipients:
        yield Finding("lawful", "nobody_outside", "good")
    for each in record.recipients:
        values: dict[str, str | int] = {"name": each.name, "region": each.region, "places": places}
        if regions.outside(each.region, record.jurisdiction):
            yield Finding("lawful", "cross_border", "act", values)
        else:
            yield Finding("lawful", "recipient_inside", "good", values)
        if each.retention_days:
            yield Finding("lawful", "recipient_keeps", "note", {**values, "days": each.retention_days})
    if c.persona.asked_by and record.event.method == "cli":
        yield Finding("lawful", "asked_and_signed_here", "act")


def _necessary(c: Configuration) -> Iterator[Finding]:
    yield from _sources(c)
    facets = [facet for facet in FACETS if getattr(c.consent.facets, facet)]
    unused = [facet for facet in facets if not c.held.facets.get(facet)]
    if not c.held.distilled:
        yield Finding("necessary", "not_distilled", "note", {"count": len(facets), "facets": ", ".join(facets)})
    elif unused:
        yield Finding("necessary", "facets_unused", "note", {"count": len(unused), "facets": ", ".join(unused)})
    else:
        yield Finding("necessary", "facets_used", "good", {"count": len(facets), "facets": ", ".join(facets)})
    yield from _audiences(c)
    asked = set(c.reach.models)
    if idle := [r.name for r in c.consent.recipients if r.name not in asked]:
        yield Finding("necessary", "recipients_idle", "note", {"count": len(idle), "names": ", ".join(idle)})
    if c.installation.model and not c.reach.models:
        yield Finding("necessary", "model_unused", "good", {"model": c.installation.model})
    days = (c.consent.last_day - c.today).days
    values: dict[str, str | int] = {"day": c.consent.last_day.isoformat(), "days": max(0, days)}
    yield Finding("necessary", *(("term_long", "note") if days > LONG else ("term", "good")), values)


def _sources(c: Configuration) -> Iterator[Finding]:
    grants = [grant for grant in c.consent.scope.sources if grant.kind not in LATER]
    used = {(each.source, each.container) for each in c.held.containers}
    kinds = {each.source for each in c.held.containers}
    if not used:
        yield Finding("necessary", "nothing_imported", "note", {"count": len(grants)})
        return
    idle = [
        f"{grant.kind}:{grant.container}"
        for grant in grants
        if (grant.kind not in kinds if grant.container == EVERY else (grant.kind, grant.container) not in used)
    ]
    if idle:
        yield Finding("necessary", "containers_unused", "note", {"count": len(idle), "list": ", ".join(idle)})
    else:
        yield Finding("necessary", "containers_used", "good", {"count": len(grants)})
    whole = [grant.kind for grant in grants if grant.container == EVERY]
    if whole:
        taken = len({place for place in used if place[0] in whole})
        yield Finding("necessary", "every_container", "note", {"kinds": ", ".join(whole), "count": taken})
    if c.held.first is not None and (c.today - c.held.first).days > OLD:
        yield Finding("necessary", "old_material", "note", {"day": c.held.first.isoformat()})


def _audiences(c: Configuration) -> Iterator[Finding]:
    granted = {f"{grant.platform}:{grant.chat}" for grant in c.consent.audiences if grant.chat != DIRECT}
    if every := sorted(audience for audience in granted if audience.endswith(f":{EVERY}")):
        if set(every) & set(c.persona.chats):
            yield Finding("necessary", "every_chat", "note", {"chats": ", ".join(every)})
        else:
            chats = ", ".join(c.persona.chats) or "–"
            yield Finding("necessary", "audience_wider", "note", {"chats": ", ".join(every), "set": chats})
    else:
        yield Finding(
            "necessary", "named_chats", "good", {"count": len(granted), "chats": ", ".join(sorted(granted))}
        )


def _effect(c: Configuration) -> Iterator[Finding]:
    record = c.consent
    days = record.voluntariness.cooling_off_days
    if days == 0:
        yield Finding("effect", "cooling_none", "act")
    else:
        yield Finding(
            "effect", *(("cooling_short", "note") if days < SHORT else ("cooling", "good")), {"days": days}
        )
    yield from _employment(c)
    alone = record.voluntariness.representation == "none"
    yield Finding("effect", "alone" if alone else "represented", "note" if alone else "good",
                  {"by": record.voluntariness.representation})  # fmt: skip
    if "asked" in c.needs:
        yield Finding("effect", *(("approved", "good") if c.persona.approved else ("not_approved", "act")))
    if c.held.others:
        yield Finding("effect", "others_kept", "note", {"count": c.held.others, "own": c.held.own})
    if c.held.private:
        yield Finding("effect", "private_kept", "note", {"count": c.held.private})
    for facet in ("decision_patterns", "communication_style", "name_avatar"):
        if getattr(record.facets, facet):
            yield Finding("effect", f"facet_{facet}", "note", {"count": c.held.facets.get(facet, 0)})
    if c.held.withheld or c.held.rule:
        kinds = ", ".join(sorted({*c.held.withheld, *c.held.rule}))
        yield Finding("effect", "kept_back", "good", {"count": sum(c.held.withheld.values()), "kinds": kinds})
    if c.held.files_out:
        yield Finding("effect", "files_out", "note", {"count": c.held.files_out})
    if c.persona.offered_to != "internal":
        yield Finding("effect", f"offered_{c.persona.offered_to}", "act")


def _employment(c: Configuration) -> Iterator[Finding]:
    ends, last = c.consent.term.employment_end, c.consent.last_day.isoformat()
    if ends is None:
        yield Finding("effect", "employment_unknown", "note", {"day": last})
    elif ends < c.today:
        yield Finding("effect", "employment_ended", "note", {"ended": ends.isoformat(), "day": last})
    else:
        yield Finding("effect", "employment_ends", "good", {"days": (ends - c.today).days, "day": last})


def _protection(c: Configuration) -> Iterator[Finding]:
    persona = c.persona
    yield Finding("protection", *(("subject_known", "good") if persona.subject else ("subject_unknown", "act")))
    yield Finding("protection", *(("owner_there", "good") if persona.owner else ("no_owner", "act")))
    yield Finding("protection", *(("deputy_there", "good") if persona.deputy else ("no_deputy", "act")))
    waiting = [who for who in (persona.owner, persona.deputy) if who and who not in persona.accepted]
    if waiting:
        yield Finding("protection", "not_accepted", "note", {"count": len(waiting)})
    admins = len(c.installation.admins)
    yield Finding("protection", *(("admins", "good") if admins else ("no_admin", "act")), {"count": admins})
    yield Finding("protection", *(("page_reached", "good") if c.page_reached else ("page_not_reached", "note")))
    ways = ", ".join(c.consent.withdrawal.methods)
    yield Finding("protection", "withdrawal", "good", {"ways": ways})
    for kind in papers.FILINGS[persona.offered_to]:
        filing = papers.filed(persona, kind)
        if filing is None:
            yield Finding("protection", f"unfiled_{kind}", "act")
        else:
            yield Finding("protection", f"filed_{kind}", "good", {"number": filing.number, "by": filing.authority})
    yield Finding("protection", "keys_beside_data", "note")
