"""§2C: a fault at each of N steps, and a process killed at some; then a run: the same end, and no canary."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bots.app import open_app
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.clock import ManualClock
from tests.erasure.canaries import made
from tests.erasure.dying import Crash, Platform, dying, settings_for, withdrawn
from tests.erasure.planting import Words
from tests.erasure.stage import Places, planted
from tests.scenarios.world import START, folder


@pytest.fixture(scope="module")
def template() -> Any:
    """The moment before the withdrawal, to be copied."""
    with folder() as root:
        places, word = Places(root), Words(made(50))

        async def make() -> None:
            async with planted(places, word):
                pass

        asyncio.run(make())
        yield places.data, list(word.used)


def copied(template: tuple[Path, list[str]], to: Path) -> Path:
    shutil.copytree(template[0], to)
    return to


async def ended(data: Path, platform: Platform, words: list[str]) -> dict[str, object]:
    """Run again, as the next start does, and tell what there is then."""
    async with open_app(settings_for(data), adapters={"chat": platform}, clock=ManualClock(START)) as app:
        await withdrawn(app)
        services = app.services
        persona = await services.personas.get("lin")
        signed = await app.retiring._retirement.certificate("lin")
        assert persona is not None
        assert signed is not None
        public = jws.public_bytes(services.vault.signing_key(CHECKPOINTS))
        report = await audit.verify(services.store, public)
        certificate = msgspec.to_builtins(signed.certificate)
        kept = sorted([key.split("/")[0] async for key, _ in services.store.scan("")])
    _nothing_left(data, words)
    posted = next(item for item in certificate["inventory"] if item["store"] == "posted messages")
    return {
        "state": persona.state,
        "verifies": report.ok,
        "entries": report.size,
        "kept": kept,
        "residuals": certificate["residuals"],
        "inventory": [item for item in certificate["inventory"] if item is not posted],
        "posted": posted["items"],  # one that was deleted twice is told as gone
        "deleted": len(platform.deleted),
    }


def _nothing_left(data: Path, words: list[str]) -> None:
    for path in data.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not [word for word in words if word.encode() in content], path
    assert not list(data.glob("evidence/lin*"))
    assert not list(data.glob("keys/lin*"))


def crash() -> None:
    raise Crash


@pytest.mark.parametrize("when", ["after"])  # "before" the next one is the same moment
async def test_l12_a_fault_at_any_step_ends_the_same_when_it_is_run_again(
    template: tuple[Path, list[str]], tmp_path: Path, when: str
) -> None:
    """L12, §2C."""
    ends, at = [], 0
    whole = False
    while not whole:
        at += 1
        data, platform = copied(template, tmp_path / str(at)), Platform()
        try:
            whole = await dying(data, at, when, platform, crash)
        except Crash:
            whole = False
        ends.append(await ended(data, platform, template[1]))
        shutil.rmtree(data)
    assert at > 15
    assert all(end == ends[-1] for end in ends), [end for end in ends if end != ends[-1]][:1]
    assert (ends[-1]["state"], ends[-1]["verifies"]) == ("erased", True)


async def python(*arguments: str) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.erasure.dying", *arguments)
    return await process.wait()


@pytest.mark.parametrize("at", [2, 9])
async def test_l12_killed_in_the_middle_it_ends_the_same(
    template: tuple[Path, list[str]], tmp_path: Path, at: int
) -> None:
    """L12: kill −9 mid-erase → resumes, ends in erased."""
    data = copied(template, tmp_path / "killed")
    assert await python(str(data), str(at), "after") == -9
    end = await ended(data, Platform(), template[1])
    assert (end["state"], end["verifies"]) == ("erased", True)
