"""In a real browser: a paper into one's own hands, a wrong report of one's death, and what close relatives see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from bots.operator import found
from bots.subject import death, kin
from bots.subject.deeds import Deeds
from bots.web.server import serving
from bots.web.subject import SubjectPage
from persona_store.consent import receipt
from tests.bots.letters.postbox import Postbox
from tests.bots.letters.stage import at_home, running, text_of
from tests.bots.subject.stage import known, token_in
from tests.bots.subject.test_death import kept
from tests.bots.subject.test_takeover import link, paper
from tests.browser.page import LAPTOP
from tests.browser.test_subject import Seat

pytestmark = pytest.mark.browser


class Home(Seat):
    """The subject at home: a browser, and the mailbox their letters come to."""

    post: Postbox


@pytest_asyncio.fixture(loop_scope="session")
async def home(browser: Browser) -> AsyncIterator[Home]:
    async with running() as (w, post):
        page = SubjectPage(w.app.services, Deeds(w.app.services, w.app.retiring))
        async with serving("127.0.0.1", 0, page.routes()) as port:
            context = await browser.new_context(viewport=LAPTOP, locale="en-US", accept_downloads=True)
            try:
                seat = Home(w, await context.new_page(), f"http://127.0.0.1:{port}")
                seat.post = post
                yield seat
                assert seat.complaints == []
                assert all(url.startswith((seat.url, "blob:", "about:")) for url in seat.asked_for)
            finally:
                await context.close()


async def test_from_the_letter_to_ones_own_key(home: Home, tmp_path: Path) -> None:
    """§2A: the key is made here, the record is the paper's, and from then on nothing else counts."""
    await paper(home.w)
    await known(home.w)
    await home.open(await link(home.w, home.post))
    page = home.page
    await expect(page.get_by_role("heading", name="Take this record into your own hands")).to_be_visible()
    assert await page.get_by_role("button", name="No, thank you").count() == 0
    assert all([await box.is_checked() for box in await page.get_by_role("checkbox").all()])
    await home.picture("takeover")
    await home.press("Show me what I would sign")
    await expect(page.locator("input[type=email]")).to_have_value("lin@home.example")
    await home.saved("Make my key and save it", tmp_path)
    await home.picture("takeover-sign")
    await home.press("Sign")
    saved = await home.saved("Save my receipt", tmp_path)
    statement = receipt.check(saved.read_bytes())
    consent = await home.w.app.services.consents.current("lin")
    assert consent is not None
    assert statement.record_id == consent.record_id
    assert consent.event.method == "web_device_key"


async def test_l13_a_wrong_report_is_undone_from_the_letter(home: Home) -> None:
    await at_home(home.w)
    services = home.w.app.services
    await services.store.commit(
        await death.report(services, await found(home.w.app, "lin"), "HR", "ab" * 32, "operator:cli")
    )
    await home.w.settle()
    await home.open(token_in(text_of(home.post.mails[-1])))
    await expect(home.page.get_by_role("heading", name="A report says that you have died")).to_be_visible()
    await home.picture("alive")
    await home.press("中文")
    await home.picture("alive-zh")
    await home.press("English")
    await home.press("I am alive: undo it")
    await expect(home.page.get_by_role("heading", name="A report says that you have died")).to_have_count(0)
    assert (await found(home.w.app, "lin")).state == "suspended"


async def test_l13_relatives_see_what_the_person_wrote_and_may_have_it_deleted(home: Home) -> None:
    await kept(home.w)
    services = home.w.app.services
    persona = await found(home.w.app, "lin")
    await services.store.commit(await death.report(services, persona, "HR", "ab" * 32, "operator:cli"))
    await home.w.settle()
    wanted = {"kin": "Lin Mei", "address": "kin@home.example", "by": "chat:U0ADM"}
    await services.store.commit(await kin.propose(services, await found(home.w.app, "lin"), **wanted))
    await home.w.settle()
    card = next(p for p in reversed(home.w.to(home.w.owner)) if p.post.card.buttons)
    await home.w.press(home.w.owner, card, "kin")
    await home.open(token_in(text_of(home.post.mails[-1])))
    page = home.page
    await expect(page.get_by_text("You were let in as a close relative")).to_be_visible()
    await home.press("Show them")
    await expect(page.get_by_text("gives up after 3 attempts")).to_be_visible()
    await expect(page.get_by_text("How often does the payment retry job run, and")).to_have_count(0)
    await home.picture("kin")
    await home.press("Delete everything")
    await expect(page.get_by_role("heading", name="It is erased")).to_be_visible()
    done = await home.w.app.retiring.certificate("lin")
    assert done is not None
    assert msgspec.json.decode(done.raw)["trigger"] == "death"
    await home.picture("kin-erased")
