"""The shell that tests of the command line type into."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bots.cli.shell import Shell


@pytest.fixture
def sh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)
