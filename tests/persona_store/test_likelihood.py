"""How likely a question is in an episode: its words there, their repeats, the length; only of what may be seen."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from persona_store.episodes import episode_of
from persona_store.index import Index, counted
from persona_store.likelihood import likelihood
from persona_store.model import Passage, Readers
from persona_store.query import query
from persona_store.tokens import terms
from tests.persona_store.passages import passage

AROUND = [passage(f"x{n}", f"lunch at noon number{n}", thread=f"x{n}") for n in range(30)]
LONG = "invoice ledger settlement payout charge refund gateway retry timeout webhook consumer queue deploy " * 5


def likely(text: str, *passages: Passage, readers: Readers = None) -> list[float]:
    """Of the question in the episode of each passage."""
    index = Index()
    index.add([*AROUND, *passages])
    view = index.view(readers, None)
    asked = query(index, view, terms(text))
    said = [index.said(episode_of(each), view, asked.weights) for each in passages]
    return [likelihood(asked, view, counts, length) for counts, length in said]


def test_it_is_likelier_where_its_words_stand_and_less_likely_where_they_do_not() -> None:
    both, one, none = likely(
        "certificate renewal", passage("b", "certificate renewal"), passage("o", "certificate"), passage("n", "tea")
    )
    assert both > one > 0 > none


def test_what_a_question_repeats_counts_more() -> None:
    text = "certificate expired, which certificate, the certificate of the vault"
    often, once = likely(text, passage("c", "certificate"), passage("v", "vault"))
    assert often > once


def test_a_long_episode_pays_for_its_length() -> None:
    short, long = likely("certificate renewal", passage("s", "certificate"), passage("l", f"certificate {LONG}"))
    assert short > long


def test_what_a_reader_may_not_see_makes_nothing_likelier() -> None:
    """Neither its words nor how common they are (rights.md T06)."""
    secret = [passage(f"s{n}", "vault certificate", thread="t", readers=("slack:U9",)) for n in range(9)]
    said = passage("c", "certificate", thread="t", minutes=-1)
    seen_by_all = likely("vault certificate", said, readers=(frozenset({"slack:U1"}),))
    assert likely("vault certificate", said, *secret, readers=(frozenset({"slack:U1"}),))[:1] == seen_by_all
    assert likely("vault certificate", said, *secret, readers=(frozenset({"slack:U9"}),))[0] > seen_by_all[0]


WORDS = st.lists(st.sampled_from(("vault", "lease", "token", "quota")), min_size=1, max_size=60).map(" ".join)
READERS = st.sampled_from((None, ("slack:U1",), ("slack:U1", "slack:U2")))
SAID = st.lists(st.tuples(WORDS, READERS, st.sampled_from("ab")), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(WORDS, READERS, st.sampled_from("ab")), min_size=1, max_size=12), st.sets(st.integers(0, 11))
)
def test_an_episode_says_what_stands_in_its_runs_that_may_be_seen(
    said: list[tuple[str, tuple[str, ...] | None, str]], gone: set[int]
) -> None:
    index = Index()
    index.add(
        passage(f"m{n}", text * 4, thread=thread, readers=readers, minutes=n)
        for n, (text, readers, thread) in enumerate(said)
    )
    index.remove(f"m{n}" for n in gone)
    for readers in (None, (frozenset({"slack:U1"}),), (frozenset({"slack:U3"}),)):
        view = index.view(readers, None)
        for episode in list(index.episodes()):
            runs = list(index.episode(episode, view))
            whole = sum((counted(run.messages) for run in runs), Counter[int]())
            ids = set(index.postings.number(["vault", "lease", "token", "quota"]))
            counts, length = index.said(episode, view, ids)
            assert +Counter(counts) == Counter({id: n for id, n in whole.items() if id in ids})
            assert length == whole.total()
