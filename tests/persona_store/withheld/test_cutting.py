"""A passage and what stays of it: sentence by sentence, openly, and never more at a higher level."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.withheld.cutting import GAP, ITEM, Cut, Knife
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, Rule, at
from tests.persona_store.passages import passage
from tests.persona_store.withheld.examples import EXAMPLES

QUEUE = "Refunds go to the refund-slow queue."
PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
STOP = "Support can stop a refund until the bank has confirmed it."


def mac(value: bytes) -> bytes:
    return hmac.digest(b"key of the persona", value, hashlib.sha256)


def knife(level: Level = "medium", *categories: Category, marks: dict[bytes, str] | None = None) -> Knife:
    return Knife(Rule().with_(categories or at(level), level), marks or {}, mac)


def left(cut: Cut) -> str:
    return "" if cut.passage is None else cut.passage.text


def held(cut: Cut) -> list[str]:
    return [each.text for each in cut.held]


def test_t04_one_sentence_goes_and_the_rest_stays_with_an_open_gap() -> None:
    cut = knife().cut(passage("p", f"{QUEUE} {PITFALL} {STOP}"))
    assert left(cut) == f"{QUEUE} {GAP} {STOP}"
    assert held(cut) == [PITFALL]
    assert cut.held[0].kind == "pitfall"


def test_t04_nothing_is_put_in_the_place_of_what_goes() -> None:
    """No filler and no decoy: every word that stays stood there before, in that order."""
    text = f"{QUEUE} {PITFALL} {STOP} Ask Mei about the vendor contract."
    stays = left(knife("heavy").cut(passage("p", text)))
    place = 0
    for piece in stays.split(GAP):
        assert piece.strip() in text[place:]
        place = text.index(piece.strip(), place)
    assert len(stays) < len(text)


@pytest.mark.parametrize("after", ["Otherwise it is booked again.", "Because then support has to call the bank."])
def test_what_leans_on_a_sentence_goes_with_it(after: str) -> None:
    cut = knife().cut(passage("p", f"{QUEUE} {PITFALL} {after} {STOP}"))
    assert after not in left(cut)
    assert STOP in left(cut)


def test_code_goes_with_the_sentence_above_it() -> None:
    text = f"{QUEUE}\n\nThe workaround is this one command:\n```\nreplay --force --twice\n```\n\n{STOP}"
    cut = knife().cut(passage("p", text))
    assert "--force" not in left(cut)
    assert left(cut) == f"{QUEUE}\n\n{GAP}\n\n{STOP}"


def test_where_nothing_is_left_to_quote_all_of_it_goes() -> None:
    cut = knife().cut(passage("p", f"Hi! {PITFALL}"))
    assert cut.passage is None
    assert held(cut) == ["Hi!", PITFALL]


def test_what_is_not_touched_is_the_very_same() -> None:
    untouched = passage("p", f"{QUEUE} {STOP}")
    assert knife("heavy", "people").cut(untouched).passage is untouched


def test_chinese_is_cut_where_chinese_sentences_end() -> None:
    cut = knife().cut(
        passage(
            "p", "退款走 refund-slow 队列。千万不要手动重试退款，否则银行会付两次。银行确认之前客服可以拦截退款。"
        )
    )
    assert left(cut) == f"退款走 refund-slow 队列。{GAP}银行确认之前客服可以拦截退款。"


def test_others_words_are_theirs_but_what_was_kept_back_is_taken_out_of_them_word_for_word() -> None:
    """A reply that quotes the sentence would otherwise keep it."""
    warned = passage("w", PITFALL, own=False)
    assert knife().cut(warned).passage is warned  # a warning by somebody else is nobody's to keep back
    quoting = passage("q", f"> {PITFALL}\nthanks, that helps with the refunds today", own=False)
    mark = knife().mark(PITFALL)
    assert mark is not None
    cut = Knife(Rule(), {mark: "pitfall"}, mac).cut(quoting)
    assert PITFALL not in left(cut)
    assert "that helps" in left(cut)


@pytest.mark.parametrize(
    "again",
    [PITFALL.upper(), f"- {PITFALL}", f"3. {PITFALL}", PITFALL.rstrip("."), "  " + PITFALL.replace(" ", "\u00a0")],
)
def test_the_same_words_are_known_however_they_are_written(again: str) -> None:
    assert knife().mark(again) == knife().mark(PITFALL)


def test_what_anybody_might_say_is_not_remembered() -> None:
    """Else "ok, thanks" would go wherever it stands."""
    assert knife().mark("ok, thanks!") is None


def test_marks_are_nothing_without_the_key() -> None:
    other = Knife(Rule(), {}, lambda value: hmac.digest(b"another", value, "sha256"))
    assert other.mark(PITFALL) != knife().mark(PITFALL)


def test_a_heading_that_says_the_thing_goes_and_one_that_says_where_stays() -> None:
    told = passage("p#1", f"{QUEUE} {STOP}", title=f"Payments › {PITFALL}")
    cut = knife().cut(told)
    assert cut.passage is not None
    assert cut.passage.title == f"Payments › {GAP}"
    kept = knife("medium", "people").cut(passage("p#1", QUEUE, title="Payments › Pitfalls")).passage
    assert kept is not None
    assert kept.title == "Payments › Pitfalls"


def test_what_distilling_found_is_cut_although_no_cue_tells_it() -> None:
    found: Any = {"p": [(STOP, "pitfall")]}
    cut = Knife(Rule(), {}, mac, found).cut(passage("p", f"{QUEUE} {STOP}"))
    assert held(cut) == [STOP]


def test_a_single_thing_goes_whole() -> None:
    cut = knife().whole(passage("p", f"{QUEUE} {STOP}"))
    assert cut.passage is None
    assert {each.kind for each in cut.held} == {ITEM}


def test_cutting_again_changes_nothing_and_cutting_more_leaves_one_gap() -> None:
    text = f"{QUEUE} {PITFALL} Ask Mei about the vendor contract. {STOP}"
    once = knife("medium", "pitfall").cut(passage("p", text)).passage
    assert once is not None
    assert knife("medium", "pitfall").cut(once).passage is once
    twice = knife("medium", "pitfall", "people").cut(once)
    assert left(twice) == f"{QUEUE} {GAP} {STOP}"
    assert left(twice) == left(knife("medium", "pitfall", "people").cut(passage("p", text)))


SENTENCES = st.lists(st.sampled_from([text for _, text in EXAMPLES]), min_size=1, max_size=8)
SOME = st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(SENTENCES, SOME, st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_t04_what_stays_at_a_higher_level_stayed_at_the_lower(
    sentences: list[str], categories: list[Category], one: Level, other: Level
) -> None:
    """Monotone: no sentence comes back when the subject asks for more to be kept back."""
    low, high = sorted((one, other), key=LEVELS.index)
    told = passage("p", "\n".join(sentences))
    less = Knife(Rule(dict.fromkeys(categories, low)), {}, mac).cut(told)
    more = Knife(Rule(dict.fromkeys(categories, high)), {}, mac).cut(told)
    assert set(held(less)) <= set(held(more))
    assert len(left(more).replace(GAP, "")) <= len(left(less).replace(GAP, ""))


@settings(max_examples=60, deadline=None)
@given(SENTENCES, SOME, st.sampled_from(LEVELS))
def test_t04_no_word_of_what_is_held_is_left_and_none_is_lost(
    sentences: list[str], categories: list[Category], level: Level
) -> None:
    sentences = list(dict.fromkeys(sentences))
    told = passage("p", "\n".join(sentences))
    cut = Knife(Rule(dict.fromkeys(categories, level)), {}, mac).cut(told)
    assert not any(each in left(cut) for each in held(cut))
    assert [s for s in sentences if s not in left(cut) and not any(s in h or h in s for h in held(cut))] == []


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_cut_without_a_crash(text: str) -> None:
    cut = knife("heavy").cut(passage("p", text))
    assert cut.passage is not None or cut.held
