"""Colleagues: other people stand under pseudonyms in what leaves the house."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from persona_store.distill.colleagues import PSEUDONYM, Colleagues
from tests.persona_store.passages import passage


def colleagues(*names: str) -> Colleagues:
    made = Colleagues(b"key")
    made.see([passage(name, "hi", own=False, author_name=name) for name in names])
    made.see([passage("own", "hi", author_name="Lin Zhou")])
    return made


def test_who_is_mentioned_or_known_is_hidden() -> None:
    known = colleagues("Becki Lane", "周岚")
    for text in (
        "@Becki knows",
        "ask Becki Lane",
        "问周岚",
        "@周岚 看看",
        "@Nobody-heard-of said so",
        "ask BECKI LANE",
    ):
        hidden = known.hidden(text)
        assert PSEUDONYM.search(hidden), text
        assert not {"Becki", "BECKI", "周岚", "Nobody"} & {*hidden.split(), *(w for w in ("周岚",) if w in hidden)}


def test_the_same_person_has_the_same_digits_by_any_of_their_names() -> None:
    known = colleagues("Becki Lane", "Ann Tan", "Ann Lee")
    digits = {PSEUDONYM.search(known.hidden(text))[0] for text in ("@Becki x", "@Becki Lane", "Becki Lane")}
    assert len(digits) == 1
    assert known.hidden("Ann Tan") != known.hidden("Ann Lee")


def test_the_subjects_own_name_groups_and_the_first_word_of_a_sentence_stay() -> None:
    known = colleagues("Becki Lane")
    assert known.hidden("@Lin Zhou and @here, not Lin Zhou") == "@Lin Zhou and @here, not Lin Zhou"
    assert known.hidden("@Becki Restart it").endswith(" Restart it")
    assert known.hidden("@Becki You know").endswith(" You know")


def test_a_first_name_alone_may_be_a_word_and_stays() -> None:
    assert colleagues("Will Frost").hidden("Will it frost?") == "Will it frost?"


@given(st.text(alphabet="ab @周岚LZ*-.", max_size=60))
def test_nothing_else_is_changed(text: str) -> None:
    if "@" not in text and "周岚" not in text:
        assert colleagues("周岚", "Becki Lane").hidden(text) == text
