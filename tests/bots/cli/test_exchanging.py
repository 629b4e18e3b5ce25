"""`understudy export bundle` and `import bundle`: a persona that moves house, and nobody else can look into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from skills_ref import validate

from tests.bots.cli.shell import OWN, Shell
from tests.persona_store.sources.exports import said

RECIPIENT = "acme.example:CN:0"
PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
QUESTION = "How often does the payment retry job run?"


@pytest.fixture
def there(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Go to another installation, and back: everything typed until the next call happens there."""
    places = {"here": sh.data, "there": sh.folder / "there"}

    def go(place: str) -> None:
        monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(places[place]))

    return go


def live(sh: Shell, *more: str) -> None:
    sh.draft()
    sh.done("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes", *more)
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "live", "lin")


def address(sh: Shell) -> str:
    told: str = sh.done("export", "key", "--json").json["address"]
    return told


def exported(sh: Shell, to: str, name: str = "lin.age") -> Any:
    file = str(sh.folder / name)
    return sh.done("export", "bundle", "lin", file, "--to", to, "--recipient", "acme.example", "--json").json


def test_a_persona_moves_to_another_installation_and_answers_there(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    there("here")
    live(sh, "--recipients", RECIPIENT, "--facets", "work_knowledge,name_avatar")
    sh.done("persona", "distil", "lin")
    sent = exported(sh, to)
    assert b"retry" not in Path(sent["file"]).read_bytes()
    assert Path(sent["file"]).stat().st_mode & 0o077 == 0
    there("there")
    words = ("import", "bundle", sent["file"], "--from", sent["signs"], "--owner", "slack:U0MAYA")
    taken = sh.done(*words, "--chats", "slack:*", "--json").json
    assert (taken["passages"], taken["left"]) == (2, {})  # what Bob asked stays with Bob's employer
    sh.done("persona", "live", "lin")
    assert "every 15 minutes" in sh.done("ask", "--persona", "lin", QUESTION).out
    shown = sh.done("consent", "show", "lin", "--json").json
    there("here")
    assert shown == sh.done("consent", "show", "lin", "--json").json


def test_export_import_elsewhere_export_is_identical(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    there("here")
    back = address(sh)
    live(sh, "--recipients", RECIPIENT, "--facets", "work_knowledge,name_avatar")
    sh.done("persona", "distil", "lin")
    first = exported(sh, to)
    there("there")
    sh.done("import", "bundle", first["file"], "--from", first["signs"], "--owner", "slack:U0MAYA")
    second = exported(sh, back, "back.age")
    assert second["content"] == first["content"]
    assert second["signs"] != first["signs"]


def test_without_a_recipient_in_the_consent_nothing_leaves(sh: Shell) -> None:
    live(sh)
    to = address(sh)
    file = sh.folder / "lin.age"
    told = sh("export", "bundle", "lin", str(file), "--to", to, "--recipient", "acme.example")
    assert told.refused("CONSENT_RECIPIENT")
    assert not file.exists()


def test_a_withdrawn_persona_is_not_exported(sh: Shell) -> None:
    live(sh, "--recipients", RECIPIENT)
    to = address(sh)
    sh.done("consent", "withdraw", "lin", "--yes")
    told = sh("export", "bundle", "lin", str(sh.folder / "lin.age"), "--to", to, "--recipient", "acme.example")
    assert told.status == 2
    assert not (sh.folder / "lin.age").exists()


def test_a_file_that_is_there_is_not_overwritten(sh: Shell) -> None:
    live(sh, "--recipients", RECIPIENT)
    file = sh.folder / "lin.age"
    file.write_text("precious")
    words = ("export", "bundle", "lin", str(file), "--to", address(sh), "--recipient", "acme.example")
    assert sh(*words).refused("FILE_EXISTS")
    assert file.read_text() == "precious"


def test_what_cannot_be_an_address_is_one_line(sh: Shell) -> None:
    live(sh, "--recipients", RECIPIENT)
    words = (
        "export",
        "bundle",
        "lin",
        str(sh.folder / "x.age"),
        "--to",
        "lin@corp.test",
        "--recipient",
        "acme.example",
    )
    assert sh(*words).refused("ADDRESS")


def test_a_bundle_by_somebody_else_is_not_taken(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    there("here")
    live(sh, "--recipients", RECIPIENT)
    sent = exported(sh, to)
    there("there")
    assert sh("import", "bundle", sent["file"], "--from", "A" * 43).refused("SIGNER")
    assert sh("import", "bundle", sent["file"]).refused("NOT_AGREED")  # nobody sits there who could compare the key
    assert sh.done("persona", "list", "--json").json == []


def test_a_bundle_for_somebody_else_does_not_open(sh: Shell, there: Any) -> None:
    live(sh, "--recipients", RECIPIENT)
    sent = exported(sh, address(sh))
    there("there")
    assert sh("import", "bundle", sent["file"], "--yes").refused("NOT_FOR_US")


def test_a_name_that_is_taken_is_one_line_and_another_will_do(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    sh.draft()
    there("here")
    live(sh, "--recipients", RECIPIENT)
    sent = exported(sh, to)
    there("there")
    assert sh("import", "bundle", sent["file"], "--yes").refused("PERSONA_EXISTS")
    sh.done("import", "bundle", sent["file"], "--yes", "--as", "lin-of-example", "--owner", "slack:U0MAYA")
    sh.done("persona", "live", "lin-of-example")


def test_what_was_withheld_stays_away_there(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    there("here")
    live(sh, "--recipients", RECIPIENT, "--facets", "work_knowledge,name_avatar")
    sh.done("persona", "distil", "lin")
    [name, *_] = sh.done("persona", "facets", "lin", "--aspect", "name", "--json").json["facets"]
    sh.done("persona", "strike", "lin", name["id"])
    sent = exported(sh, to)
    there("there")
    sh.done("import", "bundle", sent["file"], "--yes", "--owner", "slack:U0MAYA")
    report = sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN", "--json").json
    there("here")
    assert report["new"] == 2  # Bob's questions; the passage that was struck is not among them
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 3


def test_a_file_that_is_no_bundle_is_one_line(sh: Shell) -> None:
    file = sh.folder / "lin.age"
    file.write_bytes(b"\x00nonsense")
    assert sh("import", "bundle", str(file), "--yes").refused("NOT_FOR_US")
    missing = sh("import", "bundle", str(sh.folder / "absent.age"), "--yes")
    assert missing.status == 1
    assert "absent.age" in missing.err


# ------------------------------------------------------------------ as a skill


def skilled(sh: Shell, folder: str) -> Path:
    words = ("export", "skill", "lin", str(sh.folder / folder), "--recipient", "acme.example", "--json")
    return Path(sh.done(*words).json["folder"])


def content(folder: Path) -> dict[str, bytes]:
    """All files but the terms, which say for whom it is now."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    main = files["SKILL.md"].splitlines(keepends=True)
    return files | {"SKILL.md": b"".join(line for line in main if not line.startswith(b"license: "))}


def test_a_skill_moves_to_another_installation_answers_there_and_comes_back_the_same(sh: Shell, there: Any) -> None:
    live(sh, "--recipients", RECIPIENT, "--facets", "work_knowledge,communication_style,name_avatar")
    talk = [said("U0BOB", "Refunds?", 90_000), said("U0LIN", PITFALL, 90_060)]
    more = sh.slack("more.zip", {"payments": [*OWN, *talk]})
    sh.done("import", "slack-export", more, "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "distil", "lin")
    first = skilled(sh, "out")
    assert validate(first) == []
    there("there")
    sh.draft()
    words = ("--sources", "colleague-skill", "--facets", "work_knowledge,communication_style,name_avatar")
    sh.done("consent", "sign", "lin", *words, "--recipients", RECIPIENT, "--cooling-off", "0", "--yes")
    sh.done("import", "colleague-skill", str(first), "--persona", "lin")
    sh.done("persona", "live", "lin")
    told = sh.done("ask", "--persona", "lin", "May I retry a refund by hand?").out
    assert PITFALL in told
    assert "not lin's own words" in told
    second = skilled(sh, "back")
    assert content(second) == content(first)


def test_a_skill_is_not_written_over_anything(sh: Shell) -> None:
    live(sh, "--recipients", RECIPIENT)
    words = ("export", "skill", "lin", str(sh.folder), "--recipient", "acme.example")
    assert sh(*words).refused("NOT_DISTILLED")
    sh.done("persona", "distil", "lin")
    (sh.folder / "lin").mkdir()
    assert sh(*words).refused("FILE_EXISTS")
    assert list((sh.folder / "lin").iterdir()) == []


def test_without_a_recipient_no_skill_leaves(sh: Shell) -> None:
    live(sh)
    sh.done("persona", "distil", "lin")
    words = ("export", "skill", "lin", str(sh.folder / "out"), "--recipient", "acme.example")
    assert sh(*words).refused("CONSENT_RECIPIENT")
    assert not (sh.folder / "out").exists()
