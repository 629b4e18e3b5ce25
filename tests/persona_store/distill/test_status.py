"""Status: what stands, what is old, what contradicts and what gives way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from persona_store.distill.model import STALE_DAYS, Citation, Facet
from persona_store.distill.status import settled
from tests.persona_store.distill.talks import NOW


def facet(id: str, text: str, *days: int, **more: Any) -> Facet:
    times = [NOW - timedelta(days=ago) for ago in days or (0,)]
    fields: dict[str, Any] = {
        "id": id,
        "aspect": "standard",
        "topic": "retries",
        "text": text,
        "citations": tuple(Citation(f"{id}{n}", text, at) for n, at in enumerate(times)),
        "confidence": 0.7,
        "first": min(times),
        "last": max(times),
    }
    return Facet(**(fields | more))


def statuses(*facets: Facet) -> dict[str, str]:
    return {each.id: each.status for each in settled(facets, NOW)}


RETRY = "A failed payment is retried {} times by the gateway"


def test_said_once_said_again_and_said_long_ago() -> None:
    assert statuses(facet("a", "x y z", 1)) == {"a": "single"}
    assert statuses(facet("a", "x y z", 1, 9)) == {"a": "standing"}
    assert statuses(facet("a", "x y z", STALE_DAYS + 1, STALE_DAYS + 9)) == {"a": "stale"}


def test_several_messages_of_one_breath_are_said_once() -> None:
    same = facet("a", "x y z", 1)
    (again,) = (Citation("a9", "x y z", same.last + timedelta(minutes=2)),)
    assert statuses(facet("a", "x y z", 1, citations=(*same.citations, again))) == {"a": "single"}


def test_another_number_on_the_same_day_is_a_conflict_and_later_a_replacement() -> None:
    one, two = facet("a", RETRY.format(5), 0), facet("b", RETRY.format(3), 0)
    assert statuses(one, two) == {"a": "conflicting", "b": "conflicting"}
    old = facet("a", RETRY.format(5), 9)
    found = {each.id: each for each in settled([old, two], NOW)}
    assert (found["a"].status, found["b"].status) == ("superseded", "conflicting")
    assert (found["a"].conflicts, found["b"].conflicts) == (("b",), ("a",))


def test_the_other_sign_contradicts_too_in_both_languages() -> None:
    assert statuses(
        facet("a", "The gateway retries hard declines of a bank", 9),
        facet("b", "The gateway never retries hard declines of a bank", 0),
    ) == {"a": "superseded", "b": "conflicting"}
    assert statuses(facet("a", "网关会重试银行的硬拒绝", 0), facet("b", "网关不会重试银行的硬拒绝", 0)) == {
        "a": "conflicting",
        "b": "conflicting",
    }


def test_what_announces_a_change_of_the_number_replaces_it() -> None:
    assert (
        statuses(facet("a", "对账失败最多重试 5 次，间隔一分钟", 30), facet("b", "对账重试从 5 次改成 3 次了", 0))[
            "a"
        ]
        == "superseded"
    )


def test_a_correction_replaces_whatever_its_age() -> None:
    right = facet("b", RETRY.format(3), 20, by="correction", aspect="answer")
    assert statuses(facet("a", RETRY.format(5), 0), right) == {"a": "superseded", "b": "conflicting"}


def test_what_is_about_something_else_or_of_another_kind_does_not_contradict() -> None:
    assert set(statuses(facet("a", RETRY.format(5)), facet("b", "Lunch is at 12 in the canteen")).values()) == {
        "single"
    }
    other = facet("b", RETRY.format(3), aspect="trade_off")
    assert set(statuses(facet("a", RETRY.format(5)), other).values()) == {"single"}


def test_counts_cannot_contradict() -> None:
    one, two = (facet(id, RETRY.format(n), aspect="system") for id, n in (("a", 5), ("b", 3)))
    assert set(statuses(one, two).values()) == {"single"}
