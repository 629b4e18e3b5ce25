"""Who is who: ids that belong to one person, ids that two seem to share, and names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.sources.chat_line import fit_id, fit_person
from persona_store.sources.chat_people import People
from tests.persona_store.sources.exports import code_of


def people(*met: tuple[tuple[str, str, str], str], **told: tuple[str, ...]) -> People:
    found = People("feishu", "ou_lin", **told)
    for ids, name in met:
        found.meet(ids, name)
    found.settle()
    return found


def test_ids_named_together_are_one_person_whose_key_is_the_first_kind() -> None:
    known = people((("", "on_b", "u_b"), "Bob"), (("ou_b", "on_b", ""), ""), (("ou_lin", "on_l", "u_l"), "林薇"))
    assert {known.key(ids) for ids in (("ou_b", "", ""), ("", "on_b", ""), ("", "", "u_b"))} == {"feishu:ou_b"}
    assert {known.key(ids) for ids in (("ou_lin", "", ""), ("", "on_l", ""), ("", "", "u_l"))} == {"feishu:ou_lin"}
    assert known.called(("", "", "u_b")) == "Bob"


def test_an_id_that_two_people_seem_to_have_is_nobodys() -> None:
    """A placeholder, or a record that was made to give the subject the words of another."""
    known = people((("ou_lin", "", "u_x"), ""), (("ou_eve", "", "u_x"), ""), (("ou_eve", "on_e", ""), ""))
    assert known.key(("", "", "u_x")) == "feishu:u_x"
    assert known.key(("ou_eve", "", "u_x")) == "feishu:ou_eve"
    assert known.key(("ou_lin", "", "u_x")) == "feishu:ou_lin"
    assert known.key(("", "on_e", "")) == "feishu:ou_eve"


def test_who_was_called_differently_keeps_the_first_name_each_time() -> None:
    known = people((("ou_lin", "", ""), ""), (("ou_b", "", ""), "Bob"), (("ou_b", "", ""), "Robert"))
    assert known.called(("ou_b", "", "")) == "Bob"


def test_what_the_operator_says_of_an_id_counts() -> None:
    known = people((("ou_old", "", ""), "Lin"), (("ou_lin", "", ""), "Lin"), ids=("ou_old", "on_9"))
    assert known.key(("ou_old", "", "")) == known.key(("", "on_9", "")) == "feishu:ou_lin"


@pytest.mark.parametrize(
    "word", ["", "null", "None", "undefined", "0", "unknown", "a b", "a/b", "a#b", "x" * 200, None, 7]
)
def test_what_is_written_for_nobody_is_no_id(word: object) -> None:
    assert fit_person(word) == ""


@given(st.text(max_size=200))
def test_a_message_id_never_looks_like_a_passage_of_something_else(given: str) -> None:
    fit = fit_id(given)
    assert fit in ("", given)
    assert "#" not in fit
    assert " " not in fit


def test_who_the_subject_is_must_be_clear() -> None:
    lin, eve = (("ou_lin", "", ""), "林薇"), (("ou_eve", "", ""), "林薇")
    named = (("", "", ""), "林薇")
    assert code_of(lambda: people(eve)) == "SUBJECT_UNKNOWN"
    assert code_of(lambda: people(named)) == "SUBJECT_NAMES"
    assert code_of(lambda: people(lin, eve, named, names=("林薇",))) == "SUBJECT_AMBIGUOUS"
    assert people(lin, named, names=(" 林薇 ",)).key(("", "", ""), "林薇") == "feishu:ou_lin"
    assert people(lin, eve, named).key(("", "", ""), "林薇") == "feishu:name/林薇"
    assert people().key(("", "", ""), "") == ""


@given(
    st.lists(st.tuples(*[st.sampled_from(["", f"{kind}1", f"{kind}2", f"{kind}3"]) for kind in "abc"]), max_size=8)
)
def test_two_people_of_different_first_ids_are_never_one(met: list[tuple[str, str, str]]) -> None:
    known = People("feishu", "a1")
    for ids in met:
        known.meet(ids, "")
    known.meet(("a1", "", ""), "")
    known.settle()
    assert known.key(("a2", "", "")) == "feishu:a2"
    assert known.key(("a1", "", "")) == "feishu:a1"
