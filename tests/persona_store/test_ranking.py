"""Ranking: what is close to a question, and that the weights that ship put it first."""

from __future__ import annotations

import pytest

from persona_store.closeness import closeness, wanted
from persona_store.expansion import expansion
from persona_store.grams import grams, shares
from persona_store.index import Index
from persona_store.query import query
from persona_store.ranking import Candidate, candidates, weights
from persona_store.tokens import named, terms
from tests.persona_store.passages import passage


def ranked(text: str, *passages: object) -> list[Candidate]:
    index = Index()
    index.add(passages)
    view = index.view(None, None)
    return candidates(index, view, query(index, view, terms(text)), text, named(text)).candidates


def test_pieces_of_words_meet_across_spelling_and_segmentation() -> None:
    assert (
        shares("initialise", ["initialize the client", "a lunch"])[0] > 0.5 > 0.0 == shares("initialise", ["a"])[0]
    )
    assert shares("签名验证失败", ["验签名失败了", "午饭"])[0] > 0.2
    assert grams("Ａbc") == grams("abc")
    assert grams("") == frozenset()


def test_a_question_is_expanded_by_what_its_best_matches_share() -> None:
    index = Index()
    words = ["vault", "lease"]
    index.add(passage(f"k{n}", f"certificate renewal {' '.join(words)} note{n}", thread=f"k{n}") for n in range(3))
    index.add(passage(f"o{n}", f"lunch at noon number{n}", thread=f"o{n}") for n in range(20))
    view = index.view(None, None)
    asked = query(index, view, terms("certificate"))
    best = [(1.0, run) for run in index.runs.values() if "k" in run.messages[0].passage.id]
    more = {index.postings.word(id): weight for id, weight in expansion(index, view, asked.weights, best).items()}
    assert set(more) >= {"vault", "leas"}
    assert "certificat" not in more
    assert abs(sum(more.values()) - 1) < 1e-9


def test_every_weight_that_ships_is_of_a_number_there_is() -> None:
    index = Index()
    index.add([passage("a", "The gateway answers on port 8443.")])
    view = index.view(None, None)
    text = "gateway port"
    asked = query(index, view, terms(text))
    want = wanted(index, view, asked, text, named(text), {})
    [numbers] = closeness(index, view, want, [(next(iter(index.runs.values())), 1.0, 0.5, 0.1)])
    assert weights().keys() <= numbers.keys()


def test_the_thread_that_begins_with_the_same_question_comes_first() -> None:
    """What is asked again was answered below where it was asked before, not where its words are strewn about."""
    found = ranked(
        "how do I rotate the signing key",
        passage("q", "How do I rotate the signing key?", own=False, thread="t1"),
        passage("a", "Run it from the console, twice.", thread="t1", minutes=1),
        passage("x", "The signing of the contract is done, and the key to the room lies below.", thread="t2"),
        passage("y", "We rotate on call duty weekly.", thread="t3"),
    )
    assert found[0].episode[1] == "t1"
    assert found[0].fused == 1.0 > found[1].fused > 0.0


def test_words_next_to_each_other_beat_the_same_words_far_apart() -> None:
    filler = " ".join(f"word{n}" for n in range(30))
    found = ranked(
        "retry budget",
        passage("far", f"retry {filler} budget", thread="t1"),
        passage("near", f"{filler} retry budget", thread="t2"),
    )
    assert found[0].episode[1] == "t2"


def test_what_an_episode_says_in_several_runs_is_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best run alone would have put the other first."""
    monkeypatch.setattr("persona_store.ranking.CLOSELY", 1)
    parts = ("vault lease token " * 3, "quota webhook ledger " * 3, "vault lease token " * 6)
    long = [part + " ".join(f"word{n}{k}longer" for k in range(60)) for n, part in enumerate(parts)]
    found = ranked(
        "vault lease token quota webhook ledger",
        passage("a0", long[0], thread="whole"),
        passage("a1", long[1], thread="whole", minutes=1),
        passage("b", long[2], thread="half", minutes=9),
        *(passage(f"x{n}", f"lunch at noon number{n}", thread=f"x{n}") for n in range(20)),
    )
    assert [each.episode[1] for each in found] == ["whole", "half"]
    assert found[1].rough > found[0].rough
    assert found[1].placed < found[0].placed
