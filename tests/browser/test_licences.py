"""Somebody licenses what they know to another organisation, and ends it again, on their own page: in a real
browser, with their own key, in English and in Chinese; and the other organisation takes in what comes of it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from bots.licensed import checking, laying, offering, packing, records, taking
from bots.operator import found
from bots.subject.deeds import Deeds
from bots.web.server import serving
from bots.web.subject import SubjectPage
from persona_store import bundle
from persona_store.consent import receipt, signing
from persona_store.consent.draft import digest
from persona_store.envelope import Identity
from persona_store.licence import terms
from persona_store.licensed import standing
from persona_store.model import Persona
from tests.bots.services import idle
from tests.bots.subject.licensing import ALL, TOLD_AT, at_home, laid, licensed, wishes
from tests.bots.subject.stage import asked, fresh, known, linked, token_in, visiting
from tests.browser.test_subject import EN as USUAL_EN
from tests.browser.test_subject import ZH as USUAL_ZH
from tests.browser.test_subject import Seat, seat
from tests.persona_store.passages import passage
from tests.scenarios.world import KEY, World, folder, world

pytestmark = pytest.mark.browser

KNOWS = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
EN = USUAL_EN | {
    "heading": "Licences for other organisations", "read": "Read the offer", "offer": "globex would like a licence",
    "never": "Never part of it: chats", "costs": "each answer 0.50 CNY, paid to you by globex",
    "document": "documents", "address": "A web address", "signs": "Sign the licence for globex",
    "signed_it": "Licensed to globex", "save": "Save the licence", "publish": "Save what you publish",
    "home": "To your place", "cooling": "nothing goes to them before", "stands": "Stands until",
    "end": "End it…", "ends": "End the licence for globex", "ended": "The licence for globex is revoked",
    "revocation": "Save the revocation", "no": "No, thank you", "declined": "You declined it",
    "wrong": "not the key you signed your consent with", "changed": "changed its offer meanwhile",
    "file": "Choose the file of the offer", "with_file": "End a licence with its file",
    "licence": "Choose the file of the licence", "other_key": "not the key that signed this licence",
    "unread": "not such a file",
}  # fmt: skip
ZH = USUAL_ZH | {
    "heading": "给其他组织的授权", "read": "查看授权条件", "offer": "globex 希望获得授权",
    "never": "绝不包含：任何平台的聊天记录", "costs": "每次回答 0.50 CNY，由 globex 付给你",
    "document": "文档", "address": "你公布授权是否有效的网址", "signs": "签署给 globex 的授权",
    "signed_it": "已授权给 globex", "save": "保存授权书", "publish": "保存要公布的文本",
    "home": "回到我的页面", "cooling": "之前不会有任何内容交给对方", "stands": "有效，至",
    "end": "终止……", "ends": "终止对 globex 的授权", "ended": "对 globex 的授权已撤销",
    "revocation": "保存撤销书", "no": "不，谢谢", "declined": "你已经拒绝",
    "wrong": "这不是你签署同意书时用的密钥", "changed": "对方刚刚改了授权条件",
    "file": "选择授权条件文件", "with_file": "凭授权书文件终止授权", "licence": "选择授权书文件",
    "other_key": "这不是签署这份授权的密钥", "unread": "这不是所要的文件",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(path) as it:
            yield it


async def signed(w: World, lin: Seat, words: dict[str, str], to: Path) -> Path:
    """Their consent, with a key of their own; they are on their page then. Returns the key's file."""
    tab = lin.page
    await lin.open(await asked(w, await fresh(w), sources=("slack_export", "doc")))
    await expect(tab.get_by_role("checkbox").first).to_be_visible()
    for box in await tab.get_by_role("checkbox").all():
        await box.check()
    await lin.press(words["look"])
    key = await lin.saved(words["key"], to)
    await lin.press(words["sign"])
    await lin.press(words["go"])
    await known(w)
    own = passage("d1", KNOWS, source="doc", container="runbook.md", author="")
    await (await w.app.services.library.file("lin")).add([own])
    return key


