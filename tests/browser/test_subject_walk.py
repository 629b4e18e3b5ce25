"""The whole way as a stranger, by nothing but what the product says: `understudy run` as its own process, an admin
at the command line, the subject, the owner and a teammate in browsers (issue 5, "done when")."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import shlex
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bots.cli import main
from tests.browser.page import LAPTOP, PHONE, TeamPage
from tests.browser.test_whole_bot import Bot
from tests.browser.walks import EN, ZH, Walk

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("PICTURES")  # where to leave them, to be looked at
OWNER, DEPUTY, ADMIN, ASSESSOR = "U0ZHOULAN", "U0TOMAS", "U0MAYA", "U0LINZHOU"


class Installation(Bot):
    """The process, and an admin at the command line beside it."""

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self.data = data
        self.assessor = data.with_name("assessor.pem")

    async def typed(self, *words: str) -> str:
        """What a command says; it has to succeed. In this process, as starting seven takes longer than the walk."""

        def run() -> int:
            try:
                return main(words)
            except SystemExit as left:
                return int(left.code or 0)

        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            status = await asyncio.to_thread(run)
        assert status == 0, (words, err.getvalue())
        return out.getvalue()

    def settings(self, lang: str) -> dict[str, str]:
        """The same as the bot's: the link that is sent leads where they say."""
        port = self.url.rstrip("/").rpartition(":")[2]
        return {"UNDERSTUDY_DATA_DIR": str(self.data), "UNDERSTUDY_WEB_PORT": port, "UNDERSTUDY_LANG": lang}


