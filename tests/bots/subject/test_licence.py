"""What the subject sees of a licence and may do about it, on their page and in what they take home."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bots.licence import monthly, paying
from bots.operator import found
from persona_store import jws
from persona_store.consent import parsing
from persona_store.consent.receipt import decoded
from persona_store.licence import statement, terms
from persona_store.licence.verifying import verify
from tests.bots.subject.stage import Visitor, asked, fresh, passes, visiting
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
PER_CALL = terms.terms("per_call", price="0.50", orgs=("acme",))
JUNE = "2026-06"


async def at_home(w: World, lin: Visitor, licence: Any = PER_CALL) -> None:
    """A licensed persona that answered once in June, and its subject on their page in July."""
    await w.persona(licence=licence)
    await w.say(w.mei, RETRY, id="q1")
    w.clock.advance(timedelta(days=30).total_seconds())
    await w.settle()
    await monthly.look(w.app.services)
    until = w.clock.now() + timedelta(days=400)
    lin.token, issued = passes.issue(w.app.services, "lin", "place", "chat:U0LIN", until)
    await w.app.services.store.commit(issued)


async def pay(w: World) -> None:
    persona = await found(w.app, "lin")
    await w.app.services.store.commit(await paying.paid(w.app.services, persona, "acme", JUNE, "operator:cli"))


async def test_l10_the_ledger_is_part_of_the_subjects_place(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        told = await lin.do("licence")
        assert told["paid"]
        assert "each answer 0.50 CNY" in told["terms"][0]
        [payer] = told["payers"]
        assert (payer["org"], payer["stopped"]) == ("acme", "")
        [month] = payer["months"]
        assert (month["month"], month["lines"], month["total"], month["state"]) == (JUNE, 1, "0.50 CNY", "unpaid")
        assert (month["stated"], month["contestable"]) == (True, False)
        files = await lin.do("stated", org="acme", month=JUNE, lang="zh-CN")
        assert [file["name"].rpartition(".")[2] for file in files] == ["json", "jws", "html"]
        key = jws.public_bytes(w.app.services.vault.signing_key("receipts"))
        said = statement.check(files[0]["text"].encode(), files[1]["text"].strip(), key)
        assert said.totals[0].total_minor == 50
        assert "结算单" in files[2]["text"]


async def test_l10_a_statement_is_signed_with_the_key_of_the_receipt(w: World) -> None:
    """So that the subject needs no key from us that they do not hold since they signed."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        [receipt] = await lin.do("receipts")
        files = await lin.do("stated", org="acme", month=JUNE)
        statement.check(
            files[0]["text"].encode(), files[1]["text"].strip(), decoded(receipt["installation_public_key"])
        )


