"""The local chat in a real browser, driven by what a person sees: names, labels, words."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.async_api import BrowserContext, Locator, ViewportSize, expect
from playwright.async_api import Page as Tab

LAPTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}


class TeamPage:
    """One window. `complaints` gathers what the browser's console says is wrong: tests end with none."""

    def __init__(self, tab: Tab, url: str) -> None:
        self.tab = tab
        self.url = url.rstrip("/")
        self.complaints: list[str] = []
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    @classmethod
    async def open(cls, context: BrowserContext, url: str) -> TeamPage:
        return cls(await context.new_page(), url)

    # ------------------------------------------------------------------ going places

    async def open_as(self, person: str, path: str = "/") -> TeamPage:
        """Open the page (or an address on it) as somebody, by their id."""
        await self.tab.goto(f"{self.url}{path}?as={person}")
        await self.ready()
        return self

    async def ready(self) -> None:
        await expect(self.tab.locator(".app:not([aria-busy]) .composer textarea").first).to_be_visible()

    async def become(self, person: str) -> None:
        """Switch to somebody with a click in the list of people."""
        await self._menu()
        await self.tab.locator(f'.identity[data-person="{person}"]').click()
        await expect(self.tab.locator(f'.identity[data-person="{person}"].here')).to_be_attached()

    async def enter(self, chat: str) -> None:
        """Open a room or direct chat by its id."""
        await self._menu()
        await self.tab.locator(f'.place[data-chat="{chat}"]').click()
        await expect(self.tab.locator(f'.place[data-chat="{chat}"].here')).to_be_attached()

    async def _menu(self) -> None:
        """On a phone the rooms and people are behind a button."""
        menu = self.tab.locator(".menu")
        if await menu.is_visible():
            await menu.click()

    # ------------------------------------------------------------------ parts

    @property
    def room(self) -> Locator:
        return self.tab.locator(".room")

    @property
    def thread(self) -> Locator:
        return self.tab.locator(".thread")

    @property
    def dialog(self) -> Locator:
        return self.tab.get_by_role("dialog")

    def composer(self, *, thread: bool = False) -> Locator:
        return (self.thread if thread else self.room).locator(".composer textarea")

    def badge(self, place: str) -> Locator:
        """The number beside a room (by chat id) or a person (by id)."""
        return self.tab.locator(f'[data-chat="{place}"] .badge, [data-person="{place}"] .badge')

    def card(self, words: str, *, thread: bool = True) -> Locator:
        """The last card that contains these words."""
        return (self.thread if thread else self.room).locator(".card", has_text=words).last

    def last_card(self, *, thread: bool = True) -> Locator:
        return (self.thread if thread else self.room).locator(".card").last

    def message(self, words: str, *, thread: bool = False) -> Locator:
        return (self.thread if thread else self.room).locator(".message", has_text=words).last

    # ------------------------------------------------------------------ doing things

    async def send(self, text: str, *, thread: bool = False) -> None:
        """Write and press Enter; returns once the words were taken."""
        composer = self.composer(thread=thread)
        await composer.fill(text)
        await composer.press("Escape")  # closes suggestions, which would take the Enter
        await composer.press("Enter")
        await expect(composer).to_have_value("")

    async def press(self, label: str, card: Locator) -> None:
        await card.get_by_role("button", name=label, exact=True).click()

    async def fill_form(self, fields: Mapping[str, str], submit: str) -> None:
        """Fill the open dialog's fields by their labels (people by name) and submit it."""
        for label, value in fields.items():
            field = self.dialog.get_by_label(label, exact=True)
            if await field.evaluate("element => element.tagName") == "SELECT":
                await field.select_option(label=value)
            else:
                await field.fill(value)
        await self.dialog.get_by_role("button", name=submit, exact=True).click()

    async def open_thread(self, words: str) -> None:
        """Open the thread below the room's message with these words."""
        await self.message(words).locator(".replies").click()
        await expect(self.thread).to_be_visible()
