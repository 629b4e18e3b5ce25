"""`subject died|kin`, `incident`, `consent takeover`, and letters handed over where no mail server is set up."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Literal

import pytest

from bots import informing, keys
from bots.app import open_app
from bots.options import Data, Settings, Store
from bots.subject import passes, takeover
from persona_store.consent import receipt, signing
from tests.bots.cli.shell import Shell

LIN = "lin@home.example"
WITNESSES = ("--witness", "Ana Ruiz", "--witness", "Bo Chen")
SIGN = ("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes")


def handed_over(sh: Shell, text: str) -> Path:
    """The file somebody is told of."""
    found = re.search(r"Hand this over yourself: (\S+)", text)
    assert found, text
    return Path(found[1])


def text_of(path: Path) -> str:
    body = message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",))
    return str(body.get_content())


def test_without_a_mail_server_whoever_types_is_told_what_to_hand_over(sh: Shell) -> None:
    """The receipt, the build, the going live and the certificate, each as a file of its own."""
    sh.draft()
    signed = handed_over(sh, sh.done(*SIGN, "--mail", LIN).out)
    mail = message_from_bytes(signed.read_bytes(), policy=default)
    assert mail["To"] == LIN
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert receipt.check(attached["receipt.json"]).persona == "lin"
    assert signed.stat().st_mode & 0o777 == 0o600
    built = sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN").out
    assert "refund-slow" not in text_of(handed_over(sh, built))
    live = handed_over(sh, sh.done("persona", "live", "lin").out)
    assert "understudy/" in text_of(live)  # a checkpoint to keep
    for path in (signed, live):
        assert "#t=" not in text_of(path)  # no link: whoever hands it over could use it
    ended = handed_over(sh, sh.done("persona", "retire", "lin", "--yes").out)
    assert asyncio.run(farewell(sh)).address == ""  # it was needed for this
    left = sorted(path.name for path in (sh.data / "letters").iterdir())
    assert left == [ended.name]  # what was written before goes with the persona


def test_the_checkpoint_of_a_letter_that_was_saved_proves_the_log(sh: Shell) -> None:
    sh.draft()
    sh.done(*SIGN, "--mail", LIN)
    live = handed_over(sh, sh.done("persona", "live", "lin").out)
    saved = sh.folder / "saved.txt"
    saved.write_bytes(text_of(live).replace("\n", "\r\n").encode())
    assert sh.done("audit", "verify", "--against", str(saved)).status == 0
    forged = re.sub(r"(understudy/\S+\n)\d+\n", r"\g<1>999\n", text_of(live).replace("\r\n", "\n"))
    saved.write_text(forged)
    assert sh("audit", "verify", "--against", str(saved)).status == 3


def test_nobody_without_a_private_address_has_letters(sh: Shell) -> None:
    sh.signed()
    assert "Hand this over" not in sh.done("persona", "live", "lin").out
    assert not (sh.data / "letters").exists()


def test_doctor_says_that_letters_wait_for_nobody(sh: Shell) -> None:
    sh.draft()
    sh.done(*SIGN, "--mail", LIN)
    said = sh("doctor").out
    assert "no mail server is set up, and lin has a private address" in said
    assert LIN not in said


@pytest.mark.parametrize("bad", ["lin", "a@b.c,d@e.f", "<lin@home.example>", "l@h.example\nBcc: e@e.example"])
def test_an_address_that_is_none_is_one_line(sh: Shell, bad: str) -> None:
    sh.draft()
    assert sh(*SIGN, "--mail", bad).refused("ADDRESS")


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HOST": "mail.acme.example"}, "mail.sender"),
        ({"HOST": "mail.acme.example", "SENDER": "bot@acme.example", "USER": "bot"}, "mail.password"),
        ({"HOST": "mail.acme.example", "SENDER": "bot@acme.example", "TLS": "none"}, "in clear"),
    ],
)
def test_a_mail_server_that_is_set_up_by_halves_is_said(
    sh: Shell, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"UNDERSTUDY_MAIL_{name}", value)
    out = sh("doctor").out
    assert any(line.startswith("✗") and said in line for line in out.splitlines()), out


def test_doctor_online_looks_whether_the_server_is_there(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HOST": "127.0.0.1", "PORT": "9", "SENDER": "bot@acme.example", "TLS": "none"}.items():
        monkeypatch.setenv(f"UNDERSTUDY_MAIL_{name}", value)
    assert "mail: 127.0.0.1:9 cannot be reached" in sh("doctor", "--online").out


# ------------------------------------------------------------------ a death


def test_l13_a_death_is_reported_with_the_hash_of_what_shows_it(sh: Shell) -> None:
    sh.live()
    paper = sh.folder / "certificate.pdf"
    paper.write_bytes(b"%PDF a scan")
    said = sh.done(
        "subject", "died", "lin", "--reported-by", "Zhang Wei", "--evidence", str(paper), "--yes", "--json"
    ).json
    assert said["after_death"] == "delete"
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "deceased"
    stored = b"".join(path.read_bytes() for path in sh.data.rglob("*") if path.is_file())
    assert b"a scan" not in stored
    assert hashlib.sha256(b"%PDF a scan").hexdigest().encode() not in stored  # sealed
    assert sh("persona", "resume", "lin").refused("ILLEGAL_STATE")
    assert sh("persona", "live", "lin").refused("ILLEGAL_STATE")


def test_l13_nothing_more_is_made_of_them_or_handed_on(sh: Shell) -> None:
    sh.live()
    sh.done("subject", "died", "lin", "--reported-by", "HR", "--evidence", "ab" * 32, "--yes")
    assert sh("import", "slack-export", sh.slack("b.zip"), "--persona", "lin").refused("DECEASED")
    assert sh("persona", "distil", "lin").refused("DECEASED")
    assert sh("export", "skill", "lin", "out", "--recipient", "team").refused("DECEASED")


def test_l13_a_report_needs_somebody_who_agrees_and_something_that_shows_it(sh: Shell) -> None:
    sh.live()
    died = ("subject", "died", "lin", "--reported-by", "Zhang Wei", "--evidence")
    assert sh(*died, "ab" * 32).refused("NOT_AGREED")
    assert sh(*died, "gone.pdf", "--yes").refused("FILE")


def test_l13_relatives_are_proposed_only_where_the_record_keeps(sh: Shell) -> None:
    sh.live()
    sh.done("subject", "died", "lin", "--reported-by", "HR", "--evidence", "ab" * 32, "--yes")
    assert sh("subject", "kin", "lin", "--for", "Lin Mei", "--as", "slack:U0ADM").refused("KIN_ARRANGED")


# ------------------------------------------------------------------ an incident


def test_l16_the_drill_on_the_command_line(sh: Shell) -> None:
    for name in ("lin", "mo"):
        sh.signed(name)
    keys = {each["persona"]: each["key_id"] for each in sh.done("incident", "--list", "--json").json}
    said = sh.done(
        "incident", "--key", keys["mo"], "--out", "breach", "--noticed", "2026-01-02T08:30", "--json"
    ).json
    assert [each["persona"] for each in said] == ["mo"]
    written = sorted(path.name for path in (sh.folder / "breach").iterdir())
    assert written == ["authority.en.md", "authority.zh-CN.md", "subject.mo.en.md", "subject.mo.zh-CN.md"]
    assert "2026-01-05 08:30 UTC" in (sh.folder / "breach" / "authority.en.md").read_text()
    assert sh("incident").refused("INCIDENT")
    assert sh("incident", "lin", "--key", keys["mo"]).refused("INCIDENT")
    assert sh("incident", "--key", "0" * 32).refused("INCIDENT")
    assert sh("incident", "lin", "--noticed", "soon").refused("TIME")
    assert sh("incident", "lin", "--out", "breach").refused("FILE_EXISTS")
    assert sh.done("audit", "verify").status == 0


# ------------------------------------------------------------------ paper


def test_a_paper_is_taken_over_only_by_letter(sh: Shell) -> None:
    """Where no letter goes, there is no way past the private mailbox."""
    sh.draft()
    scan = sh.folder / "scan.pdf"
    scan.write_bytes(b"scan")
    paper = ("consent", "paper", "lin", "--scan", str(scan), *WITNESSES, "--sources", "slack-export", "--mail", LIN)
    record = json.loads(sh.done(*paper, "--json").out)
    assert LIN not in json.dumps(record)
    assert "address hmac:" in record["lawful_basis"][1]["ref"]
    assert sh("consent", "takeover", "lin").refused("MAIL")
    assert sh("consent", "takeover", "lin", "--code", "x" * 43, "--yes").refused("CODE")


def test_with_the_code_from_the_letter_the_subject_signs_with_a_key_of_their_own(sh: Shell) -> None:
    sh.draft("lin", "--subject", "slack:U0LIN")
    scan = sh.folder / "scan.pdf"
    scan.write_bytes(b"scan")
    sh.done("consent", "paper", "lin", "--scan", str(scan), *WITNESSES, "--sources", "slack-export", "--mail", LIN)
    code = asyncio.run(issued(sh, "takeover"))
    other = asyncio.run(issued(sh, "place"))
    assert sh("consent", "takeover", "lin", "--code", other, "--yes").refused("CODE")
    assert "NOT_AGREED" in sh("consent", "takeover", "lin", "--code", code).err  # unseen nothing is signed
    said = sh.done("consent", "takeover", "lin", "--code", code, "--key", "own.pem", "--yes")
    assert signing.load_key(sh.folder / "own.pem")
    assert "Hand this over" in said.out  # the receipt for the new record
    assert sh.done("consent", "show", "lin", "--json").json["event"]["method"] == "web_device_key"
    assert sh("consent", "takeover", "lin", "--code", code, "--yes").refused("CODE")
    assert sh("consent", "takeover", "lin").refused("TAKEOVER")
    # From then on it is their key, and no other, that amends.
    again = ("consent", "sign", "lin", "--sources", "slack-export", "--yes", "--key")
    assert sh(*again, "another.pem").refused("CONSENT_INVALID")
    sh.done(*again, "own.pem")


async def farewell(sh: Shell) -> informing.Farewell:
    settings = Settings(data=Data(dir=sh.data), store=Store(url=f"sqlite://{sh.data / 'understudy.db'}"))
    async with open_app(settings) as app:
        last = await app.services.read(keys.farewell("lin"), informing.Farewell)
    assert last is not None
    return last


async def issued(sh: Shell, purpose: Literal["takeover", "place"]) -> str:
    """The token, as it stands in the letter."""
    settings = Settings(data=Data(dir=sh.data), store=Store(url=f"sqlite://{sh.data / 'understudy.db'}"))
    async with open_app(settings) as app:
        services = app.services
        until = services.clock.now() + takeover.GOOD_FOR
        token, batch = passes.issue(services, "lin", purpose, "slack:U0LIN", until)
        await services.store.commit(batch)
    return token