async def test_t36_the_subject_says_on_their_page_that_nothing_came(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        assert await lin.refused("not_received", org="acme", month=JUNE) == "LICENCE_NOT_PAID"
        await pay(w)
        [month] = (await lin.do("licence"))["payers"][0]["months"]
        assert (month["state"], month["contestable"]) == ("paid", True)
        await lin.do("not_received", org="acme", month=JUNE)
        [month] = (await lin.do("licence"))["payers"][0]["months"]
        assert (month["state"], month["contestable"]) == ("contested", False)
        w.clock.advance(timedelta(days=30).total_seconds())
        [payer] = (await lin.do("licence"))["payers"]
        assert JUNE in payer["stopped"]


async def test_a_month_whose_revenue_was_not_told_is_not_one_that_costs_nothing(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin, terms.terms("revenue_share", share="10", orgs=("acme",)))
        [month] = (await lin.do("licence"))["payers"][0]["months"]
        assert (month["month"], month["state"], month["contestable"]) == (JUNE, "untold", False)
        persona = await found(w.app, "lin")
        _, told = await paying.revenue(w.app.services, persona, "acme", JUNE, "0", "operator:cli")
        await w.app.services.store.commit(told)
        states = {each["month"]: each["state"] for each in (await lin.do("licence"))["payers"][0]["months"]}
        assert states[JUNE] == "free"


async def test_to_whom_is_paid_is_the_subjects_to_say_and_to_change(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await lin.do("payee", text="  Bank  of X\n 123 ")
        assert (await lin.do("licence"))["payee"] == "Bank of X 123"
        assert await lin.refused("payee", text="x" * 301) == "PAYEE"
        await lin.do("payee", text="")
        assert (await lin.do("licence"))["payee"] == ""
        log = [msgspec.json.decode(entry.body)["action"] async for entry in w.app.services.store.log()]
        assert log.count("licence.payee") == 2, "money goes where it says"


async def test_l10_everything_is_in_the_archive_and_verifies_from_it_alone(w: World, tmp_path: Path) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        status, raw = await lin.raw("export")
        assert status == 200
        checked(raw)
        page = zipfile.ZipFile(io.BytesIO(raw)).read("lin.html").decode()
        assert "acme · 2026-06: 0.50 CNY (not paid)" in page


def checked(raw: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        key = decoded(archive.read("licence/key.txt").decode().strip())
        signed = archive.read(f"licence/lin-acme-{JUNE}.json")
        said = statement.check(signed, archive.read(f"licence/lin-acme-{JUNE}.json.jws").decode().strip(), key)
        report = verify(archive.read("licence/lin-acme-ledger.jsonl").splitlines(), [said])
        assert (report.ok, report.lines, report.proven) == (True, 1, 1)
        assert json.loads(archive.read("licence/overview.json"))["payers"][0]["org"] == "acme"


async def test_l10_the_ledger_stays_the_subjects_after_the_end(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await lin.do("payee", text="Bank of X 123")
        await lin.do("withdraw")
        await w.settle()
        assert (await lin.do("open"))["place"]["state"] == "erased"
        told = await lin.do("licence")
        assert told["payers"][0]["months"][0]["total"] == "0.50 CNY"
        assert told["payee"] == "", "what was told about the subject goes with the persona"
        status, raw = await lin.raw("export")
        assert status == 200
        checked(raw)
        await pay(w)
        await lin.do("not_received", org="acme", month=JUNE)
        assert (await lin.raw("payee", text="x"))[0] == 404


@pytest.mark.parametrize("purpose", ["sign", "preview"])
async def test_no_other_link_opens_it(w: World, purpose: Any) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        until = w.clock.now() + timedelta(days=1)
        lin.token, issued = passes.issue(w.app.services, "lin", purpose, "chat:U0OWN", until)
        await w.app.services.store.commit(issued)
        for verb in ("licence", "stated", "not_received", "payee"):
            assert (await lin.raw(verb, org="acme", month=JUNE))[0] == 404


async def test_where_nobody_pays_there_is_nothing_to_see(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin, terms.NONE)
        told = await lin.do("licence")
        assert (told["paid"], told["payers"]) == (False, [])
        assert (await lin.raw("stated", org="acme", month=JUNE))[0] == 404
        assert await lin.refused("stated", org="acme", month="June") == "MONTH"
        assert await lin.refused("stated", org="../x", month=JUNE) == "LICENCE_ORG"
        _, raw = await lin.raw("export")
        assert not [name for name in zipfile.ZipFile(io.BytesIO(raw)).namelist() if name.startswith("licence/")]


async def test_the_page_that_asks_says_the_terms_and_signs_exactly_these(w: World) -> None:
    async with visiting(w) as lin:
        lin.token = await asked(w, await fresh(w), licence=PER_CALL)
        offer = await lin.do("open", lang="zh-CN")
        assert offer["boxes"]["licence"][0] == "使用费：每次回答 0.50 CNY，由 acme 付给你"
        signed = await lin.sign()
        record = parsing.parse(signed["receipt"]["record"].encode())
        assert record.licence == PER_CALL
        assert offer["boxes"]["terms"]["amount_minor"] == 50
        narrowed = await lin.sign({"days": 30})
        assert parsing.parse(narrowed["receipt"]["record"].encode()).licence == PER_CALL
