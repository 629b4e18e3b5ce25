"""What leaves this machine for an endpoint, and that no error, log or repr gives the key or the words away."""

from __future__ import annotations

import logging
import traceback

import pytest

from adapters.secret import Secret
from bots.llm.client import Client
from bots.llm.openai_compatible import Address, Endpoint
from bots.logs import JsonLines, told
from persona_store.completion import Prompt
from persona_store.errors import ModelError
from tests.bots.llm.rig import PROMPT, Fact, asking
from tests.platforms.model import KEY, MODEL, ModelServer


async def test_only_what_the_request_needs_is_sent(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would tell about this machine and pick up headers from its environment."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-of-somebody")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Ours: private")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    async with asking(server) as client:
        await client.complete(PROMPT, str)
        [_ async for _ in client.stream(PROMPT)]
    for call in server.calls:
        assert {name.lower() for name in call.headers} <= {
            "host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent",
            "authorization", "x-stainless-raw-response",
        }  # fmt: skip
        assert call.headers["User-Agent"] == "understudy"
        assert call.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_server_without_a_key_is_sent_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    async with ModelServer(key="") as server, asking(server) as client:
        assert (await client.complete(PROMPT, str)).value == "yes"
        assert "Authorization" not in server.calls[0].headers


async def test_a_proxy_of_the_environment_is_not_between_us_and_this_machine(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with asking(server) as client:
        assert (await client.complete(PROMPT, str)).value == "yes"


PRIVATE = "Ana's password is hunter2"
FAULTS = (
    "401", "402", "404", "429", "500", "503", "too_long", "filtered", "moved", "reset", "cut_off", "html", "odd",
    "huge", "gzip", "malformed", "wrong_schema", "length", "empty", "no_choices", "refusal", "content_filter",
    "gave_up",
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_error_tells_the_key_or_the_words(
    server: ModelServer, client: Client, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """In its text, its repr, everything it is chained to, and whatever was logged on the way."""
    caplog.set_level(logging.DEBUG)
    server.answer = lambda request: f'{{"text": "{PRIVATE}", "cites": ["m1"], "n": "{PRIVATE}"}}'
    server.faults.add(fault, times=3)
    with pytest.raises(ModelError) as caught:
        await client.complete(Prompt("Extract.", PRIVATE), Fact)
    error = caught.value
    chain: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in chain:
        chain.append(found)
        found = found.__cause__ or found.__context__
    trace = "".join(traceback.format_exception(error))
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    everything = " ".join([*map(str, chain), *map(repr, chain), *map(told, chain), repr(vars(error)), trace, lines])
    for secret in (KEY, KEY[:12], "hunter2", "sk-test"):
        assert secret not in everything
    assert "\n" not in str(error)
    assert len(str(error)) < 300


async def test_the_sdk_logs_no_words_even_when_it_is_told_to_log(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    """OPENAI_LOG=debug. Earlier versions logged whole requests: this fails if one does so again."""
    for name in ("openai", "httpx2", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with asking(server) as client:
        await client.complete(Prompt("Extract.", PRIVATE), str)
    assert "openai" in {record.name.partition(".")[0] for record in caplog.records}
    assert "hunter2" not in caplog.text
    assert KEY not in caplog.text


async def test_nothing_that_is_kept_shows_the_key(server: ModelServer, client: Client) -> None:
    endpoint = Endpoint(Address(server.base_url, Secret(KEY)), connections=1, timeout=1)
    assert KEY not in repr(endpoint)
    assert KEY not in repr(client)
    assert KEY not in repr(vars(endpoint))
    await endpoint.close()


async def test_a_model_that_is_not_there_is_named(server: ModelServer) -> None:
    async with asking(server, model="nobody") as client:
        with pytest.raises(ModelError, match="'nobody'"):
            await client.complete(PROMPT, str)
    assert MODEL != "nobody"
