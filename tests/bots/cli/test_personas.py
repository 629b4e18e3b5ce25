"""`understudy persona …` and `consent …`: the way to a live persona and its end."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from tests.bots.cli.shell import Shell


def test_four_commands_lead_from_an_export_to_a_live_persona(sh: Shell) -> None:
    """Exactly as documented, with nobody at the terminal."""
    export = sh.slack()
    sh.done("persona", "create", "carlyn", "--owner", "slack:U1", "--deputy", "slack:U2", "--chats", "slack:*")
    sign = ("consent", "sign", "carlyn", "--sources", "slack-export", "--facets", "work_knowledge")
    sh.done(*sign, "--days", "90", "--cooling-off", "0", "--yes")
    sh.done("import", "slack-export", export, "--persona", "carlyn", "--subject", "U0LIN")
    sh.done("persona", "live", "carlyn")
    assert sh.done("persona", "show", "carlyn", "--json").json["state"] == "live"


def test_several_personas_come_from_one_export(sh: Shell) -> None:
    export = sh.slack()
    for name, subject in (("lin", "U0LIN"), ("bob", "U0BOB")):
        sh.signed(name)
        sh.done("import", "slack-export", export, "--persona", name, "--subject", subject)
        sh.done("persona", "live", name)
    everyone = sh.done("persona", "list", "--json").json
    assert {(p["name"], p["state"], p["subject"]) for p in everyone} == {
        ("lin", "live", "slack:U0LIN"),
        ("bob", "live", "slack:U0BOB"),
    }


def test_a_persona_is_shown_with_what_it_holds(sh: Shell) -> None:
    sh.live()
    shown = sh.done("persona", "show", "lin")
    assert "slack_export 4" in shown.out
    facts = sh.done("persona", "show", "lin", "--json").json
    assert (facts["sources"], facts["passages"], facts["open_escalations"]) == ({"slack_export": 4}, 4, 0)
    assert facts["consent"]["schema_version"] == "understudy.consent/1"


def test_every_switch_answers_a_script_with_the_persona(sh: Shell) -> None:
    sh.live()
    assert sh.done("persona", "pause", "lin", "--json").json["state"] == "suspended"
    assert sh.done("persona", "resume", "lin", "--json").json["state"] == "live"


def test_live_needs_consent_and_owner(sh: Shell) -> None:
    sh.draft()
    assert sh("persona", "live", "lin").refused("NO_CONSENT")
    assert "has no owner yet" in sh.done("persona", "create", "orphan").out
    assert sh("consent", "sign", "orphan", "--sources", "slack-export", "--audience", "slack:*").refused("NO_OWNER")
    assert sh("persona", "live", "orphan").status == 2


def test_a_persona_that_knows_nothing_says_so_when_it_goes_live(sh: Shell) -> None:
    sh.signed()
    assert "knows nothing yet" in sh.done("persona", "live", "lin").out


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--owner", "Bob", "PERSON_KEY"),
        ("--owner", "slack:U1 ", "PERSON_KEY"),
        ("--deputy", ":U1", "PERSON_KEY"),
        ("--chats", "everywhere", "PERSON_KEY"),
        ("--timezone", "Mars/Olympus", "TIMEZONE"),
        ("--timezone", "../../etc/passwd", "TIMEZONE"),
        ("--risk-budget", "1.5", "RISK_BUDGET"),
        ("--risk-budget", "nan", "RISK_BUDGET"),
        ("--risk-budget", "much", "USAGE"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(sh: Shell, option: str, value: str, code: str) -> None:
    assert sh("persona", "create", "lin", option, value).refused(code)
    assert sh.done("persona", "list", "--json").json == []


@pytest.mark.parametrize(
    ("owner", "setting", "zone", "warned"),
    [
        ("dingtalk:zhoulan", "", "Asia/Shanghai", False),
        ("feishu:ou_zhoulan", "", "Asia/Shanghai", False),
        ("feishu:ou_ana", "FEISHU_DOMAIN=https://open.larksuite.com", "", True),
        ("dingtalk:ana", "DINGTALK_API_URL=https://api.dingtalk.io", "", True),
        ("slack:U1", "", "", False),
    ],
)
def test_an_owner_in_china_is_not_left_to_utc(
    sh: Shell, monkeypatch: pytest.MonkeyPatch, owner: str, setting: str, zone: str, warned: bool
) -> None:
    """Feishu and DingTalk tell no zone; quiet from 19:00 to 09:00 UTC would be most of Shanghai's working day."""
    if setting:
        name, _, value = setting.partition("=")
        monkeypatch.setenv(f"UNDERSTUDY_{name}", value)
    said = sh.done("persona", "create", "ana", "--owner", owner)
    assert ("--timezone" in said.out + said.err) is warned
    [made] = json.loads(sh.done("persona", "list", "--json").out)
    assert made["rules"]["timezone"] == zone


def test_a_name_is_given_once(sh: Shell) -> None:
    """Also a retired one: its tombstone must never be taken for somebody else."""
    sh.draft()
    assert sh("persona", "create", "lin").refused("PERSONA_EXISTS")
    sh.done("persona", "retire", "lin", "--yes")
    assert sh("persona", "create", "lin").refused("PERSONA_EXISTS")
    assert sh("persona", "retire", "lin", "--yes").refused("RETIRED")


def test_what_cannot_be_undone_is_never_done_unasked(sh: Shell) -> None:
    """With nobody at the terminal only --yes counts as a yes."""
    sh.live()
    assert sh("persona", "retire", "lin").refused("NOT_AGREED")
    assert sh("consent", "withdraw", "lin").refused("NOT_AGREED")
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "live"


def test_retiring_asks_for_the_name(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    sh.live()
    typed = iter(["linn\n", "lin\n"])
    someone = SimpleNamespace(isatty=lambda: True, readline=lambda: next(typed))
    monkeypatch.setattr(sys, "stdin", someone)
    assert sh("persona", "retire", "lin").status == 1
    certificate = sh.done("persona", "retire", "lin", "--json")
    assert certificate.json["cert_id"]
    assert "cannot be undone" in certificate.err


def test_withdrawing_erases_and_answers_with_the_certificate(sh: Shell) -> None:
    sh.live()
    assert sh.done("consent", "withdraw", "lin", "--yes", "--json").json["cert_id"]
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erased"
    assert not list((sh.data / "evidence").glob("lin.db*"))


def test_nothing_is_signed_unseen(sh: Shell) -> None:
    """What would be signed is shown, and without --yes somebody must agree to it."""
    sh.draft()
    refused = sh("consent", "sign", "lin", "--sources", "slack-export")
    assert refused.status == 2
    assert "everything the whole team could read" in refused.out
    assert sh("consent", "show", "lin").refused("CONSENT_MISSING")


def test_a_choice_no_record_can_hold_is_refused(sh: Shell) -> None:
    sh.draft()
    sign = ("consent", "sign", "lin", "--yes", "--sources")
    assert sh(*sign, "gossip").refused("CONSENT_CHOICE")
    assert sh(*sign, "slack-export", "--facets", "soul").refused("CONSENT_CHOICE")
    assert sh(*sign, "slack-export", "--days", "5000").refused("CONSENT_CHOICE")
    assert sh(*sign, "slack-export", "--days", "-1").refused("CONSENT_CHOICE")
    assert sh(*sign, "slack-export", "--days", "x").refused("USAGE")
    assert sh(*sign, "slack-export", "--cooling-off", "-3").status == 2
