"""`understudy licence …` and the terms that are signed or asked for."""

from __future__ import annotations

import asyncio
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.app import open_app
from bots.options import Data, Settings, Store
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import day_of, month_of
from persona_store.licence.ledger import Charge
from tests.bots.cli.shell import Shell

PER_CALL = ("--licence", "per_call", "--price", "0.50", "--currency", "CNY", "--org", "acme")
NOW = datetime.now(UTC)
LAST = month_of(day_of(month_of(NOW.date()), -1))
"""The newest month that is over, as the command line's clock is the real one."""


def sign(sh: Shell, *more: str) -> Any:
    return sh("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes", *more)


def used(sh: Shell, calls: int, *, org: str = "acme", month: str = LAST) -> None:
    """As if so many answers had been posted in that month."""

    async def enter() -> None:
        settings = Settings(data=Data(dir=sh.data), store=Store(url=f"sqlite:///{sh.data / 'understudy.db'}"))
        async with open_app(settings) as app:
            book = LedgerBook(app.services.store)
            at = datetime.combine(day_of(month), datetime.min.time(), UTC) + timedelta(hours=9)
            due = Charge(org, "lin", "urn:uuid:1", "call", 50, "CNY")
            await app.services.store.commit(book.enter(await book.open("lin", org), [due] * calls, at))

    asyncio.run(enter())


@pytest.fixture
def licensed(sh: Shell) -> Shell:
    sh.draft()
    assert sign(sh, *PER_CALL, "--payee", "Alipay lin@example.com").status == 0
    return sh


def test_the_terms_are_said_before_they_are_signed_and_stand_in_the_record(licensed: Shell) -> None:
    record = licensed.done("consent", "show", "lin", "--json").json
    assert record["licence"] == {
        "model": "per_call",
        "currency": "CNY",
        "amount_minor": 50,
        "share_bp": 0,
        "orgs": ["acme"],
        "sublicense": False,
        "payee_ref": "vault:payee",
        "audit_right": True,
        "stop_on_unpaid_days": 30,
    }
    shown = licensed.done("consent", "show", "lin").out
    assert "Use costs: each answer 0.50 CNY, paid to you by acme" in shown
    assert "while one is unpaid for 30 days" in shown


def test_to_whom_is_paid_is_in_no_record_and_not_readable_in_any_file(licensed: Shell) -> None:
    assert "Alipay" not in licensed.done("consent", "show", "lin", "--json").out
    assert "Paid to: Alipay lin@example.com" in licensed.done("licence", "show", "lin").out
    kept = b"".join(path.read_bytes() for path in licensed.data.rglob("*") if path.is_file())
    assert b"lin@example.com" not in kept


def test_without_a_word_about_money_use_costs_nothing(sh: Shell) -> None:
    sh.draft()
    assert sign(sh).status == 0
    assert sh.done("consent", "show", "lin", "--json").json["licence"]["model"] == "none"
    assert "Use costs nothing" in sh.done("consent", "show", "lin").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--licence", "per_call", "--org", "acme"), "LICENCE_TERMS"),
        (("--licence", "per_call", "--price", "1"), "LICENCE_TERMS"),
        (("--price", "1"), "LICENCE_TERMS"),
        (("--licence", "revenue_share", "--org", "acme"), "LICENCE_TERMS"),
        (("--licence", "per_call", "--price", "0.505", "--org", "acme"), "AMOUNT"),
        (("--licence", "per_call", "--price", "0.5", "--currency", "jpy", "--org", "acme"), "AMOUNT"),
        (("--licence", "per_call", "--price", "1", "--currency", "RMB", "--org", "acme"), "CURRENCY"),
        (("--licence", "revenue_share", "--share", "101", "--org", "acme"), "SHARE"),
        (("--licence", "per_call", "--price", "1", "--org", "../acme"), "LICENCE_TERMS"),
        (("--licence", "barter"), "USAGE"),
    ],
)
def test_senseless_terms_are_one_line_and_nothing_is_signed(sh: Shell, words: tuple[str, ...], code: str) -> None:
    sh.draft()
    assert sign(sh, *words).refused(code)
    assert sh.done("persona", "show", "lin", "--json").json["consent"] is None


