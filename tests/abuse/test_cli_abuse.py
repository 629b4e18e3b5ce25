"""Abuse of the command line, by the ids of the abuse suite: exit status 2, one line, nothing kept.

What each importer does with such input in detail is tested beside it (tests/persona_store/sources/); here it goes
through the front door.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from persona_store.consent import draft, signing
from tests.bots.cli.shell import OWN, Said, Shell
from tests.persona_store.sources.exports import USERS, export, said, write_zip


@pytest.fixture
def sh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


def imported(sh: Shell, path: Path | str, *more: str) -> Said:
    return sh("import", "slack-export", str(path), "--persona", "lin", "--subject", "U0LIN", *more)


def kept(sh: Shell) -> int:
    count: int = sh.done("persona", "show", "lin", "--json").json["passages"]
    return count


# ------------------------------------------------------------------ IMP: what somebody hands in


@pytest.mark.parametrize("name", ["../../home/x/.ssh/authorized_keys", "/etc/passwd", "C:\\x", "..\\x"])
def test_imp_01_an_archive_that_climbs_out(sh: Shell, name: str) -> None:
    sh.signed()
    path = write_zip(sh.folder / "slip.zip", {**export({"x": OWN}), name: b"x"})
    before = set(sh.folder.rglob("*"))
    assert imported(sh, path).refused("ARCHIVE_PATH")
    assert kept(sh) == 0
    assert not {each for each in set(sh.folder.rglob("*")) - before if "authorized_keys" in each.name}


def test_imp_02_an_archive_with_a_link(sh: Shell) -> None:
    sh.signed()
    with zipfile.ZipFile(sh.folder / "link.zip", "w") as archive:
        for name, content in export({"x": OWN}).items():
            archive.writestr(name, content)
        link = zipfile.ZipInfo("x/2026-03-03.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/")
    assert imported(sh, sh.folder / "link.zip").refused("ARCHIVE_LINK")
    assert kept(sh) == 0


def test_imp_03_a_bomb(sh: Shell) -> None:
    sh.signed()
    path = write_zip(sh.folder / "bomb.zip", {**export({"x": OWN}), "x/2026-03-04.json": bytes(64 << 20)})
    assert imported(sh, path).refused("ARCHIVE_RATIO")
    assert kept(sh) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<html>Sign in</html>", "TYPE_MISMATCH"), (b"", "TYPE_MISMATCH"), (None, "ARCHIVE_BROKEN")],
    ids=["a web page", "nothing", "cut off"],
)
def test_imp_06_what_is_no_whole_zip(sh: Shell, content: bytes | None, code: str) -> None:
    sh.signed()
    path = sh.folder / "x.zip"
    if content is None:
        content = Path(sh.slack()).read_bytes()[:-60]
    path.write_bytes(content)
    result = imported(sh, path)
    assert result.refused(code) or result.refused("ARCHIVE_BROKEN")
    assert kept(sh) == 0


def test_imp_06_a_zip_that_is_no_export(sh: Shell) -> None:
    sh.signed()
    assert imported(sh, write_zip(sh.folder / "photos.zip", {"a.jpg": b"x"})).refused("TYPE_MISMATCH")
    assert imported(sh, sh.folder / "nowhere.zip").refused("NOT_FOUND")


def test_imp_07_two_lists_of_users(sh: Shell) -> None:
    sh.signed()
    path = Path(sh.slack())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("users.json", json.dumps(USERS))
    assert imported(sh, path).refused("ARCHIVE_DUPLICATE")


@pytest.mark.parametrize("bad", [b"[" * 200_000, b"[" + b"9" * 5000 + b"]", b'[{"ts": NaN}]', "退款".encode("gbk")])
def test_imp_13_imp_14_one_bad_day_costs_no_other(sh: Shell, bad: bytes) -> None:
    sh.signed()
    path = write_zip(sh.folder / "bad.zip", {**export({"x": OWN}), "x/2026-03-05.json": bad})
    result = imported(sh, path, "--json")
    assert (result.status, result.err) == (0, "")
    assert result.json["kept"] == 2
    assert len(result.json["problems"]) == 1


def test_imp_14_documents_in_another_encoding_are_named_and_can_be_read(sh: Shell) -> None:
    sh.signed()
    folder = sh.documents({"a.md": "对账任务每天凌晨三点跑。".encode("gb18030"), "b.md": "退款走慢队列。".encode()})
    words = ("import", "documents", folder, "--persona", "lin", "--subject", "slack:U0LIN")
    shown = sh.done(*words)
    assert "'a.md' is not UTF-8 (byte 0)" in shown.out
    assert kept(sh) == 1
    sh.done(*words, "--encoding", "gb18030")
    assert sh(*words, "--encoding", "klingon").refused("ENCODING")


def test_imp_15_times_that_cannot_be_are_dropped_and_counted(sh: Shell) -> None:
    sh.signed()
    times = ("-5.000000", "253402300799.000000", "1e309", "4102444800.000000", "", None)
    broken = [{**said("U0LIN", f"at no time {n}", 0), "ts": ts} for n, ts in enumerate(times)]
    result = imported(sh, sh.slack(channels={"x": [*OWN, *broken]}), "--json")
    assert result.json["kept"] == 2
    assert sum(result.json["dropped"].get(code, 0) for code in ("BAD_TIME", "malformed")) == len(times)


def test_imp_18_private_rooms_a_broad_export_holds_are_left_out(sh: Shell) -> None:
    """The report counts them and repeats nothing."""
    sh.signed()
    whisper = [said("U0LIN", "My diagnosis is nobody's business.", 0)]
    files = export(
        {"x": OWN, "hr": whisper, "D1": whisper}, private={"hr": ["U0LIN"]}, dms={"D1": ["U0LIN", "U0BOB"]}
    )
    result = imported(sh, write_zip(sh.folder / "broad.zip", files), "--json")
    assert result.json["dropped"] == {"CONSENT_PRIVATE": 2}
    assert "diagnosis" not in result.out + result.err


def test_imp_21_an_empty_export_says_so(sh: Shell) -> None:
    sh.signed()
    shown = imported(sh, sh.slack(channels={}))
    assert shown.status == 0
    assert "Nothing of the subject's is in it" in shown.out


# ------------------------------------------------------------------ IMP-23: consent, missing or not theirs


def test_imp_23_without_consent_nothing_is_opened(sh: Shell) -> None:
    """The file does not even exist, and nobody notices: consent comes first."""
    sh.draft()
    assert imported(sh, sh.folder / "nowhere.zip").refused("CONSENT_MISSING")


def test_imp_23_a_source_the_consent_does_not_name(sh: Shell) -> None:
    sh.signed(sources="documents")
    assert imported(sh, sh.folder / "nowhere.zip").refused("CONSENT_SOURCE")


KEY = signing.generate_key()


def record(sh: Shell, now: datetime, days: int = 90) -> bytes:
    choices = draft.Choices(
        owner="slack:U0BOB", sources=("slack_export",), audiences=("slack:*",), cooling_off_days=0, days=days
    )
    return draft.draft(choices, now)


def added(sh: Shell, raw: bytes, signature: str, public: bytes, name: str = "lin") -> Said:
    for file, content in (("r.json", raw), ("r.jws", signature.encode()), ("r.pub", public)):
        (sh.folder / file).write_bytes(content)
    return sh("consent", "add", name, "r.json", "r.jws", "r.pub")


def test_imp_23_a_record_signed_elsewhere_counts_and_a_changed_or_unsigned_one_does_not(sh: Shell) -> None:
    sh.draft()
    raw, public = record(sh, datetime.now(UTC)), signing.public_key(KEY)
    signature = signing.sign(raw, KEY)
    employer = signing.generate_key()
    for wrong in (
        added(sh, raw.replace(b'"slack_export"', b'"mail"'), signature, public),
        added(sh, raw, "", public),
        added(sh, raw, "é.é.é", public),
        added(sh, raw, signing.sign(raw, employer), public),
        added(sh, raw, signature, b"short"),
    ):
        assert wrong.refused("CONSENT_INVALID")
    assert added(sh, b"{}", signing.sign(b"{}", KEY), public).refused("CONSENT_SCHEMA")
    assert sh("consent", "show", "lin").refused("CONSENT_MISSING")
    assert added(sh, raw, signature, public).status == 0
    assert sh("consent", "add", "lin", "nowhere", "r.jws", "r.pub").refused("FILE")


def test_imp_23_a_record_that_ended(sh: Shell) -> None:
    sh.draft()
    raw = record(sh, datetime.now(UTC) - timedelta(days=40), days=30)
    assert added(sh, raw, signing.sign(raw, KEY), signing.public_key(KEY)).refused("CONSENT_EXPIRED")


def test_imp_23_a_record_about_somebody_else(sh: Shell) -> None:
    sh.draft("lin")
    sh.draft("bob")
    raw = record(sh, datetime.now(UTC))
    signed = (raw, signing.sign(raw, KEY), signing.public_key(KEY))
    assert added(sh, *signed).status == 0
    assert added(sh, *signed, name="bob").refused("CONSENT_OTHER_PERSON")


def test_cmd_06_nobody_else_signs_the_next_record(sh: Shell) -> None:
    """An admin can make a key, but not the subject's."""
    sh.signed()
    signing.save_key(sh.folder / "admin.pem", signing.generate_key())
    sign = ("consent", "sign", "lin", "--sources", "slack-export,mail", "--yes", "--key")
    assert sh(*sign, "admin.pem").refused("CONSENT_INVALID")
    (sh.folder / "broken.pem").write_text("x")
    (sh.folder / "broken.pem").chmod(0o600)
    assert sh(*sign, "broken.pem").refused("KEY_BROKEN")
    (sh.folder / "admin.pem").chmod(0o644)
    assert sh(*sign, "admin.pem").refused("KEY_MODE")


