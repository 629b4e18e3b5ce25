"""Topics: what the persona speaks of, to those who may know."""

from __future__ import annotations

from persona_store.index import Index
from persona_store.topics import salient
from tests.persona_store.passages import passage


def index(*more: object) -> Index:
    made = Index()
    made.add(
        [
            passage("a", "对账任务要看 recon:lock", thread="1"),
            passage("b", "对账任务延迟了", thread="2", minutes=5),
            passage("c", "Refunds go through Corvo", thread="3"),
            passage("d", "Corvo refunds are slow", thread="4"),
            passage("e", "the Kubernetes cluster", own=False, thread="5"),
            passage("f", "Kubernetes again", own=False, thread="6"),
            passage("g", "once upon", thread="7"),
            *more,
        ]
    )
    return made


def test_topics_are_words_the_persona_used_in_several_places() -> None:
    topics = salient(index(), None, 10)
    words = {word for topic in topics for word in topic.words}
    assert {"对账", "任务", "Corvo", "Refunds"} <= words
    assert not words & {"Kubernetes", "once"}
    recon = next(topic for topic in topics if "对账" in topic.words)
    assert (recon.passages, recon.latest.minute) == (2, 5)


def test_there_are_no_more_than_asked_for() -> None:
    assert len(salient(index(), None, 1)) == 1
    assert salient(Index(), None, 5) == []


def test_what_one_may_not_read_is_no_topic() -> None:
    few = ("slack:U7",)
    secret = [passage(f"s{n}", "Zanzibar acquisition", thread=f"s{n}", readers=few) for n in range(3)]
    assert not any("Zanzibar" in topic.words for topic in salient(index(*secret), None, 20))
    assert any("Zanzibar" in topic.words for topic in salient(index(*secret), (frozenset({"slack:U7"}),), 20))