def test_a_request_carries_the_terms_and_nobody_else_says_to_whom_is_paid(sh: Shell) -> None:
    sh.draft()
    asked = ("consent", "request", "lin", "--to", "slack:U0LIN", "--sources", "slack-export")
    assert sh(*asked, "--licence", "per_call", "--org", "acme").refused("LICENCE_TERMS")
    assert sh(*asked, *PER_CALL, "--payee", "me").refused("USAGE")
    assert sh(*asked, *PER_CALL).status == 0


def test_a_statement_is_written_with_all_that_is_needed_to_check_it(licensed: Shell) -> None:
    used(licensed, 3)
    out = licensed.folder / "out"
    said = licensed.done("licence", "statement", "lin", "--month", LAST, "--out", str(out))
    assert "acme owes 1.50 CNY" in said.out
    names = sorted(path.name for path in out.iterdir())
    base = f"lin-acme-{LAST}"
    assert names == sorted(
        ["lin-acme-key.txt", "lin-acme-ledger.jsonl", f"{base}.html", f"{base}.json", f"{base}.json.jws"]
    )
    assert {stat.S_IMODE((out / name).stat().st_mode) for name in names} == {0o600}
    first = (out / f"{base}.json").read_bytes()
    assert len((out / "lin-acme-ledger.jsonl").read_text().splitlines()) == 3
    verify = ("licence", "verify", str(out / "lin-acme-ledger.jsonl"), str(out / f"{base}.json"))
    assert "3 lines, 1.50 CNY" in licensed.done(*verify, "--key", str(out / "lin-acme-key.txt")).out
    assert licensed.done(*verify, "--key", (out / "lin-acme-key.txt").read_text().strip(), "--json").json["ok"]
    assert licensed(*verify).refused("USAGE")
    assert licensed(*verify, "--key", "nonsense").refused("KEY")
    licensed.done("licence", "statement", "lin", "--month", LAST, "--org", "acme", "--out", str(out))
    assert (out / f"{base}.json").read_bytes() == first, "it is made once"
    page = licensed.done("licence", "statement", "lin", "--month", LAST, "--out", str(out), "--lang", "zh-CN")
    assert page.status == 0
    assert "结算单" in (out / f"{base}.html").read_text()


def test_a_file_that_is_no_ledger_is_one_line(licensed: Shell) -> None:
    wrong = licensed.folder / "x.jsonl"
    wrong.write_bytes(b"\0" * 10_000_000)
    said = licensed("licence", "verify", str(wrong))
    assert (said.status, "line 1 is not one of a ledger" in said.out) == (3, True)
    assert licensed("licence", "verify", str(licensed.folder / "none")).refused("FILE")


def test_what_was_paid_is_written_down_once(licensed: Shell) -> None:
    used(licensed, 2)
    assert "1.00 CNY" in licensed.done("licence", "paid", "lin", "--month", LAST).out
    assert licensed("licence", "paid", "lin", "--month", LAST).refused("LICENCE_PAID")
    assert licensed("licence", "paid", "lin", "--month", "2020-01").refused("LICENCE_NOT_DUE")
    assert licensed("licence", "paid", "lin", "--month", "last").refused("MONTH")
    assert licensed("licence", "paid", "lin", "--month", LAST, "--org", "globex").refused("LICENCE_ORG")
    shown = licensed.done("licence", "show", "lin", "--json").json
    assert shown["months"] == [
        {
            "org": "acme",
            "month": LAST,
            "lines": 2,
            "totals": [{"currency": "CNY", "total_minor": 100}],
            "state": "paid",
        }
    ]


