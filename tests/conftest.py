"""What every test may count on: a browser if there is one, and a plain reason if there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # scripts/browser looks for the same ones
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

settings.register_profile("understudy", deadline=None)  # a busy machine is no failure; benchmarks measure time
settings.load_profile("understudy")
pytest.register_assert_rewrite("tests.persona_store.store_contract")  # so that its asserts say what differed


def browser() -> str | None:
    """The program that browser tests drive, or None."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (str(MAC) if MAC.exists() else None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is (for Playwright's `executable_path`)."""
    path = browser()
    assert path, "a test that needs the browser lacks the mark `browser`"
    return path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser its tests are skipped at home and fail in CI, where nobody would notice a skip."""
    if item.get_closest_marker("browser") and browser() is None:
        why = "no Chromium or Chrome on this machine (scripts/browser installs Debian's as root)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
