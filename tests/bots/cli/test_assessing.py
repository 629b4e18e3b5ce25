"""`understudy assess`, `ropa`, `filing`: from a request to a persona that may speak, as a compliance officer types
it."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from bots.assessment.questions import QUESTIONS
from tests.bots.cli.shell import Shell

SIGN = ("consent", "sign", "lin", "--sources", "slack-export,documents", "--cooling-off", "0", "--yes")
WHY = "Spoke with Lin and with two people of the team."


def fill(sheet: Path, answer: str = "yes") -> None:
    """By hand, as it were."""
    empty = 'answer = ""  # yes | no\nwhy = ""'
    text = sheet.read_text(encoding="utf-8")
    assert text.count(empty) >= 7
    sheet.write_text(text.replace(empty, f'answer = "{answer}"\nwhy = "{WHY}"'), encoding="utf-8")


def abroad(sh: Shell) -> None:
    """Signed by the subject themselves, with a recipient abroad: that needs an assessment."""
    sh.draft("lin", "--by", "slack:U0ADM")
    sh.done(*SIGN, "--recipients", "api.example:US:30")


def state(sh: Shell) -> str:
    found: str = sh.done("persona", "show", "lin", "--json").json["state"]
    return found


def test_l14_from_a_draft_to_a_live_persona(sh: Shell) -> None:
    """Refused; written; refused unanswered, and by who is concerned; signed by somebody else; live."""
    abroad(sh)
    said = sh("persona", "live", "lin")
    assert said.refused("ASSESSMENT_REQUIRED")
    assert "understudy assess lin" in said.err
    sh.done("assess", "lin", "--template", "prc", "--lang", "zh-CN", "--out", "papers")
    papers = sh.folder / "papers"
    assert "个人信息保护影响评估" in (papers / "impact-assessment.html").read_text(encoding="utf-8")
    assert "合法授权" in (papers / "ethics-review.html").read_text(encoding="utf-8")
    signing = ("assess", "sign", "lin", "--answers", "papers/answers.toml")
    assert sh(*signing, "--as", "slack:U0COMPLY").refused("ASSESSMENT_ANSWERS")
    fill(papers / "answers.toml")
    assert sh(*signing).refused("ASSESSOR")
    for concerned in ("slack:U0BOB", "slack:U0ADM"):
        assert sh(*signing, "--as", concerned).refused("ASSESSOR_CONCERNED")
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    told = sh.done(*signing, "--as", "slack:U0COMPLY", "--out", "papers", "--json").json
    assert (told["verdict"], told["state"], state(sh)) == ("approved", "assessed", "assessed")
    sh.done("persona", "live", "lin")
    assert sh.done("assess", "show", "lin", "--json").json == {
        "standing": "valid", "needed": ["abroad"], "changes": [], "assessment_ref": told["assessment_ref"],
    }  # fmt: skip
    held = sh.done("assess", "verify", "papers", "--json").json
    assert held["opinion"]["assessor"] == "slack:U0COMPLY"
    assert {each["why"] for each in held["opinion"]["answers"].values()} == {WHY}


def test_l14_who_asked_is_remembered_and_so_is_that_somebody_did(sh: Shell) -> None:
    """They cannot assess it, and it needs an assessment, whoever signs how."""
    sh.draft()
    asking = ("consent", "request", "lin", "--to", "slack:U0LIN", "--sources", "doc", "--cooling-off", "0")
    sh.done(*asking, "--by", "slack:U0BOSS")
    assert sh.done("persona", "show", "lin", "--json").json["asked_by"] == "slack:U0BOSS"
    sh.done(*SIGN)
    shown = sh.done("persona", "show", "lin", "--json").json
    assert (shown["assessment"], shown["assessment_needed"]) == ("none", ["asked"])
    assert sh("persona", "live", "lin").refused("NOT_APPROVED")
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    sh.approved()
    assert sh("persona", "live", "lin").refused("NOT_ACCEPTED")
    sh.done("consent", "accept", "lin", "--as", "slack:U0BOB")
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    sh.done("assess", "lin", "--out", "papers")
    fill(sh.folder / "papers" / "answers.toml")
    signing = ("assess", "sign", "lin", "--answers", "papers/answers.toml", "--as")
    assert sh(*signing, "slack:U0BOSS").refused("ASSESSOR_CONCERNED")
    sh.done(*signing, "slack:U0COMPLY")
    sh.done("persona", "live", "lin")


def test_l14_the_assessors_key_is_theirs_alone(sh: Shell) -> None:
    abroad(sh)
    sh.done("assess", "lin", "--out", "papers")
    fill(sh.folder / "papers" / "answers.toml")
    sh.done("assess", "sign", "lin", "--as", "slack:U0C", "--answers", "papers/answers.toml")
    [key] = [path for path in sh.folder.rglob("*.pem") if path.parent.name == "assessor-keys"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert sh.data not in key.parents
    for written in (sh.folder / "papers").iterdir():
        assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_l14_flags_answer_as_well_and_a_no_is_a_no(sh: Shell) -> None:
    abroad(sh)
    asked = sh.done("assess", "lin", "--json").json["questions"]
    assert set(asked) <= set(QUESTIONS)
    flags = [word for id in asked for word in ("--answer", f"{id}=yes:looked into it")]
    said = sh.done(
        "assess", "sign", "lin", "--as", "slack:U0C", *flags, "--answer", "free=no:they feared for the bonus"
    )
    assert "rejected" in said.out
    assert state(sh) == "draft"
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    assert sh.done("assess", "show", "lin", "--json").json["standing"] == "rejected"


def test_l14_a_changed_record_makes_it_stale_and_says_what_changed(sh: Shell) -> None:
    abroad(sh)
    flags = [word for id in sh.done("assess", "lin", "--json").json["questions"]
             for word in ("--answer", f"{id}=yes:looked into it")]  # fmt: skip
    sh.done("assess", "sign", "lin", "--as", "slack:U0C", *flags)
    sh.done(*SIGN, "--recipients", "api.example:US:30", "--facets", "work_knowledge,communication_style")
    said = sh("persona", "live", "lin")
    assert said.refused("ASSESSMENT_REQUIRED")
    assert "kind of content: communication_style" in said.err
    assert "communication_style" in sh.done("assess", "show", "lin").out


def test_l14_answers_to_one_draft_are_not_taken_for_another_nor_written_over(sh: Shell) -> None:
    abroad(sh)
    sh.done("assess", "lin", "--out", "one")
    fill(sh.folder / "one" / "answers.toml")
    before = (sh.folder / "one" / "answers.toml").read_bytes()
    assert sh("assess", "lin", "--out", "one").refused("FILE_EXISTS")
    assert (sh.folder / "one" / "answers.toml").read_bytes() == before
    sh.done("assess", "lin", "--out", "two")
    said = sh("assess", "sign", "lin", "--as", "slack:U0C", "--answers", "one/answers.toml")
    assert said.refused("ASSESSMENT_ANSWERS")
    assert "another draft" in said.err


def test_l14_what_was_changed_afterwards_does_not_verify(sh: Shell) -> None:
    abroad(sh)
    sh.done("assess", "lin", "--out", "papers")
    assert sh("assess", "verify", "papers").refused("FILE"), "a draft is not signed"
    fill(sh.folder / "papers" / "answers.toml")
    sh.done("assess", "sign", "lin", "--as", "slack:U0C", "--answers", "papers/answers.toml", "--out", "papers")
    signed = sh.folder / "papers" / "assessment.json"
    signed.write_bytes(signed.read_bytes().replace(b"api.example", b"api.exampla"))
    assert sh("assess", "verify", "papers").refused("ASSESSMENT_INVALID")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("assess", "lin"), "USAGE"),
        (("assess", "sign", "lin", "more"), "USAGE"),
        (("assess", "weigh", "lin"), "USAGE"),
        (("assess", "nobody", "--out", "x"), "PERSONA_UNKNOWN"),
        (("assess", "../lin", "--out", "x"), "PERSONA_NAME"),
        (("assess", "lin", "--out", "x"), "NO_CONSENT"),
        (("assess", "show", "lin"), "NO_CONSENT"),
        (("assess", "sign", "lin", "--as", "somebody"), "PERSON_KEY"),
        (("assess", "verify", "nowhere"), "FILE"),
        (("ropa",), "USAGE"),
        (("ropa", "--against", "nowhere.json"), "FILE"),
        (("filing", "nobody"), "PERSONA_UNKNOWN"),
        (("filing", "lin", "--number", "7"), "USAGE"),
        (("filing", "lin", "--number", "7", "--authority", "x", "--on", "2026-01-01"), "FILING"),
        (("filing", "lin", "--pack", "x"), "NO_CONSENT"),
    ],
)
def test_what_cannot_be_is_one_line(sh: Shell, words: tuple[str, ...], code: str) -> None:
    sh.draft()
    assert sh(*words).refused(code)


def test_a_persona_may_be_called_like_a_verb(sh: Shell) -> None:
    sh.draft("sign")
    sh.done("consent", "sign", "sign", "--sources", "doc", "--yes")
    assert sh.done("assess", "sign", "--json").json["configuration"]["persona"]["name"] == "sign"


# ------------------------------------------------------------------ nothing changes for who needs nothing


def test_l14_the_four_commands_need_no_ceremony(sh: Shell) -> None:
    """interfaces.md: create, sign, import, live."""
    sh.live()
    assert state(sh) == "live"


def test_l14_unless_the_installation_wants_it_always(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ASSESS", "always")
    sh.signed()
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ASSESS", "never")
    assert sh("persona", "live", "lin").refused("SETTINGS")


def test_l14_the_sample_of_the_first_run_needs_none_and_waits_where_all_are_to_be_assessed(
    sh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make run` is no ceremony; and it starts, whatever the installation wants."""
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ASSESS", "always")
    sh.sample()
    [waiting] = sh.done("persona", "list", "--json").json
    assert waiting["state"] == "draft"
    monkeypatch.delenv("UNDERSTUDY_RIGHTS_ASSESS")
    sh.done("persona", "live", waiting["name"])


