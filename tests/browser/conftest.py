"""Chromium, and the local chat on a port of its own with a bot that knows its lines.

One browser serves all tests of this folder, because starting it takes longer than most of them; everything in here
therefore runs in one event loop: async fixtures need `@pytest_asyncio.fixture(loop_scope="session")`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, async_playwright

from adapters.local import Config, LocalChat, create
from tests.browser.page import LAPTOP, PHONE, TeamPage
from tests.browser.stage import TEAM, ScriptedBot, history

Window = Callable[..., Awaitable[TeamPage]]


class Stage:
    """The server; it can be stopped and started again on the same port."""

    def __init__(self, chat: LocalChat, bot: ScriptedBot) -> None:
        self.chat = chat
        self.bot = bot
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.chat.live.closed = False
        self._running = asyncio.create_task(self.chat.run(self.bot))
        app = web.Application()
        app.add_routes(self.chat.routes(self.bot))
        self._runner = web.AppRunner(app, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._running is not None
        assert self._runner is not None
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        await self._runner.cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    bot = ScriptedBot()
    bot.chat = create(Config(database=tmp_path / "chat.db", team=TEAM))
    await bot.chat.seed(history(90))
    stage = Stage(bot.chat, bot)
    await stage.start()
    yield stage
    await stage.stop()
    bot.chat.rooms.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, stage: Stage) -> AsyncIterator[Window]:
    """`await window()` opens a browser of its own; nothing may have gone wrong in any of them at the end."""
    opened: list[TeamPage] = []
    contexts: list[BrowserContext] = []

    async def open(*, phone: bool = False, lang: str = "en-US", **options: Any) -> TeamPage:
        size = PHONE if phone else LAPTOP
        context = await browser.new_context(viewport=size, locale=lang, has_touch=phone, **options)
        contexts.append(context)
        opened.append(await TeamPage.open(context, stage.url))
        return opened[-1]

    yield open
    for context in contexts:
        await context.close()
    complaints = [complaint for page in opened for complaint in page.complaints]
    assert complaints == []
