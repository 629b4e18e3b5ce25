"""`understudy slack manifest`: what it prints is what Slack's form takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bots.cli import main


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_manifest_is_for_socket_mode_unless_set_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slack", "manifest"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(made)


def test_http_mode_takes_the_public_address_from_the_settings(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_SLACK_MODE", "http")
    monkeypatch.setenv("UNDERSTUDY_WEB_LINK_BASE", "https://bot.example.com/")
    assert main(["slack", "manifest", "--name", "carlyn"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["display_information"]["name"] == "carlyn"
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://bot.example.com/slack/events"


def test_an_address_slack_would_not_call_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Slack wants https; without an address set, ours is one of this machine."""
    assert main(["slack", "manifest", "--mode", "http"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error[SLACK_URL]: ")
    assert "'http://127.0.0.1:8765'" in said
    assert said.count("\n") == 1
