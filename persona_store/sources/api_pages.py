"""Lists that an API gives page by page, and what it may get wrong about them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from persona_store.sources.chat_json import Json
from persona_store.sources.http import Denied

MOST_PAGES = 100_000  # five million messages
MOST_EMPTY = 20  # pages without anything, one after the other: a filter may empty some


async def paged(
    call: Callable[[str], Awaitable[Json]], items: str, *, at: str = "page_token", more: str = "has_more"
) -> AsyncIterator[Json]:
    """Each page; `call` gets what the one before said of where the next begins, "" at first. An API that does not
    say whether there is more is taken at its token.

    Raises Denied PAGE_LOOP, after the good pages, for a list that says it goes on and does not."""
    place, seen, empty = "", {""}, 0
    for _ in range(MOST_PAGES):
        page = await call(place)
        yield page
        given = page.get(at)
        place = given if isinstance(given, str) else ""
        goes_on = page.get(more) if isinstance(page.get(more), bool) else bool(place)
        if not goes_on:
            return
        empty = 0 if page.get(items) else empty + 1
        if place in seen or empty >= MOST_EMPTY:
            raise Denied("PAGE_LOOP", "the list says that it goes on, and does not", "run it again later")
        seen.add(place)
    raise Denied("PAGE_LOOP", f"the list has more than {MOST_PAGES:,} pages", "fetch a shorter span: --since")
