"""The test with two accounts, and what everybody can read though it may not have been meant for all (T06, T08)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from bots import acl
from persona_store.library import Library
from tests.bots.services import idle
from tests.scenarios.world import World

MEI, ANN, LIN = "chat:U0MEI", "chat:U0ANN", "chat:U0LIN"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        await it.persona()
        yield it


async def test_t06_each_is_handed_what_they_could_read_and_a_room_what_all_of_them_could(w: World) -> None:
    """T06: the restricted passages of the sample are Lin's and Mei's."""
    found = {each.who: each for each in await acl.verify(w.app.services, "lin", [MEI, ANN, LIN])}
    assert {who: (each.asked, each.readable) for who, each in found.items()} == {
        (): (2, 0),
        (MEI,): (2, 2),
        (ANN,): (2, 0),
        (LIN,): (2, 2),
        (MEI, ANN, LIN): (2, 0),
    }
    assert [each.leaked for each in found.values()] == [()] * 5
    assert found[(MEI,)].found > 0, "who may is not kept from it"
    assert found[(ANN,)].found == 0


async def test_t06_two_who_may_read_it_may_do_so_together(w: World) -> None:
    *_, together = await acl.verify(w.app.services, "lin", [MEI, LIN])
    assert (together.who, together.readable, together.leaked) == ((MEI, LIN), 2, ())


async def test_t06_what_everybody_could_read_is_no_leak(w: World) -> None:
    """It is found beside what is restricted, and may be."""
    file = await w.app.services.library.file("lin")
    [one] = [each for each in await file.all() if each.id == "a1"]
    await file.add(
        [structs.replace(one, id="p1", text="The staging cluster hint is on the wiki, in the river page.")]
    )
    ann = (await acl.verify(w.app.services, "lin", [ANN]))[1]
    handed = await w.app.services.library.search(
        "lin", "staging cluster hint river", readers=await w.app.services.directory.readers([w.ann])
    )
    assert "p1" in [each.passage.id for each in handed.evidence]
    assert ann.leaked == ()


async def test_t06_another_account_of_the_same_person_is_the_same_eyes(w: World) -> None:
    await w.app.services.store.commit(await w.app.services.directory.bind("slack:U9", MEI))
    [_, told] = await acl.verify(w.app.services, "lin", ["slack:U9"])
    assert told.readable == 2


@pytest.mark.parametrize("mistake", ["nobody is asked for", "one of them is enough"])
async def test_t06_a_search_that_hands_out_too_much_is_noticed(
    w: World, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    """What the command is for: it does not rest on the rule it checks."""
    really = Library.search

    async def wrong(self: Library, persona: str, text: str, *, readers: Any, **more: Any) -> Any:
        if mistake == "nobody is asked for":
            readers = (frozenset((LIN,)),)
        elif readers and len(readers) > 1:
            readers = readers[:1]
        return await really(self, persona, text, readers=readers, **more)

    monkeypatch.setattr(Library, "search", wrong)
    audiences = await acl.verify(w.app.services, "lin", [MEI, ANN])
    assert "a4" in audiences[-1].leaked


async def test_t08_what_everybody_can_read_and_looks_unmeant_comes_first(w: World) -> None:
    file = await w.app.services.library.file("lin")
    [one] = [each for each in await file.all() if each.id == "a1"]
    await file.add(
        [
            structs.replace(one, id="s1", container="C9", container_name="hr-salaries", text="See the sheet."),
            structs.replace(one, id="s2", container="C8", container_name="lunch", text="Her bonus is late."),
            structs.replace(one, id="s3", container="C7", container_name="thread-pool", text="It is chrome."),
            structs.replace(one, id="s4", container="C9", container_name="hr-salaries", readers=(LIN,)),
        ]
    )
    places = await acl.shared(w.app.services, "lin")
    told = [(each.name, each.readers, each.name_tells, each.words_tell) for each in places]
    assert set(told[:2]) == {("hr-salaries", -1, True, 0), ("lunch", -1, False, 1)}
    assert ("hr-salaries", 1, False, 0) in told[2:], "who could read it there was told"
    assert ("thread-pool", -1, False, 0) in told[2:]
    assert sum(each.passages for each in places) == await file.count()
