"""`understudy verify-acl`: numbers for whoever has to say yes, and an exit status for whoever automates it."""

from __future__ import annotations

from typing import Any

import pytest

from bots import acl
from tests.bots.cli.shell import Shell


def test_t06_a_persona_that_keeps_to_its_sources_readers_passes(sh: Shell) -> None:
    sh.live()
    told = sh.done("verify-acl", "lin", "--as", "slack:U0BOB", "--as", "slack:U0ANN", "--json").json
    rooms = [[], ["slack:U0BOB"], ["slack:U0ANN"], ["slack:U0BOB", "slack:U0ANN"]]
    assert [each["who"] for each in told["audiences"]] == rooms
    assert told["leaks"] == 0
    assert sum(each["passages"] for each in told["places"]) > 0
    shown = sh.done("verify-acl", "lin", "--as", "slack:U0BOB")
    assert "Nobody was handed what is not theirs" in shown.out + shown.err
    assert "retry job runs" not in shown.out + shown.err, "no word of the material"


def test_t06_what_is_handed_out_too_widely_fails_the_command(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """That it is noticed is tests/bots/test_acl.py's; here, what becomes of it."""
    sh.live()

    async def leaked(*given: Any, **named: Any) -> Any:
        return (acl.Audience(("slack:U0BOB",), 2, 0, 0, ("m1",)),)

    monkeypatch.setattr(acl, "verify", leaked)
    told = sh("verify-acl", "lin", "--as", "slack:U0BOB")
    assert told.status == 1
    assert "Do not go live" in told.out + told.err


def test_somebody_who_is_nobody_is_refused(sh: Shell) -> None:
    sh.live()
    assert sh("verify-acl", "lin", "--as", "bob").status == 2
    assert sh("verify-acl", "nobody").status == 2
