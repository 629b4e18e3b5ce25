"""Keeping back by kind on one's own page: looked at first, then done, and released again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from bots.operator import found
from bots.subject import passes
from tests.bots.subject.stage import Visitor, asked, fresh, known, visiting
from tests.scenarios.world import World, passages

WARNING = "Never retry a refund by hand, otherwise the bank pays it twice."
PITFALLS: dict[str, Any] = {"categories": ["pitfall"], "level": "medium"}


async def signed(w: World, me: Visitor) -> None:
    me.token = await asked(w, await fresh(w))
    await me.sign()
    await known(w)
    file = await w.app.services.library.file("lin")
    await file.add([replace(passages("chat", w.clock.now())[3], id="p1", text=WARNING)])


async def texts(w: World) -> list[str]:
    file = await w.app.services.library.file("lin")
    return [passage.text async for _, passage in file.scan()]


async def test_looking_changes_nothing_and_keeping_does(w: World) -> None:
    async with visiting(w) as me:
        await signed(w, me)
        seen = await me.do("before_after", **PITFALLS)
        assert f"<del>{WARNING}</del>" in seen["html"]
        assert seen["sentences"] >= 1
        assert WARNING in await texts(w)
        kept = await me.do("keep_back", **PITFALLS)
        assert kept["counts"]["pitfall"] == seen["sentences"]
        assert not [text for text in await texts(w) if "by hand" in text]
        assert [kind["level"] for kind in await me.do("kinds") if kind["category"] == "pitfall"] == ["medium"]


async def test_a_kind_is_released_and_nothing_else(w: World) -> None:
    async with visiting(w) as me:
        await signed(w, me)
        await me.do("keep_back", categories=["pitfall", "people"], level="medium")
        await me.do("release", categories=["people"])
        levels = {kind["category"]: kind["level"] for kind in await me.do("kinds")}
        assert (levels["pitfall"], levels["people"]) == ("medium", "")


async def test_a_level_that_keeps_nothing_of_a_kind_and_no_kind_at_all_are_refused(w: World) -> None:
    async with visiting(w) as me:
        await signed(w, me)
        assert await me.refused("before_after", categories=["people"], level="light") == "LEVEL"
        for verb in ("before_after", "keep_back", "release"):
            assert await me.refused(verb, categories=[]) == "CATEGORY"
        status, _ = await me.raw("keep_back", categories=["everything"])
        assert status == 400
        least = {kind["category"]: kind["least"] for kind in await me.do("kinds")}
        assert (least["pitfall"], least["people"], least["unique"]) == ("light", "medium", "heavy")


async def test_no_other_link_opens_it(w: World) -> None:
    """An owner who looks at the preview, or a relative, finds nothing at that address."""
    async with visiting(w) as me:
        await signed(w, me)
        until = w.clock.now() + timedelta(days=1)
        for purpose in ("preview", "kin"):
            me.token, issued = passes.issue(w.app.services, "lin", purpose, "chat:U0OWN", until)
            await w.app.services.store.commit(issued)
            for verb in ("kinds", "before_after", "keep_back", "release"):
                assert (await me.raw(verb, **PITFALLS))[0] == 404
        assert WARNING in await texts(w)


async def test_nobody_is_asked_twice_whether_they_accept(w: World) -> None:
    """The card with the button lies in their chat already when the subject approves."""
    async with visiting(w) as me:
        await signed(w, me)
        w.clock.advance(3600)
        await me.do("approve")
        await w.settle()
    for person in (w.owner, w.deputy):
        cards = [p for p in w.to(person) if any(button.action == "accept" for button in p.post.card.buttons)]
        assert len(cards) == 1


async def test_who_withdraws_by_a_word_is_led_to_the_certificate(w: World) -> None:
    """They may have no link any more, and the certificate is behind it."""
    async with visiting(w) as me:
        await signed(w, me)
        w.clock.advance(timedelta(days=1).total_seconds())
        await w.say(w.subject, "withdraw", direct=True)
        await w.settle()
        said = [p.post.card.text for p in w.posts if "/subject#t=" in p.post.card.text][-1]
        assert (await found(w.app, "lin")).state == "erased"
        me.token = said.partition("#t=")[2][:43]
        assert (await me.do("certificate"))["receipt_signature"]