async def runs_there(w: World, there: World, home: Path) -> Persona:
    """Packed by whoever runs it here, taken in at the other organisation."""
    globex = Identity.kept_in(home / "receiving.age")
    there.clock.advance((w.clock.now() - there.clock.now()).total_seconds())
    persona, now = await found(w.app, "lin"), w.clock.now()
    paper = "sha256:" + "0" * 64
    sent = await packing.pack(
        w.app.services, persona, "globex", to=globex.address, release=paper, days=30, actor="operator:cli"
    )
    opened = bundle.open_bundle(sent.sealed.data, globex)
    taken = await taking.take(
        there.app.services, opened, Persona("lin", "", "draft", now, now), "globex", "operator:cli"
    )
    assert taken.passages == 1
    return taken.persona


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
async def test_t36_from_the_offer_to_the_revocation(
    w: World, browser: Browser, tmp_path: Path, words: dict[str, str]
) -> None:
    name = f"licences-{words['lang'][:2]}"
    phone = words is ZH
    object.__setattr__(w.app.services, "link_base", "http://127.0.0.1:1")
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port, idle(tmp_path / "globex") as there:
        lin, context = await seat(w, browser, port, words["lang"], phone=phone)
        tab = lin.page
        key = await signed(w, lin, words, tmp_path)

        # An admin lays the offer before them; the link comes by direct message, and leads to their own place
        price = terms.terms("per_call", price="0.50", orgs=("globex",))
        await laid(w, licence=price, excluded_keywords=("Falcon",))
        await w.settle()
        await lin.open(token_in(w.to(w.subject)[-1].post.card.text))
        part = tab.locator("section", has=tab.get_by_role("heading", name=words["heading"], exact=True))
        await expect(part.get_by_text("globex")).to_be_visible()
        await lin.picture(f"{name}-1-place")

        # They read what a licence is and what this one says; not a single box is ticked
        await lin.press(words["read"])
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["offer"])
        for told in ("never", "costs"):
            await expect(tab.get_by_text(words[told]).first).to_be_visible()
        await expect(tab.get_by_text("Falcon")).to_be_visible()
        boxes = tab.get_by_role("checkbox")
        assert [await box.is_checked() for box in await boxes.all()] == [False] * 5
        await lin.picture(f"{name}-2-offer")
        assert await tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

        # They take less of it than was offered, and the organisation changes its mind in that moment
        for which in ("facet", "document", "audience"):
            await tab.get_by_role("checkbox", name=words[which]).first.check()
        await laid(w, licence=price, excluded_keywords=("Falcon",), days=60)
        await lin.press(words["look"])
        await expect(tab.get_by_role("alert")).to_contain_text(words["changed"])
        for which in ("facet", "document", "audience"):
            await tab.get_by_role("checkbox", name=words[which]).first.check()
        await tab.get_by_label(words["address"]).fill(TOLD_AT)
        await lin.press(words["look"])
        record = tab.locator(".record")
        await expect(record).to_contain_text(words["never"])
        await expect(record).to_contain_text(TOLD_AT)

        # Another key signs nothing; theirs does, and they take home what holds without us
        sign = tab.get_by_role("button", name=words["signs"], exact=True)
        await expect(sign).to_be_hidden()
        await tab.get_by_label(words["keyfile"]).set_input_files(_other(tmp_path))
        await sign.click()
        await expect(tab.get_by_role("alert")).to_contain_text(words["wrong"])
        await tab.get_by_label(words["keyfile"]).set_input_files(key)
        await lin.picture(f"{name}-3-sign")
        await sign.click()
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["signed_it"])
        mine = records.read((await lin.saved(words["save"], tmp_path)).read_bytes())
        statement = receipt.check((await lin.saved(words["receipt"], tmp_path)).read_bytes())
        published = (await lin.saved(words["publish"], tmp_path)).read_text()
        assert statement.record == digest(mine.raw)
        assert [grant.kind for grant in mine.consent.scope.sources] == ["doc"]
        assert mine.consent.scope.excluded.keywords == ("Falcon",)
        names = {digest(mine.raw): mine.consent.event.time}
        assert standing.read(published, mine.key, names).standing == "stands"
        await lin.picture(f"{name}-4-signed")

        # It cools off, then stands; they look at what there is, and what is packed is taken in where it goes
        await lin.press(words["home"])
        await expect(part).to_contain_text(words["cooling"])
        w.clock.advance(timedelta(days=8).total_seconds())
        await tab.reload()
        await expect(part).to_contain_text(words["stands"])
        await lin.picture(f"{name}-5-stands")
        await lin.press(words["approve"])
        await expect(tab.get_by_text(words["approved"])).to_be_visible()
        persona = await runs_there(w, there, tmp_path)
        assert persona.owner == "slack:W0GIL"

        # One press and one signature end it, there as well, and the text stays to be saved again
        await lin.press(words["end"])
        await tab.get_by_label(words["keyfile"]).set_input_files(key)
        await lin.picture(f"{name}-6-end")
        await lin.press(words["ends"])
        await expect(tab.get_by_role("heading", level=1)).to_have_text(words["ended"])
        await expect(tab.get_by_text(TOLD_AT)).to_be_visible()
        text = (await lin.saved(words["revocation"], tmp_path)).read_text()
        await lin.picture(f"{name}-7-ended")
        ended, _ = await checking.revocation(there.app.services, text)
        await there.app.services.store.commit(await checking.ended(there.app.services, there.app.retiring, ended))
        assert (await found(there.app, "lin")).state == "erasing"
        await lin.press(words["home"])
        again = (await lin.saved(words["revocation"], tmp_path)).read_text()
        assert again == text
        assert await records.organisations(w.app.services, "lin") == []

        # Another one sends them its offer as a file: they read it, decline with one press, and can still read it
        file = tmp_path / "offer.json"
        file.write_bytes(offering.written(wishes(), "initech", w.clock.now()))
        await tab.get_by_label(words["file"]).set_input_files(file)
        await expect(tab.get_by_role("heading", level=1)).to_contain_text("initech")
        await lin.press(words["no"])
        await expect(part).to_contain_text(words["declined"])
        await lin.picture(f"{name}-8-declined")
        assert [each.status for _, each in await laying.all_of(w.app.services, "lin")] == ["declined"]
        assert lin.complaints == []
        await context.close()


