"""Simple choices become a record that reads back as what was chosen, with the cautious value everywhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from persona_store.consent.draft import FACETS, Choices, digest, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent, encode
from persona_store.errors import Refused

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
PLAIN = Choices(owner="slack:U1", sources=("slack-export",), audiences=("slack:*",))


def made(**changes: object) -> Consent:
    return parse(draft(replace(PLAIN, **changes), NOW))


def sources(consent: Consent) -> list[str]:
    return [f"{grant.kind}:{grant.container}" for grant in consent.scope.sources]


@given(
    facets=st.sets(st.sampled_from(FACETS)),
    days=st.integers(0, 1095),
    cooling=st.integers(0, 90),
    containers=st.lists(st.from_regex(r"[A-Z0-9]{1,12}|\*", fullmatch=True), min_size=1, max_size=4, unique=True),
)
def test_what_was_chosen_is_what_the_record_says(
    facets: set[str], days: int, cooling: int, containers: list[str]
) -> None:
    consent = made(facets=tuple(facets), days=days, cooling_off_days=cooling, containers=tuple(containers))
    assert {facet for facet in FACETS if getattr(consent.facets, facet)} == facets
    assert (consent.term.end - consent.term.start.date()).days == days
    assert (consent.effective_at - consent.event.time).days == cooling
    assert sources(consent) == [*(f"slack_export:{container}" for container in containers), "correction:*"]


def test_reading_and_writing_a_record_changes_nothing() -> None:
    raw = draft(PLAIN, NOW)
    assert encode(parse(raw)) == raw


def test_two_drafts_are_about_two_people_and_an_amendment_about_the_same() -> None:
    first, second = draft(PLAIN, NOW), draft(PLAIN, NOW)
    assert parse(first).pii_principal_id != parse(second).pii_principal_id
    amended = parse(draft(PLAIN, NOW, previous=first))
    assert amended.pii_principal_id == parse(first).pii_principal_id
    assert amended.prev_record == digest(first)
    assert amended.event.type == "amended"
    assert amended.record_id != parse(first).record_id


def test_the_cautious_value_is_the_default() -> None:
    consent = made()
    assert [facet for facet in FACETS if getattr(consent.facets, facet)] == ["work_knowledge"]
    assert consent.voluntariness.cooling_off_days == 7
    assert consent.recipients == ()
    assert consent.licence.model == "none"
    assert consent.scope.authored_by_subject_only
    assert consent.term.erase_within_days == 90


def test_corrections_are_learnt_from_the_day_of_signing_unless_the_subject_says_no() -> None:
    learning = made().scope.sources[-1]
    assert (learning.kind, learning.first, learning.last) == ("correction", date(2026, 3, 2), date(2026, 5, 31))
    assert sources(made(learn=False)) == ["slack_export:*"]
    assert sources(made(learn=False, sources=("slack-export", "correction"))) == ["slack_export:*", "correction:*"]


def test_what_is_said_for_the_handover_is_covered_until_the_end_and_stands_in_no_chat() -> None:
    """An interview is held after the record was signed; a chat's export is not of days to come."""
    consent = made(sources=("slack-export", "interview", "description"), containers=("C1",), learn=False)
    grants = {grant.kind: grant for grant in consent.scope.sources}
    assert [(grants[kind].container, grants[kind].last) for kind in ("interview", "description")] == [
        ("*", consent.term.end)
    ] * 2
    assert (grants["slack_export"].container, grants["slack_export"].last) == ("C1", NOW.date())
    until = date(2026, 3, 9)
    assert {grant.last for grant in made(sources=("interview",), last=until, learn=False).scope.sources} == {until}


def test_kinds_of_source_may_be_spelt_as_the_commands_are() -> None:
    spelt = made(sources=("documents", "slack-export", "slack_export"), learn=False)
    assert sources(spelt) == ["slack_export:*", "doc:*"]


def test_one_to_one_chats_follow_their_platform_unless_the_subject_says_no() -> None:
    def audiences(**changes: object) -> list[str]:
        return [f"{grant.platform}:{grant.chat}" for grant in made(**changes).audiences]

    assert audiences() == ["slack:*", "slack:dm"]
    assert audiences(direct=False) == ["slack:*"]
    assert audiences(audiences=("slack:C1", "slack:C2", "feishu:oc_1")) == [
        "slack:C1", "slack:dm", "slack:C2", "feishu:oc_1", "feishu:dm"
    ]  # fmt: skip


def test_the_employments_end_reaches_the_record() -> None:
    consent = made(employment_end=date(2026, 3, 31), days=365)
    assert consent.ends_at == datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sources": ("everything",)}, "CONSENT_CHOICE"),
        ({"sources": ("*",)}, "CONSENT_CHOICE"),
        ({"facets": ("mood",)}, "CONSENT_CHOICE"),
        ({"audiences": ("slack",)}, "CONSENT_CHOICE"),
        ({"audiences": (":C1",)}, "CONSENT_CHOICE"),
        ({"audiences": ("*:*",)}, "CONSENT_SCHEMA"),
        ({"audiences": ()}, "CONSENT_SCHEMA"),
        ({"sources": (), "learn": False}, "CONSENT_SCHEMA"),
        ({"uses": ("anything, for all lawful purposes",)}, "CONSENT_SCHEMA"),
        ({"days": 1097}, "CONSENT_CHOICE"),
        ({"days": 10**12}, "CONSENT_CHOICE"),
        ({"days": -1}, "CONSENT_CHOICE"),
        ({"containers": ("\udcff",)}, "CONSENT_CHOICE"),
        ({"cooling_off_days": -1}, "CONSENT_SCHEMA"),
        ({"containers": ("",)}, "CONSENT_SCHEMA"),
    ],
)
def test_a_choice_no_record_may_hold_is_refused_in_one_line(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        made(**changes)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)
