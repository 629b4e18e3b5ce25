"""`understudy consent request|paper|accept|receipt`: nobody at a terminal signs for the subject."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from persona_store.consent import draft, parsing, receipt, signing
from tests.bots.cli.shell import Shell
from tests.scenarios.world import START

SUBJECT = "slack:U0LIN"
REQUEST = ("consent", "request", "lin", "--to", SUBJECT, "--sources", "slack-export,documents")
WITNESSES = ("--witness", "Ana Ruiz", "--witness", "Bo Chen")


def stored(sh: Shell) -> bytes:
    """Everything this installation keeps, byte for byte."""
    return b"".join(path.read_bytes() for path in sorted(sh.data.rglob("*")) if path.is_file())


def test_a_request_is_under_way_and_its_link_is_nowhere_to_be_seen(sh: Shell) -> None:
    """Neither on the terminal nor readable in any file; with it whoever typed this could sign."""
    sh.draft()
    said = sh.done(*REQUEST)
    assert SUBJECT in said.out
    assert "#t=" not in said.out + said.err
    assert b"#t=" not in stored(sh)
    shown = sh.done("persona", "show", "lin", "--json").json
    assert (shown["state"], shown["subject"], shown["consent"]) == ("requested", SUBJECT, None)


def test_nobody_is_asked_twice(sh: Shell) -> None:
    """L04: nor is it told whether they declined."""
    sh.draft()
    sh.done(*REQUEST)
    said = sh(*REQUEST)
    assert said.refused("ASK_THROTTLED")
    assert "not available" in said.err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--facets", "mood"), "CONSENT_CHOICE"),
        (("--sources", "everything"), "CONSENT_CHOICE"),
        (("--days", "5000"), "CONSENT_CHOICE"),
        (("--cooling-off", "-1"), "CONSENT_SCHEMA"),
        (("--to", "Lin"), "PERSON_KEY"),
        (("--to", "slack:U0OWN"), "OWNER_SUBJECT"),
        (("--recipients", "api.example:US:30:trains"), "CONSENT_SCHEMA"),
    ],
)
def test_what_no_record_may_hold_is_not_even_asked_for(sh: Shell, more: tuple[str, str], code: str) -> None:
    sh.draft()
    owner = sh.done("persona", "show", "lin", "--json").json["owner"]
    more = tuple(word.replace("slack:U0OWN", owner) for word in more)  # type: ignore[assignment]  # two words
    assert sh(*REQUEST, *more).refused(code)
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "draft"


def test_no_link_is_sent_over_an_open_wire(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    sh.draft()
    monkeypatch.setenv("UNDERSTUDY_WEB_LINK_BASE", "http://bot.corp.example")
    assert sh(*REQUEST).refused("LINK_INSECURE")


# ------------------------------------------------------------------ paper


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "signed.pdf"
    path.write_bytes(b"%PDF-1.7 signed by hand")
    return path


def test_a_paper_is_kept_by_its_hash_and_marked_as_weaker(sh: Shell, scan: Path) -> None:
    sh.draft()
    record = sh.done("consent", "paper", "lin", "--scan", str(scan), *WITNESSES, "--sources", "doc", "--json").json
    assert record["event"]["method"] == "paper"
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    [basis] = [each["ref"] for each in record["lawful_basis"] if each["ref"].startswith("paper")]
    assert basis == f"paper sha256:{digest}; witnesses: Ana Ruiz; Bo Chen"
    assert b"signed by hand" not in stored(sh)
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "cooling"
    assert sh("persona", "live", "lin").refused("CONSENT_COOLING")


@pytest.mark.parametrize(
    "witnesses",
    [
        (),
        ("--witness", "Ana Ruiz"),
        ("--witness", "Ana Ruiz", "--witness", "ana  ruiz"),
        ("--witness", "Ana Ruiz", "--witness", ""),
        ("--witness", "Ana Ruiz", "--witness", "Lin Zhou"),
        ("--witness", "Ana", "--witness", "Bo", "--witness", "Cy"),
        ("--witness", "Ana; Bo", "--witness", "Cy"),
    ],
)
def test_a_paper_needs_two_witnesses_who_are_not_concerned(
    sh: Shell, scan: Path, witnesses: tuple[str, ...]
) -> None:
    sh.done("persona", "create", "lin", "--display-name", "Lin Zhou", "--owner", "slack:U1", "--chats", "slack:*")
    said = sh("consent", "paper", "lin", "--scan", str(scan), *witnesses, "--sources", "doc")
    assert said.refused("CONSENT_WITNESS")
    assert sh("consent", "show", "lin").refused("CONSENT_MISSING")


def test_a_paper_widens_nothing_that_was_signed(sh: Shell, scan: Path) -> None:
    """Otherwise whoever has a scanner could amend the subject's own record."""
    sh.draft()
    sh.done("consent", "sign", "lin", "--sources", "doc", "--yes")
    said = sh("consent", "paper", "lin", "--scan", str(scan), *WITNESSES, "--sources", "slack-export")
    assert said.refused("CONSENT_PAPER")


