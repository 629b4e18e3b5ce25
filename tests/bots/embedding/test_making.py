"""Vectors of a persona, from the consent to the answer: what is handed to whom, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.secret import Secret
from bots.agent.language import language_of
from bots.app import App, open_app
from bots.embedding import keeping_up, making
from bots.embedding.client import EndpointEmbedder
from bots.embedding.making import Made
from bots.model import Draft, Question
from bots.options import Data, Embedding, Settings, Store
from persona_store.consent.record import Recipient
from persona_store.errors import ModelUnavailable, Refused
from persona_store.meaning import Meaning
from persona_store.model import Persona
from tests.bots.llm.rig import Hurried
from tests.persona_store.passages import passage
from tests.platforms.embeddings import MODEL, EmbeddingServer
from tests.scenarios.world import FACTS, START, folder, live_persona

NAMED = (Recipient("localhost", "processor", "local", 0, False),)
RETRY = "支付多久重试一次？"  # asked in one language, told in the other
SAYS = "The payment retry job runs every 15 minutes and gives up after 3 attempts."


@dataclass
class Rig:
    app: App
    server: EmbeddingServer
    persona: Persona

    @property
    def meaning(self) -> Meaning:
        return making.meaning_of(self.app.services)

    async def make(self) -> Made:
        return await making.make(self.app.services, self.persona, "operator:cli", lambda done, total: None)

    async def ask(self, text: str = RETRY) -> Draft:
        return await self.app.services.quoting.answer(Question("lin", text, language_of(text)), readers=None)

    def asked_about(self) -> list[str]:
        """What came to the server besides the background, which is nobody's."""
        from persona_store.nearness import background

        return [text for text in self.server.seen if text not in background()]

    def counted(self, result: str) -> float:
        wanted = f'understudy_meanings_total{{result="{result}"}} '
        lines = self.app.services.metrics.text().decode().splitlines()
        return float(next((line[len(wanted) :] for line in lines if line.startswith(wanted)), 0))


@asynccontextmanager
async def rigged(path: Path, *, recipients: tuple[Recipient, ...] = NAMED, **more: Any) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddingServer())
        wanted = Embedding(model=MODEL, base_url=server.base_url, api_key=Secret(server.key), timeout=5)
        settings = Settings(
            data=Data(dir=path),
            store=Store(url=f"sqlite:///{path / 'u.db'}"),
            embedding=replace(wanted, **more),
        )
        app = await stack.enter_async_context(open_app(settings, clock=Hurried(START)))
        persona = await live_persona(app, recipients=recipients)
        yield Rig(app, server, persona)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    with folder() as path:
        async with rigged(path) as rig:
            yield rig


async def test_what_is_asked_in_one_language_is_found_in_the_other(rig: Rig) -> None:
    plain = await rig.ask()
    assert "meaning" not in plain.features
    made = await rig.make()
    assert made == Made(len(FACTS), {})
    draft = await rig.ask()
    assert draft.quotes[0] == SAYS
    assert draft.features["meaning"] > 1
    assert rig.counted("found") == 1
    assert ("why.meaning", {}) in draft.why
    assert ("why.foreign", {}) not in draft.why


async def test_a_second_time_nothing_is_left_to_make(rig: Rig) -> None:
    await rig.make()
    seen = len(rig.server.seen)
    assert await rig.make() == Made(0, {})
    assert len(rig.server.seen) == seen


async def test_an_endpoint_that_the_consent_does_not_name_gets_nothing_not_even_the_question() -> None:
    with folder() as path:
        async with rigged(path, recipients=()) as rig:
            with pytest.raises(Refused, match="CONSENT_RECIPIENT"):
                await rig.make()
            assert await keeping_up._round(rig.app.services)
            await rig.ask()
            assert rig.asked_about() == []


