"""Nearness by meaning: deviations that mean the same for every model, of what the reader may see only."""

from __future__ import annotations

import numpy
import pytest

from persona_store.index import Index
from persona_store.model import Passage, Readers
from persona_store.nearness import NEAREST, Ground, Nearness, background, group_of
from persona_store.vectors import pack
from tests.persona_store.passages import passage
from tests.platforms.embeddings import vector_of

PASSAGES = (
    passage("en", "the payment retry job runs every 15 minutes"),
    passage("zh", "对账任务三点跑"),
    passage("other", "lunch is in the kitchen"),
    passage("secret", "payment retry of the bank", readers=("slack:U1",)),
)
ALL = (frozenset({"slack:U1"}),)


def ground(passages: tuple[Passage, ...], *, scale: float = 1.0, shift: float = 0.0) -> tuple[Index, Ground]:
    """`scale` and `shift` make another model of it, whose cosines lie elsewhere."""

    def made(text: str) -> list[float]:
        return [*(scale * number for number in vector_of(text)), shift]

    index, found = Index(), Ground([made(text) for text in background()])
    index.add(passages)
    for each in passages:
        found.put(each, pack(made(each.text)))
    return index, found


def asked(text: str, *, scale: float = 1.0, shift: float = 0.0) -> list[float]:
    return [*(scale * number for number in vector_of(text)), shift]


def nearness(index: Index, found: Ground, text: str, readers: Readers = ALL, **model: float) -> Nearness:
    return found.nearness(index, index.view(readers, None), asked(text, **model))


def test_what_means_the_same_is_nearest_in_either_language() -> None:
    index, found = ground(PASSAGES)
    near = nearness(index, found, "reconciliation job")
    assert near.one(PASSAGES[1]) > max(near.one(PASSAGES[0]), near.one(PASSAGES[2]))
    near = nearness(index, found, "支付多久重试")
    assert near.one(PASSAGES[0]) > max(near.one(PASSAGES[1]), near.one(PASSAGES[2]))


def test_a_model_whose_cosines_lie_elsewhere_means_the_same() -> None:
    """All of them between 0.8 and 1, as with models that were trained so."""
    index, found = ground(PASSAGES)
    narrow, squeezed = ground(PASSAGES, scale=0.5, shift=0.87)
    plain = nearness(index, found, "payment retry")
    other = nearness(narrow, squeezed, "payment retry", scale=0.5, shift=0.87)
    for each in PASSAGES:
        assert other.one(each) == pytest.approx(plain.one(each), abs=0.15)


def test_a_persona_of_one_passage_is_held_against_the_background() -> None:
    index, found = ground(PASSAGES[:1])
    assert nearness(index, found, "how often does the payment retry").one(PASSAGES[0]) > 2
    assert nearness(index, found, "holiday in the museum").one(PASSAGES[0]) < 1


def test_what_a_reader_may_not_see_changes_nothing_for_them() -> None:
    """Neither among the candidates nor in mean and deviation (rights.md T06)."""
    index, found = ground(PASSAGES)
    without, smaller = ground(PASSAGES[:3])
    near, same = nearness(index, found, "payment retry", None), nearness(without, smaller, "payment retry", None)
    assert [near.one(each) for each in PASSAGES[:3]] == pytest.approx([same.one(each) for each in PASSAGES[:3]])
    view = index.view(None, None)
    ids = {m.passage.id for number in near.runs(view) for m in index.runs[number].messages}
    assert "en" in ids
    assert "secret" not in ids
    everybody = index.view(ALL, None)
    seen = found.nearness(index, everybody, asked("payment retry")).runs(everybody)
    assert "secret" in {m.passage.id for number in seen for m in index.runs[number].messages}


def test_what_a_reader_may_not_see_takes_nobodys_place() -> None:
    """However near it is, and however much of it there is."""
    secrets = tuple(passage(f"s{n}", "payment retry", readers=("slack:U1",)) for n in range(2 * NEAREST))
    index, found = ground((*PASSAGES[:3], *secrets))
    view = index.view(None, None)
    near = found.nearness(index, view, asked("payment retry"))
    assert "en" in {m.passage.id for number in near.runs(view) for m in index.runs[number].messages}


def test_who_may_see_is_asked_anew_after_every_change() -> None:
    index, found = ground(PASSAGES)
    nearness(index, found, "payment", None)
    late = passage("late", "a late payment retry")
    index.add([late])
    found.put(late, pack(asked(late.text)))
    view = index.view(None, None)
    near = found.nearness(index, view, asked("payment retry"))
    assert "late" in {m.passage.id for number in near.runs(view) for m in index.runs[number].messages}


def test_a_run_is_as_near_as_its_messages_together() -> None:
    thread = (
        passage("q", "how often is the payment retried", own=False, thread="t"),
        passage("a", "lunch is in the kitchen", thread="t", minutes=1),
    )
    index, found = ground(thread)
    (run,) = index.runs.values()
    of = nearness(index, found, "payment retry").of(run)
    assert of["one"] == pytest.approx(nearness(index, found, "payment retry").one(thread[0]))
    assert of["own"] == pytest.approx(nearness(index, found, "payment retry").one(thread[1]))
    assert of["own"] < of["whole"] < of["one"] + 1


def test_of_what_has_no_vector_nothing_is_said() -> None:
    index, found = ground(PASSAGES)
    found.drop(["en"])
    near = nearness(index, found, "payment")
    (run,) = (run for run in index.runs.values() if run.messages[0].passage.id == "en")
    assert near.of(run) == {}
    assert near.one(PASSAGES[0]) == 0.0


def test_a_question_of_another_length_is_refused() -> None:
    index, found = ground(PASSAGES)
    with pytest.raises(ValueError, match="another length"):
        found.nearness(index, index.view(None, None), numpy.ones(7))


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("kubectl apply", 0),
        ("部署用 kubectl apply -f deployment.yaml", 1),
        ("15", 0),
        ("", 0),
        ("the 任 of it all", 0),
    ],
)
def test_the_language_of_a_passage(text: str, group: int) -> None:
    assert group_of(text) == group


def test_the_background_stands_in_both_languages() -> None:
    groups = [group_of(text) for text in background()]
    assert min(groups.count(0), groups.count(1)) >= 30
    assert len(set(background())) == len(groups)
