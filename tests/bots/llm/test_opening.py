"""The model that the settings name is opened, or one line says what is missing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from adapters.secret import Secret
from bots.llm.opening import limits, open_model, prices
from bots.llm.probe import examine, probe
from bots.llm.scripted import ScriptedModel
from bots.options import Llm
from persona_store.backends import open_store
from persona_store.completion import Usage
from persona_store.errors import Refused
from persona_store.protocols import Store
from tests.bots.llm.rig import PROMPT, Hurried
from tests.platforms.model import KEY, MODEL, ModelServer

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite:///{tmp_path / 'understudy.db'}", clock=Hurried())
    yield store
    await store.close()


def settings(server: ModelServer) -> Llm:
    return Llm(base_url=server.base_url, api_key=Secret(KEY), model=MODEL, price_in=0.28, price_out=0.42)


async def test_what_is_set_is_what_is_asked(server: ModelServer, store: Store) -> None:
    async with open_model(settings(server), store, Hurried()) as model:
        assert (await model.complete(PROMPT, str)).value == "yes"
        assert (model.name, model.recipient) == (MODEL, "localhost")
        assert model.prices.words(Usage(1_000_000, 0)) == "0.28 USD"
    assert [raw async for _, raw in store.scan("model/day/")] == [b"12"]


def test_limits_and_prices_are_the_settings() -> None:
    llm = Llm(max_tokens_per_call=1, max_tokens_per_run=2, max_tokens_per_day=3, price_in=0.1, currency=" CNY ")
    assert structs.astuple(limits(llm)) == (1, 2, 3)
    assert (prices(llm).input, prices(llm).currency) == (Decimal("0.1"), "CNY")


@pytest.mark.parametrize(("llm", "line"), [
    (Llm(), "llm.base_url is not set"),
    (Llm(base_url="https://api.example/v1"), "llm.model is not set"),
    (Llm(base_url="http://api.example/v1", model="m"), "in clear"),
])  # fmt: skip
async def test_what_is_missing_is_one_line(store: Store, llm: Llm, line: str) -> None:
    with pytest.raises(Refused, match=line):
        async with open_model(llm, store, Hurried()):
            pass


async def test_without_the_extra_it_is_said_how_to_install_it(
    server: ModelServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bots.llm.openai_compatible", raising=False)
    monkeypatch.setitem(sys.modules, "openai", None)  # as if it were not installed
    with pytest.raises(Refused, match=r"error\[MODEL_EXTRA\].* openai · pip install 'understudy\[model\]'"):
        async with open_model(settings(server), store, Hurried()):
            pass
    [finding] = await examine(settings(server), store, Hurried())
    assert (finding.ok, finding.fix) == (False, "pip install 'understudy[model]'")


def test_the_sdk_is_not_imported_before_a_model_is_asked() -> None:
    """It takes most of a second, and the command line must not."""
    code = (
        "import sys, bots.cli, bots.app, bots.llm.opening; print('openai' in sys.modules, 'httpx2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


# ------------------------------------------------------------------ the doctor's line


async def test_without_a_model_there_is_nothing_to_say(store: Store) -> None:
    assert await examine(Llm(), store, Hurried()) == []


@pytest.mark.parametrize(("fault", "ok", "line", "fix"), [
    ("", True, "model tiny-chat answers at localhost", ""),
    ("endless_thinking", True, "answers at localhost", ""),
    ("401", False, "refuses the key", "UNDERSTUDY_LLM_API_KEY"),
    ("404", False, "has no model 'tiny-chat'", "llm.model"),
    ("402", False, "wants to be paid", "docs/models.md"),
])  # fmt: skip
async def test_one_line_says_how_it_is(
    server: ModelServer, store: Store, fault: str, ok: bool, line: str, fix: str
) -> None:
    if fault:
        server.faults.add(fault)
    [finding] = await examine(settings(server), store, Hurried())
    assert finding.ok is ok
    assert line in finding.what
    assert fix in finding.fix
    assert len(server.requests) == 1
    assert server.requests[0]["max_tokens"] <= 16


async def test_a_machine_that_is_not_there_is_unreachable(store: Store) -> None:
    [finding] = await examine(Llm(base_url="http://127.0.0.1:9/v1", model="m"), store, Hurried())
    assert (finding.ok, "cannot be reached" in finding.what) == (False, True)


async def test_any_model_can_be_asked_whether_it_is_there() -> None:
    assert (await probe(ScriptedModel("yes"))).ok
