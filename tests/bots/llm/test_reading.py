"""The answer is found in whatever it is wrapped, or nothing is; in bounded time, whatever the text."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.llm.reading import Unfit, value_in
from tests.bots.llm.rig import FACT, SOUND, Fact

FACTS = st.builds(Fact, st.text(), st.lists(st.text()).map(tuple), st.integers(-(2**53), 2**53))


@given(FACTS, st.sampled_from(["{}", "```json\n{}\n```", "<think>no {{1}}</think>{}", "Here:\n{}\nDone.", "\n{} "]))
def test_what_was_written_is_read(fact: Fact, wrapping: str) -> None:
    text = wrapping.format(msgspec.json.encode(fact).decode())
    assert value_in(text, Fact) == fact


@pytest.mark.parametrize("text", [
    "", "I do not know.", "{", "<think>" + SOUND, "<think>never ends", '{"text": 1}', "[1, 2]", '{"text": "a"}',
    '{"text": "\\ud800", "cites": []}', "```json\n```", "null", "NaN", '{"text": "a", "cites": [], "n": 1e999}',
])  # fmt: skip
def test_what_does_not_fit_is_not_made_to(text: str) -> None:
    with pytest.raises(Unfit):
        value_in(text, Fact)


def test_braces_in_words_do_not_hide_the_answer() -> None:
    assert value_in(f"A set {{a, b}} and a list [1] first. {SOUND}", Fact) == FACT
    assert value_in('{"text": "a } b ] \\" {", "cites": []} trailing }', Fact) == Fact('a } b ] " {', ())


def test_an_answer_that_speaks_of_thinking_keeps_it() -> None:
    said = Fact("write <think> and </think> yourself", ())
    assert value_in(msgspec.json.encode(said).decode(), Fact) == said


def test_the_place_is_a_path_and_never_content() -> None:
    with pytest.raises(Unfit) as caught:
        value_in('{"text": "x", "cites": ["a", 5], "n": 1}', Fact)
    assert caught.value.place == "$.cites[1]"


@pytest.mark.parametrize("text", [
    "{" * 500_000, "[" * 500_000, '{"a":' * 200_000, '"\\"' * 300_000, '{"' + '\\"' * 500_000, "```\n" * 200_000,
    "{}" * 400_000, "<think>" * 200_000, "{" + '"' * 499_999, "```json\n{\n" * 100_000,
])  # fmt: skip
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(Unfit):
        value_in(text, Fact)
    assert time.perf_counter() - began < 3  # quadratic would be minutes