def test_what_is_overdue_stops_the_terminal_too_and_doctor_says_what_lifts_it(licensed: Shell) -> None:
    licensed.done("import", "slack-export", licensed.slack(), "--persona", "lin", "--subject", "U0LIN")
    licensed.done("persona", "live", "lin")
    question = ("ask", "Which queue do refunds go to?", "--persona", "lin")
    assert licensed.done(*question).out
    used(licensed, 1, month=month_of(day_of(LAST, -3)))
    month = month_of(day_of(LAST, -3))
    lift = f"`understudy licence paid lin --org acme --month {month}`"
    asked = licensed(*question)
    assert asked.refused("UNPAID")
    assert lift in asked.err
    doctor = licensed("doctor")
    assert doctor.status == 1
    assert f"acme owes {month} (unpaid)" in doctor.out
    assert lift in doctor.out
    assert lift in licensed.done("licence", "show", "lin").out
    licensed.done("licence", "paid", "lin", "--month", month)
    assert licensed.done(*question).out


def test_who_pays_no_longer_stops_nothing_and_still_owes(licensed: Shell) -> None:
    month = month_of(day_of(LAST, -3))
    used(licensed, 1, month=month)
    assert licensed.done("licence", "show", "lin", "--json").json["stopped"][0][:2] == ["acme", month]
    assert sign(licensed, "--licence", "per_call", "--price", "1", "--org", "globex").status == 0
    shown = licensed.done("licence", "show", "lin", "--json").json
    assert (shown["stopped"], shown["months"][0]["state"]) == ([], "unpaid")


def test_a_revenue_is_told_once_and_the_share_is_said(sh: Shell) -> None:
    sh.draft()
    assert sign(sh, "--licence", "revenue_share", "--share", "10", "--org", "acme").status == 0
    assert sh("licence", "revenue", "lin", "--month", LAST, "--amount", "5").refused("LICENCE_NO_SHARE")
    this = month_of(NOW.date())
    assert sh("licence", "revenue", "lin", "--month", this, "--amount", "5").refused("LICENCE_NOT_DUE")


def test_which_chats_an_organisation_pays_for(sh: Shell) -> None:
    sh.draft()
    assert sign(sh, "--licence", "per_call", "--price", "1", "--org", "acme,globex").status == 0
    sh.done("import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")
    sh.done("persona", "live", "lin")
    assert "nobody pays for what is asked in slack:*" in sh("doctor").out
    said = sh.done("licence", "chats", "lin", "--org", "globex", "--chats", "slack:C1,slack:C2", "--json")
    assert said.json == {"slack:C1": "globex", "slack:C2": "globex"}
    sh.done("licence", "chats", "lin", "--org", "acme", "--chats", "slack:*")
    assert "nobody pays" not in sh("doctor").out
    assert sh("licence", "chats", "lin", "--org", "initech", "--chats", "slack:C1").refused("LICENCE_ORG")
    assert sh("licence", "statement", "lin", "--month", LAST).refused("LICENCE_ORG")


def test_where_nobody_pays_there_is_nothing_to_state(sh: Shell) -> None:
    sh.draft()
    assert sign(sh).status == 0
    assert sh("licence", "statement", "lin", "--month", LAST).refused("LICENCE_MISSING")
    assert "Use costs nothing" in sh.done("licence", "show", "lin").out


def test_the_whole_ledger_is_exported_with_every_statement(licensed: Shell) -> None:
    before = month_of(day_of(LAST, -1))
    used(licensed, 1, month=before)
    used(licensed, 2)
    for month in (before, LAST):
        licensed.done("licence", "statement", "lin", "--month", month, "--out", "away")
    out = Path("exported")
    files = licensed.done("licence", "export", "lin", "--out", str(out), "--json").json["files"]
    assert len([name for name in files if name.endswith(".json")]) == 2
    statements = [str(out / f"lin-acme-{month}.json") for month in (before, LAST)]
    report = licensed.done(
        *("licence", "verify", str(out / "lin-acme-ledger.jsonl"), *statements),
        *("--key", str(out / "lin-acme-key.txt"), "--json"),
    ).json
    assert (report["ok"], report["lines"], report["proven"]) == (True, 3, 3)
    lines = [json.loads(line) for line in (out / "lin-acme-ledger.jsonl").read_text().splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3]
