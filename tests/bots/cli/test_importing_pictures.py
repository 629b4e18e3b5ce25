"""`understudy import screenshots`, from real pictures to a quote that says a machine read it."""

from __future__ import annotations

import pytest

from tests.bots.cli.shell import Shell
from tests.persona_store.sources.screenshot_material import FOLDER

pytest.importorskip("rapidocr", reason="reading pictures needs the extra: pip install 'understudy[ocr]'")

NAMES = ("--names", "林薇,Lin Wei", "--date", "2026-03-05")


def shots(sh: Shell, *names: str) -> str:
    return sh.documents({name: (FOLDER / name).read_bytes() for name in names}, "shots")


def signed(sh: Shell, *more: str) -> None:
    sh.draft("lin", "--subject", "slack:U0LIN")
    sh.done("consent", "sign", "lin", "--sources", "screenshots", "--cooling-off", "0", "--yes", *more)


def test_from_a_picture_to_a_quote_that_says_it_was_read_by_a_machine(sh: Shell) -> None:
    signed(sh, "--containers", "shots")
    words = ("import", "screenshots", shots(sh, "slack_en_1x.webp"), "--persona", "lin", *NAMES)
    report = sh.done(*words, "--team-chats", "shots", "--json").json
    assert (report["kept"], report["context"], report["dropped"]) == (2, 3, {"screen": 1})
    sh.done("persona", "live", "lin")
    said = sh.done("ask", "--persona", "lin", "When does the batch run?").out
    assert "The batch runs at two in the morning." in said
    assert "slack_en_1x.webp, read off a picture by a machine, 9" in said


def test_a_picture_is_private_until_consent_names_its_folder(sh: Shell) -> None:
    signed(sh)
    words = ("import", "screenshots", shots(sh, "page.png"), "--persona", "lin", "--mine", "page.png", "--json")
    report = sh.done(*words).json
    assert (report["kept"], report["dropped"]) == (0, {"CONSENT_PRIVATE": 1})


def test_a_day_that_is_none_is_one_line(sh: Shell) -> None:
    signed(sh)
    folder = shots(sh, "page.png")
    assert sh("import", "screenshots", folder, "--persona", "lin", "--date", "yesterday").refused("DATE")
