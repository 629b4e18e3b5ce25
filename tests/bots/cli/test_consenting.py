"""`understudy consent sign --recipients`: who outside gets content is named before anything is sent."""

from __future__ import annotations

import pytest

from bots.llm.addresses import recipient_of
from tests.bots.cli.shell import Shell

SIGN = ("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes")


def signed(sh: Shell, recipients: str) -> list[dict[str, object]]:
    sh.draft()
    found: list[dict[str, object]] = sh.done(*SIGN, "--recipients", recipients, "--json").json["recipients"]
    return found


def test_recipients_are_in_the_record_with_place_and_time(sh: Shell) -> None:
    assert signed(sh, "api.deepseek.com:CN:30, localhost:CN:0") == [
        {"name": "api.deepseek.com", "role": "processor", "region": "CN", "retention_days": 30, "trains": False},
        {"name": "localhost", "role": "processor", "region": "CN", "retention_days": 0, "trains": False},
    ]
    shown = sh.done("consent", "show", "lin").out
    assert "api.deepseek.com (CN), which keeps it for 30 days" in shown


def test_without_the_option_nobody_outside_gets_anything(sh: Shell) -> None:
    sh.draft()
    assert sh.done(*SIGN, "--json").json["recipients"] == []


@pytest.mark.parametrize(
    "given", ["https://API.DeepSeek.com/v1", "Api.deepseek.com", "http://[fd00::1]:8000/v1", "fd00::1"]
)
def test_a_name_is_the_one_its_endpoint_goes_by(sh: Shell, given: str) -> None:
    [recipient] = signed(sh, f"{given}:CN:7")
    url = given if "://" in given else f"https://[{given}]/" if given.count(":") > 1 else f"https://{given}/"
    assert recipient["name"] == recipient_of(url)


def test_who_trains_on_it_is_refused_by_the_record(sh: Shell) -> None:
    sh.draft()
    said = sh(*SIGN, "--recipients", "api.example:US:30:trains")
    assert said.refused("CONSENT_SCHEMA")
    assert "trains" in said.err


@pytest.mark.parametrize("given", [
    "api.example", "api.example:CN", "api.example:CN:soon", ":CN:30", "api.example::30", "api.example:CN:-1",
    "api.example:CN:30:learns", "api.example:CN:٣", "api.example:CN:123456", "https:///x:CN:1",
])  # fmt: skip
def test_what_says_too_little_is_one_line(sh: Shell, given: str) -> None:
    sh.draft()
    said = sh(*SIGN, "--recipients", given)
    assert said.refused("RECIPIENT") or said.refused("SETTINGS")
    assert sh("consent", "show", "lin").refused("CONSENT_MISSING")