async def elsewhere(folder: Path, lang: str, *words: str) -> str:
    """What a command says in a process of its own, where no installation is."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSTUDY_")}
    home = {"HOME": str(folder), "UNDERSTUDY_DATA_DIR": str(folder / "none"), "UNDERSTUDY_LANG": lang}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *("-m", "bots", *words), cwd=folder, stdout=asyncio.subprocess.PIPE, env={**keep, **home}
    )
    out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, words
    assert not (folder / "none").exists()
    return out.decode()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bot(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    bot = Installation(tmp_path_factory.mktemp("walk"))
    with socket.socket() as free:  # links lead to the port that is set, so it has to be known before
        free.bind(("127.0.0.1", 0))
        bot.url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    await bot.start()
    yield bot
    await bot.stop()


class Subject:
    """Their own page in a browser, pressed by what stands on it."""

    def __init__(self, tab: Page, walk: Walk, folder: Path) -> None:
        self.tab, self.walk, self.folder = tab, walk, folder
        self.complaints: list[str] = []
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def press(self, name: str) -> None:
        await self.tab.get_by_role("button", name=name, exact=True).first.click()

    async def saved(self, name: str) -> Path:
        """Under the name the page gave it, as a browser would."""
        async with self.tab.expect_download() as waiting:
            await self.press(name)
        download = await waiting.value
        path = self.folder / download.suggested_filename
        await download.save_as(path)
        return path

    async def sees(self, text: str) -> None:
        await expect(self.tab.get_by_text(text).first).to_be_visible()

    async def picture(self, name: str) -> None:
        await shot(self.tab, self.walk, name, whole=True)


async def shot(tab: Page, walk: Walk, name: str, *, whole: bool = False) -> None:
    if PICTURES:
        await tab.screenshot(path=f"{PICTURES}/walk-{walk.lang}-{name}.png", full_page=whole)


@pytest.mark.parametrize("walk", [EN, ZH], ids=["en", "zh"])
async def test_a_stranger_signs_keeps_two_things_back_withdraws_and_verifies(
    bot: Installation, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walk: Walk
) -> None:
    size, locale = (PHONE, "zh-CN") if walk.phone else (LAPTOP, "en-US")
    seen = {"viewport": size, "locale": locale, "has_touch": walk.phone}
    work = await browser.new_context(**seen)
    home = await browser.new_context(**seen, accept_downloads=True)  # a window of its own, as the other would sleep
    chat = await TeamPage.open(work, bot.url)
    me = Subject(await home.new_page(), walk, tmp_path)
    handover = tmp_path / "handover"
    handover.mkdir()
    (handover / "notes.md").write_text(walk.notes, encoding="utf-8")

    for name, value in bot.settings(walk.lang).items():
        monkeypatch.setenv(name, value)
    admin = bot.typed

    # An admin asks, by the command that making the persona names
    people = ("--subject", f"local:{walk.subject}", "--owner", f"local:{OWNER}", "--deputy", f"local:{DEPUTY}")
    made = ("--chats", "local:*", "--by", f"local:{ADMIN}", "--risk-budget", "0.2")  # how sure is tested elsewhere
    assert f"consent request {walk.name}" in await admin("persona", "create", walk.name, *people, *made)
    asked = ("--to", f"local:{walk.subject}", "--sources", "documents", "--cooling-off", "0")
    await admin("consent", "request", walk.name, *asked, "--by", f"local:{ADMIN}")

    # The subject finds the link in their direct chat, reads, ticks, signs
    await chat.open_as(walk.subject)
    await chat.enter(f"D-{walk.subject}")
    link = chat.tab.locator(".card a", has_text=walk.open).last
    await expect(link).to_be_visible()
    await shot(chat.tab, walk, "1-asked")
    await me.tab.goto(await link.get_attribute("href") or "")
    await expect(me.tab.get_by_role("checkbox").first).to_be_visible()
    for box in await me.tab.get_by_role("checkbox").all():
        await box.check()
    await me.press(walk.look)
    await me.saved(walk.key)
    await me.picture("2-sign")
    await me.press(walk.sign)
    receipt = await me.saved(walk.receipt)
    await me.picture("3-signed")
    await me.press(walk.go)
    await me.sees(walk.nothing_yet)  # nobody approves what is not there yet
    await expect(me.tab.get_by_role("button", name=walk.approve)).to_have_count(0)
    await admin("import", "documents", str(handover), "--persona", walk.name)

    # They keep back one kind, after a look at what it would change, and one single thing
    await me.tab.reload()
    await me.tab.get_by_role("checkbox", name=walk.kind).check()
    await me.press(walk.show_change)
    await expect(me.tab.frame_locator("iframe:visible").locator("del").first).to_be_visible()
    await me.picture("4-look")
    await me.press(walk.keep)
    await me.sees(walk.kept)
    await me.press(walk.show)
    item = me.tab.get_by_role("article").filter(has_text=walk.item)
    await item.get_by_role("button", name=walk.keep_item, exact=True).click()
    await expect(me.tab.get_by_text(walk.item)).to_have_count(0)
    await me.press(walk.approve)
    await me.sees(walk.approved)
    await me.picture("5-kept")
    assert await me.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    # Owner and deputy accept, and somebody who is not concerned assesses it
    for person in (OWNER, DEPUTY):
        await chat.open_as(person)
        await chat.enter(f"D-{person}")
        duty = chat.tab.locator(".card", has_text=f"{walk.name}").filter(
            has=chat.tab.get_by_role("button", name=walk.accept)
        )
        await expect(duty).to_have_count(1)
        await chat.press(walk.accept, duty)
        await expect(chat.tab.locator(".card", has_text=walk.name).last).not_to_contain_text("?")
    papers = tmp_path / "assessment"
    await admin("assess", walk.name, "--out", str(papers))
    answers = papers / "answers.toml"
    filled = re.sub(r'(?m)^(answer|why) = ""', r'\1 = "yes"', answers.read_text("utf-8"))
    answers.write_text(filled, encoding="utf-8")
    signing = ("--as", f"local:{ASSESSOR}", "--answers", str(answers), "--key", str(bot.assessor))
    assert f"persona live {walk.name}" in await admin("assess", "sign", walk.name, *signing)
    await admin("persona", "live", walk.name)

    # A teammate asks about both in the chat, reads that they are kept back, and that a human was asked
    for place, question in enumerate(walk.asks):
        await chat.open_as(walk.asker)
        await chat.enter("C0GENERAL")
        await chat.send(f"@understudy {walk.name}, {question}")
        card = chat.last_card()
        await expect(card).to_contain_text(walk.answer if place == 2 else walk.kept_back)
        if place < 2:
            await expect(card).to_contain_text("Zhou Lan")
        await shot(chat.tab, walk, f"6-asked-{place}")
    await chat.open_as(OWNER)
    await chat.enter(f"D-{OWNER}")
    await expect(chat.card(walk.asks[1], thread=False)).to_contain_text(walk.for_owner)
    await shot(chat.tab, walk, "7-owner")

    # They take it all back, by one message or one press, and come to the certificate
    if walk.by_message:
        await chat.open_as(walk.subject)
        await chat.enter(f"D-{walk.subject}")
        await chat.send(walk.withdraw)
        link = chat.tab.locator(".card a", has_text=walk.own_page).last
        await expect(link).to_be_visible()
        await shot(chat.tab, walk, "8-withdrawn")
        await me.tab.goto(await link.get_attribute("href") or "")
        await me.tab.reload()
    else:
        await me.press(walk.withdraw)
    certificate = await me.saved(walk.certificate)
    await me.tab.get_by_label(walk.check).set_input_files(receipt)
    await me.sees(walk.holds)
    await me.picture("9-certificate")
    await chat.open_as(walk.asker)
    await chat.enter("C0GENERAL")
    await chat.send(f"@understudy {walk.name}, {walk.asks[2]}")
    await expect(chat.last_card()).to_contain_text(walk.retired)

    # The command on the page proves it, word for word, where nothing of the installation is
    command, *words = shlex.split(await me.tab.locator("pre").inner_text())
    assert command == "understudy"
    assert {certificate.name, receipt.name} <= set(words)
    said = await elsewhere(tmp_path, walk.lang, *words)
    assert walk.holds_apart in said
    assert walk.bound in said
    assert me.complaints == []
    assert [line for line in chat.complaints if "ERR_" not in line] == []
    await work.close()
    await home.close()
