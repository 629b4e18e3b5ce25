"""Vocabulary: what somebody speaks of, counted within a bound."""

from __future__ import annotations

import pytest

from persona_store.distill import vocabulary
from persona_store.distill.vocabulary import Vocabulary
from tests.persona_store.distill.talks import talk


def heard(*lines: str) -> Vocabulary:
    made = Vocabulary()
    for number, line in enumerate(lines):
        made.see(talk(f"t{number}", line, days=number))
    return made


def test_passages_and_episodes_are_counted_apart_and_others_too() -> None:
    made = Vocabulary()
    made.see(talk("a", "the gateway", "the gateway again", "Bo: which gateway"))
    word = made.words["gateway"]
    assert (word.passages, word.episodes, made.said_by_others("gateway")) == (2, 1, 1)


def test_a_word_tells_something_if_it_returns_and_nothing_if_it_is_everywhere() -> None:
    made = heard(*(f"today number{n}" for n in range(12)), "gateway today", "the gateway today")
    assert made.weight("gateway") > made.weight("today") == 0
    assert made.weight("unheard") == 0
    assert heard("see pay_hook").weight("pay_hook") > heard("see gateway").weight("gateway") == 0
    assert 0 == made.telling([]) < made.telling(["gateway"]) <= made.telling(["gateway", "number1"]) <= 1


def test_code_addresses_emoji_and_mentions_are_no_words() -> None:
    made = heard("```\ninner code\n``` see https://x.example/path :tada_wow: @Becki gateway")
    assert set(made.words) == {"see", "gateway"} or set(made.words) == {"gateway"}


def test_a_topic_is_the_telling_words_in_their_order_as_they_are_written() -> None:
    made = heard("the gateway and the Settlement", "the gateway and the Settlement")
    assert made.topic("the Settlement of some gateway was late") == "Settlement gateway"
    assert made.topic("unheard of things", 1) == ""


def test_the_rarest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST", 10)
    made = heard("gateway", *(f"gateway word{n}" for n in range(100)))
    assert len(made.words) <= 20
    assert made.words["gateway"].passages == 101
