"""WEB-01 in a real browser: what people, exports and the bot write is shown, and none of it is run or fetched."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from adapters.local import Line
from adapters.model import Button, Card, Post, Quote
from tests.browser.conftest import Stage, Window

pytestmark = pytest.mark.browser

EVIL = (
    "<script>document.title='owned'</script>",
    "<img src=https://evil.example/p.png onerror=document.title='owned'>",
    "<svg onload=document.title='owned'>",
    "<iframe srcdoc=\"<script>parent.document.title='owned'</script>\">",
    "<style>body{background:url(https://evil.example/b.png)}</style>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "[click](javascript:document.title='owned') [click](data:text/html,<script>1</script>)",
    "[click](//evil.example/x) [click](/\\evil.example/x) [click](vbscript:x)",
    "![pixel](https://evil.example/p.png) ![ref][x]\n\n[x]: https://evil.example/r.png",
    "`<b>` **<b onmouseover=document.title='owned'>bold</b>**",
    "```\n</code></pre><script>document.title='owned'</script>\n```",
    "> <script>document.title='owned'</script>",
    "1. <script>document.title='owned'</script>",
    "&lt;script&gt; &#x3c;script&#x3e; \u003cscript\u003e",
    "<form action=https://evil.example><input name=x autofocus onfocus=document.title='owned'>",
    "@Chen Yu<script>document.title='owned'</script>",
)


async def test_web_01_nothing_written_is_run_or_fetched(stage: Stage, window: Window) -> None:
    """WEB-01, T26, T33: as words of a person, of the past, of the bot, in names and on buttons."""
    at = datetime(2026, 7, 1, tzinfo=UTC)
    await stage.chat.seed([Line("C02OPS", f"17828640{n:02}.000100", evil, at, evil) for n, evil in enumerate(EVIL)])
    page = await window()
    asked: list[str] = []
    page.tab.on("request", lambda request: asked.append(request.url))
    await page.tab.add_init_script(
        "addEventListener('securitypolicyviolation', event => { document.title = 'blocked ' + event.blockedURI })"
    )
    await page.open_as("chen")
    title = await page.tab.title()
    await page.enter("C02OPS")
    for number, evil in enumerate(EVIL):
        quote = Quote(evil, evil, evil, evil, "javascript:document.title='owned'")
        card = Card(
            evil,
            label=evil,
            title=evil,
            notes=(evil,),
            quotes=(quote,),
            buttons=(Button(evil, evil, evil),),
            tone=evil,
        )
        await stage.chat.post(stage.chat.thread("C02OPS"), Post(f"evil{number}", card))
    await page.send(EVIL[0])
    await expect(page.room.locator(".card")).to_have_count(len(EVIL))
    await expect(page.room.locator(".card-title").first).to_have_text(EVIL[0])
    inside = (
        "script, iframe, style, base, meta, form, object, embed, img:not(.logo), [onerror], [onload], [onfocus]"
    )
    assert await page.room.locator(".message").locator(inside).count() == 0
    assert await page.room.locator(".card a").count() == 0
    links = await page.tab.evaluate("[...document.links].map(link => link.href)")
    assert [link for link in links if not link.startswith((stage.url, "https://", "http://"))] == []
    assert [url for url in asked if not url.startswith((stage.url, stage.url.replace("http", "ws")))] == []
    now = await page.tab.title()
    assert "owned" not in now
    assert "blocked" not in now
    assert title.split()[-1] in now


async def test_web_01_an_address_runs_nothing(stage: Stage, window: Window) -> None:
    """WEB-01: neither a room's nor a person's name in the address ends up as markup."""
    page = await (await window()).open_as("chen")
    for path in ("/?as=<img src=x onerror=document.title='owned'>", "/archives/<script>1</script>/p1?as=chen"):
        await page.tab.goto(stage.url + path)
        await page.tab.wait_for_load_state("networkidle")
        assert "owned" not in await page.tab.title()
        assert await page.tab.locator("img[onerror], body script:not([src])").count() == 0
    page.complaints.clear()  # the refusals