async def test_a_recipient_that_is_taken_back_is_not_asked_any_more(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vectors are there; the question stays here all the same, and words alone answer."""
    await rig.make()
    seen = rig.asked_about()
    monkeypatch.setattr(EndpointEmbedder, "name", rig.meaning.embedder.name)
    monkeypatch.setattr(rig.meaning.embedder, "recipient", "api.elsewhere.example")
    draft = await rig.ask()
    assert "meaning" not in draft.features
    assert rig.counted("unnamed") == 1
    assert ("why.meaning_missed", {}) not in draft.why  # nothing was missed: it may not be asked for
    assert rig.asked_about() == seen


async def test_words_of_others_stay_with_us(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """To an endpoint outside only the subject's own go (rights.md L07)."""
    monkeypatch.setattr(rig.meaning.embedder, "private", False)
    made = await rig.make()
    own = [text for _, author, text, _ in FACTS if author == "U0LIN"]
    assert sorted(rig.asked_about()) == sorted(own)
    assert made == Made(len(own), {"NOT_GIVEN": len(FACTS) - len(own)})


@pytest.mark.parametrize("text", ["Should Bo be fired?", "I want to end my life"])
async def test_what_only_a_human_may_answer_is_handed_to_nobody(rig: Rig, text: str) -> None:
    await rig.make()
    seen = rig.asked_about()
    await rig.ask(text)
    assert rig.asked_about() == seen
    assert rig.counted("refused") == 1


async def test_a_secret_in_a_question_does_not_leave(rig: Rig) -> None:
    await rig.make()
    await rig.ask("how often does payment retry with AKIAIOSFODNN7EXAMPLE and postgres://u:hunter2hunter2@db/x")
    assert "payment retry" in rig.asked_about()[-1]
    assert "AKIAIOSFODNN7EXAMPLE" not in rig.asked_about()[-1]
    assert "hunter2hunter2" not in rig.asked_about()[-1]


@pytest.mark.parametrize("fault", ["401", "500", "cut_off", "odd", "nan", "fewer", "shorter", "slow"])
async def test_when_the_endpoint_fails_words_alone_answer(rig: Rig, fault: str) -> None:
    await rig.make()
    rig.server.faults.add(fault, times=9, seconds=9)
    draft = await rig.ask("How often does the payment retry job run?")
    assert draft.quotes[0] == SAYS
    assert "meaning" not in draft.features
    assert rig.counted("failed") + rig.counted("late") == 1
    assert ("why.meaning_missed", {}) in draft.why


async def test_what_is_taken_out_or_changed_counts_at_once(rig: Rig) -> None:
    await rig.make()
    assert (await rig.ask()).quotes[0] == SAYS
    file = await rig.app.services.library.file("lin")
    await file.remove(["a1"])
    assert SAYS not in (await rig.ask()).quotes
    made = await rig.make()
    assert made == Made(0, {})


async def test_what_is_learnt_gets_its_vector_while_the_bot_runs(rig: Rig) -> None:
    services = rig.app.services
    assert await keeping_up._round(services)
    assert len(rig.asked_about()) == len(FACTS)
    assert await keeping_up._round(services)  # nothing new: nobody is asked
    assert len(rig.asked_about()) == len(FACTS)
    file = await services.library.file("lin")
    await file.add([passage("new", "A bank keeps a queue of refunds", author="chat:U0LIN", container="C0PAY")])
    assert await keeping_up._round(services)
    assert rig.asked_about()[len(FACTS) :] == ["A bank keeps a queue of refunds"]


async def test_whatever_goes_wrong_the_bot_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody thought of is logged, and the next round is tried a minute later."""
    waited: list[float] = []

    async def broken(services: Any) -> bool:
        raise KeyError("who knows")

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(keeping_up, "_round", broken)
    monkeypatch.setattr(rig.app.services.clock, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await keeping_up.keep_up(rig.app.services)
    assert waited == [keeping_up.LATER] * 3


async def test_a_follow_up_leans_on_what_was_asked_before(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one's own network; elsewhere it is not asked about at all, since it says nothing alone."""
    await rig.make()
    follow_up = Question("lin", "银行?", "zh-CN", context="one\n退款走哪个队列")
    await rig.app.services.quoting.answer(follow_up, readers=None)
    assert rig.asked_about()[-1] == "退款走哪个队列\n银行?"
    monkeypatch.setattr(rig.meaning.embedder, "private", False)
    seen = rig.asked_about()
    other = Question("lin", "队列?", "zh-CN", context="退款走哪里")
    await rig.app.services.quoting.answer(other, readers=None)
    assert rig.asked_about() == seen


async def test_what_was_made_before_it_failed_is_kept(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "AT_ONCE", 4)
    await rig.meaning.ready()
    ask, batches = rig.meaning.of_passages, []

    async def failing(passages: Any) -> Any:
        batches.append(passages)
        if len(batches) == 2:
            raise ModelUnavailable("MODEL_BROKEN", "it ended", retryable=True)
        return await ask(passages)

    monkeypatch.setattr(rig.meaning, "of_passages", failing)
    with pytest.raises(ModelUnavailable):
        await rig.make()
    assert await rig.make() == Made(len(FACTS) - 4, {})


async def test_one_text_the_model_does_not_take_costs_the_others_nothing(rig: Rig) -> None:
    await rig.meaning.ready()
    rig.server.faults.add("nan", times=2)  # the batch, and then the first one alone
    assert await rig.make() == Made(len(FACTS) - 1, {"NO_VECTOR": 1})


async def test_another_model_begins_anew(rig: Rig) -> None:
    await rig.make()
    path = Path(rig.app.services.library._directory).parent
    async with EmbeddingServer(length=64) as server:
        wanted = Embedding(model=MODEL, base_url=server.base_url, api_key=Secret(server.key))
        settings = Settings(data=Data(dir=path), store=Store(url=f"sqlite:///{path / 'u.db'}"), embedding=wanted)
        async with open_app(settings, clock=Hurried(START)) as app:
            made = await making.make(app.services, rig.persona, "operator:cli", lambda done, total: None)
            assert made == Made(len(FACTS), {}, old=len(FACTS))
            draft = await app.services.quoting.answer(Question("lin", RETRY, "zh-CN"), readers=None)
            assert draft.quotes[0] == SAYS


async def test_a_frozen_persona_gets_none(rig: Rig) -> None:
    services = rig.app.services
    frozen = replace(rig.persona, state="restricted")
    from persona_store.protocols import Batch

    await services.store.commit(Batch(puts=(services.personas.put(frozen),)))
    with pytest.raises(Refused, match="RESTRICTED"):
        await rig.make()
    assert rig.asked_about() == []


async def test_what_an_outsider_may_not_read_is_not_found_by_its_meaning(rig: Rig) -> None:
    """The passage has a vector, and stays with those who could read it."""
    await rig.make()
    draft = await rig.ask("Hinweis für das Passwort des staging cluster hint river office?")
    assert all("river" not in quote for quote in draft.quotes)


async def test_neither_words_nor_key_are_in_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(10)
    await rig.make()
    rig.server.faults.add("500", times=9)
    await rig.ask()
    for secret in (rig.server.key, "支付", "payment"):
        assert secret not in caplog.text
