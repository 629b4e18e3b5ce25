"""`understudy feishu create`: the platform's own registration, through its SDK, against local accounts."""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import re
import stat
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.feishu.permissions import CALLBACKS, EVENTS, SCOPES
from tests.bots.cli.shell import Shell
from tests.platforms.feishu_accounts import FeishuAccounts, asked
from tests.scenarios.process import REPOSITORY

ESCAPE = re.compile(r"\x1b\[[\d;]*m")


class Running:
    """The service in a thread of its own: the command line brings its own event loop."""

    def __init__(self, server: FeishuAccounts) -> None:
        self.server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FeishuAccounts:
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self.server.__aenter__(), self._loop).result(5)

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.server.__aexit__(None, None, None), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def accounts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeishuAccounts]:
    with Running(FeishuAccounts(**getattr(request, "param", {}))) as server:
        monkeypatch.setenv("UNDERSTUDY_FEISHU_DOMAIN", server.url)
        yield server


def kept(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def test_one_scan_makes_the_app_and_its_first_admin(sh: Shell, accounts: FeishuAccounts) -> None:
    accounts.verdict = "confirmed"
    said = sh.done("feishu", "create", "--name", "Lin's notes")
    file = sh.folder / "feishu.env"
    assert kept(file) == {
        "UNDERSTUDY_FEISHU_APP_ID": accounts.app_id,
        "UNDERSTUDY_FEISHU_APP_SECRET": accounts.app_secret,
        "UNDERSTUDY_ADMINS": "feishu:ou_admin",
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert accounts.app_secret not in said.out + said.err
    assert accounts.app_id in said.out


def test_exactly_what_we_need_is_asked_for(sh: Shell, accounts: FeishuAccounts) -> None:
    """Whoever scans confirms the same list that docs and doctor have, and nothing of the platform's own choice."""
    accounts.verdict = "confirmed"
    said = sh.done("feishu", "create", "--name", "Lin's notes")
    [address] = [line for line in said.err.splitlines() if line.startswith("http")]
    query = asked(address)
    assert query["name"] == "Lin's notes"
    assert query["addons"] == {
        "preset": False,
        "scopes": {"tenant": sorted(SCOPES)},
        "events": {"items": {"tenant": sorted(EVENTS)}},
        "callbacks": {"items": list(CALLBACKS)},
    }


@pytest.mark.parametrize(("name", "given"), [("feishu.env", "./feishu.env"), ("my app.env", "'./my app.env'")])
def test_the_next_step_can_be_pasted_into_any_shell(
    sh: Shell, accounts: FeishuAccounts, name: str, given: str
) -> None:
    """zsh does not look for a bare name where it stands."""
    accounts.verdict = "confirmed"
    assert f"set -a; . {given}; set +a" in sh.done("feishu", "create", "--env", name).out


@pytest.mark.parametrize(("columns", "drawn"), [(80, False), (200, True)])
def test_the_code_is_drawn_only_where_its_lines_are_not_broken(
    sh: Shell, accounts: FeishuAccounts, columns: int, drawn: bool
) -> None:
    """In a real terminal: a code of 97 columns cannot be scanned from one of 80."""
    accounts.verdict = "confirmed"
    screen, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    environment = {**os.environ, "UNDERSTUDY_LANG": "en", "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "bots", "feishu", "create"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=theirs) as made:
        os.close(theirs)
        shown = "".join(_seen(screen))
    os.close(screen)
    assert made.returncode == 0
    lines = [len(line) for line in ESCAPE.sub("", shown).splitlines() if set(line) & set("▀▄█")]
    assert bool(lines) is drawn
    assert len(set(lines)) <= 1
    assert (f"this terminal has {columns}" in shown) is not drawn


def _seen(screen: int) -> Iterator[str]:
    decode = codecs.getincrementaldecoder("utf-8")()
    while True:
        try:
            raw = os.read(screen, 4096)
        except OSError:  # the other end is closed
            return
        if not raw:
            return
        yield decode.decode(raw)


@pytest.mark.parametrize("accounts", [{"brand": "lark"}], indirect=True)
def test_a_tenant_of_lark_gets_larks_address(sh: Shell, accounts: FeishuAccounts) -> None:
    """The same flow finds out where the tenant lives only from who scanned."""
    accounts.verdict = "switching"
    sh.done("feishu", "create")
    assert kept(sh.folder / "feishu.env")["UNDERSTUDY_FEISHU_DOMAIN"] == "https://open.larksuite.com"


@pytest.mark.parametrize(("verdict", "words"), [("denied", "not confirmed"), ("expired", "in time")])
def test_a_no_is_one_line_and_leaves_nothing(sh: Shell, accounts: FeishuAccounts, verdict: str, words: str) -> None:
    accounts.verdict = verdict
    said = sh("feishu", "create")
    assert said.status == 1
    assert words in said.err.splitlines()[-1]
    assert "Traceback" not in said.err
    assert not (sh.folder / "feishu.env").exists()


def test_a_file_that_is_there_is_never_overwritten(sh: Shell, accounts: FeishuAccounts) -> None:
    """And that is said before anybody scans: the secret is handed out once."""
    (sh.folder / "feishu.env").write_text("mine\n")
    assert sh("feishu", "create").refused("FEISHU_ENV")
    assert (sh.folder / "feishu.env").read_text() == "mine\n"
    assert accounts.polls == 0


def test_nobody_at_the_other_end_is_one_line(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_FEISHU_DOMAIN", "http://127.0.0.1:9")
    said = sh("feishu", "create")
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert "could not be reached" in said.err


def test_admins_that_were_set_stay_the_admins_and_whoever_scanned_is_told(
    sh: Shell, accounts: FeishuAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_ADMINS", "slack:U1")
    accounts.verdict = "confirmed"
    said = sh.done("feishu", "create")
    assert "UNDERSTUDY_ADMINS" not in kept(sh.folder / "feishu.env")
    assert "add feishu:ou_admin to UNDERSTUDY_ADMINS" in said.out


def test_the_permissions_can_be_pasted(sh: Shell) -> None:
    assert json.loads(sh.done("feishu", "permissions").out) == {"scopes": {"tenant": sorted(SCOPES), "user": []}}