def test_an_empty_or_missing_scan_is_none(sh: Shell, tmp_path: Path) -> None:
    sh.draft()
    (tmp_path / "empty.pdf").touch()
    for name in ("empty.pdf", "none.pdf"):
        said = sh("consent", "paper", "lin", "--scan", name, *WITNESSES, "--sources", "doc")
        assert said.refused("FILE")


def test_a_record_that_calls_itself_paper_needs_the_installations_hand(sh: Shell, tmp_path: Path) -> None:
    """`consent add` cannot smuggle one in that was signed with some key and says that it was seen on paper."""
    sh.draft()
    wishes = draft.Choices(
        owner="slack:U1", sources=("doc",), audiences=("slack:*",), method="paper", days=3000 // 3
    )
    private = signing.generate_key()
    raw = draft.draft(wishes, datetime.now(UTC))
    for name, content in (
        ("record", raw),
        ("jws", signing.sign(raw, private).encode()),
        ("key", signing.public_key(private)),
    ):
        (tmp_path / name).write_bytes(content)
    said = sh("consent", "add", "lin", "record", "jws", "key")
    assert said.refused("CONSENT_INVALID")


# ------------------------------------------------------------------ who answers, and the receipt


def test_who_answers_is_noted_by_hash(sh: Shell) -> None:
    sh.draft()
    owner = sh.done("persona", "show", "lin", "--json").json["owner"]
    accepted = sh.done("consent", "accept", "lin", "--as", owner, "--json").json
    assert accepted[owner].startswith("sha256:")
    assert sh("consent", "accept", "lin", "--as", "slack:U0EVE").refused("NOT_ASKED")


def a_receipt() -> receipt.Receipt:
    wishes = draft.Choices(owner="slack:U1", sources=("doc",), audiences=("slack:*",))
    private, raw = signing.generate_key(), draft.draft(wishes, START)
    public = signing.public_key(private)
    return receipt.make("lin", raw, signing.sign(raw, private), public, signing.generate_key(), START)


def test_a_receipt_is_checked_offline(sh: Shell, tmp_path: Path) -> None:
    given = a_receipt()
    (tmp_path / "r.json").write_bytes(msgspec.json.format(msgspec.json.encode(given)))
    said = sh.done("consent", "receipt", "r.json")
    assert parsing.parse(given.record.encode()).record_id in said.out
    assert not sh.data.exists()


@pytest.mark.parametrize("part", [f for f in receipt.Receipt.__struct_fields__])
def test_a_receipt_of_which_any_part_was_changed_is_refused(sh: Shell, tmp_path: Path, part: str) -> None:
    """Another's part of the same kind is not taken either."""
    given, other = msgspec.to_builtins(a_receipt()), msgspec.to_builtins(a_receipt())
    changed = {"notice": given["notice"] + " "}.get(part, other[part])
    (tmp_path / "r.json").write_text(json.dumps({**given, part: changed}))
    assert sh("consent", "receipt", "r.json").refused("RECEIPT_INVALID")


def test_a_receipt_for_one_key_is_none_for_another_under_the_same_record(sh: Shell, tmp_path: Path) -> None:
    wishes = draft.Choices(owner="slack:U1", sources=("doc",), audiences=("slack:*",))
    raw, installation = draft.draft(wishes, START), signing.generate_key()
    one, other = (
        receipt.make("lin", raw, signing.sign(raw, key), signing.public_key(key), installation, START)
        for key in (signing.generate_key(), signing.generate_key())
    )
    mixed = {
        **msgspec.to_builtins(one),
        "record_signature": other.record_signature,
        "subject_public_key": other.subject_public_key,
    }
    (tmp_path / "r.json").write_text(json.dumps(mixed))
    assert sh("consent", "receipt", "r.json").refused("RECEIPT_INVALID")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_receipt_is_one_line(sh: Shell, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.json").write_bytes(content)
    assert sh("consent", "receipt", "r.json").refused("RECEIPT_INVALID")
