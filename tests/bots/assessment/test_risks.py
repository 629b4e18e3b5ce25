"""L14: a measure counts only where it is in force, each names a row that is tested, and each has its sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bots.assessment import ethics, findings, questions, risks
from bots.assessment.configuration import Configuration
from bots.assessment.footprint import ASPECTS
from bots.assessment.retention import PERIODS
from bots.wording import sentences
from tests.bots.assessment.configurations import HELD, LIN, US, configuration, record

OWN = record()
NARROWED = replace(OWN, event=replace(OWN.event, type="amended", method="web_device_key"))
"""Who signed for themselves changed it on their page: nobody asked them, so nobody has them approve first."""


def risk(c: Configuration, code: str) -> Any:
    [found] = [each for each in risks.risks(c) if each.code == code]
    return found


@pytest.mark.parametrize(
    ("code", "measure", "changed"),
    [
        ("pressed", "cooling_off", configuration(consent=record(cooling_off_days=6))),
        ("pressed", "preview", configuration()),
        ("pressed", "preview", configuration(consent=NARROWED)),
        ("outside", "inside_region", configuration(consent=record(recipients=(US,)))),
        ("outside", "keeps_nothing", configuration(consent=record(recipients=(US,)))),
        ("nobody", "deputy", configuration(replace(LIN, deputy=""))),
        ("nobody", "owner_accepted", configuration(replace(LIN, accepted={}))),
        ("wrong", "owner_named", configuration(replace(LIN, owner=""))),
        ("too_long", "end_known", configuration(consent=record(employment_end=None))),
        ("stolen", "keys_apart", configuration()),
        ("offered", "filed", configuration(replace(LIN, offered_to="public"))),
        ("secretly", "own_key",
         configuration(consent=replace(record(), event=replace(record().event, method="paper")))),
    ],
)  # fmt: skip
def test_l14_a_measure_that_is_not_in_force_stands_as_open(code: str, measure: str, changed: Configuration) -> None:
    """And the weight of its risk stays what it was without any."""
    found = risk(changed, code)
    assert [each.code for each in found.measures if not each.in_force and each.code == measure] == [measure]
    assert found.open
    assert found.after == found.before


def test_l14_with_every_measure_in_force_a_risk_is_one_step_lower_and_never_gone() -> None:
    found = risk(configuration(), "replaced")
    assert (found.open, found.before, found.after) == (False, "high", "medium")
    assert risk(configuration(), "companion").after == "low"


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("outside", configuration(consent=record(recipients=(US,)))),
        ("others", configuration(held=replace(HELD, private=3))),
        ("nobody", configuration(replace(LIN, deputy=""))),
        ("too_long", configuration(consent=record(employment_end=None))),
        ("pressed", configuration(consent=record(recipients=(US,)))),
        ("impersonated", configuration(consent=record(facets=("work_knowledge", "name_avatar")))),
    ],
)
def test_l14_the_weight_follows_the_configuration(code: str, changed: Configuration) -> None:
    assert risk(changed, code).before == "high"
    assert risk(configuration(), code).before != "high"


def test_the_risk_of_offering_is_there_only_where_it_is_offered() -> None:
    assert "offered" not in {each.code for each in risks.risks(configuration())}
    assert "offered" in {each.code for each in risks.risks(configuration(replace(LIN, offered_to="licensed_org")))}


# ------------------------------------------------------------------ its sentences


def written(prefix: str) -> set[str]:
    """Codes that stand in the locale below `assessment.`."""
    start = f"assessment.{prefix}_"
    return {key.removeprefix(start) for key in sentences("en") if key.startswith(start)}


def test_every_risk_measure_question_change_and_period_has_a_sentence_and_no_sentence_is_left_over() -> None:
    assert written("risk") == set(risks.KINDS)
    assert written("measure") == {name for kind in risks.KINDS.values() for name, _, _ in kind.measures}
    assert written("ask") == set(questions.QUESTIONS)
    assert written("change") == set(ASPECTS)
    assert written("kept") == set(PERIODS)
    assert {code for code in written("check") if not code.endswith("_lead")} == {
        *ethics.CHECKS, "passed", "open", "waits",
    }  # fmt: skip


def test_every_finding_has_a_sentence_and_no_sentence_is_left_over() -> None:
    """Read off the source: a code that is put together names its endings."""
    source = Path(findings.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'"([a-z_]+)"', source))
    endings = {
        "signed": ("cli", "web_device_key", "paper"),
        "facet": ("decision_patterns", "communication_style", "name_avatar"),
        "offered": ("licensed_org", "public"),
        "filed": ("algorithm", "service", "security"),
        "unfiled": ("algorithm", "service", "security"),
        "lia": ("there", "missing"),
        "workers": ("there", "missing"),
    }
    codes |= {f"{stem}_{end}" for stem, ends in endings.items() for end in ends}
    assert written("found") - codes == set()


def test_every_check_of_the_ethics_review_is_made_of_what_there_is() -> None:
    for check in ethics.CHECKS.values():
        assert set(check.risks) <= set(risks.KINDS)
        assert set(check.questions) <= set(questions.QUESTIONS)
        assert set(check.codes) <= written("found")
    asked = [id for check in ethics.CHECKS.values() for id in check.questions]
    assert sorted(asked) == sorted(questions.QUESTIONS), "each question belongs to exactly one check"
