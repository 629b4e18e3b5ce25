"""All of what a persona holds, looked through under a rule: counts, copies, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_store.evidence import EvidenceFile
from persona_store.withheld.levels import Rule
from persona_store.withheld.sweep import sweep
from tests.persona_store.passages import passage

PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
QUEUE = "Refunds go to the refund-slow queue."
RULE = Rule({"pitfall": "medium"})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[EvidenceFile]:
    opened = EvidenceFile.open(tmp_path / "lin.db", bytes(32))
    yield opened
    opened.close()


async def test_it_tells_what_would_go_and_changes_nothing(file: EvidenceFile) -> None:
    there = [passage("a", f"{QUEUE} {PITFALL}"), passage("b", PITFALL, minutes=5), passage("c", QUEUE, minutes=9)]
    await file.add(there)
    plan = await sweep(file, RULE)
    assert {each.passage.id: each.cut.passage is None for each in plan.changes} == {"a": False, "b": True}
    assert (plan.counts, plan.whole, plan.own) == ({"pitfall": 2}, 1, 3)
    assert await file.all() == there


async def test_a_copy_that_was_seen_before_the_original_goes_as_well(file: EvidenceFile) -> None:
    """The colleague's quotation stands in an earlier thread than what it quotes."""
    await file.add([passage("q", f"> {PITFALL}\nis that still so for Lisbon refunds?", own=False)])
    await file.add([passage("a", PITFALL, minutes=90)])
    plan = await sweep(file, RULE)
    assert {each.passage.id for each in plan.changes} == {"a", "q"}
    assert all(PITFALL not in (each.cut.passage.text if each.cut.passage else "") for each in plan.changes)


async def test_words_of_others_leave_no_hint(file: EvidenceFile) -> None:
    await file.add(
        [passage("q", f"> {PITFALL}\nis that so for Lisbon?", own=False), passage("a", PITFALL, minutes=9)]
    )
    plan = await sweep(file, RULE)
    assert [note.hint is not None for note in plan.notes] == [True, False]


async def test_one_thing_alone_is_pointed_at(file: EvidenceFile) -> None:
    await file.add([passage("a", QUEUE), passage("b", QUEUE.replace("slow", "fast"), minutes=9)])
    plan = await sweep(file, Rule(), item=lambda each: each.id == "b")
    assert [each.passage.id for each in plan.changes] == ["b"]


async def test_progress_ends_where_it_said_it_would(file: EvidenceFile) -> None:
    await file.add([passage(f"p{n}", f"{QUEUE} Number {n}.", minutes=n) for n in range(1200)])
    seen: list[tuple[int, int]] = []
    await sweep(file, RULE, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (2400, 2400)
    assert len(seen) > 2
