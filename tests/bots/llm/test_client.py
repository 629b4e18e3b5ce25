"""The client answers in the form that was asked for, or says in one typed line why not."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from msgspec import structs

from bots.llm.budget import Limits
from bots.llm.client import Client
from persona_store.completion import Piece, Prompt, Usage
from persona_store.errors import BudgetSpent, ModelError, ModelMalformed, ModelRefused, ModelUnavailable
from tests.bots.llm.rig import FACT, PROMPT, SOUND, Counter, Fact, Hurried, asking
from tests.platforms.model import MODEL, ModelServer
from tests.platforms.model_faults import INJECTED


async def failing(client: Client, schema: type[Any] = Fact, prompt: Prompt = PROMPT) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await client.complete(prompt, schema)
    return caught.value


# ------------------------------------------------------------------ answers


async def test_a_struct_comes_back_with_what_it_took(server: ModelServer, client: Client) -> None:
    server.says(SOUND)
    answer = await client.complete(PROMPT, Fact)
    assert (answer.value, answer.model, answer.finish) == (FACT, MODEL, "stop")
    assert answer.usage == Usage(11, 10)  # this server's tokens are words
    assert client.budget.spent == Usage(11, 10)


async def test_plain_text_comes_back_as_it_is(server: ModelServer, client: Client) -> None:
    server.says("Every 15 minutes.")
    assert (await client.complete(PROMPT, str)).value == "Every 15 minutes."
    assert "response_format" not in server.requests[0]


async def test_the_request_is_as_repeatable_as_it_can_be(server: ModelServer, client: Client) -> None:
    server.says(SOUND, SOUND)
    await client.complete(PROMPT, Fact)
    await client.complete(PROMPT, Fact)
    first, second = server.requests
    assert first == second
    assert (first["temperature"], first["max_tokens"]) == (0, 200)
    assert isinstance(first["seed"], int)
    assert first["response_format"]["json_schema"]["strict"] is True
    assert first["messages"][0]["content"] == PROMPT.system  # what endpoints keep is the same for all who ask


@pytest.mark.parametrize("fault", ["fenced", "chatty", "thinking", "lone_close"])
async def test_an_answer_in_wrapping_is_unwrapped(server: ModelServer, client: Client, fault: str) -> None:
    server.says(SOUND)
    server.faults.add(fault)
    assert (await client.complete(PROMPT, Fact)).value == FACT
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["malformed", "wrong_schema", "endless_thinking", "surrogate", "empty"])
async def test_an_answer_that_does_not_fit_gets_one_repair(server: ModelServer, client: Client, fault: str) -> None:
    server.says(SOUND, SOUND)
    server.faults.add(fault)
    answer = await client.complete(PROMPT, Fact)
    assert answer.value == FACT
    first, second = server.requests
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert second["messages"][-1]["role"] == "user"
    assert '"cites"' in second["messages"][-1]["content"]  # the schema, in words
    assert answer.usage.input_tokens > 11 * 2  # both are paid for
    assert client.budget.spent == answer.usage


@pytest.mark.parametrize("fault", ["malformed", "wrong_schema", "endless_thinking", "surrogate", "empty"])
async def test_a_second_misfit_is_the_end(server: ModelServer, client: Client, fault: str) -> None:
    server.says(SOUND, SOUND)
    server.faults.add(fault, times=2)
    error = await failing(client)
    assert (type(error), error.code) == (ModelMalformed, "MODEL_MALFORMED")
    assert len(server.requests) == 2
    assert client.budget.spent.total > 0


async def test_the_place_that_does_not_fit_is_named_and_nothing_of_the_answer(
    server: ModelServer, client: Client
) -> None:
    server.says('{"text": "a secret plan", "cites": ["m1"], "n": "many"}', '{"text": 7, "cites": []}')
    assert "$.text" in (error := str(await failing(client)))
    assert "secret plan" not in error
    assert "many" in server.requests[1]["messages"][2]["content"]  # its own words go back to the model


async def test_an_answer_that_breaks_off_at_its_limit_is_not_asked_for_again(
    server: ModelServer, client: Client
) -> None:
    server.says(SOUND)
    server.faults.add("length")
    assert (await failing(client)).code == "MODEL_LENGTH"
    assert len(server.requests) == 1


async def test_plain_text_that_breaks_off_says_so(server: ModelServer, client: Client) -> None:
    server.says("one two three four")
    server.faults.add("length")
    answer = await client.complete(PROMPT, str)
    assert (answer.value, answer.finish) == ("one two t", "length")


async def test_planted_orders_come_back_as_data(server: ModelServer, client: Client) -> None:
    """Nothing here obeys them; whoever uses the value must check it against evidence."""
    server.says(SOUND, SOUND)
    server.faults.add("injected")
    assert (await client.complete(PROMPT, Fact)).value.text.endswith(INJECTED)
    server.faults.add("ungrounded")
    assert (await client.complete(PROMPT, Fact)).value == structs.replace(FACT, cites=("no-such-passage#1",))


async def test_a_server_that_does_not_count_is_counted_for(server: ModelServer, client: Client) -> None:
    server.says(SOUND)
    server.faults.add("no_usage")
    usage = (await client.complete(PROMPT, Fact)).usage
    assert usage.estimated
    assert 20 < usage.total < 80


# ------------------------------------------------------------------ failures


@pytest.mark.parametrize(("fault", "error", "code"), [
    ("401", ModelUnavailable, "MODEL_KEY"), ("402", ModelUnavailable, "MODEL_UNPAID"),
    ("404", ModelUnavailable, "MODEL_UNKNOWN"), ("moved", ModelUnavailable, "MODEL_MOVED"),
    ("too_long", ModelRefused, "MODEL_TOO_LONG"), ("filtered", ModelRefused, "MODEL_FILTERED"),
    ("refusal", ModelRefused, "MODEL_REFUSED"), ("content_filter", ModelRefused, "MODEL_REFUSED"),
    ("huge", ModelUnavailable, "MODEL_HUGE"), ("gzip", ModelUnavailable, "MODEL_HUGE"),
])  # fmt: skip
async def test_what_will_not_pass_is_asked_once(
    server: ModelServer, client: Client, fault: str, error: type[ModelError], code: str
) -> None:
    server.faults.add(fault)
    found = await failing(client)
    assert (type(found), found.code) == (error, code)
    assert not getattr(found, "retryable", False)
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [
    "429", "500", "503", "reset", "cut_off", "html", "odd", "no_choices", "gave_up",
])  # fmt: skip
async def test_what_may_pass_is_tried_again(server: ModelServer, client: Client, fault: str) -> None:
    server.says(*[SOUND] * 3)
    server.faults.add(fault, times=2)
    assert (await client.complete(PROMPT, Fact)).value == FACT
    assert len(server.requests) == 3


@pytest.mark.parametrize(("fault", "code"), [
    ("429", "MODEL_BUSY"), ("503", "MODEL_BUSY"), ("500", "MODEL_BROKEN"), ("reset", "MODEL_CUT_OFF"),
    ("cut_off", "MODEL_CUT_OFF"), ("html", "MODEL_ODD"), ("no_choices", "MODEL_ODD"), ("gave_up", "MODEL_BUSY"),
])  # fmt: skip
async def test_what_does_not_pass_is_given_up(server: ModelServer, client: Client, fault: str, code: str) -> None:
    server.faults.add(fault, times=3)
    error = await failing(client)
    assert (type(error), error.code) == (ModelUnavailable, code)
    assert getattr(error, "retryable", False)
    assert len(server.requests) == 3


async def test_the_waits_double_and_follow_what_the_server_says(server: ModelServer) -> None:
    async with asking(server, clock=(clock := Hurried())) as client:
        server.faults.add("500", times=2)
        await client.complete(PROMPT, str)
        server.faults.add("429", seconds=7)
        await client.complete(PROMPT, str)
    assert clock.slept == [1.0, 2.0, 8.0]


async def test_a_server_that_wants_more_patience_than_there_is_is_given_up_at_once(server: ModelServer) -> None:
    async with asking(server, clock=(clock := Hurried())) as client:
        server.faults.add("429", seconds=3600)
        error = await failing(client)
    assert (error.code, getattr(error, "retry_after", None), clock.slept) == ("MODEL_BUSY", 3600, [])


async def test_a_slow_server_costs_no_more_than_the_time_given(server: ModelServer) -> None:
    async with asking(server, seconds=0.3) as client:
        server.faults.add("slow", seconds=5)
        began = asyncio.get_running_loop().time()
        error = await failing(client)
        assert asyncio.get_running_loop().time() - began < 2
        assert (error.code, client.budget.spent.output_tokens) == ("MODEL_SLOW", 0)
        assert client.budget.spent.input_tokens > 0  # it may be charged for


async def test_a_host_that_is_not_there_is_named(server: ModelServer) -> None:
    async with asking(server, url="http://127.0.0.1:9/v1") as client:
        error = await failing(client)
    assert (error.code, "localhost" in str(error)) == ("MODEL_UNREACHABLE", True)


async def test_no_redirect_takes_the_words_elsewhere(server: ModelServer, client: Client) -> None:
    """A consent names one host; a 307 would carry the prompt to another."""
    async with ModelServer() as elsewhere:
        server.elsewhere = f"{elsewhere.base_url}/chat/completions"
        server.faults.add("moved")
        assert (await failing(client)).code == "MODEL_MOVED"
        assert elsewhere.calls == []


async def test_no_more_are_asked_at_once_than_is_set(server: ModelServer) -> None:
    server.faults.add("slow", times=8, seconds=0.05)
    async with asking(server, width=2) as client:
        await asyncio.gather(*(client.complete(PROMPT, str) for _ in range(6)))
    assert server.most_at_once == 2


async def test_whoever_goes_away_leaves_nothing_behind(server: ModelServer) -> None:
    async with asking(server, width=1) as client:
        server.faults.add("slow", seconds=5)
        task = asyncio.create_task(client.complete(PROMPT, str))
        await server.asked()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await client.complete(PROMPT, str)).value == "yes"  # the turn is free, the breaker closed


# ------------------------------------------------------------------ breaker and budget


async def test_a_server_that_is_down_is_left_alone_and_then_asked_by_one(server: ModelServer) -> None:
    async with asking(server, clock=(clock := Hurried())) as client:
        server.faults.add("500", times=5)
        assert (await failing(client)).code == "MODEL_BROKEN"
        assert (await failing(client)).code == "MODEL_DOWN"  # the fifth failure in a row opened it
        asked = len(server.requests)
        error = await failing(client)
        assert (error.code, getattr(error, "retry_after", 0) > 0, len(server.requests)) == (
            "MODEL_DOWN",
            True,
            asked,
        )
        clock.advance(31)
        assert (await client.complete(PROMPT, str)).value == "yes"
        assert client.trying.breaker.state == "closed"


async def test_what_the_operator_did_not_allow_is_not_sent(server: ModelServer) -> None:
    meter = Counter()
    for limits, name in (
        (Limits(per_call=100), "per_call"),
        (Limits(per_run=100), "per_run"),
        (Limits(per_day=100), "per_day"),
    ):
        async with asking(server, limits=limits, meter=meter) as client:
            error = await failing(client)
            assert (type(error), error.code) == (BudgetSpent, "MODEL_BUDGET")
            assert name in str(error)
    assert server.requests == []


async def test_what_was_used_counts_for_the_run_and_the_day(server: ModelServer) -> None:
    server.says(*["word " * 100] * 4)
    async with asking(server, limits=Limits(per_run=450), meter=(meter := Counter())) as client:
        await client.complete(PROMPT, str)
        await client.complete(PROMPT, str)
        assert meter.tokens == client.budget.spent.total == 2 * 111
        assert (await failing(client, str)).code == "MODEL_BUDGET"
    assert len(server.requests) == 2


async def test_calls_side_by_side_cannot_overrun_together(server: ModelServer) -> None:
    """Each would fit alone; what the first may still use is not the second's."""
    server.faults.add("slow", seconds=0.2)
    async with asking(server, limits=Limits(per_day=300)) as client:
        results = await asyncio.gather(*(client.complete(PROMPT, str) for _ in range(2)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["BudgetSpent", "Completion"]


# ------------------------------------------------------------------ streams


async def streamed(client: Client, prompt: Prompt = PROMPT) -> list[Piece]:
    async with aclosing(client.stream(prompt)) as pieces:
        return [piece async for piece in pieces]


async def test_a_stream_adds_up_and_ends_with_what_it_took(server: ModelServer, client: Client) -> None:
    server.says("It runs every fifteen minutes, and twice on Sundays.")
    *pieces, last = await streamed(client)
    assert len(pieces) > 3
    assert "".join(piece.text for piece in pieces) == "It runs every fifteen minutes, and twice on Sundays."
    assert (last.text, last.finish, last.usage) == ("", "stop", Usage(11, 9))
    assert client.budget.spent == Usage(11, 9)


async def test_thinking_is_not_streamed(server: ModelServer, client: Client) -> None:
    server.says("Every 15 minutes.")
    server.faults.add("thinking")
    assert "".join(piece.text for piece in await streamed(client)) == "Every 15 minutes."


@pytest.mark.parametrize(("fault", "code"), [
    ("cut_stream", "MODEL_CUT_OFF"), ("ends_early", "MODEL_CUT_OFF"), ("stream_error", "MODEL_BROKEN"),
])  # fmt: skip
async def test_a_stream_that_breaks_off_says_so_after_its_first_pieces(
    server: ModelServer, client: Client, fault: str, code: str
) -> None:
    server.says("one two three four five six seven")
    server.faults.add(fault)
    said: list[str] = []

    async def read() -> None:
        async with aclosing(client.stream(PROMPT)) as pieces:
            async for piece in pieces:
                said.append(piece.text)

    with pytest.raises(ModelUnavailable) as caught:
        await read()
    assert (caught.value.code, caught.value.retryable) == (code, True)
    assert said
    assert len(server.requests) == 1  # what was shown cannot be taken back, so it is not begun anew
    assert client.budget.spent.estimated
    assert client.budget.spent.output_tokens > 0


async def test_a_stream_that_never_began_is_tried_again(server: ModelServer, client: Client) -> None:
    server.faults.add("503")
    server.says("one two")
    assert "".join(piece.text for piece in await streamed(client)) == "one two"


async def test_a_stream_that_stalls_ends_in_time(server: ModelServer) -> None:
    server.says("one two three four")
    server.faults.add("stall", seconds=5)
    async with asking(server, seconds=0.4) as client:
        with pytest.raises(ModelUnavailable, match="MODEL_SLOW"):
            await streamed(client)
        assert (await client.complete(PROMPT, str)).value == "yes"


async def test_a_stream_that_is_left_early_is_closed_and_counted(server: ModelServer) -> None:
    server.says("one two three four five six")
    async with asking(server, width=1) as client:
        async with aclosing(client.stream(PROMPT)) as pieces:
            async for _ in pieces:
                break
        assert client.budget.spent.output_tokens > 0
        assert (await client.complete(PROMPT, str)).value == "yes"
