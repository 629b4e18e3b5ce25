"""What is kept back, round a real store: whatever is asked afterwards, none of it is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bots.distilling import distil_by_rules
from bots.model import Question
from bots.withheld import keeping
from persona_store.distill.book import FacetBook
from persona_store.distill.model import Aspect, Facet
from persona_store.model import Passage
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, Rule, at
from persona_store.withholding import shelf_of
from tests.bots.services import idle
from tests.persona_store.distill.facets import facet
from tests.persona_store.passages import passage
from tests.persona_store.withheld.examples import EXAMPLES
from tests.scenarios.world import World, folder

QUEUE = "Refunds go to the refund-slow queue, which is emptied every night."
OTHER = "The console in Lisbon shows every voucher with its owner."
TEXTS = [text for _, text in EXAMPLES]


def quoting(aspect: Aspect, one: Passage, quote: str) -> Facet:
    """A facet that rests on part of a passage."""
    whole = facet(aspect, one)
    return structs.replace(whole, citations=(structs.replace(whole.citations[0], quote=quote),))


async def distilled(w: World, *facets: Facet) -> None:
    file = await w.app.services.library.file("lin")
    await FacetBook(file.sealed).keep(facets, w.clock.now())


async def test_what_distilling_finds_of_a_category_is_kept_back_with_its_sentence(tmp_path: Path) -> None:
    """No cue tells that this sentence is a pitfall; a model says it is. Were only the facet dropped, the sentence
    could still be quoted."""
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        one = passage("x", f"{QUEUE} {OTHER}")
        await file.add([one])
        planned = await keeping.plan(services, persona, Rule({"pitfall": "light"}))
        await keeping.keep_back(services, persona, planned, "op:1")
        pitfall, answer = quoting("pitfall", one, OTHER), quoting("answer", one, QUEUE)
        assert await keeping.held_to_rule(services, persona, [pitfall, answer]) == [answer]
        [left] = await file.get(["x"])
        assert left.text == f"{QUEUE} […]"
        assert await WithheldBook(file.sealed).counts() == {"pitfall": 1}


async def test_facets_of_the_category_go_out_of_every_version_with_their_sentences(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        one, two = passage("x", QUEUE), passage("y", OTHER, minutes=9)
        await file.add([one, two])
        await distilled(w, facet("pitfall", one), facet("answer", two))
        await distilled(w, facet("answer", two))
        planned = await keeping.plan(services, persona, Rule({"pitfall": "medium"}))
        await keeping.keep_back(services, persona, planned, "op:1")
        assert await file.get(["x"]) == []  # although only an old version told of it
        book = FacetBook(file.sealed)
        for version in await book.versions():
            assert {each.aspect for each in (await book.portrait(version.number)).facets} <= {"answer"}


async def test_what_was_counted_of_the_style_goes_out_of_every_version(tmp_path: Path) -> None:
    """A phrase is counted over everything and cites a few examples only: it may hold words of what went."""
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        one = passage("x", "Never retry a refund by hand, otherwise the bank pays it twice.")
        two = passage("y", OTHER, minutes=9)
        await file.add([one, two])
        await distilled(w, structs.replace(facet("phrases", two), measures={"phrase:pays it twice": 3.0}))
        await distilled(w, facet("answer", two))
        planned = await keeping.plan(services, persona, Rule({"pitfall": "medium"}))
        await keeping.keep_back(services, persona, planned, "op:1")
        book = FacetBook(file.sealed)
        told = [await book.portrait(version.number) for version in await book.versions()]
        assert [len(each.facets) for each in told] == [0, 1]


async def test_distilling_again_finds_nothing_of_it(tmp_path: Path) -> None:
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        await file.add([passage(f"e{n}", text, minutes=n) for n, text in enumerate(TEXTS)])
        rule = Rule(dict.fromkeys(at("medium"), "medium"))
        await keeping.keep_back(services, persona, await keeping.plan(services, persona, rule), "op:1")
        made = await distil_by_rules(services, persona, "op:1", progress=lambda done, total: None)
        assert [each.aspect for each in made.portrait.facets if rule.keeps_aspect(each.aspect)] == []


@settings(max_examples=6, deadline=None)
@given(
    st.lists(st.sampled_from(range(len(TEXTS))), min_size=6, max_size=25, unique=True),
    st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=6, unique=True),
    st.sampled_from(LEVELS),
)
async def test_t04_nothing_kept_back_is_found_by_any_question(
    places: list[int], categories: list[Category], level: Level
) -> None:
    """For any material, categories and level; and doing it again finds nothing left to do."""
    with folder() as path:
        async with idle(path) as w:
            persona = await w.persona()
            services = w.app.services
            file = await services.library.file("lin")
            await file.add([passage(f"e{n}", TEXTS[n], minutes=n) for n in places])
            rule = Rule(dict.fromkeys(categories, level))
            planned = await keeping.plan(services, persona, rule)
            held = {each.text for change in planned.changes for each in change.cut.held}
            await keeping.keep_back(services, persona, planned, "op:1")
            for text in sorted(held)[:6]:
                draft = await services.answerer.answer(Question("lin", text, "en"), readers=None)
                found = await services.library.search("lin", text, readers=None)
                shown = [*draft.quotes, *(each.passage.text for each in found.evidence)]
                assert not any(text in each for each in shown), text
            again = await keeping.plan(services, persona, rule)
            assert again.changes == ()


async def test_what_was_cut_off_half_way_is_finished_by_doing_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule and the notes come first: after a crash nothing comes in again, and the next run takes the rest."""
    pitfall = "Never retry a refund by hand, otherwise the bank pays it twice."
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        await file.add([passage("x", pitfall)])
        rule = Rule({"pitfall": "medium"})
        planned = await keeping.plan(services, persona, rule)
        with monkeypatch.context() as patched:
            patched.setattr(file, "remove", _crashing)
            with pytest.raises(RuntimeError):
                await keeping.keep_back(services, persona, planned, "op:1")
        assert (await keeping.standing(services, persona)).rule == rule
        shelf = await shelf_of(services.store, "lin", file)
        await shelf.add([passage("y", pitfall)])
        assert await file.get(["y"]) == []
        await keeping.keep_back(services, persona, await keeping.plan(services, persona, rule), "op:1")
        assert await file.get(["x"]) == []


async def _crashing(ids: object) -> int:
    raise RuntimeError("the power went")


async def test_what_comes_in_while_it_is_looked_at_is_kept_back_as_well(tmp_path: Path) -> None:
    """An import was going on when the subject decided."""
    pitfall = "Never retry a refund by hand, otherwise the bank pays it twice."
    async with idle(tmp_path) as w:
        persona = await w.persona()
        services = w.app.services
        file = await services.library.file("lin")
        shelf = await shelf_of(services.store, "lin", file)
        await shelf.add([passage("x", pitfall)])
        planned = await keeping.plan(services, persona, Rule({"pitfall": "medium"}))
        await shelf.add([passage("between", pitfall, minutes=5)])
        await keeping.keep_back(services, persona, planned, "op:1")
        await shelf.add([passage("after", pitfall, minutes=9)])
        assert await file.get(["x", "between", "after"]) == []