# ------------------------------------------------------------------ CMD: names that are no names


@pytest.mark.parametrize(
    "name", ["../../p1", "p1; drop", "p1\n/understudy export", "x" * 10_000, "ｌｉｎ", "", "lin\x1b[2J"]
)
def test_cmd_03_a_name_is_nothing_but_a_name(sh: Shell, name: str) -> None:
    for words in (("persona", "retire", name, "--yes"), ("persona", "show", name), ("persona", "create", name)):
        result = sh(*words)
        assert result.refused("PERSONA_NAME")
        assert len(result.err) < 300
        assert "\x1b" not in result.err
    assert sh("persona", "show", "nobody").refused("PERSONA_UNKNOWN")
    assert sh("escalations", "--persona", "nobody").refused("PERSONA_UNKNOWN")


# ------------------------------------------------------------------ the installation itself


def test_settings_that_cannot_be_read_are_one_line(sh: Shell) -> None:
    toml = sh.folder / "understudy.toml"
    for content in (b"[web\nport=1", b"\xff\xfe", b"[web]\nport = 'x'", b"[nonsense]\nx = 1"):
        toml.write_bytes(content)
        assert sh("persona", "list").refused("SETTINGS")
    toml.unlink()
    assert sh("--config", "nowhere.toml", "persona", "list").refused("SETTINGS")


