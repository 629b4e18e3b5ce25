"""What has to be on paper before a persona may speak: assessment, filing, and the EU's two references. Pure.

Who distils themselves needs nobody's leave. Once somebody else wants it, content leaves the region, the GDPR holds
or it is offered beyond the team, somebody who is not concerned has to have looked (PIPL 55, 56; GDPR 35; rights.md
L14, L24, L30, L35). Every refusal says what lifts it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from persona_store import regions
from persona_store.consent.licensing import apart
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.model import Filing, FilingKind, Persona

WITH_CEREMONY = ("web_device_key", "paper")
"""Ways of signing at somebody's request. Who signs on their own machine, for themselves, needs nobody's leave."""

Need = Literal["always", "asked", "eu", "abroad", "offered"]
"""Why an assessment is needed: the installation's rule, a request, the GDPR, a recipient outside the region, an
offer beyond the team."""

Standing = Literal["none", "rejected", "concerned", "stale", "valid"]
"""How the newest assessment stands. `rejected`: the assessor said no. `concerned`: whoever signed it is, or has
become, the subject, owner, deputy, requester or maker. `stale`: something wider than what was assessed."""

FILINGS: dict[str, tuple[FilingKind, ...]] = {
    "internal": (),
    "licensed_org": ("algorithm", "service", "security"),
    "public": ("algorithm", "service", "security"),
}
"""What has to be filed for whom it is offered to (算法推荐 24; 深度合成 19, 20; 生成式办法 17). Use inside the
organisation needs none of it (生成式办法 2(3))."""


class Papers(Struct, frozen=True):
    """What there is. Nothing at all unless said: whoever forgets to look is refused, not let pass."""

    asked: bool = False  # there is a consent request
    always: bool = False  # the setting `rights.assess`
    assessment: Standing = "none"
    changes: tuple[str, ...] = ()  # in words, what the assessment does not cover


NONE = Papers()


def needs(persona: Persona, consent: Consent, papers: Papers) -> tuple[Need, ...]:
    """Why this persona needs an assessment before it speaks; () if it does not."""
    reasons: dict[Need, bool] = {
        "always": papers.always,
        "asked": asked(persona, consent, papers),
        "eu": regions.in_eea(consent.jurisdiction),
        "abroad": any(regions.outside(each.region, consent.jurisdiction) for each in consent.recipients),
        "offered": persona.offered_to != "internal",
    }
    return tuple(need for need, there in reasons.items() if there)


def unfiled(persona: Persona) -> tuple[FilingKind, ...]:
    """The filings that whom it is offered to calls for, and that are not recorded."""
    there = {filing.kind for filing in persona.filings}
    return tuple(kind for kind in FILINGS[persona.offered_to] if kind not in there)


def filed(persona: Persona, kind: FilingKind) -> Filing | None:
    """The newest record of a kind."""
    return next((filing for filing in reversed(persona.filings) if filing.kind == kind), None)


def in_order(persona: Persona, consent: Consent, papers: Papers) -> None:
    """Raises Refused LIA_REQUIRED, WORKERS_NOTICE_REQUIRED, ASSESSMENT_REQUIRED or FILING_REQUIRED."""
    name = persona.name
    if regions.in_eea(consent.jurisdiction):
        _eu(name, consent)
    reasons = needs(persona, consent, papers)
    if reasons and papers.assessment != "valid":
        raise Refused(
            "ASSESSMENT_REQUIRED",
            f"persona {name!r} {_LACKS[papers.assessment]}{_changed(papers)} ({_because(reasons)})",
            f"`understudy assess {name} --out FOLDER`, then somebody who is not concerned: "
            f"`understudy assess sign {name} --as PLATFORM:ID --answers FOLDER/answers.toml`",
        )
    if missing := unfiled(persona):
        raise Refused(
            "FILING_REQUIRED",
            f"persona {name!r} is offered to {persona.offered_to}, and not filed: {', '.join(missing)}",
            f"see `understudy filing {name}`; then `understudy filing {name} --number … --authority … --on DATE`, "
            f"or `understudy persona offer {name} internal`",
        )


def _eu(name: str, consent: Consent) -> None:
    """The yes of an employee is presumed weak (EDPB Guidelines 05/2020, 21), so a balancing of interests stands
    beside it; and workers and their representatives are told before (AI Act 26(7))."""
    where = ", ".join(place for place in consent.jurisdiction if place in regions.EEA)
    if consent.lia_ref is None:
        raise Refused(
            "LIA_REQUIRED",
            f"the record of {name!r} is under the GDPR ({where}) and names no balancing of interests (`lia_ref`)",
            f"the subject signs one that does: `understudy consent sign {name} … --lia REFERENCE`",
        )
    if consent.workers_notice_ref is None:
        raise Refused(
            "WORKERS_NOTICE_REQUIRED",
            f"the record of {name!r} is under EU law ({where}) and names no notice to the workers "
            "(`workers_notice_ref`)",
            f"the subject signs one that does: `understudy consent sign {name} … --workers-notice REFERENCE`",
        )


def asked(persona: Persona, consent: Consent, papers: Papers) -> bool:
    """Whether somebody else wanted it, so that the whole ceremony is due. A subject who signed for themselves and
    later narrows that on their page was asked by nobody; nor was, where a persona runs by a licence, who gave it,
    on their page as at the command line. Whoever was asked where it comes from has approved it there, or it was not
    packed (bots/licensed/packing.py)."""
    at_request = consent.event.type == "consent_given" and consent.event.method in WITH_CEREMONY
    at_request = at_request and not apart(consent)
    return papers.asked or bool(persona.asked_by) or at_request


_LACKS: dict[Standing, str] = {
    "none": "has no impact assessment",
    "rejected": "was assessed, and the assessor said no",
    "concerned": "was assessed by somebody who is concerned",
    "stale": "has changed since it was assessed",
    "valid": "",
}
_BECAUSE: dict[Need, str] = {
    "always": "the setting rights.assess asks for one",
    "asked": "somebody asked the subject for it",
    "eu": "the GDPR holds",
    "abroad": "a recipient is outside the region",
    "offered": "it is offered beyond the team",
}


def _because(reasons: tuple[Need, ...]) -> str:
    return "; ".join(_BECAUSE[reason] for reason in reasons)


def _changed(papers: Papers) -> str:
    return f": {', '.join(papers.changes)}" if papers.assessment == "stale" and papers.changes else ""
