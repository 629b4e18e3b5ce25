"""The style facets: known habits are found, and nothing that is somebody else's."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.distill.model import ASPECTS, Facet, facet_id
from persona_store.distill.style import FEWEST_MESSAGES, MOST_CITATIONS, Style, confidence, style
from persona_store.model import Passage, Reading
from tests.persona_store.distill.writers import conversation
from tests.persona_store.passages import correction, passage


def facets(passages: list[Passage]) -> dict[str, Facet]:
    found = Style()
    found.see(passages)
    return {facet.aspect: facet for facet in found.facets()}


def own(text: str, number: int = 60, **more: object) -> list[Passage]:
    return [passage(f"m{n}", text.replace("{n}", str(n)), minutes=n, **more) for n in range(number)]


async def test_there_is_one_facet_of_each_aspect_and_its_id_is_stable() -> None:
    found = await style(conversation("careful"))
    assert [facet.aspect for facet in found] == sorted(
        ASPECTS["communication_style"], key=[facet.aspect for facet in found].index
    )
    assert {facet.aspect for facet in found} == set(ASPECTS["communication_style"])
    assert all(facet.id == facet_id(facet.aspect) and facet.text == "" for facet in found)
    assert all(facet.measures["messages"] == 60 for facet in found)


async def test_an_async_iterable_is_measured_like_a_list() -> None:
    async def stream() -> AsyncIterator[Passage]:
        for each in conversation("quick"):
            yield each

    assert await style(stream()) == await style(conversation("quick"))


async def test_of_too_few_messages_nothing_is_said() -> None:
    assert await style(own("yes, that works", FEWEST_MESSAGES - 1)) == []
    assert len(await style(own("yes, that works", FEWEST_MESSAGES))) == 7
    assert await style([]) == []


def test_a_careful_writer() -> None:
    found = facets(conversation("careful"))
    assert found["length"].measures["sentences_q2"] == 3
    assert found["length"].measures["one_liner"] == 0
    assert found["punctuation"].measures["ends_period"] == 1
    assert found["punctuation"].measures["has_semicolon"] == 1
    assert found["openings"].measures["opening:To be fair,"] == pytest.approx(0.4, abs=0.15)
    assert found["openings"].measures["opening:Well,"] == pytest.approx(0.6, abs=0.15)
    assert found["emoji"].measures == {"messages": 60, "emoji": 0, "shortcode": 0, "smiley": 0, "kaomoji": 0}
    assert "phrase:to be fair" in found["phrases"].measures


def test_a_quick_writer() -> None:
    found = facets(conversation("quick"))
    assert found["length"].measures["one_liner"] == 1
    assert found["punctuation"].measures["starts_lower"] == 1
    assert found["punctuation"].measures["lower_i"] == 1
    assert found["punctuation"].measures["ends_open"] > 0.4
    assert "ends_period" not in found["punctuation"].measures
    assert found["emoji"].measures["smiley"] == pytest.approx(0.5, abs=0.15)
    assert found["emoji"].measures["emoji::)"] == found["emoji"].measures["smiley"]
    assert found["shapes"].measures["reply_yes"] > 0.4
    assert found["phrases"].measures["word:just"] > 0.1


def test_a_writer_of_chinese_and_english_together() -> None:
    found = facets(conversation("chinese"))
    assert found["openings"].measures["opening:没问题，"] == pytest.approx(0.5, abs=0.15)
    assert found["phrases"].measures["phrase:没问题"] == found["openings"].measures["opening:没问题，"]
    assert found["punctuation"].measures["has_tilde"] == 1
    assert found["punctuation"].measures["has_fullwidth"] == 1
    assert found["languages"].measures["mixed"] == 1
    assert found["languages"].measures["switches"] == 2
    assert 0.5 < found["languages"].measures["chinese_letters"] < 0.8
    assert found["emoji"].measures["emoji:😀"] == pytest.approx(0.3, abs=0.15)
    assert any(cited.quote == "😀" for cited in found["emoji"].citations)


def test_replies_first_messages_and_rows_are_told_apart() -> None:
    said = []
    for n in range(40):
        said.append(passage(f"q{n}", "how?", own=False, thread=f"t{n}", minutes=10 * n))
        said.append(passage(f"a{n}", "Which one do you mean?", thread=f"t{n}", minutes=10 * n + 1))
        said.append(passage(f"b{n}", "It depends on that.", thread=f"t{n}", minutes=10 * n + 2))
        said.append(passage(f"f{n}", "I will be away in the afternoon", thread=f"f{n}", minutes=10 * n + 3))
    found = facets(said)
    shapes, length = found["shapes"].measures, found["length"].measures
    assert (shapes["replies"], shapes["reply"], shapes["reply_question"]) == (40, round(1 / 3, 5), 1)
    assert "reply_depends" not in shapes  # it follows their own message
    assert (length["reply_chars_median"], length["first_chars_median"]) == (22, 31)
    assert (length["row_median"], length["row_share"]) == (1, 0.5)


def test_quotes_and_code_are_not_how_somebody_writes() -> None:
    plain = facets(own("yes, that works"))
    mixed = facets(own("> SURELY YOU JEST!!! 😀\nyes, that works"))
    coded = facets(own("yes, that works\n```\nfoo(); // WOW!!! 😀\n```"))
    for aspect in ("openings", "phrases", "emoji", "languages"):
        assert mixed[aspect].measures == plain[aspect].measures == coded[aspect].measures, aspect
    assert mixed["length"].measures == plain["length"].measures
    assert coded["shapes"].measures["code_block"] == 1
    assert "has_exclamation" not in coded["punctuation"].measures


def test_what_is_no_message_of_theirs_is_not_measured() -> None:
    said = own("yes, that works")
    pages = own("A page!!! With 😀 everywhere!!!", 50, source="doc")
    read = own("Read off a picture!!!", 50, reading=Reading(0.9, (0, 0, 1, 1)))
    answered = [correction(f"c{n}", "how?", "An answer!!!") for n in range(50)]
    described = own("Always shouts!!!", 50, source="description", own=False)
    assert facets(said + pages + read + answered + described) == facets(said)


def test_nothing_of_others_is_in_a_facet() -> None:
    """Their words change nothing but what is usual; and usual needs FEWEST_USUAL messages."""
    said = conversation("quick")
    foreign = [
        passage(
            f"o{n}", "Zounds!!! 🦄 By my beard, verily 你好呀～", own=False, thread=f"o{n}", author_name="Beard"
        )
        for n in range(300)
    ]
    before, after = facets(said), facets(said + foreign)
    for aspect, facet in after.items():
        text = str(facet)
        assert not any(word in text for word in ("Zounds", "zounds", "🦄", "verily", "beard", "你好", "～")), aspect
    for aspect in ("length", "punctuation", "emoji", "languages", "shapes"):
        assert after[aspect].measures == before[aspect].measures
    assert all(cited.passage.startswith("quick") for facet in after.values() for cited in facet.citations)


def test_a_phrase_of_everybodys_is_nobodys_habit() -> None:
    said = own("sounds good to me, if that makes sense")
    others = [passage(f"o{n}", "ok, sounds good to me", own=False, thread=f"o{n}") for n in range(200)]
    measures = facets(said + others)["phrases"].measures
    assert "phrase:if that makes sense" in measures
    assert not any("sounds good" in name for name in measures)


@pytest.mark.parametrize(
    ("text", "unsafe"),
    [
        ("Bo, could you have a look at that", ("Bo",)),
        ("Thanks Corvina, I will have a look", ("Corvina",)),
        ("thanks bo, that is good", ("bo",)),
        ("@Bo Marsh thanks, I will have a look", ("Bo", "Marsh")),
        ("张伟，你看一下", ("张伟",)),
        ("老王你看一下吧", ("老王",)),
        ("李总，好的", ("李总",)),
        ("so it is 4711 then, ok", ("4711",)),
        ("see https://x.example/secret then, ok", ("secret", "x.example")),
        ("it is [removed: password] then, ok", ("removed", "password")),
    ],
)
def test_neither_names_nor_numbers_nor_links_are_habits_or_examples(text: str, unsafe: tuple[str, ...]) -> None:
    other = passage("other", "hello", own=False, author_name="Bo Marsh")
    for facet in facets([other, *own(text)]).values():
        shown = " ".join([*facet.measures, *(cited.quote for cited in facet.citations)])
        assert not any(word in shown.split() or (not word.isascii() and word in shown) for word in unsafe), shown


@pytest.mark.parametrize("writer", ["careful", "quick", "chinese"])
def test_every_citation_stands_in_a_passage_of_theirs(writer: str) -> None:
    said = {each.id: each for each in conversation(writer)}
    found = facets(list(said.values()))
    assert found["openings"].citations
    for facet in found.values():
        assert len(facet.citations) <= MOST_CITATIONS
        for cited in facet.citations:
            source = said[cited.passage]
            assert source.by_subject
            assert cited.quote in source.text
            assert cited.at == source.at
            assert len(cited.quote) <= 90
        assert facet.first == min(each.at for each in said.values() if each.by_subject)
        assert facet.last == max(each.at for each in said.values() if each.by_subject)


@given(st.randoms(use_true_random=False), st.sampled_from(["careful", "quick", "chinese"]))
@settings(max_examples=12, deadline=None)
def test_the_order_of_threads_makes_no_difference(dice: random.Random, writer: str) -> None:
    said = conversation(writer, 40)
    threads = {each.thread: [other for other in said if other.thread == each.thread] for each in said}
    shuffled = list(threads.values())
    dice.shuffle(shuffled)
    assert facets([each for thread in shuffled for each in thread]) == facets(said)


def test_confidence_grows_with_what_it_rests_on() -> None:
    assert confidence(0) == 0
    assert (confidence(30), confidence(400)) == (0.821, 0.951)