@pytest.mark.parametrize("words", [EN, ZH], ids=["en", "zh"])
async def test_t36_with_nothing_left_here_the_file_and_the_key_end_it(
    w: World, browser: Browser, tmp_path: Path, words: dict[str, str]
) -> None:
    """On the page of an erased persona, and on one that has never heard of it: no server is asked for anything."""
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port:
        lin, context = await seat(w, browser, port, words["lang"])
        tab = lin.page
        async with visiting(w) as visitor:
            await at_home(w, visitor)
            await laid(w)
            await licensed(visitor)
            w.clock.advance(60)
            await laid(w, days=30)
            taken = await licensed(visitor, TOLD_AT, days=30)
            await visitor.do("withdraw")
        await w.settle()
        licence = tmp_path / taken["files"][0]["name"]
        licence.write_text(taken["files"][0]["text"])
        mine = records.read(licence.read_bytes())
        key = tmp_path / "mine.pem"
        signing.save_key(key, KEY)
        for token in (visitor.token, "nothing"):
            await lin.open(token)
            await tab.reload()
            part = tab.locator("section", has=tab.get_by_role("heading", name=words["with_file"], exact=True))
            await part.get_by_label(words["licence"]).set_input_files(licence)
            await part.get_by_label(words["keyfile"]).set_input_files(_other(tmp_path))
            await expect(part.get_by_role("alert")).to_contain_text(words["other_key"])
            asked_before = len(lin.asked_for)
            await part.get_by_label(words["keyfile"]).set_input_files(key)
            await lin.press(words["ends"])
            await expect(part.get_by_text(TOLD_AT)).to_be_visible()
            text = (await lin.saved(words["revocation"], tmp_path)).read_text()
            names = {digest(mine.raw): mine.consent.event.time}
            said = standing.read(text, mine.key, names)
            assert (said.standing, said.organisation) == ("revoked", "globex")
            assert mine.consent.prev_record
            earlier = {mine.consent.prev_record: mine.consent.event.time}  # they may not have the amendment
            assert standing.read(text, mine.key, earlier).standing == "revoked"
            assert [url for url in lin.asked_for[asked_before:] if not url.startswith("blob:")] == []
            await lin.picture(f"licences-{words['lang'][:2]}-9-{'gone' if token == 'nothing' else 'erased'}")
            changed = licence.read_text().replace("globex", "initech")
            await part.get_by_label(words["licence"]).set_input_files(
                {"name": "x.json", "mimeType": "application/json", "buffer": changed.encode()}
            )
            await expect(part.get_by_role("alert")).to_contain_text(words["unread"])
        assert lin.complaints == []
        await context.close()


