"""Whom to ask: who answered questions like this one, wherever it was, and nobody who merely asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from persona_store.index import Index
from persona_store.model import Passage
from persona_store.whom import whom
from tests.persona_store.passages import START, passage


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
    found = whom(everybody(*more), text, readers=options.pop("readers", None), **options)
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


DAY = 1440  # minutes


def helped(who: str, times: int, day: int) -> list[Passage]:
    """With something else."""
    return [
        said(f"{who}{n}{later}", f"note {n} on other things", each, f"{who}{n}", day * DAY + n + later)
        for n in range(times)
        for later, each in enumerate(("Asker", who))
    ]


def both_about_zanzibar(day: int) -> tuple[Passage, ...]:
    return (
        said("zq", "How do I rotate a Zanzibar token?", "Asker", "zan", day * DAY),
        said("za", "Ask the Zanzibar console.", "Early", "zan", day * DAY + 1),
        said("zb", "Or the Zanzibar command line.", "Late", "zan", day * DAY + 2),
    )


@pytest.mark.parametrize(("day", "first"), [(0, "Early"), (720, "Late")])
def test_who_helps_around_the_time_it_is_asked_comes_first(day: int, first: str) -> None:
    """Early helped more, Late lately. Without a time the question is as old as what is like it."""
    there = (*helped("Early", 6, 0), *helped("Late", 4, 720))
    asked_at = START + timedelta(days=day)
    assert asked("rotate the Zanzibar token", *there, *both_about_zanzibar(360), asked_at=asked_at)[0] == first
    assert asked("rotate the Zanzibar token", *there, *both_about_zanzibar(day))[0] == first


def test_one_very_like_it_does_not_outweigh_several_that_are_like_it() -> None:
    once = (
        said("6q", "Does the blue Zanzibar token rotate?", "Asker", "once", 10),
        said("6a", "Let me look.", "Ann", "once", 11),
    )
    often = [
        said(f"z{n}{later}", f"Zanzibar token, case {n}", who, f"z{n}", 20 + n + later)
        for n in range(3)
        for later, who in enumerate(("Asker", "Mei"))
    ]
    level = helped("Ann", 3, 0)  # they help as often as each other
    assert asked("Does the blue Zanzibar token rotate?", *once, *often, *level)[0] == "Mei"
    assert asked("Does the blue Zanzibar token rotate?", *once, *often[:2], *level)[0] == "Ann"


def test_whom_the_question_calls_by_name_comes_first_if_they_helped_with_the_like() -> None:
    there = (*both_about_zanzibar(0), *helped("Early", 6, 0))
    assert asked("rotate the Zanzibar token", *there)[0] == "Early"
    assert asked("@late: rotate the Zanzibar token", *there)[0] == "Late"
    assert asked("@Latest: rotate the Zanzibar token", *there)[0] == "Early"
    assert "Ann" not in asked("@Ann, rotate the Zanzibar token", *both_about_zanzibar(0))


def test_so_many_are_named_as_are_asked_for() -> None:
    there = both_about_zanzibar(0)
    assert len(asked("rotate the Zanzibar token", *there, limit=1)) == 1
    assert len(asked("rotate the Zanzibar token, refunds, certificates, lunch", *there, limit=9)) == 5


def test_what_is_covered_is_told_of_the_fullest_conversation() -> None:
    """Words that stand nowhere count, and a title is not what was said."""
    [mei, *_] = whom(everybody(), "who renews gateway flurbs", readers=None)
    assert (mei.name, mei.covers) == ("Mei", pytest.approx(2 / 3))
    titled = [structs.replace(each, title="flurbs", id=f"t{each.id}", thread="t") for each in TALK[2:4]]
    [mei, *_] = whom(everybody(*titled), "who renews gateway flurbs", readers=None)
    assert mei.covers == pytest.approx(2 / 3)


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
