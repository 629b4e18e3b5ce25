"""Cues: what a sentence shows, by a reviewed list of words."""

from __future__ import annotations

from importlib.resources import files

import pytest

from persona_store.distill.cues import STRENGTHS, Cues, cues, legible
from persona_store.distill.statements import SHAPES


def test_a_cue_is_words_in_order_with_gaps_sides_and_clauses() -> None:
    small = Cues("[a strong]\n^ never use/run\nfirst … then\n[b weak]\n除非/只有 … 才\nask @\nin ~\n")
    assert small.of("well, never run it") == {"a": STRENGTHS["strong"]}
    assert small.of("I have never run it") == {}
    assert small.of("first stop it, then start it") == {"a": STRENGTHS["strong"]}
    assert small.of("then first") == {}
    assert small.of("firstly thenar") == {}
    assert small.of("只有灰度通过才上线") == {"b": STRENGTHS["weak"]}
    assert small.of("ask @Bo Tan") == small.of("write in #payments") == {"b": STRENGTHS["weak"]}


def test_the_strongest_cue_of_a_section_counts() -> None:
    small = Cues("[a weak]\nrun\n[a strong]\nnever run\n")
    assert small.of("never run")["a"] == STRENGTHS["strong"]


def test_traditional_full_width_and_typographic_forms_are_the_same() -> None:
    assert "responsibility" in cues().of("我負責支付網關")
    assert "pitfall" in cues().of("Don’t use it")


def test_what_stands_in_quotes_code_and_addresses_is_no_cue() -> None:
    for text in (
        'the button "never use this"',
        "`never use`",
        "see https://x.example/never-use/it",
        "“千万不要” 这个文案",
    ):
        assert "pitfall" not in cues().of(text), text
    assert "xperson" in legible("thanks @bo")


def test_every_section_is_known_and_no_cue_stands_twice() -> None:
    """A cue in a section nobody reads would be a mistake that no result shows."""
    text = files("persona_store.distill").joinpath("cues.txt").read_text(encoding="utf-8")
    read = {
        *SHAPES,
        *(
            "question",
            "supposed",
            "joking",
            "personal",
            "reported",
            "unsure",
            "hedged",
            "reason",
            "thanks",
            "setback",
        ),
        *("own_trouble", "directs", "decides", "workflow", "workflow_not"),
        *(f"{aspect}_not" for aspect in SHAPES),
    }
    section, seen = "", set()
    for line in text.splitlines():
        phrase = line.partition("#")[0].strip()
        if phrase.startswith("["):
            section = phrase.strip("[]").split()[0]
            assert section in read or section.startswith(("asks_first.", "heading.", "words.")), section
        elif phrase and not section.startswith("words."):
            assert (section, phrase) not in seen, f"[{section}] {phrase}"
            seen.add((section, phrase))


@pytest.mark.parametrize("piece", ["ask ", "first ", "我负责", "如果 ", "i'd ", "don't use ", '"', "`", "@", "#a"])
def test_a_long_sentence_costs_time_in_proportion(piece: str) -> None:
    """Counted in steps of the clock would be flaky: it is enough that a thousand times a word ends at all."""
    assert isinstance(cues().of(piece * 1000), dict)
