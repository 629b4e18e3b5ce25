"""Somebody agrees to be paid for what they know, and looks after it: in a real browser, in two languages."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bots.licence import monthly, paying
from bots.operator import found, switch
from bots.subject.deeds import Deeds
from bots.web.server import serving
from bots.web.subject import SubjectPage
from persona_store.licence import terms
from tests.bots.assessment.stage import assessed
from tests.bots.subject.stage import asked, fresh, known
from tests.browser.test_subject import EN as USUAL_EN
from tests.browser.test_subject import ZH as USUAL_ZH
from tests.browser.test_subject import seat
from tests.scenarios.world import World, folder, world

pytestmark = pytest.mark.browser

JUNE = "2026-06"
EN = USUAL_EN | {
    "terms": "each answer 0.50 CNY, paid to you by acme", "heading": "What it costs", "payee": "To whom is paid",
    "save": "Save", "saved": "Kept.", "unpaid": "not paid", "paid": "paid", "doubt": "Not received",
    "doubted": "said to be paid, contested", "file": "Statement (signed file)", "signature": "Signature",
    "sheet": "Statement (page)", "total": "Total",
}  # fmt: skip
ZH = USUAL_ZH | {
    "terms": "每次回答 0.50 CNY，由 acme 付给你", "heading": "使用费", "payee": "付给谁", "save": "保存",
    "saved": "已保存。", "unpaid": "未支付", "paid": "已支付", "doubt": "没有收到", "doubted": "称已付，有争议",
    "file": "结算单（签名文件）", "signature": "签名", "sheet": "结算单（网页）", "total": "合计",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield it


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
async def test_from_the_terms_to_a_payment_that_did_not_come(
    w: World, browser: Browser, tmp_path: Path, words: dict[str, str]
) -> None:
    name = f"licence-{words['lang'][:2]}"
    licence = terms.terms("per_call", price="0.50", orgs=("acme",))
    object.__setattr__(w.app.services, "link_base", "http://127.0.0.1:1")
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, words["lang"])
        tab = lin.page

        # Asked, they read the terms before they sign, and in the record once more
        await lin.open(await asked(w, await fresh(w), licence=licence))
        await expect(tab.get_by_text(words["terms"])).to_be_visible()
        for key in ("facet", "source", "audience"):
            await tab.get_by_role("checkbox", name=words[key]).first.check()
        await lin.picture(f"{name}-1-asked")
        await lin.press(words["look"])
        await expect(tab.locator(".record")).to_contain_text(words["terms"])
        await lin.saved(words["key"], tmp_path)
        await lin.press(words["sign"])
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["signed"])
        receipt = await lin.saved(words["receipt"], tmp_path)

        # It goes live, is asked twice in June, and the month is stated
        await known(w)
        for person in (w.owner, w.deputy):
            card = next(p for p in reversed(w.to(person)) if any(b.action == "accept" for b in p.post.card.buttons))
            await w.press(person, card, "accept")
        await lin.press(words["go"])
        await lin.press(words["approve"])
        await assessed(w.app)
        w.clock.advance(timedelta(days=8).total_seconds())
        await switch(w.app, await found(w.app, "lin"), "live")
        for number in range(2):
            await w.say(w.mei, "Which queue do refunds go to?", id=f"q{number}")
        w.clock.advance(timedelta(days=25).total_seconds())
        await w.settle()
        await monthly.look(w.app.services)

        # On their own page are the terms, the month, the statement; they say to whom is paid
        await tab.reload()
        part = tab.locator("section", has=tab.get_by_role("heading", name=words["heading"], exact=True))
        month = part.locator(".card", has_text=JUNE)
        await expect(month).to_contain_text("1.00 CNY")
        await expect(month).to_contain_text(words["unpaid"])
        await part.get_by_label(words["payee"]).fill("Bank of X, 123")
        await part.get_by_role("button", name=words["save"], exact=True).click()
        await expect(part.get_by_text(words["saved"])).to_be_visible()
        signed = await lin.saved(words["file"], tmp_path)
        await lin.saved(words["signature"], tmp_path)
        sheet = await lin.saved(words["sheet"], tmp_path)

        # What they saved holds for the program, with the key of the receipt they took home
        with zipfile.ZipFile(await lin.saved(words["export"], tmp_path)) as archive:
            ledger = Path(archive.extract("licence/lin-acme-ledger.jsonl", tmp_path))
        command = (sys.executable, "-m", "bots", "licence", "verify", ledger, signed, "--key", receipt)
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

        # The organisation says that it paid; nothing came, and one press says so
        persona = await found(w.app, "lin")
        await w.app.services.store.commit(await paying.paid(w.app.services, persona, "acme", JUNE, "operator:cli"))
        await tab.reload()
        await expect(month).to_contain_text(words["paid"])
        await lin.picture(f"{name}-2-paid")
        await month.get_by_role("button", name=words["doubt"]).click()
        await expect(month).to_contain_text(words["doubted"])
        await expect(month.get_by_role("button", name=words["doubt"])).to_have_count(0)
        w.clock.advance(timedelta(days=30).total_seconds())
        await tab.reload()
        await expect(part.locator(".problem").first).to_contain_text(JUNE)
        await lin.picture(f"{name}-3-stopped")

        # The statement they saved reads as a page, with nothing that runs
        await tab.goto(sheet.as_uri())
        await expect(tab.get_by_text(words["total"], exact=True).first).to_be_visible()
        await expect(tab.locator("tfoot")).to_contain_text("1.00 CNY")
        await lin.picture(f"{name}-4-statement")
        assert lin.complaints == []
        await context.close()