def test_l14_doctor_names_what_the_next_look_would_pause(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    sh.live()
    assert "impact assessment" not in sh("doctor").out
    monkeypatch.setenv("UNDERSTUDY_RIGHTS_ASSESS", "always")
    said = sh("doctor")
    assert "has no impact assessment" in said.out
    assert "understudy assess lin" in said.out


# ------------------------------------------------------------------ the EU


def test_l30_l35_under_the_gdpr_both_references_come_with_the_record(sh: Shell) -> None:
    sh.draft("lin", "--by", "slack:U0ADM")
    eu = (*SIGN, "--jurisdiction", "de")
    assert sh.done(*eu, "--json").json["jurisdiction"] == ["DE"]
    assert sh("persona", "live", "lin").refused("LIA_REQUIRED")
    sh.done(*eu, "--lia", "LIA-2026-7")
    assert sh("persona", "live", "lin").refused("WORKERS_NOTICE_REQUIRED")
    record = sh.done(*eu, "--lia", "LIA-2026-7", "--workers-notice", "works council 3/26", "--json").json
    assert (record["lia_ref"], record["workers_notice_ref"]) == ("LIA-2026-7", "works council 3/26")
    assert "works council 3/26" in sh.done("consent", "show", "lin").out
    assert sh("persona", "live", "lin").refused("ASSESSMENT_REQUIRED")
    made = sh.done("assess", "lin", "--json").json
    assert made["template"] == "eu"
    assert {"officer", "representatives"} <= set(made["questions"])


def test_l30_a_place_that_is_none_is_refused(sh: Shell) -> None:
    sh.draft()
    assert sh(*SIGN, "--jurisdiction", "Germany").refused("CONSENT_SCHEMA")


# ------------------------------------------------------------------ filing and the record of processing


def test_l24_offered_outside_it_waits_for_its_numbers(sh: Shell) -> None:
    sh.draft("lin", "--offered-to", "public", "--by", "slack:U0ADM")
    sh.done(*SIGN)
    flags = [word for id in sh.done("assess", "lin", "--json").json["questions"]
             for word in ("--answer", f"{id}=yes:looked into it")]  # fmt: skip
    sh.done("assess", "sign", "lin", "--as", "slack:U0C", *flags)
    said = sh("persona", "live", "lin")
    assert said.refused("FILING_REQUIRED")
    assert "understudy filing lin" in said.err
    listed = sh.done("filing", "lin").out
    assert all(word in listed for word in ("算法备案", "安全评估", "算法推荐管理规定 24", "暂行办法 17"))
    number = ("--number", "网信算备110108000000001号", "--authority", "国家互联网信息办公室", "--on", "2026-01-02")
    sh.done("filing", "lin", *number)
    sh.done("persona", "live", "lin")
    sh.done("filing", "lin", "--pack", "pack")
    assert (sh.folder / "pack" / "assessment.json.jws").is_file()
    assert "网信算备110108000000001号" in (sh.folder / "pack" / "filing.html").read_text(encoding="utf-8")
    sh.done("assess", "verify", "pack")


def test_l24_offering_it_further_silences_it_and_taking_it_back_lets_it_go_on(sh: Shell) -> None:
    sh.live()
    assert "due" in sh.done("persona", "offer", "lin", "public").out
    assert state(sh) == "suspended"
    assert sh("persona", "resume", "lin").refused("ASSESSMENT_REQUIRED")
    sh.done("persona", "offer", "lin", "internal")
    sh.done("persona", "resume", "lin")


def test_l33_drift_is_told_and_ends_with_one(sh: Shell) -> None:
    sh.signed()
    sh.done("ropa", "--lang", "zh-CN", "--out", "records")
    records = sh.folder / "records"
    assert "个人信息处理活动记录" in (records / "processing.html").read_text(encoding="utf-8")
    assert json.loads((records / "processing.json").read_bytes()) == sh.done("ropa", "--json").json
    assert "Nothing has changed" in sh.done("ropa", "--against", "records/processing.json").out
    sh.done(*SIGN, "--facets", "work_knowledge,decision_patterns")
    said = sh("ropa", "--against", "records/processing.json")
    assert said.status == 1
    assert re.search(r'lin\.facets: \["work_knowledge"\] → .*decision_patterns', said.out)
