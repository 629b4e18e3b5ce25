"""What `doctor` finds: each thing that is missing is named with what does not work and where to click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters.dingtalk import create
from adapters.dingtalk.check import clock
from adapters.dingtalk.permissions import PERMISSIONS
from adapters.protocol import Finding
from adapters.secret import Secret
from tests.adapters.dingtalk.harness import config_for
from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.dingtalk_api import ALL_SCOPES


async def findings(ding: DingTalkServer, **more: object) -> Sequence[Finding]:
    adapter = create(config_for(ding, **{"card_template": ding.card_template, "stream": True, **more}))
    try:
        return await adapter.check()
    finally:
        await adapter.close()


def bad(found: Sequence[Finding]) -> list[str]:
    return [finding.what for finding in found if not finding.ok]


async def test_nothing_is_missing_and_nothing_was_changed() -> None:
    async with DingTalkServer() as ding:
        found = await findings(ding)
        assert bad(found) == []
        assert len(found) >= 7
        assert ding.standing() == []
        await findings(ding)
        assert len(ding.space.cards) <= 1  # one that nobody sees, however often it is asked


@pytest.mark.parametrize("permission", PERMISSIONS, ids=lambda permission: permission.code)
async def test_a_missing_permission_is_named_with_what_does_not_work(permission: object) -> None:
    code, without = permission.code, permission.without  # type: ignore[attr-defined]  # a Permission
    async with DingTalkServer(granted=set(ALL_SCOPES - {code})) as ding:
        found = await findings(ding)
        (named,) = [finding for finding in found if code in finding.what]
        assert without in named.what
        assert "Permission Management" in named.fix
        assert named.ok is (permission.needed == "groups")  # type: ignore[attr-defined]  # a Permission


def test_the_table_of_permissions_is_what_the_calls_need() -> None:
    """P7: the local DingTalk refuses each call without the permission that the documents name for it."""
    assert {permission.code for permission in PERMISSIONS} <= ALL_SCOPES


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client_secret": Secret("wrong")}, "the client id or secret is wrong"),
        ({"robot_code": "another"}, "robot code"),
        ({"card_template": "unknown.schema"}, "card template cannot be used"),
    ],
)
async def test_a_setting_that_is_wrong_is_named(wrong: dict[str, object], said: str) -> None:
    async with DingTalkServer() as ding:
        assert any(said in line for line in bad(await findings(ding, **wrong)))


async def test_a_template_that_is_not_published_is_named() -> None:
    async with DingTalkServer() as ding:
        found = await findings(ding, card_template=ding.card_draft)
        assert any("card template cannot be used" in line for line in bad(found))


async def test_dingtalk_being_away_is_said_once_and_plainly() -> None:
    async with DingTalkServer() as ding:
        ding.down = True
        (only,) = await findings(ding)
        assert not only.ok


@pytest.mark.parametrize("fault", ["429", "503", "502"])
async def test_what_could_not_be_asked_is_not_called_granted(fault: str) -> None:
    async with DingTalkServer() as ding:
        ding.faults.add(fault, on="topapi/v2/user/get")
        found = await findings(ding)
        assert "dingtalk: qyapi_get_member is granted" not in [finding.what for finding in found]
        assert any("qyapi_get_member" in line for line in bad(found))


async def test_in_http_mode_it_says_that_nothing_can_be_administered() -> None:
    async with DingTalkServer() as ding:
        found = await findings(ding, mode="http")
        assert any("nothing can be administered" in finding.what for finding in found)


def test_a_clock_that_is_off_is_found_here_and_not_by_silence() -> None:
    now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    date = "Mon, 05 Jan 2026 09:00:00 GMT"
    assert list(clock(date, now)) == []
    assert "120 s off" in next(clock(date, now + timedelta(minutes=2))).what
    assert list(clock("", now)) == []
    assert list(clock("Mon, 05 Jan 2026 09:00:00 -0000", now)) == []
