"""By what a pack is known again."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.consent.policy import Ask
from persona_store.consented import covered
from persona_store.distill.model import ASPECTS
from persona_store.licensed import canary
from tests.persona_store.sources.exports import consent_for

NOW = datetime(2026, 6, 1, tzinfo=UTC)
seeds = st.binary(min_size=16, max_size=16).map(bytes.hex)


@pytest.mark.parametrize("language", list(canary.WORDS))
def test_every_place_has_as_many_words_as_the_mark_has_bits_for(language: str) -> None:
    form, places = canary.WORDS[language]
    assert form.count("{}") == len(places) == 6
    assert all(len(set(words.split())) == canary.PLACES for words in places)


@settings(deadline=None)
@given(seeds, seeds, st.sampled_from(["en", "zh-CN", "fr"]))
def test_a_phrase_is_found_by_its_own_seed_and_by_no_other(seed: str, other: str, language: str) -> None:
    text = f"Somebody wrote:\n> {canary.phrase(seed, language)}"
    assert canary.found(text, seed)
    if canary.phrase(seed, language) != canary.phrase(other, language):
        assert not canary.found(text, other)


@settings(deadline=None)
@given(seeds, st.sampled_from(["en", "zh-CN"]))
def test_however_it_was_broken_and_quoted(seed: str, language: str) -> None:
    phrase = canary.phrase(seed, language)
    broken = "\n> ".join([phrase[:9], phrase[9:20], phrase[20:]])
    assert canary.found(f"“{broken.upper()}”", seed)


@settings(deadline=None)
@given(seeds, seeds)
def test_it_lies_there_under_an_id_like_all_others(seed: str, other: str) -> None:
    phrase, tag = canary.phrase(seed, "en"), canary.tag(other)
    lying = canary.passage(phrase, tag, NOW)
    assert re.fullmatch(tag + "[0-9a-f]{16}", lying.id)
    assert lying.text == phrase
    assert not lying.quotable


def test_no_record_covers_it_whatever_it_grants_and_whatever_is_asked() -> None:
    lying = canary.passage(canary.phrase("ab" * 16, "en"), "0" * canary.TAG, NOW)
    everything = consent_for("self_written", facets=tuple(ASPECTS), last=NOW.date())
    for action in ("import", "retrieve", "preview", "distil", "answer", "export", "license"):
        assert not covered(everything, lying, Ask(action, NOW, role="subject", recipient="globex"))
