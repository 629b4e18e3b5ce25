"""The local chat as people meet it: with their eyes, a mouse, a keyboard, a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from adapters.model import Card, Post, Quote
from tests.browser.conftest import Stage, Window
from tests.browser.page import TeamPage
from tests.browser.stage import CITED, LABEL

pytestmark = pytest.mark.browser

EVIL = """<img src=x onerror="document.title='owned'"> [click](javascript:alert(1)) **<b>bold</b>**"""


async def test_a_newcomer_gets_an_answer_with_one_click(window: Window) -> None:
    """The first question is suggested; its answer opens beside it, with the AI label and the evidence in view."""
    page = await (await window()).open_as("chen")
    await page.tab.get_by_role("button", name="When does the payout batch run?").click()
    card = page.card("02:30 UTC")
    await expect(card.locator(".card-label")).to_have_text(LABEL)
    await expect(card.locator(".card-label")).to_be_in_viewport()
    await expect(card.locator(".quote")).to_have_count(2)
    await expect(card.locator("figcaption").first).to_contain_text("赵美 · 5 Mar 2026 · #payments")
    await expect(page.message("When does the payout batch run?").locator(".replies")).to_contain_text("1 reply")


async def test_a_citation_opens_the_message_it_cites(window: Window) -> None:
    """In the history, in view, marked; and from there one comes back to what is said now."""
    page = await (await window()).open_as("chen")
    await page.send("@understudy when is the payout?")
    await page.card("02:30 UTC").get_by_role("link", name="Open in history").click()
    cited = page.room.locator(".cited")
    await expect(cited).to_contain_text("(cited)")
    await expect(cited).to_be_in_viewport()
    assert f"/archives/C01PAY/p{CITED.replace('.', '')}" in page.tab.url
    await page.tab.get_by_role("button", name="Latest").click()
    await expect(page.message("when is the payout?")).to_be_in_viewport()


async def test_a_link_to_a_message_works_by_itself(window: Window) -> None:
    """Whoever gets sent the address sees the message; a reply is shown in its thread, which is read-only."""
    page = await window()
    await page.open_as("chen", f"/archives/C01PAY/p{CITED.replace('.', '')}")
    await expect(page.room.locator(".cited")).to_be_in_viewport()
    await page.room.locator(".cited .replies").click()
    reply = page.thread.locator(".message", has_text="both").first
    id = await reply.get_attribute("data-id")
    assert id
    await page.tab.goto(f"{page.url}/archives/C01PAY/p{id.replace('.', '')}?as=chen")
    await expect(page.thread.locator(".cited")).to_contain_text("both")
    await expect(page.thread).to_contain_text("cannot be replied to")


async def test_the_owner_answers_in_a_second_window_and_the_asker_sees_it(stage: Stage, window: Window) -> None:
    """Given a question the bot is not sure of, when the owner edits the draft in a form and sends it, then the
    asker's thread shows it without a reload and the owner's card says that it is settled."""
    asker, owner = await (await window()).open_as("chen"), await (await window()).open_as("lin")
    await asker.send("@understudy Who approves refunds above 5,000?")
    await expect(asker.card("I have asked Lin Wei")).to_be_visible()
    await expect(asker.badge("lin")).to_have_text("1")
    await expect(owner.badge("D-lin")).to_have_text("1")
    await owner.enter("D-lin")
    await owner.press("Edit…", owner.card("Chen Yu asks", thread=False))
    await owner.fill_form({"Your answer": "Lin and finance, via OA.", "Also tell": "Ada Moss"}, "Send answer")
    await expect(owner.dialog).to_have_count(0)
    await expect(asker.card("Lin and finance, via OA.")).to_be_visible()
    await expect(asker.card("has answered below").locator("xpath=../..")).to_contain_text("(edited)")
    await expect(owner.card("Settled.", thread=False)).to_be_visible()
    await expect(owner.badge("D-lin")).to_have_count(0)
    press = stage.bot.received[-1]
    assert press.fields == {"text": "Lin and finance, via OA.", "credit": "ada"}  # type: ignore[union-attr]  # a Press


async def test_words_that_were_not_kept_stay_where_they_were_written(stage: Stage, window: Window) -> None:
    """With a line that says so; trying again is enough."""
    page = await (await window()).open_as("chen")
    stage.bot.broken = True
    composer = page.composer()
    await composer.fill("hello everyone")
    await composer.press("Enter")
    await expect(page.room.get_by_role("alert")).to_contain_text("Not sent")
    await expect(composer).to_have_value("hello everyone")
    stage.bot.broken = False
    await composer.press("Enter")
    await expect(composer).to_have_value("")
    await expect(page.room.locator(".message", has_text="hello everyone")).to_have_count(1)
    page.complaints.clear()  # the browser notes the 503, as it should


async def test_a_form_that_was_not_kept_keeps_what_was_typed(stage: Stage, window: Window) -> None:
    owner = await (await window()).open_as("lin")
    await owner.send("@understudy Who approves refunds?")
    await owner.enter("D-lin")
    await owner.press("Edit…", owner.card("Lin Wei asks", thread=False))
    stage.bot.broken = True
    await owner.fill_form({"Your answer": "Ask finance."}, "Send answer")
    await expect(owner.dialog.get_by_role("alert")).to_contain_text("Not sent")
    await expect(owner.dialog.get_by_label("Your answer")).to_have_value("Ask finance.")
    stage.bot.broken = False
    await owner.dialog.get_by_role("button", name="Send answer").click()
    await expect(owner.card("Settled.", thread=False)).to_be_visible()
    owner.complaints.clear()  # the 503


async def test_nothing_anybody_writes_is_more_than_text(stage: Stage, window: Window) -> None:
    """Messages, cards, quotes and form fields show markup as it was written."""
    page = await (await window()).open_as("chen")
    await page.send(EVIL)
    quote = Quote(EVIL, EVIL, EVIL, EVIL, "javascript:alert(1)")
    card = Card(EVIL, label=EVIL, title=EVIL, notes=(EVIL,), quotes=(quote,))
    await stage.chat.post(stage.chat.thread("C01PAY"), Post("evil", card))
    for place in (".message.is-said", ".card-label", ".card-title", ".card .prose", ".notes", ".quote blockquote"):
        await expect(page.room.locator(place).last).to_contain_text("<img src=x onerror=")
    assert await page.room.locator(".message img:not(.logo), .message b").count() == 0
    assert await page.tab.evaluate("[...document.links].every(link => link.protocol.startsWith('http'))")
    assert "owned" not in await page.tab.title()


async def test_names_and_commands_are_completed_from_the_keyboard(stage: Stage, window: Window) -> None:
    page = await (await window()).open_as("ada")
    composer = page.composer()
    await composer.press_sequentially("hi @li")
    await expect(page.room.get_by_role("option")).to_have_count(1)
    await composer.press("Enter")
    await expect(composer).to_have_value("hi @Lin Wei ")
    await composer.fill("")
    await composer.press_sequentially("/u")
    await composer.press("Tab")
    await composer.press_sequentially("pa")
    await expect(page.room.get_by_role("option", selected=True)).to_contain_text("pause")
    await composer.press("Tab")
    await expect(composer).to_have_value("/understudy pause ")
    await composer.press_sequentially("mei")
    await composer.press("Enter")
    await expect(page.card("You typed pause mei.", thread=False)).to_be_visible()


async def test_a_command_and_its_answer_are_seen_by_nobody_else(window: Window) -> None:
    admin, other = await (await window()).open_as("ada"), await (await window()).open_as("chen")
    await admin.send("/understudy status")
    await expect(admin.card("You typed status", thread=False)).to_be_visible()
    await expect(admin.room.get_by_text("Only you can see this")).to_have_count(2)
    await admin.send("that was it")
    await expect(other.message("that was it")).to_be_visible()
    await expect(other.room.get_by_text("status")).to_have_count(0)


async def test_two_tabs_of_one_browser_are_two_people(browser: Browser, stage: Stage) -> None:
    """Who one is belongs to the tab and outlives a reload of an address that does not say it."""
    context = await browser.new_context(locale="en-US")
    chen = await (await TeamPage.open(context, stage.url)).open_as("chen")
    lin = await (await TeamPage.open(context, stage.url)).open_as("lin")
    await chen.tab.goto(f"{stage.url}/")
    await chen.ready()
    await chen.send("hello from chen")
    await expect(lin.message("hello from chen").locator(".author")).to_have_text("Chen Yu")
    await expect(lin.tab.locator(".identity.here")).to_contain_text("Lin Wei")
    await context.close()


async def test_one_click_makes_one_somebody_else(window: Window) -> None:
    """Whose direct chat waits is where one arrives; rooms one may not read are gone."""
    page = await (await window()).open_as("chen")
    await page.send("@understudy what is the salary band?")
    await expect(page.badge("lin")).to_have_text("1")
    await page.become("lin")
    await expect(page.card("Chen Yu asks", thread=False)).to_be_visible()
    await expect(page.tab.locator('[data-chat="C03LEADS"]')).to_be_visible()
    await page.become("chen")
    await expect(page.tab.locator('[data-chat="C03LEADS"]')).to_have_count(0)


async def test_after_a_break_the_page_has_everything(stage: Stage, window: Window) -> None:
    """The server stops, says so on the page, and starts again: what was said meanwhile is there."""
    page = await (await window()).open_as("chen")
    await expect(page.message("对账文件")).to_be_visible()
    await stage.stop()
    await expect(page.tab.get_by_text("Connection lost")).to_be_visible()
    await stage.chat.post(stage.chat.thread("C01PAY"), Post("k1", Card("said meanwhile")))
    await stage.start()
    await expect(page.card("said meanwhile", thread=False)).to_be_visible(timeout=15_000)
    await expect(page.tab.get_by_text("Connection lost")).to_have_count(0)
    page.complaints.clear()  # the browser notes each connection that was refused


async def test_unread_words_are_counted_until_they_are_seen(window: Window) -> None:
    chen, lin = await (await window()).open_as("chen"), await (await window()).open_as("lin")
    await lin.enter("C02OPS")
    await chen.send("one")
    await chen.send("two")
    await expect(lin.badge("C01PAY")).to_have_text("2")
    await expect(lin.tab).to_have_title("(2) 运维值班 · Harbour team")
    await lin.enter("C01PAY")
    await expect(lin.badge("C01PAY")).to_have_count(0)
    await lin.tab.reload()
    await lin.ready()
    await lin.enter("C02OPS")
    await expect(lin.badge("C01PAY")).to_have_count(0)


async def test_the_language_follows_the_browser_until_one_chooses(window: Window) -> None:
    page = await (await window(lang="zh-CN")).open_as("chen")
    await expect(page.tab.get_by_text("你现在是谁")).to_be_visible()
    await expect(page.tab.get_by_role("button", name="打款批次几点跑？")).to_be_visible()
    await page.tab.get_by_role("button", name="Switch to English").click()
    await expect(page.tab.get_by_text("Who you are")).to_be_visible()
    await page.tab.reload()
    await expect(page.tab.get_by_text("Who you are")).to_be_visible()


async def test_dark_is_a_choice_that_lasts(window: Window) -> None:
    page = await (await window(color_scheme="light")).open_as("chen")
    root = page.tab.locator("html")
    await expect(root).to_have_attribute("data-theme", "light")
    await page.tab.get_by_role("button", name="Light or dark").click()
    await page.tab.reload()
    await expect(root).to_have_attribute("data-theme", "dark")


async def test_on_a_phone_everything_is_in_reach(window: Window) -> None:
    """Nothing is wider than the screen; the thread fills it; back leads back; rooms and people are one tap away."""
    page = await (await window(phone=True)).open_as("chen")
    await page.tab.get_by_role("button", name="When does the payout batch run?").click()
    await expect(page.card("02:30 UTC")).to_be_visible()
    box = await page.thread.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert await page.tab.evaluate("document.documentElement.scrollWidth") <= 390
    await page.tab.go_back()
    await expect(page.thread).to_have_count(0)
    await page.become("lin")
    await page.enter("D-lin")
    await expect(page.composer()).to_be_in_viewport()


async def test_escape_closes_the_thread_and_the_keyboard_reaches_everything(window: Window) -> None:
    page = await (await window()).open_as("chen")
    await page.send("@understudy when is the payout?")
    await expect(page.card("02:30 UTC")).to_be_visible()
    await expect(page.composer(thread=True)).to_be_focused()
    await page.tab.keyboard.press("Shift+Tab")
    reached = set()
    for _ in range(12):
        focused = await page.tab.evaluate_handle("document.activeElement")
        reached.add(await focused.evaluate("element => element.textContent || element.ariaLabel"))
        await page.tab.keyboard.press("Shift+Tab")
    assert {"Why?", "Ask a human", "Helpful", "Open in history"} <= reached
    await page.tab.keyboard.press("Escape")
    await expect(page.thread).to_have_count(0)


async def test_the_past_is_loaded_as_one_scrolls_up(window: Window) -> None:
    """And what one was looking at stays where it is."""
    page = await (await window()).open_as("chen")
    messages = page.room.locator(".message")
    await expect(messages).to_have_count(60)
    await page.room.locator(".scroll").evaluate("box => box.scrollTo(0, 150)")
    await expect(messages).to_have_count(91)
    top = await page.room.locator(".scroll").evaluate("box => box.scrollTop")
    assert top > 500


async def test_ones_own_words_can_be_taken_back(window: Window) -> None:
    chen, lin = await (await window()).open_as("chen"), await (await window()).open_as("lin")
    await chen.send("oops, my phone number")
    await expect(lin.message("oops")).to_be_visible()
    await chen.message("oops").hover()
    await chen.message("oops").get_by_role("button", name="Delete").click()
    await expect(lin.room.get_by_text("oops")).to_have_count(0)


async def test_a_long_answer_is_read_from_its_label_on(stage: Stage, window: Window) -> None:
    """The list follows what is new, but never past its beginning."""
    page = await (await window()).open_as("chen")
    text = "\n\n".join(f"Paragraph {number} of many." for number in range(60))
    await stage.chat.post(stage.chat.thread("C01PAY"), Post("long", Card(text, label="AI, at length")))
    await expect(page.card("AI, at length", thread=False).locator(".card-label")).to_be_in_viewport()


async def test_a_markdown_answer_is_set_as_it_was_meant(stage: Stage, window: Window) -> None:
    text = "Do **this** with `make`:\n\n1. stop\n2. start\n\n```\nmake start\n```\n\n> quoted\n\n# Then\n- rest"
    page = await (await window()).open_as("chen")
    await stage.chat.post(stage.chat.thread("C01PAY"), Post("k", Card(text)))
    prose = page.last_card(thread=False).locator(".prose")
    for selector, words in (
        ("strong >> nth=0", "this"),
        ("p code", "make"),
        ("ol li >> nth=1", "start"),
        ("pre code", "make start"),
        ("blockquote", "quoted"),
        ("p strong >> nth=1", "Then"),
        ("ul li", "rest"),
    ):
        await expect(prose.locator(selector)).to_have_text(words)


async def test_on_a_phone_an_almost_empty_chat_fills_the_screen(window: Window) -> None:
    """The composer stands at the bottom, however little is said."""
    page = await (await window(phone=True)).open_as("chen", "/archives/D-chen")
    await page.send("@understudy when is the payout?")
    await expect(page.card("02:30 UTC", thread=False)).to_be_visible()
    box = await page.composer().bounding_box()
    assert box is not None
    assert box["y"] + box["height"] > 800


async def test_a_long_quote_is_shown_in_full_on_demand(stage: Stage, window: Window) -> None:
    page = await (await window()).open_as("chen")
    words = " ".join(f"word{number}" for number in range(200))
    card = Card("See:", quotes=(Quote(words, "Mei", "May", "#payments"),))
    await stage.chat.post(stage.chat.thread("C01PAY"), Post("k", card))
    quote = page.last_card(thread=False).locator("blockquote")
    await expect(quote).not_to_contain_text("word199")
    await quote.get_by_role("button", name="Show all").click()
    await expect(quote).to_contain_text("word199")
