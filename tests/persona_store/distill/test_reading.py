"""Episodes one after the other: whole, in order, each passage once, however they lie in the file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from persona_store.distill import reading
from persona_store.distill.reading import episodes
from persona_store.evidence import EvidenceFile
from tests.persona_store.passages import passage


async def told(file: EvidenceFile) -> list[list[str]]:
    return [[passage.id for passage in episode] async for episode in episodes(file)]


@pytest.mark.parametrize("together", [1, 7, 2000])
async def test_every_passage_is_told_once_and_every_episode_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(reading, "TOGETHER", together)
    file = EvidenceFile.open(tmp_path / "lin.db", b"k" * 32)
    chat = [passage(f"m{n}", "x", thread=f"t{n % 9}", minutes=n) for n in range(60)]
    pieces = [passage(f"doc#{n}", "x", source="doc") for n in range(5)]
    shuffled = [*chat, *pieces]
    random.Random(7).shuffle(shuffled)
    await file.add(shuffled)
    found = await told(file)
    file.close()
    expected = [[p.id for p in chat if p.thread == f"t{n}"] for n in range(9)] + [[p.id] for p in pieces]
    assert sorted(found) == sorted(expected)


async def test_a_very_long_episode_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 4)
    file = EvidenceFile.open(tmp_path / "lin.db", b"k" * 32)
    await file.add([passage(f"m{n}", "x", thread="t", minutes=n) for n in range(10)])
    assert [len(part) for part in await told(file)] == [4, 4, 2]
    file.close()


async def test_no_material_no_episodes(tmp_path: Path) -> None:
    file = EvidenceFile.open(tmp_path / "lin.db", b"k" * 32)
    assert await told(file) == []
    file.close()
