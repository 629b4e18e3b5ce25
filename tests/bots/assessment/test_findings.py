"""L14: findings are computed. Each is there when the configuration shows it, and gone when it does not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bots.assessment import words
from bots.assessment.configuration import Configuration, Container, Held
from bots.assessment.findings import findings
from bots.assessment.model import Finding
from bots.wording import LANGUAGES
from persona_store.model import Filing
from tests.bots.assessment.configurations import CN, HELD, HERE, LIN, START, US, configuration, record


def codes(c: Configuration) -> set[str]:
    return {each.code for each in findings(c)}


def one(c: Configuration, code: str) -> Finding:
    [found] = [each for each in findings(c) if each.code == code]
    return found


def event(method: str) -> Any:
    return replace(record().event, method=method)


QUIET = configuration()


def test_a_quiet_configuration_has_nothing_to_change() -> None:
    """So that what the others find is theirs."""
    assert [each.code for each in findings(QUIET) if each.grade == "act"] == []
    assert {each.code for each in findings(QUIET) if each.grade == "note"} == {
        "alone", "others_kept", "keys_beside_data",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "instead", "changed"),
    [
        ("cross_border", "nobody_outside", configuration(consent=record(recipients=(US,)))),
        ("recipient_keeps", "nobody_outside", configuration(consent=record(recipients=(US,)))),
        ("recipient_inside", "nobody_outside", configuration(consent=record(recipients=(CN,)))),
        ("recipients_idle", "", configuration(consent=record(recipients=(CN,)))),
        ("model_unused", "", configuration(here=replace(HERE, model="other.example"))),
        ("notice_changed", "notice_current", configuration(notice_current=False)),
        ("signed_paper", "signed_cli", configuration(consent=replace(record(), event=event("paper")))),
        ("lia_missing", "", configuration(consent=record(jurisdiction=("DE",)))),
        ("workers_missing", "", configuration(consent=record(jurisdiction=("DE",)))),
        ("lia_there", "", configuration(consent=record(jurisdiction=("DE",), lia_ref="LIA-7"))),
        ("workers_there", "", configuration(consent=record(jurisdiction=("DE",), workers_notice_ref="3/26"))),
        ("asked_and_signed_here", "", configuration(replace(LIN, asked_by="slack:U9"))),
        ("nothing_imported", "containers_used", configuration(held=Held())),
        ("containers_unused", "containers_used", configuration(consent=record(sources=("slack_export", "doc")))),
        ("every_container", "", configuration(consent=record(containers=("*",)))),
        ("old_material", "", configuration(held=replace(HELD, first=date(2021, 1, 1)))),
        ("not_distilled", "facets_used", configuration(held=replace(HELD, facets={}, distilled=False))),
        ("facets_unused", "facets_used", configuration(held=replace(HELD, facets={}))),
        ("audience_wider", "named_chats", configuration(consent=record(audiences=("slack:*",)))),
        ("every_chat", "named_chats",
         configuration(replace(LIN, chats=("slack:*",)), record(audiences=("slack:*",)))),
        ("term_long", "term", configuration(consent=record(days=300, employment_end=None))),
        ("cooling_none", "cooling", configuration(consent=record(cooling_off_days=0))),
        ("cooling_short", "cooling", configuration(consent=record(cooling_off_days=3))),
        ("employment_unknown", "employment_ends", configuration(consent=record(employment_end=None))),
        ("employment_ended", "employment_ends", configuration(consent=record(employment_end=date(2026, 3, 1)))),
        ("not_approved", "", configuration(consent=replace(record(), event=event("web_device_key")))),
        ("approved", "",
         configuration(replace(LIN, approved="urn:1"), replace(record(), event=event("web_device_key")))),
        ("private_kept", "", configuration(held=replace(HELD, private=4))),
        ("kept_back", "", configuration(held=replace(HELD, withheld={"pitfall": 3}))),
        ("files_out", "", configuration(held=replace(HELD, files_out=1))),
        ("facet_communication_style", "",
         configuration(consent=record(facets=("work_knowledge", "communication_style")))),
        ("facet_decision_patterns", "",
         configuration(consent=record(facets=("work_knowledge", "decision_patterns")))),
        ("facet_name_avatar", "", configuration(consent=record(facets=("work_knowledge", "name_avatar")))),
        ("subject_unknown", "subject_known", configuration(replace(LIN, subject=""))),
        ("no_owner", "owner_there", configuration(replace(LIN, owner=""))),
        ("no_deputy", "deputy_there", configuration(replace(LIN, deputy=""))),
        ("not_accepted", "", configuration(replace(LIN, accepted={}))),
        ("no_admin", "admins", configuration(here=replace(HERE, admins=()))),
        ("page_not_reached", "page_reached", configuration(page_reached=False)),
        ("unfiled_algorithm", "", configuration(replace(LIN, offered_to="public"))),
        ("filed_algorithm", "", configuration(replace(
            LIN, offered_to="public", filings=(Filing("algorithm", "N-1", "the office", date(2026, 2, 1)),)))),
        ("offered_public", "", configuration(replace(LIN, offered_to="public"))),
        ("offered_licensed_org", "", configuration(replace(LIN, offered_to="licensed_org"))),
    ],
)  # fmt: skip
def test_l14_a_finding_is_there_when_it_is_so_and_only_then(
    code: str, instead: str, changed: Configuration
) -> None:
    assert code in codes(changed)
    assert code not in codes(QUIET)
    for lang in LANGUAGES:
        assert words.finding(one(changed, code), lang)
    if instead:
        assert instead in codes(QUIET)
        assert instead not in codes(changed)


def test_l14_what_was_granted_and_never_used_is_counted_and_named() -> None:
    """Two containers of which nothing was taken: a narrower scope is possible."""
    agreed = record(containers=("C1", "C2", "C3"))
    found = one(configuration(consent=agreed), "containers_unused")
    assert found.values == {"count": 2, "list": "slack_export:C2, slack_export:C3"}


def test_l14_what_is_granted_for_later_is_not_unused() -> None:
    """The owner's answers and the interview are said after the record."""
    agreed = record(sources=("slack_export", "interview"))
    assert "containers_unused" not in codes(configuration(consent=agreed))


def test_l14_every_container_that_is_used_is_counted() -> None:
    held = replace(HELD, containers=(Container("slack_export", "C1", 1), Container("slack_export", "C2", 1)))
    found = one(configuration(consent=record(containers=("*",)), held=held), "every_container")
    assert found.values["count"] == 2


def test_l14_the_days_until_the_employment_ends_are_counted_from_today() -> None:
    agreed = record(employment_end=START.date() + timedelta(days=12), days=365)
    found = one(configuration(consent=agreed), "employment_ends")
    assert found.values == {"days": 12, "day": (START.date() + timedelta(days=102)).isoformat()}
