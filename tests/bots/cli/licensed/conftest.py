"""Acme and globex as they are before a pack is made, with one, and once it was taken in: set up once and copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bots.cli.licensed.acme import At, address, at_acme, moved_there, once, packs
from tests.bots.cli.shell import Shell


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two organisations that were set up once wait to be copied."""
    return tmp_path_factory.mktemp("organisations")


@pytest.fixture
def at(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> At:
    """Go to an organisation: everything typed until the next call happens in its installation."""

    def go(org: str) -> None:
        monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(sh.folder / org))
        monkeypatch.setenv("UNDERSTUDY_RIGHTS_ORGANISATION", org)

    go("acme")
    return go


@pytest.fixture
def sent(sh: Shell, at: At, kept: Path) -> Any:
    """A pack that globex has not taken in yet; we are at globex."""
    return once(packs, sh, at, kept)


@pytest.fixture
def moved(sh: Shell, at: At, kept: Path) -> Any:
    """The pack by which the persona lives at globex, where we are."""
    return once(moved_there, sh, at, kept)


@pytest.fixture
def to(sh: Shell, at: At, kept: Path) -> str:
    """Acme, where everything is there and nothing licensed; the address of globex."""
    once(at_acme, sh, at, kept)
    told = address(sh)
    at("acme")
    return told
