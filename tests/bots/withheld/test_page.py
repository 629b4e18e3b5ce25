"""The preview as a page: both sides, in both languages, and whatever was written escaped."""

from __future__ import annotations

from pathlib import Path

import pytest

from bots.withheld import keeping, words
from bots.withheld.page import html
from bots.withheld.preview import Preview, preview
from persona_store.model import Persona
from persona_store.withheld.levels import Rule
from tests.bots.services import idle
from tests.persona_store.passages import passage
from tests.scenarios.world import World

PITFALL = "Never paste <script>alert(1)</script> into the console, otherwise the vault is locked."
ASKED = "What must I not paste into the console?"


async def shown(w: World) -> tuple[Preview, Persona]:
    persona = await w.persona()
    file = await w.app.services.library.file(persona.name)
    await file.add([passage("q", ASKED, own=False, thread="t"), passage("a", PITFALL, thread="t", minutes=1)])
    planned = await keeping.plan(w.app.services, persona, Rule({"pitfall": "medium"}))
    return await preview(w.app.services, persona, planned), persona


@pytest.mark.parametrize(("lang", "kept"), [("en", "kept back by its subject"), ("zh-CN", "已由本人收回")])
async def test_t04_both_sides_stand_beside_each_other(tmp_path: Path, lang: str, kept: str) -> None:
    async with idle(tmp_path) as w:
        preview_, persona = await shown(w)
        page = html(preview_, persona, lang)
        text = words.text(preview_, persona, lang)
    assert f'<html lang="{lang}">' in page
    assert ASKED in page
    assert ASKED in text
    assert kept in page
    assert "AIGC" in page


async def test_what_somebody_wrote_is_text_and_nothing_is_fetched(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        page = html(*await shown(w), "en")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


async def test_what_would_go_is_struck_through_and_nothing_has_gone(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        preview_, persona = await shown(w)
        assert "<del>Never paste" in html(preview_, persona, "en")
        file = await w.app.services.library.file(persona.name)
        assert [each.text for each in await file.get(["a"])] == [PITFALL]
