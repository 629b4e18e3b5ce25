"""What the doctor says, and that what it compares with is what operators are told to paste."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.feishu import Config, check
from adapters.feishu.adapter import FeishuAdapter
from adapters.feishu.permissions import CALLBACKS, CONTAINED_IN, EVENTS, MENU, OPTIONAL, SCOPES, batch_import
from adapters.protocol import CanCheck, Finding
from adapters.secret import Secret
from bots.options import Feishu
from tests.adapters.feishu.harness import FeishuHarness, config_for, connected

ROOT = Path(__file__).parent.parent.parent.parent


def bad(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if not finding.ok]


async def checked(h: FeishuHarness) -> list[Finding]:
    assert isinstance(h.adapter, CanCheck)
    return list(await h.adapter.check())


@pytest.mark.parametrize("mode", ["ws", "http"])
async def test_a_good_app_has_no_bad_finding(mode: str) -> None:
    async with connected(mode) as h:
        h.feishu.subscribed = {*EVENTS, *CALLBACKS}
        h.feishu.long_connection = mode == "ws"
        findings = await checked(h)
        assert bad(findings) == []
        assert any("connected to Feishu as understudy" in f.what for f in findings)


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_a_missing_scope_is_named_with_what_fails_and_where_to_click(scope: str) -> None:
    async with connected("ws") as h:
        h.feishu.subscribed = {*EVENTS, *CALLBACKS}
        h.feishu.known_scopes |= set(SCOPES)
        h.feishu.granted -= {scope, *CONTAINED_IN.get(scope, ())}
        found = {f.what.split()[2]: f for f in bad(await checked(h))}
        assert SCOPES[scope] in found[scope].what
        assert f"/app/{h.feishu.app_id}/auth?q=" in found[scope].fix
        assert scope in found[scope].fix


async def test_one_click_asks_for_all_that_is_missing() -> None:
    async with connected("ws") as h:
        h.feishu.granted.clear()
        fixes = {f.fix for f in bad(await checked(h)) if "scope" in f.what}
        assert len(fixes) == 1
        assert f"auth?q={','.join(sorted(SCOPES))}&" in fixes.pop()


async def test_a_missing_event_and_the_wrong_way_of_delivery_are_named() -> None:
    """S19's cousin: the number one failure of a set-up, which silence would hide."""
    async with connected("ws") as h:
        h.feishu.subscribed = set(EVENTS) - {"im.message.receive_v1", "application.bot.menu_v6"}
        assert [f.what for f in bad(await checked(h))] == [
            "feishu: events application.bot.menu_v6, im.message.receive_v1 are not subscribed",
            "feishu: callback card.action.trigger is not subscribed",
        ]
        h.feishu.subscribed = {*EVENTS, *CALLBACKS}
        h.feishu.long_connection = False
        assert [f.what for f in bad(await checked(h))] == [
            "feishu: events do not come by long connection",
            "feishu: callbacks do not come by long connection",
        ]


async def test_what_cannot_be_read_is_said() -> None:
    """So that silence is not taken for health."""
    async with connected("ws") as h:
        h.feishu.granted.discard("application:application:self_manage")
        findings = await checked(h)
        assert bad(findings) == []
        (unseen,) = [f for f in findings if "cannot be read without" in f.what]
        assert all(name in unseen.fix for name in (*EVENTS, *CALLBACKS))
        assert any("menu cannot be read" in f.what and all(key in f.fix for key in MENU) for f in findings)


async def test_an_optional_scope_is_no_fault() -> None:
    async with connected("ws") as h:
        h.feishu.granted -= set(OPTIONAL)
        findings = await checked(h)
        assert {f.what.split()[2] for f in findings if "(optional)" in f.what} == set(OPTIONAL)


async def test_a_wrong_secret_clock_or_link_is_found() -> None:
    async with connected("ws") as h:
        h.feishu.subscribed = {*EVENTS, *CALLBACKS}
        late = FeishuAdapter(config_for(h.feishu), now=lambda: datetime.now(UTC) + timedelta(minutes=4))
        assert any("clock" in f.what for f in bad(list(await late.check())))
        h.feishu.faults.add("502", on="ws.endpoint")
        assert any("ws endpoint" in f.what for f in bad(list(await late.check())))
        await late.close()
        h.feishu.app_secret = "another"
        wrong = FeishuAdapter(config_for(h.feishu, app_secret=h.adapter._config.encrypt_key))
        (finding,) = await wrong.check()
        assert "app secret is wrong" in finding.what
        await wrong.close()


def test_every_setting_an_operator_has_is_one_of_ours() -> None:
    """bots/app.py hands the section on as it is; what else there is has a default."""
    assert set(Feishu.__struct_fields__) <= set(Config.__struct_fields__)
    assert Config("cli_1", Secret("a"), Secret("b"), Secret("c")).domain == Feishu().domain


def test_lark_has_a_console_of_its_own() -> None:
    lark = check.Console("https://open.larksuite.com", "cli_1")
    assert (lark.name, lark.page("event")) == ("Lark", "https://open.larksuite.com/app/cli_1/event")
    assert check.Console("https://open.feishu.cn/", "cli_1").name == "Feishu"


def test_what_is_pasted_into_the_console_is_what_is_checked() -> None:
    """Written anew by: python -m tests.adapters.feishu.permissions_page."""
    pasted = json.loads((ROOT / "deploy/feishu/permissions.json").read_text("utf-8"))
    assert pasted == batch_import()
    assert not set(OPTIONAL) & set(SCOPES)


@pytest.mark.parametrize("page", ["docs/adapters/feishu.md", "docs/adapters/feishu.zh-CN.md"])
def test_the_guides_name_every_scope_event_and_menu_entry(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    wanted = [*SCOPES, *OPTIONAL, *EVENTS, *CALLBACKS, *MENU]
    assert [name for name in wanted if f"`{name}`" not in text] == []


def test_no_scope_reads_what_groups_say_among_themselves() -> None:
    """rights.md P6: the history of groups is never asked for."""
    assert "im:message.group_msg" not in SCOPES
    assert not any(name in SCOPES for name in ("im:message", "im:chat", "contact:contact:readonly"))