async def test_what_is_opened_while_the_place_is_shown_anew_stays_open(w: World, browser: Browser) -> None:
    """A second link is opened over the first: what is pressed then is not taken away by what arrives late."""
    page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
    async with serving("127.0.0.1", 0, page.routes()) as port, visiting(w) as visitor:
        await at_home(w, visitor)
        lin, context = await seat(w, browser, port, "en-US")
        await laid(w)
        await w.settle()
        await lin.open(visitor.token)
        await expect(lin.page.get_by_role("button", name=EN["read"], exact=True)).to_be_visible()

        async def late(route: Route) -> None:
            await asyncio.sleep(0.7)
            await route.continue_()

        await lin.page.route("**/api/licences", late)
        await lin.open(token_in(w.to(w.subject)[-1].post.card.text))
        await lin.press(EN["read"])
        await lin.page.wait_for_load_state("networkidle")
        await asyncio.sleep(1)
        await expect(lin.page.get_by_role("heading", level=1)).to_have_text(EN["offer"])
        await context.close()


RECORD = [
    (("licence", "orgs"), ["globex", "initech"]),
    (("licence", "sublicense"), True),
    (("licence", "amount_minor"), 5),
    (("withdrawal", "methods"), ["cli"]),
    (("withdrawal", "methods"), ["signed revocation", "cli"]),  # without the address they named
    (("withdrawal", "methods"), ["signed revocation", "cli", f"revoked:{TOLD_AT}2"]),
    (("owner", "id"), "slack:W0EVE"),
    (("deputy",), None),
    (("pii_controllers",), []),
    (("pii_controllers",), [{"party": "acme", "role": "controller", "contact": "dpo@globex.example"}]),
    (("pii_controllers",), [{"party": "globex", "role": "controller", "contact": "eve@globex.example"}]),
    (("scope", "excluded", "keywords"), []),
    (("scope", "sources"), []),
    (("voluntariness", "cooling_off_days"), 0),
    (("privacy_notice", "sha256"), "0" * 64),
    (("event", "method"), "cli"),
]
"""What a server that was tampered with might slip in, place by place."""


async def test_a_record_that_says_anything_else_is_not_signed(w: World, browser: Browser) -> None:
    """The browser compares what it is about to sign with what was read and ticked."""
    async with visiting(w) as lin:
        await at_home(linked(w), lin)
        await laid(w, excluded_keywords=("Falcon",))
        read = await lin.do("offer_read", offer=(await lin.do("licences"))["offers"][0]["id"])
        ticks = {**ALL, "containers": [], "keywords": [], "people": [], "after_death": "delete"}
        which = {"offer": read["id"], "version": read["version"]}
        draft = await lin.do("offer_draft", **which, ticks=ticks, told_at=TOLD_AT)
        context = await browser.new_context()
        tab = await context.new_page()
        await tab.goto(f"{lin.url}/subject")
        compared = """async ([record, ticks, offer, address, hash]) =>
            (await import("/subject/static/agree.js")).licenses(record, ticks, offer, [address], hash)"""

        async def fits(record: Any) -> bool:
            given = [json.dumps(record), ticks, read, TOLD_AT, read["notice_sha256"]]
            answer: bool = await tab.evaluate(compared, given)
            return answer

        honest = json.loads(draft["record"])
        now = datetime.now(UTC).date()  # the browser's clock is its own, and the term is looked at by it
        honest["term"]["end"] = (now + timedelta(days=90)).isoformat()
        assert await fits(honest)
        for path, value in RECORD:
            changed = json.loads(json.dumps(honest))
            *into, last = path
            place = changed
            for name in into:
                place = place[name]
            assert place[last] != value
            place[last] = value
            assert not await fits(changed), path
        await context.close()


async def test_a_statement_that_says_anything_else_is_not_signed(w: World, browser: Browser) -> None:
    async with visiting(w) as lin:
        context = await browser.new_context()
        tab = await context.new_page()
        await tab.goto(f"{lin.url}/subject")
        compared = """async ([text, hash]) =>
            (await import("/subject/static/agree.js")).says(text, "revoked", "globex", hash)"""
        honest = json.loads(standing.statement("sha256:" + "a" * 64, "globex", "revoked", w.clock.now()))
        others = [
            honest | {"standing": "stands"},
            honest | {"organisation": "initech"},
            honest | {"record": "sha256:" + "b" * 64},
            honest | {"form": "understudy.consent/1"},
            honest | {"more": 1},
        ]
        said = [await tab.evaluate(compared, [json.dumps(each), "a" * 64]) for each in (honest, *others)]
        assert said == [True, *[False] * len(others)]
        assert not await tab.evaluate(compared, ["hello", "a" * 64])
        await context.close()


def _other(folder: Path) -> Path:
    path = folder / f"{secrets.token_hex(4)}.pem"
    signing.save_key(path, signing.generate_key())
    return path
