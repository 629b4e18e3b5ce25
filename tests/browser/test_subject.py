"""Somebody who knows nothing of the product is asked, signs, looks, keeps back, withdraws: in a real browser, with
keys made there, in English and in Chinese."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from bots import distilling
from bots.operator import found, switch
from bots.subject.deeds import Deeds
from bots.web.server import serving
from bots.web.subject import SubjectPage
from persona_store.certificate import SignedCertificate, verify
from persona_store.consent import receipt, signing
from persona_store.consent.record import Licence
from persona_store.licence import terms
from tests.bots.assessment.stage import assessed
from tests.bots.subject.stage import asked, fresh, known, linked
from tests.browser.page import LAPTOP, PHONE
from tests.scenarios.world import World, folder, world

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES")  # where to leave them, to be looked at


class Seat:
    """The subject's own browser."""

    def __init__(self, world: World, page: Page, url: str) -> None:
        self.w, self.page, self.url = world, page, url
        self.asked_for: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked_for.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._console)

    def _console(self, line: object) -> None:
        """A 404 or 422 that the page shows as a sentence is in the console as well; all else there is a fault."""
        text = line.text  # type: ignore[attr-defined]  # playwright's
        if line.type == "error" and "status of 4" not in text:  # type: ignore[attr-defined]  # as above
            self.complaints.append(text)

    async def open(self, token: str) -> None:
        await self.page.goto(f"{self.url}/subject#t={token}")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def saved(self, name: str, to: Path) -> Path:
        async with self.page.expect_download() as waiting:
            await self.press(name)
        download = await waiting.value
        path = to / download.suggested_filename
        await download.save_as(path)
        return path

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest_asyncio.fixture(loop_scope="session")
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield it


async def seat(
    w: World, browser: Browser, port: int, lang: str, *, phone: bool = False
) -> tuple[Seat, BrowserContext]:
    context = await browser.new_context(viewport=PHONE if phone else LAPTOP, locale=lang, accept_downloads=True)
    linked(w)
    object.__setattr__(w.app.services, "link_base", f"http://127.0.0.1:{port}")
    return Seat(w, await context.new_page(), f"http://127.0.0.1:{port}"), context


