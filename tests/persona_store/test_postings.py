"""Postings stay exact: after any additions and removals they say what a fresh index would."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from persona_store.postings import Postings

WORDS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8)


@given(st.lists(WORDS, max_size=12), st.sets(st.integers(0, 11)))
def test_removing_leaves_what_never_adding_would(runs: list[list[str]], gone: set[int]) -> None:
    both, fresh = Postings(), Postings()
    for number, words in enumerate(runs):
        both.add(number, Counter(both.number(words)))
    for number in sorted(gone & set(range(len(runs)))):
        both.remove(number, set(both.number(runs[number])))
    for number, words in enumerate(runs):
        if number not in gone:
            fresh.add(number, Counter(fresh.number(words)))
    assert snapshot(both) == snapshot(fresh)


def snapshot(postings: Postings) -> dict[str, list[tuple[int, int]]]:
    found = {}
    for word in "abcdef":
        id = postings.known(word)
        if id is not None and len(postings.runs(id)):
            assert postings.word(id) == word
            found[word] = list(zip(postings.runs(id), postings.counts(id), strict=True))
    return found