def test_a_data_directory_that_is_none_is_one_line(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (sh.folder / "file").write_text("x")
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(sh.folder / "file"))
    assert sh("persona", "list").refused("DATA_DIR")
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(sh.folder / "file" / "below"))
    assert sh("persona", "list").refused("DATA_DIR")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_one_may_not_write_is_one_line(sh: Shell) -> None:
    sh.draft()
    sh.data.chmod(0o500)
    assert sh("persona", "list").refused("DATA_DIR")


def one_line(result: Said, *statuses: int) -> bool:
    return result.status in statuses and result.err.count("\n") == 1 and result.err.startswith("error")


def test_a_store_that_is_damaged_is_one_line(sh: Shell) -> None:
    sh.draft()
    for file in sh.data.glob("understudy.db-*"):
        file.unlink()
    (sh.data / "understudy.db").write_bytes(b"this is no database at all, but long enough to look like one " * 99)
    assert sh("persona", "list").refused("STORE_FOREIGN")


def test_evidence_that_is_damaged_is_one_line(sh: Shell) -> None:
    sh.live()
    for file in (sh.data / "evidence").glob("lin.db*"):
        file.write_bytes(b"this is no database at all, but long enough to look like one " * 99)
    assert one_line(sh("ask", "--persona", "lin", "refunds?"), 1, 2)


def test_a_store_of_a_newer_version_is_left_alone(sh: Shell) -> None:
    sh.draft()
    database = apsw.Connection(str(sh.data / "understudy.db"))
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert sh("persona", "list").refused("STORE_VERSION")


def test_the_key_of_the_installation_is_never_made_anew_over_what_it_opened(sh: Shell) -> None:
    sh.live()
    key = sh.data / "keys" / "kek"
    key.chmod(0o644)
    assert sh("persona", "list").refused("KEY_MODE")
    key.unlink()
    assert sh("persona", "list").refused("KEY_MISSING")
    assert not key.exists()
    key.write_bytes(b"short")
    key.chmod(0o600)
    assert sh("persona", "list").refused("KEY_BROKEN")


def test_aud_01_a_changed_log_is_told_by_number(sh: Shell) -> None:
    sh.live()
    database = apsw.Connection(str(sh.data / "understudy.db"))
    database.execute("UPDATE log SET body = replace(body, 'imported', 'Imported') WHERE seq = 3")
    database.execute("UPDATE log SET body = CAST(body AS BLOB)")
    database.close()
    result = sh("audit", "verify", "--json")
    assert result.status == 3
    assert result.json["bad_seq"] in (1, 2, 3)
