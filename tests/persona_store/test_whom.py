"""Whom to ask: who answered questions like this one, wherever it was, and nobody who merely asked."""

from __future__ import annotations

from msgspec import structs

from persona_store.index import Index
from persona_store.model import Passage
from persona_store.whom import whom
from tests.persona_store.passages import passage


def said(id: str, text: str, author: str, thread: str, minutes: int, **more: object) -> Passage:
    made = passage(id, text, own=False, thread=thread, minutes=minutes)
    return structs.replace(made, author=f"slack:{author}", author_name=author, **more)


TALK = (
    said("1q", "Where are the certificates of the gateway kept?", "Asker", "certs", 0),
    said("1a", "In the vault, under gateway/cert.", "Mei", "certs", 1),
    said("2q", "The gateway certificate expired, who renews it?", "Other", "renew", 2),
    said("2a", "I renew the certificates every March.", "Mei", "renew", 3),
    said("3q", "Why is the refund queue growing?", "Asker", "queue", 4),
    said("3a", "The consumer of refunds was paused.", "Tom", "queue", 5),
    said("4q", "Is the refund consumer slow today?", "Other", "slow", 6),
    said("4a", "Yes, refunds are slow since noon.", "Tom", "slow", 7),
    said("5q", "Lunch?", "Asker", "lunch", 8),
    said("5a", "Noon, as always.", "Ann", "lunch", 9),
)


def everybody(*more: Passage) -> Index:
    index = Index(everybody=True)
    index.add((*TALK, *more))
    return index


def asked(text: str, *more: Passage, **options: object) -> list[str]:
    found = whom(everybody(*more), text, readers=options.pop("readers", None), **options)  # type: ignore[arg-type]
    return [each.name for each in found]


def test_who_answered_the_like_is_named_first_and_who_asked_is_not() -> None:
    assert asked("When do gateway certificates expire?")[0] == "Mei"
    assert asked("refunds are stuck in the queue")[0] == "Tom"
    assert "Asker" not in asked("Where are the certificates of the gateway kept?")


def test_what_speaks_for_somebody_is_told_by_its_ids() -> None:
    [best, *_] = whom(everybody(), "renew a gateway certificate", readers=None)
    assert set(best.ids) == {"1a", "2a"}
    assert 0.5 < best.share <= 1.0


def test_habit_decides_between_those_who_helped_alike() -> None:
    busy = [said(f"b{n}", f"note {n} on something else", "Tom", f"b{n}", 20 + n) for n in range(6)]
    both = (
        said("6q", "How do I rotate a Zanzibar token?", "Other", "zan", 10),
        said("6a", "Ask the Zanzibar console.", "Ann", "zan", 11),
        said("6b", "Or the Zanzibar command line.", "Tom", "zan", 12),
    )
    assert asked("rotate the Zanzibar token", *both, *busy)[:2] == ["Tom", "Ann"]


def test_nobody_is_named_for_what_nobody_wrote_about() -> None:
    assert asked("quantum chromodynamics") == []
    assert asked("") == []
    assert whom(Index(everybody=True), "certificates", readers=None) == []


def test_who_is_left_out_is_not_named() -> None:
    assert "Mei" not in asked("When do gateway certificates expire?", without=["slack:Mei"])


def test_what_the_readers_may_not_read_names_nobody() -> None:
    """A private room tells neither who spoke there nor how often (rights.md T06, T09)."""
    private = [
        said(f"p{n}", "The Zanzibar merger is set for May.", "Spy", f"p{n}", 30 + n, readers=("slack:U9",))
        for n in range(4)
    ]
    assert "Spy" not in asked("When is the Zanzibar merger?", *private)
    assert asked("When is the Zanzibar merger?", *private, readers=(frozenset({"slack:U9"}),))[0] == "Spy"


def test_what_is_removed_speaks_for_nobody_any_more() -> None:
    index = everybody()
    assert whom(index, "renew a gateway certificate", readers=None)[0].name == "Mei"
    index.remove(["1a", "2a"])
    assert "Mei" not in [each.name for each in whom(index, "renew a gateway certificate", readers=None)]
