"""The fusion: what meaning adds to words, for whom it is known, and what it says about the best."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import Struct

from persona_store.episodes import Run
from persona_store.index import Index, View
from persona_store.meant import ROUGH, WORTH, likenesses, meant, rough, worth
from persona_store.model import Passage
from persona_store.search import find
from tests.persona_store.passages import passage

NAMES = ("whole", "one", "own")


class Known:
    """Says of each run what it was told, by the id of its first message."""

    measured = True

    def __init__(self, numbers: dict[str, float]) -> None:
        self._numbers = numbers

    def of(self, run: Run) -> dict[str, float]:
        number = self._numbers.get(run.messages[0].passage.id) if run.messages else None
        return {} if number is None else dict.fromkeys(NAMES, number)

    def one(self, passage: Passage) -> float:
        return self._numbers.get(passage.id, 0.0)

    def runs(self, view: View) -> list[int]:
        return self._runs

    def over(self, index: Index) -> Known:
        self._runs = [run.number for run in index.runs.values() if run.messages[0].passage.id in self._numbers]
        return self


class Candidate(Struct):
    run: Run
    near: dict[str, float] = {}


def candidates(*ids: str) -> list[Candidate]:
    return [
        Candidate(Run(n, ("", id), (), 1, 1.0, datetime(2026, 1, 1, tzinfo=UTC), None)) for n, id in enumerate(ids)
    ]


def ranked(index: Index, text: str, numbers: dict[str, float]) -> tuple[str, ...]:
    near = Known(numbers).over(index)
    return find(index, text, readers=None, nearness=lambda view: near).ranked_ids


def shelf() -> Index:
    index = Index()
    index.add(
        [
            passage("words", "the payment retry job runs every quarter of an hour"),
            passage("means", "Zahlungen werden alle 15 Minuten wiederholt"),
            passage("neither", "lunch is in the kitchen"),
        ]
    )
    return index


def test_what_shares_no_word_is_found_by_its_meaning() -> None:
    index = shelf()
    assert find(index, "payment retry", readers=None).ranked_ids == ("words",)
    assert ranked(index, "payment retry", {"words": 0.0, "means": 9.0, "neither": -1.0})[0] == "means"
    assert ranked(index, "payment retry", {"words": 2.0, "means": 2.0, "neither": -1.0})[0] == "words"


def test_a_question_none_of_whose_words_is_known_still_finds() -> None:
    index = shelf()
    assert find(index, "quanta costa", readers=None).ranked_ids == ()
    assert ranked(index, "quanta costa", {"means": 4.0, "neither": 1.0})[:1] == ("means",)


def test_of_who_has_no_vector_the_usual_is_assumed() -> None:
    """Neither pushed down because nothing is known of it, nor up."""
    index = shelf()
    found = ranked(index, "payment retry", {"means": 1.0, "neither": 1.0})
    assert found[0] == "words"


def test_without_vectors_nothing_is_different() -> None:
    index = shelf()
    plain = find(index, "payment retry", readers=None)
    assert find(index, "payment retry", readers=None, nearness=None) == plain
    assert not any(name.startswith("meaning") for name in plain.signals)


def test_words_keep_their_own_number() -> None:
    """The calibrator of words must not be told that meaning was a word."""
    index = shelf()
    near = Known({"words": 9.0, "means": 0.0, "neither": 0.0}).over(index)
    plain, with_it = (
        find(index, "payment retry", readers=None, nearness=how).signals for how in (None, lambda view: near)
    )
    for name in ("bm25", "covered", "cosine", "chance"):
        assert with_it[name] == pytest.approx(plain[name], rel=0.2)


def test_the_signals_tell_how_far_the_best_stands_out() -> None:
    found = candidates("a", "b", "c")
    for each, number in zip(found, (3.0, 1.0, 2.0), strict=True):
        each.near = dict.fromkeys(NAMES, number)
    told = likenesses(found, Known({}))
    assert told["meaning"] == 3.0
    assert told["meaning_gap"] == 1.0
    assert told["meaning_rank"] == 1.0
    found[0].near = dict.fromkeys(NAMES, 0.0)
    told = likenesses(found, Known({}))
    assert told["meaning_gap"] == -2.0
    assert told["meaning_rank"] == pytest.approx(1 / 3)
    assert told["meaning_three"] == 2.0
    assert likenesses(candidates("a"), Known({})) == {} == likenesses([], Known({})) == likenesses(found, None)


def test_the_weights_are_those_of_the_numbers() -> None:
    assert set(WORTH) <= set(NAMES)
    assert worth({"whole": 1.0, "one": 2.0}) == pytest.approx(WORTH["whole"] + 2 * WORTH["one"])
    assert worth({}) == 0.0
    assert rough({"whole": 2.0}) == 2 * ROUGH
    assert rough({"whole": -2.0}) == 0.0


def test_nobody_is_known() -> None:
    found = candidates("a", "b")
    meant(found, Known({}))
    assert [each.near for each in found] == [{}, {}]


# ------------------------------------------------------------------ two languages

ABROAD = "支付重试任务每隔十五分钟运行一次，失败三次以后放弃。"
ASKED = "How often does the payment retry job run, and when does it give up?"


def two(own: str, *, replied: bool = False) -> Index:
    """A document in the other language, which `replied` makes a talk, and something in the question's own."""
    index = Index()
    index.add([passage("zh", ABROAD, thread="zh", author="lin")])
    if replied:
        index.add([passage("zh2", "好的，谢谢。", thread="zh", author="mei", minutes=1)])
    index.add([passage("en", own, thread="en", author="lin", minutes=9)])
    return index


def test_across_languages_meaning_decides_where_words_hardly_speak_of_it() -> None:
    index = two("The payment cards of the team lie in the drawer.")
    assert ranked(index, ASKED, {"zh": 1.5, "en": 1.0})[0] == "zh"
    assert ranked(index, ASKED, {"zh": 1.0, "en": 1.5})[0] == "en"


def test_what_speaks_of_most_of_the_question_stays_before_another_language() -> None:
    index = two("How often the payment retry job runs and when it gives up stands in the runbook.")
    assert ranked(index, ASKED, {"zh": 1.5, "en": 1.0})[0] == "en"


def test_talk_in_another_language_is_not_lifted() -> None:
    index = two("The payment cards of the team lie in the drawer.", replied=True)
    assert ranked(index, ASKED, {"zh": 1.5, "zh2": 1.5, "en": 1.0})[0] == "en"
