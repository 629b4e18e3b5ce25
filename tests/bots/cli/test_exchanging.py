"""`understudy export bundle` and `import bundle`: a persona that moves house, and nobody else can look into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from skills_ref import validate

from persona_store import bundle
from persona_store.envelope import Identity
from tests.bots.cli.shell import OWN, Shell
from tests.persona_store.sources.exports import said

RECIPIENT = "acme.example:CN:0"
PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
QUESTION = "How often does the payment retry job run?"
WITH_PITFALL = [
    *OWN,
    said("U0BOB", "Anything I should know about refunds?", 50_000),
    said("U0LIN", PITFALL, 50_060, client_msg_id="m9"),
]


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
    talk = {"payments": WITH_PITFALL}
    sh.done("import", "slack-export", sh.slack("more.zip", talk), "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "distil", "lin")
    [first] = sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"]
    sh.done("persona", "strike", "lin", first["id"])
    sent = exported(sh, to)
    there("there")
    sh.done("import", "bundle", sent["file"], "--yes", "--owner", "slack:U0MAYA")
    words = ("--persona", "lin", "--subject", "U0LIN", "--json")
    report = sh.done("import", "slack-export", sh.slack("again.zip", talk), *words).json
    there("here")
    assert report["new"] == 3  # Bob's questions; the passage that was struck is not among them
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 5


def test_a_file_that_is_no_bundle_is_one_line(sh: Shell) -> None:
    file = sh.folder / "lin.age"
    file.write_bytes(b"\x00nonsense")
    assert sh("import", "bundle", str(file), "--yes").refused("NOT_FOR_US")
    for nothing in (sh.folder / "absent.age", sh.folder):
        assert sh("import", "bundle", str(nothing), "--yes").refused("NOT_FOUND")


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
    sh.draft("lin", "--risk-budget", "0.15")  # what others describe is trusted a tenth less
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


# ------------------------------------------------------------------ what does not go along, or come back


def opened(sh: Shell, file: str) -> list[Any]:
    """The lines of a bundle that was made for this installation."""
    identity = Identity.kept_in(sh.data / "keys" / "receiving.age")
    return list(bundle.open_bundle(Path(file).read_bytes(), identity).lines())


def test_what_consent_no_longer_covers_goes_in_no_bundle(sh: Shell) -> None:
    """Neither the passage nor a facet that was distilled from it while it did."""
    warned(sh)
    lines = opened(sh, exported(sh, address(sh))["file"])
    assert any(isinstance(line, bundle.Distilled) and line.facet.text == PITFALL for line in lines)
    words = ("--sources", "slack-export", "--cooling-off", "0", "--yes", "--recipients", RECIPIENT)
    sh.done("consent", "sign", "lin", *words, "--exclude", "refund")
    lines = opened(sh, exported(sh, address(sh), "narrow.age")["file"])
    told = [line for line in lines if isinstance(line, bundle.Told | bundle.Distilled)]
    assert told
    assert not any("refund" in str(line).casefold() for line in told)


def warned(sh: Shell, *sources: str) -> Any:
    """A persona with a pitfall, distilled; the facet."""
    sh.draft()
    words = ("--cooling-off", "0", "--yes", "--recipients", RECIPIENT)
    sh.done("consent", "sign", "lin", "--sources", ",".join(("slack-export", *sources)), *words)
    export = sh.slack("warned.zip", {"payments": WITH_PITFALL})
    sh.done("import", "slack-export", export, "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "distil", "lin")
    [facet] = pitfalls(sh)
    return facet


def pitfalls(sh: Shell) -> Any:
    return sh.done("persona", "facets", "lin", "--aspect", "pitfall", "--json").json["facets"]


def put_out(sh: Shell) -> str:
    """The folder of its skill."""
    return str(sh.done("export", "skill", "lin", "out", "--recipient", "acme.example", "--json").json["folder"])


def test_what_was_struck_stays_away_there_although_its_words_go_along(sh: Shell, there: Any) -> None:
    there("there")
    to = address(sh)
    there("here")
    sh.done("persona", "strike", "lin", warned(sh)["id"], "--keep-evidence")
    sent = exported(sh, to)
    there("there")
    sh.done("import", "bundle", sent["file"], "--from", sent["signs"], "--owner", "slack:U0MAYA")
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 3
    sh.done("persona", "distil", "lin")
    assert pitfalls(sh) == []


def test_a_skill_brings_nothing_back_that_was_withheld_since(sh: Shell) -> None:
    struck = warned(sh, "colleague-skill")
    folder = put_out(sh)
    sh.done("persona", "strike", "lin", struck["id"])
    brought = sh.done("import", "colleague-skill", folder, "--persona", "lin", "--json").json
    assert brought["dropped"]["withheld"] == 1
    sh.done("persona", "distil", "lin")
    assert PITFALL not in sh.done("persona", "facets", "lin", "--json").out
    assert sh.done("persona", "show", "lin", "--json").json["passages"] == 5 + brought["new"]


def test_what_came_in_a_skill_outlives_the_next_distilling(sh: Shell) -> None:
    warned(sh)
    folder = put_out(sh)
    sh.done("persona", "create", "two", "--owner", "slack:U0MAYA", "--chats", "slack:*")
    sh.done("consent", "sign", "two", "--sources", "colleague-skill", "--cooling-off", "0", "--yes")
    sh.done("import", "colleague-skill", folder, "--persona", "two")
    brought = sh.done("persona", "facets", "two", "--json").json["facets"]
    assert brought
    made = sh.done("persona", "distil", "two", "--json").json
    assert (made["gone"], made["total"]) == (0, len(brought))


def test_nothing_is_noted_as_exported_that_was_not_written(sh: Shell) -> None:
    live(sh, "--recipients", RECIPIENT)
    sh.done("persona", "distil", "lin")
    to, file = address(sh), sh.folder / "lin.age"
    file.symlink_to(sh.folder / "elsewhere")
    before = sh.done("audit", "verify", "--json").json
    words = ("--recipient", "acme.example")
    assert sh("export", "bundle", "lin", str(file), "--to", to, *words).refused("FILE_EXISTS")
    assert sh("export", "bundle", "lin", "none/lin.age", "--to", to, *words).refused("NOT_FOUND")
    (sh.folder / "out" / "lin").mkdir(parents=True)
    assert sh("export", "skill", "lin", "out", *words).refused("FILE_EXISTS")
    assert sh("persona", "page", "lin", "--out", "none/lin.html").refused("NOT_FOUND")
    assert sh("persona", "page", "lin", "--out", "lin.pdf").refused("FORMAT")
    assert sh.done("audit", "verify", "--json").json == before
    assert not (sh.folder / "elsewhere").exists()
    sh.done("export", "skill", "lin", "new/er", *words)
    assert [each.name for each in (sh.folder / "new" / "er").iterdir()] == ["lin"]


def test_a_key_that_begins_with_a_dash_can_be_typed(sh: Shell) -> None:
    """One thumbprint in 64 does; it is shown with what it is before it."""
    assert sh.done("export", "key", "--json").json["signs"].startswith("ed25519:")
    told = sh(
        "import",
        "bundle",
        str(sh.folder / "absent.age"),
        "--from",
        "ed25519:-y6rzHPPKU9tVh6WxhgDdPPI6Gi3EeUjBZRY49HNSxg",
    )
    assert "NOT_FOUND" in told.err
