"""`understudy run` as a newcomer meets it: the real process, the sample persona, two windows."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.page import LAPTOP, TeamPage

pytestmark = pytest.mark.browser

KNOWN = "@understudy Above which amount does a refund need a second approver now?"
UNKNOWN = "@understudy Which airline miles programme does the Lisbon office use?"
PRIYA, OWNER, ADMIN = "U0PRIYA", "U0ZHOULAN", "U0MAYA"


class Bot:
    """The process; killed and started again on the same data and port."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def start(self) -> None:
        keep = {name: value for name, value in os.environ.items() if not name.startswith("UNDERSTUDY_")}
        port = self.url.rstrip("/").rpartition(":")[2] or "0"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bots",
            "run",
            stdout=asyncio.subprocess.PIPE,
            env={
                **keep,
                "UNDERSTUDY_DATA_DIR": str(self._data),
                "UNDERSTUDY_WEB_PORT": port,
                "UNDERSTUDY_LANG": "en",
            },
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 45)
        self.url = line.decode().split()[-1]

    async def stop(self, number: int = signal.SIGTERM) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        return await asyncio.wait_for(self._process.wait(), 20)


@pytest_asyncio.fixture(loop_scope="session")
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    bot = Bot(tmp_path)
    await bot.start()
    yield bot
    await bot.stop(signal.SIGKILL)


async def test_ask_escalate_answer_as_owner_restart_and_retire(bot: Bot, browser: Browser) -> None:
    """The main job from a person's seat: nothing here knows the code."""
    contexts = [await browser.new_context(viewport=LAPTOP, locale="en-US") for _ in range(2)]
    asker = await (await TeamPage.open(contexts[0], bot.url)).open_as(PRIYA)
    owner = await (await TeamPage.open(contexts[1], bot.url)).open_as(OWNER)

    # Given a question the material answers, a labelled answer with its source comes into a thread
    await asker.enter("C0GENERAL")
    await asker.send(KNOWN)
    answer = asker.card("From Lin's notes")
    await expect(answer).to_contain_text("AI-generated")
    await expect(answer).to_contain_text("5,000")
    await expect(answer.get_by_role("link").first).to_be_visible()

    # When it does not know, the owner is asked and the asker told
    await asker.enter("C0GENERAL")
    await asker.send(UNKNOWN)
    await expect(asker.card("I asked")).to_contain_text("Zhou Lan")
    await owner.enter(f"D-{OWNER}")
    question = owner.card("airline miles", thread=False)
    await question.get_by_role("button", name="Answer myself").click()
    await owner.dialog.get_by_role("textbox").fill("TAP miles, Inês keeps the number.")
    await owner.dialog.get_by_role("button", name="Send").click()

    # Then the owner's words arrive in the asker's window by themselves, under the owner's name
    await expect(asker.card("TAP miles")).to_contain_text("Zhou Lan")

    # And a kill -9 loses nothing of it
    await bot.stop(signal.SIGKILL)
    await bot.start()
    await asker.open_as(PRIYA)
    await asker.enter("C0GENERAL")
    await expect(asker.message("airline miles")).to_be_visible()

    # When an admin retires the persona, in two steps, it is silent and says so
    await asker.become(ADMIN)
    await asker.enter(f"D-{ADMIN}")
    await asker.send("/understudy retire lin-zhou")
    await asker.card("cannot be undone", thread=False).get_by_role("button", name="retire").click()
    await expect(asker.card("is erased", thread=False)).to_be_visible()
    await asker.become(PRIYA)
    await asker.enter("C0GENERAL")
    await asker.send(KNOWN)
    await expect(asker.card("has been retired")).to_be_visible()
    # the browser grumbles about the connection that the kill cut off, and about nothing else
    assert [line for line in asker.complaints + owner.complaints if "ERR_" not in line] == []
    for context in contexts:
        await context.close()