EN = {
    "lang": "en-US", "title": "may colleagues ask what you know?", "facet": "what you know of the work",
    "source": "Slack messages", "audience": "every group chat", "look": "Show me what I would sign",
    "key": "Make my key and save it", "sign": "Sign", "signed": "Signed", "receipt": "Save my receipt",
    "go": "Go there now", "approve": "I have looked, and approve", "approved": "You have approved it.",
    "show": "Show them", "back": "Keep back", "kept": "Kept back.", "page": "Look at the page",
    "strike": "Strike", "narrow": "Change what I allowed", "keyfile": "Choose my key file",
    "export": "Download everything", "withdraw": "Withdraw my consent", "erased": "It is erased",
    "certificate": "Save the certificate", "nothing": "Tick at least one thing", "gone": "There is nothing behind",
    "freeze": "Freeze it", "lift": "Lift the freeze", "words": "Words",
}  # fmt: skip
ZH = {
    "lang": "zh-CN", "title": "可以让同事查询你的经验吗", "facet": "工作知识", "source": "Slack 消息",
    "audience": "的所有群聊", "look": "让我看看要签的内容", "key": "生成并保存我的密钥", "sign": "签字",
    "signed": "已签字", "receipt": "保存我的回执", "go": "现在就去", "approve": "我看过了，批准",
    "approved": "你已经批准。", "show": "显示", "back": "收回", "kept": "已收回。", "page": "查看页面",
    "strike": "删去", "narrow": "修改我允许的内容", "keyfile": "选择我的密钥文件", "export": "下载全部",
    "withdraw": "撤回我的同意", "erased": "已删除", "certificate": "保存删除证明", "nothing": "请至少勾选一项",
    "gone": "这个链接后面没有内容", "freeze": "冻结", "lift": "解除冻结", "words": "词语",
}  # fmt: skip


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
async def test_from_being_asked_to_the_certificate(
    w: World, browser: Browser, tmp_path: Path, words: dict[str, str]
) -> None:
    name = words["lang"][:2]
    object.__setattr__(w.app.services, "link_base", "http://127.0.0.1:1")
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, words["lang"])
        tab = lin.page
        token = await asked(w, await fresh(w), facets=("work_knowledge", "communication_style"))

        # Given the link, the notice is there and not a single box is ticked
        await lin.open(token)
        await expect(tab.get_by_role("heading", level=1)).to_contain_text(words["title"])
        boxes = tab.get_by_role("checkbox")
        assert await boxes.count() == 6
        assert [await boxes.nth(n).is_checked() for n in range(6)] == [False] * 6
        await lin.picture(f"{name}-1-asked")

        # With nothing ticked there is nothing to sign
        await lin.press(words["look"])
        await expect(tab.get_by_role("alert").filter(has_text=words["nothing"])).to_be_visible()

        # When some are ticked, the record says those and no others, and nothing can be signed before a key is saved
        for key in ("facet", "source", "audience"):
            await tab.get_by_role("checkbox", name=words[key]).first.check()
        await lin.press(words["look"])
        await expect(tab.locator(".record")).to_contain_text(words["facet"])
        await expect(tab.locator(".record")).not_to_contain_text("communication_style")
        await expect(tab.get_by_role("button", name=words["sign"], exact=True)).to_be_hidden()
        key_file = await lin.saved(words["key"], tmp_path)
        await lin.picture(f"{name}-2-record")
        await lin.press(words["sign"])
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["signed"])

        # Then the receipt holds for whoever has it, and the key is one that the command line reads as well
        statement = receipt.check((await lin.saved(words["receipt"], tmp_path)).read_bytes())
        key_file.chmod(0o600)
        chain = await w.app.services.consents.chain("lin")
        assert chain is not None
        assert signing.public_key(signing.load_key(key_file)) == chain.public_key
        assert statement.record_id
        await lin.picture(f"{name}-3-signed")

        # The link is spent
        await lin.open(token)
        await tab.reload()
        await expect(tab.get_by_role("heading", level=1)).to_contain_text(words["gone"])
        await lin.picture(f"{name}-4-spent")

        # With nothing but the key they come to their own place, look at what was made of it, and strike
        await known(w)
        await distilling.distil_by_rules(
            w.app.services, await found(w.app, "lin"), "operator:cli", progress=lambda *_: None
        )
        await tab.get_by_label(words["keyfile"]).first.set_input_files(key_file)
        await expect(tab.get_by_role("button", name=words["withdraw"])).to_be_visible()
        await lin.press(words["page"])
        frame = tab.frame_locator("iframe:visible")
        await expect(frame.locator(".label").first).to_contain_text("AI")
        assert await frame.locator("h1").evaluate("e => getComputedStyle(e).fontWeight") == "720"
        cards = tab.locator(".card", has=tab.get_by_role("button", name=words["strike"]))
        struck = cards.filter(has_not_text="refund-slow").first
        told = await struck.inner_text()
        await struck.get_by_role("button", name=words["strike"]).click()
        await expect(tab.get_by_text(told.splitlines()[-2])).to_have_count(0)
        await lin.picture(f"{name}-5-place")
        await lin.press(words["approve"])
        await expect(tab.get_by_text(words["approved"])).to_be_visible()

        # They keep something back, and see it gone from what colleagues get
        for person in (w.owner, w.deputy):
            card = next(p for p in reversed(w.to(person)) if any(b.action == "accept" for b in p.post.card.buttons))
            await w.press(person, card, "accept")
        await assessed(w.app)
        w.clock.advance(timedelta(days=8).total_seconds())
        await switch(w.app, await found(w.app, "lin"), "live")
        await tab.reload()
        await tab.get_by_label(words["keyfile"]).first.set_input_files(key_file)
        await lin.press(words["show"])
        item = tab.locator(".card", has_text="refund-slow").last
        await item.get_by_role("button", name=words["back"]).click()
        await expect(tab.get_by_text(words["kept"])).to_be_visible()
        await lin.picture(f"{name}-6-kept-back")
        posts = await w.say(w.mei, "Which queue do refunds go to?")
        assert "refund-slow" not in str([p.post.card for p in posts])

        # They allow less, with the key they saved
        await lin.press(words["narrow"])
        await expect(boxes).to_have_count(3)
        assert [await boxes.nth(n).is_checked() for n in range(3)] == [True] * 3
        await tab.get_by_label(words["words"], exact=True).fill("passphrase")
        await lin.press(words["look"])
        await tab.get_by_label(words["keyfile"]).first.set_input_files(key_file)
        await lin.press(words["sign"])
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["signed"])
        await lin.press(words["go"])
        consent = await w.app.services.consents.current("lin")
        assert consent is not None
        assert consent.scope.excluded.keywords == ("passphrase",)

        # They freeze and lift, take a copy, and withdraw with one press
        await lin.press(words["freeze"])
        await lin.press(words["lift"])
        await expect(tab.get_by_role("button", name=words["freeze"], exact=True)).to_be_visible()
        archive = zipfile.ZipFile(await lin.saved(words["export"], tmp_path))
        assert "refund-slow" not in archive.read("items.json").decode()
        await lin.press(words["withdraw"])
        await w.settle()
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["erased"])
        await lin.picture(f"{name}-7-erased")
        given = json.loads((await lin.saved(words["certificate"], tmp_path)).read_text())
        signed = SignedCertificate(
            given["certificate"].encode(), given["signature"], bytes.fromhex(given["public_key"])
        )
        assert verify(signed, signed.public_key).trigger == "withdrawal"

        # And all the while no token was in an address, nothing came from elsewhere, and nothing went wrong
        elsewhere = [url for url in lin.asked_for if not url.startswith((lin.url, "blob:", "about:"))]
        sent = [url for url in lin.asked_for if token in url.partition("#")[0]]
        assert (elsewhere, sent) == ([], [])
        assert lin.complaints == []
        await context.close()


