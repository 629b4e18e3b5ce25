"""L14, L24, L30, L35: what has to be on paper before a persona speaks, and what lifts each refusal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from persona_store.consent import licensing
from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent, Recipient
from persona_store.errors import Refused
from persona_store.model import Filing, FilingKind, Offered, Persona
from persona_store.papers import NONE, Papers, Standing, in_order, needs, unfiled
from persona_store.personas import ready, transition

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = START + timedelta(days=1)
LIN = Persona("lin", "Lin Zhou", "draft", START, START, subject="slack:U0", owner="slack:U1")
VALID = Papers(assessment="valid")
ABROAD = Recipient("api.example", "processor", "US", 0, False)
FILED = tuple(Filing(kind, "N-1", "the office", date(2026, 2, 1)) for kind in get_args(FilingKind))


def consent(**more: Any) -> Consent:
    wishes = {"owner": "slack:U1", "sources": ("doc",), "audiences": ("slack:*",), "cooling_off_days": 0, **more}
    return parse(draft(Choices(**wishes), START))


def refused(persona: Persona, record: Consent, papers: Papers) -> tuple[str, str]:
    """(code, the whole line), or nothing where it is in order."""
    try:
        in_order(persona, record, papers)
    except Refused as refused:
        error = refused
    else:
        return "", ""
    assert "\n" not in str(error)
    assert error.fix
    return error.code, str(error)


CASES = [
    ((), LIN, consent(), NONE),
    (("always",), LIN, consent(), Papers(always=True)),
    (("asked",), LIN, consent(), Papers(asked=True)),
    (("asked",), replace(LIN, asked_by="operator:cli"), consent(), NONE),
    (("asked",), LIN, consent(method="web_device_key"), NONE),
    (("asked",), LIN, consent(method="paper"), NONE),
    ((), LIN, consent(method="web_device_key", withdrawal=licensing.WAYS), NONE),  # a licence is no request here
    (("asked",), LIN, consent(method="web_device_key", withdrawal=licensing.WAYS), Papers(asked=True)),
    (("eu",), LIN, consent(jurisdiction=("DE",)), NONE),
    (("eu",), LIN, consent(jurisdiction=("CN", "EU")), NONE),
    (("abroad",), LIN, consent(recipients=(ABROAD,)), NONE),
    ((), LIN, consent(recipients=(replace(ABROAD, region="CN"),)), NONE),
    ((), LIN, consent(recipients=(replace(ABROAD, region="local"),)), NONE),
    (("offered",), replace(LIN, offered_to="licensed_org"), consent(), NONE),
    (("offered",), replace(LIN, offered_to="public"), consent(), NONE),
]


@pytest.mark.parametrize(("expected", "persona", "record", "papers"), CASES)
def test_l14_why_an_assessment_is_needed(
    expected: tuple[str, ...], persona: Persona, record: Consent, papers: Papers
) -> None:
    assert needs(persona, record, papers) == expected


def test_l14_who_distils_themselves_needs_nobodys_leave() -> None:
    """Reading (b) of the rights: signed on one's own machine, for one's own team, nothing abroad."""
    ready(LIN, consent(), NOW, NONE)
    assert transition(LIN, "live", NOW, consent=consent()).state == "live"


def test_l14_who_narrows_their_own_record_on_the_page_was_asked_by_nobody() -> None:
    record = consent()
    narrowed = replace(record, event=replace(record.event, type="amended", method="web_device_key"))
    assert needs(LIN, narrowed, NONE) == ()


@pytest.mark.parametrize("standing", get_args(Standing))
@pytest.mark.parametrize("case", [case for case in CASES if case[0] and case[0] not in (("eu",), ("offered",))])
def test_l14_none_stale_rejected_or_self_approved_is_refused(standing: Standing, case: Any) -> None:
    """Whatever the reason it is needed for; and only a valid one lets it pass."""
    _, persona, record, papers = case
    code, told = refused(persona, record, replace(papers, assessment=standing, changes=("platform: x",)))
    assert code == ("" if standing == "valid" else "ASSESSMENT_REQUIRED")
    assert standing == "valid" or ("understudy assess sign lin" in told and "slack:U1" not in told)
    assert ("platform: x" in told) == (standing == "stale")


@pytest.mark.parametrize("event", ["live", "resume"])
@pytest.mark.parametrize("state", ["draft", "cooling", "assessed", "suspended"])
def test_l14_no_way_to_speak_goes_round_it(event: str, state: str) -> None:
    """Whoever forgets to look at the papers is refused, not let pass."""
    persona = replace(
        LIN, state=state, asked_by="slack:U9", approved="urn:uuid:1", accepted={LIN.owner: "sha256:0"}
    )
    with pytest.raises(Refused) as error:
        transition(persona, event, NOW, consent=consent())
    assert error.value.code in ("ASSESSMENT_REQUIRED", "ILLEGAL_STATE")


@pytest.mark.parametrize("place", ["DE", "NO", "EU"])
def test_l30_under_the_gdpr_nothing_speaks_without_a_balancing_of_interests(place: str) -> None:
    """An assessment does not stand in for it."""
    code, told = refused(LIN, consent(jurisdiction=(place,)), VALID)
    assert code == "LIA_REQUIRED"
    assert place in told
    assert "--lia" in told
    there = consent(jurisdiction=(place,), lia_ref="LIA-7", workers_notice_ref="board 3/26")
    assert refused(LIN, there, VALID) == ("", "")
    assert refused(LIN, there, NONE)[0] == "ASSESSMENT_REQUIRED"


def test_l35_under_eu_law_nothing_speaks_before_the_workers_were_told() -> None:
    code, told = refused(LIN, consent(jurisdiction=("FR",), lia_ref="LIA-7"), VALID)
    assert code == "WORKERS_NOTICE_REQUIRED"
    assert "--workers-notice" in told


def test_l30_elsewhere_neither_is_asked_for() -> None:
    assert refused(LIN, consent(jurisdiction=("CN",)), NONE) == ("", "")


@pytest.mark.parametrize("offered", get_args(Offered))
def test_l24_what_is_offered_outside_waits_for_every_filing(offered: Offered) -> None:
    """Each of them, one taken away in turn; inside the organisation none."""
    persona = replace(LIN, offered_to=offered)
    expected = "" if offered == "internal" else "FILING_REQUIRED"
    assert refused(persona, consent(), VALID)[0] == expected
    assert refused(replace(persona, filings=FILED), consent(), VALID) == ("", "")
    for kind in get_args(FilingKind):
        rest = tuple(filing for filing in FILED if filing.kind != kind)
        code, told = refused(replace(persona, filings=rest), consent(), VALID)
        assert code == expected
        assert not code or (kind in told and "understudy filing lin" in told)


def test_l24_one_that_is_filed_and_not_assessed_waits_as_well() -> None:
    persona = replace(LIN, offered_to="public", filings=FILED)
    assert unfiled(persona) == ()
    assert refused(persona, consent(), NONE)[0] == "ASSESSMENT_REQUIRED"
