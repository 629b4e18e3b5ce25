"""`understudy doctor --online` with a language model: one line says how it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.bots.cli.shell import Said, Shell
from tests.platforms.model import KEY, MODEL, ModelServer


@pytest.fixture
async def server(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        monkeypatch.setenv("UNDERSTUDY_LLM_BASE_URL", server.base_url)
        monkeypatch.setenv("UNDERSTUDY_LLM_API_KEY", KEY)
        monkeypatch.setenv("UNDERSTUDY_LLM_MODEL", MODEL)
        yield server


async def doctor(sh: Shell, *words: str) -> Said:
    """Beside the server, which answers on this loop."""
    return await asyncio.to_thread(sh, "doctor", *words)


async def test_a_model_that_answers_is_in_the_list(sh: Shell, server: ModelServer) -> None:
    said = await doctor(sh, "--online")
    assert f"✓ model {MODEL} answers at localhost" in said.out
    assert (said.status, len(server.requests)) == (0, 1)


async def test_a_wrong_key_is_named_and_not_shown(
    sh: Shell, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_LLM_API_KEY", "sk-quite-wrong-1234")
    said = await doctor(sh, "--online")
    assert said.status == 1
    assert "refuses the key (401) · set UNDERSTUDY_LLM_API_KEY anew" in said.out
    assert "quite-wrong" not in said.out + said.err


async def test_offline_nothing_is_sent(sh: Shell, server: ModelServer) -> None:
    said = await doctor(sh)
    assert (said.status, server.calls) == (0, [])
    assert "model" not in said.out