async def test_a_no_takes_one_press(w: World, browser: Browser) -> None:
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, "zh-CN", phone=True)
        await lin.open(await asked(w, await fresh(w)))
        await lin.press("不，谢谢")
        await expect(lin.page.get_by_role("heading", level=1)).to_have_text("好的，到此为止")
        await lin.picture("zh-8-declined")
        assert await w.app.services.consents.current("lin") is None
        assert lin.complaints == []
        await context.close()


async def test_on_a_phone_nothing_is_wider_than_the_phone_and_the_language_can_be_changed(
    w: World, browser: Browser
) -> None:
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, "en-US", phone=True)
        await lin.open(await asked(w, await fresh(w)))
        await expect(lin.page.get_by_role("checkbox").first).to_be_visible()
        await lin.press("中文")
        await expect(lin.page.get_by_role("heading", level=1)).to_contain_text("可以让同事查询你的经验吗")
        wide = await lin.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        await lin.picture("zh-9-phone")
        assert wide <= 0
        assert lin.complaints == []
        await context.close()


async def test_a_browser_without_such_keys_is_told_and_sends_none(w: World, browser: Browser) -> None:
    """No fallback that would be weaker: the way out is another browser, or the command line."""
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, "en-US")
        await lin.page.add_init_script("SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error('no'))")
        await lin.open(await asked(w, await fresh(w)))
        await expect(lin.page.get_by_role("heading", name="This browser cannot sign")).to_be_visible()
        await expect(lin.page.get_by_role("button", name="Show me what I would sign")).to_have_count(0)
        await expect(lin.page.get_by_role("button", name="No, thank you").first).to_be_visible()
        await context.close()


@pytest.mark.parametrize(
    ("shown", "instead", "licence"),
    [
        ('"communication_style": false', '"communication_style": true', terms.NONE),
        ('"amount_minor": 50', '"amount_minor": 5', terms.terms("per_call", price="0.50", orgs=("acme",))),
    ],
    ids=["more than was ticked", "another price"],
)
async def test_a_record_that_says_something_else_is_not_signed(
    w: World, browser: Browser, shown: str, instead: str, licence: Licence
) -> None:
    """A server that was tampered with: the browser compares before it signs."""
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, "en-US")

        async def other(route: Route) -> None:
            answer = await route.fetch()
            told = await answer.json()
            assert shown in told["record"]
            told["record"] = told["record"].replace(shown, instead)
            await route.fulfill(response=answer, json=told)

        await lin.page.route("**/api/draft", other)
        await lin.open(await asked(w, await fresh(w), licence=licence))
        await expect(lin.page.get_by_role("checkbox").first).to_be_visible()
        for box in await lin.page.get_by_role("checkbox").all():
            await box.check()
        await lin.press("Show me what I would sign")
        await expect(lin.page.get_by_role("alert")).to_contain_text("not what you ticked")
        async with lin.page.expect_download():
            await lin.press("Make my key and save it")
        await expect(lin.page.get_by_role("button", name="Sign", exact=True)).to_be_hidden()
        await context.close()
