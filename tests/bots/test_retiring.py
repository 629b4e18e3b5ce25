"""Retiring, step by step: silence is one commit, erasure can be cut off and begun again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.retiring import ERASE, Erasing
from persona_store.errors import Conflict
from persona_store.model import Persona
from tests.bots.services import idle
from tests.scenarios.world import START, World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


async def state(w: World) -> str:
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    return persona.state


async def silence(w: World, persona: Persona) -> None:
    batch = await w.app.retiring.begin(persona, w.admin, "retire", None, "en")
    await w.app.services.store.commit(batch)


async def test_silence_is_one_commit_and_needs_no_worker(w: World) -> None:
    """L05: nothing has to run for the persona to fall silent."""
    await silence(w, await w.persona())
    assert await state(w) == "erasing"


async def test_two_admins_at_once_retire_once(w: World) -> None:
    persona, retiring, store = await w.persona(), w.app.retiring, w.app.services.store
    one = await retiring.begin(persona, w.admin, "retire", None, "en")
    other = await retiring.begin(persona, w.subject, "withdraw", None, "en")
    await store.commit(one)
    with pytest.raises(Conflict):
        await store.commit(other)


async def test_erasing_again_after_it_was_cut_off_ends_the_same(w: World) -> None:
    """The job is claimed, the key is shredded, the process dies; the next claim finishes."""
    await silence(w, await w.persona())
    services = w.app.services
    claim = await services.store.claim((ERASE,), lease=1)
    assert claim is not None
    services.vault.shred("lin")
    w.clock.advance(2)
    again = await services.store.claim((ERASE,), lease=60)
    assert again is not None
    await w.app.retiring.erase(again)
    assert await state(w) == "erased"
    first = await w.app.retiring.erase_now("lin", "retire", START)
    second = await w.app.retiring.erase_now("lin", "retire", START)
    assert first.cert_id == second.cert_id


async def test_what_the_job_must_know_is_sealed(w: World) -> None:
    await silence(w, await w.persona())
    claim = await w.app.services.store.claim((ERASE,), lease=1)
    assert claim is not None
    assert b"U0ADM" not in claim.job.body
    job = w.app.services.unseal(claim.job.body, ERASE, Erasing)
    assert (job.persona, job.trigger, job.by) == ("lin", "retire", w.admin)
