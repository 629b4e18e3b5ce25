"""Episodes and runs: what is read together is found together, and nobody's words reach whom they were not for."""

from __future__ import annotations

from array import array

from persona_store.episodes import Message, episode_of, stretches
from persona_store.model import Passage
from tests.persona_store.passages import correction, passage


def message(each: Passage) -> Message:
    return Message(each, array("I"), 0)


def runs(*passages: Passage) -> list[list[str]]:
    return [[m.passage.id for m in run] for run in stretches(message(p) for p in passages)]


def test_a_short_thread_is_one_run() -> None:
    assert runs(passage("a", "question"), passage("b", "answer")) == [["a", "b"]]


def test_a_long_thread_is_cut_into_runs_that_share_a_message() -> None:
    """A question at the end of one run begins the next, where its answer is."""
    assert runs(*(passage(str(n), "x" * 300) for n in range(6))) == [["0", "1", "2"], ["2", "3", "4"], ["4", "5"]]


def test_a_very_long_message_stands_alone() -> None:
    assert runs(passage("a", "x" * 2000), passage("b", "y" * 2000)) == [["a"], ["b"]]


def test_a_run_never_mixes_readers() -> None:
    few = ("slack:U1",)
    assert runs(passage("a", "public"), passage("b", "secret", readers=few), passage("c", "more", readers=few)) == [
        ["a"],
        ["b", "c"],
    ]


def test_messages_of_a_thread_are_one_episode_and_pieces_of_a_document_are_many() -> None:
    assert episode_of(passage("a", "", thread="t")) == episode_of(passage("b", "", thread="t"))
    assert episode_of(passage("d#1", "", thread="d", source="doc")) != episode_of(
        passage("d#2", "", thread="d", source="doc")
    )
    assert episode_of(correction("c1", "q", "", thread="t")) != episode_of(correction("c2", "q", "", thread="t"))
    assert episode_of(passage("a", "", thread="t")) != episode_of(passage("a", "", thread="t", container="C2"))
