"""A language model one can rely on: it answers in the form that was asked for, in time and within the budget, or
says in one line why not.

The budget is asked once for a call, for the most it may take without a repair; an answer that does not fit gets one
repair, and what that takes is counted like the rest.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Protocol, TypeVar, cast

from bots.llm import failures, prompts
from bots.llm.budget import Budget, Spent
from bots.llm.failures import FILTERED, Broken, Status, Where
from bots.llm.habits import Habits, Json
from bots.llm.reading import Unfit, value_in
from bots.llm.replies import Reply, reply_in, reply_of
from bots.llm.schemas import Schema, schema_of
from bots.llm.thinking import Filter, answer_in
from bots.llm.tokens import MESSAGE, estimate
from bots.llm.trying import Trying
from persona_store.completion import Completion, Piece, Prices, Prompt, Usage
from persona_store.errors import ModelError, ModelMalformed, ModelRefused
from persona_store.protocols import Clock

T = TypeVar("T")
Event = dict[str, Any]

FREE = Prices()


class Wire(Protocol):
    """What carries one request. Raises Broken or Status."""

    async def ask(self, body: Json) -> bytes: ...

    def stream(self, body: Json) -> AsyncGenerator[Event, None]: ...


class Client:
    """`timeout`: seconds for one call, all its attempts together, once it has its turn. `width`: calls at once."""

    def __init__(
        self,
        wire: Wire,
        *,
        model: str,
        recipient: str,
        budget: Budget,
        clock: Clock,
        timeout: float,
        width: int = 4,
        prices: Prices = FREE,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = model
        self.recipient = recipient
        self.prices = prices
        self.budget = budget
        self._where = Where(recipient, model)
        self.trying = Trying(self._where, clock, patience=timeout, chance=chance)
        self._wire = wire
        self._timeout = timeout
        self._turns = asyncio.Semaphore(width)

    def __repr__(self) -> str:
        return f"Client({self.name!r} at {self.recipient!r})"

    def estimate(self, prompt: Prompt, schema: type[object]) -> Usage:
        form = None if schema is str else schema_of(schema)
        words = prompt.system + prompt.user + (form.text + prompts.words("structured") if form else "")
        return Usage(estimate(words) + 2 * MESSAGE, prompt.max_tokens, estimated=True)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        most = self.estimate(prompt, schema)
        async with self._turns, self.budget.reserve(most) as spent:
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._answered(prompt, schema, spent)
            except TimeoutError:
                spent.add(Usage(most.input_tokens, 0, estimated=True))  # asked, and perhaps charged for
            raise self._slow()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        most = self.estimate(prompt, str)
        async with self._turns, self.budget.reserve(most) as spent:
            until = asyncio.get_running_loop().time() + self._timeout
            async with aclosing(self._pieces(prompt, most, spent)) as pieces:
                while (piece := await self._next(pieces, until)) is not None:
                    yield piece

    # a whole answer --------------------------------------------------------------------------------------------

    async def _answered(self, prompt: Prompt, schema: type[T], spent: Spent) -> Completion[T]:
        if schema is str:
            reply, _ = await self._reply(prompt, None, None, spent)
            return cast("Completion[T]", self._plain(reply, spent))
        form = schema_of(schema)
        reply, messages = await self._reply(prompt, form, None, spent)
        value = self._fitting(reply, schema)
        if isinstance(value, Unfit):
            again = prompts.repair(messages, answer_in(reply.text), form, value.reason)
            reply, _ = await self._reply(prompt, form, again, spent)
            value = self._fitting(reply, schema)
        if isinstance(value, Unfit):
            wrong = f"JSON that does not fit at {value.place}" if value.place else "no JSON that can be read"
            what = f"{self.name} answered twice with {wrong}"
            raise ModelMalformed("MODEL_MALFORMED", what, "another model may do better")
        return Completion(value, reply.text, spent.usage, reply.model or self.name)

    def _fitting(self, reply: Reply, schema: type[T]) -> T | Unfit:
        try:
            return value_in(reply.text, schema)
        except Unfit as error:
            unfit = error
        if reply.finish == "length":  # asked again it would break off again
            what = f"{self.name} needs more than max_tokens for its answer"
            raise ModelMalformed("MODEL_LENGTH", what, "ask for less at once")
        return unfit

    def _plain(self, reply: Reply, spent: Spent) -> Completion[str]:
        text = answer_in(reply.text)
        if not text.strip():
            what = f"{self.name} answered with nothing"
            raise ModelMalformed("MODEL_EMPTY", what, "a model that thinks first needs more max_tokens")
        finish = "length" if reply.finish == "length" else "stop"
        return Completion(text, text, spent.usage, reply.model or self.name, finish)

    async def _reply(
        self, prompt: Prompt, form: Schema | None, messages: list[Json] | None, spent: Spent
    ) -> tuple[Reply, list[Json]]:
        """With the messages that were sent: how they begin depends on what the endpoint takes."""

        async def once(habits: Habits) -> tuple[Reply, list[Json]]:
            turns = messages or prompts.opening(prompt, form, habits)
            reply = reply_in(await self._wire.ask(habits.body(self.name, prompt, turns, form)))
            if reply is None:
                raise Broken("odd")
            asked = sum(estimate(str(turn["content"])) + MESSAGE for turn in turns)
            spent.add(reply.usage or Usage(asked, estimate(reply.text), estimated=True))
            self._require_willing(reply)
            return reply, turns

        return await self.trying.persist(once, structured=form is not None)

    def _require_willing(self, reply: Reply) -> None:
        if reply.finish == "insufficient_system_resource":  # DeepSeek's word for a server that gave up
            raise Status(503)
        if not reply.found:
            raise Broken("odd")
        if reply.refusal or reply.finish in FILTERED:
            raise ModelRefused("MODEL_REFUSED", f"{self.name} will not answer this prompt")

    # an answer in pieces ---------------------------------------------------------------------------------------

    async def _next(self, pieces: AsyncGenerator[Piece, None], until: float) -> Piece | None:
        """The clock runs for the endpoint and not for who reads, but the end stays where it was."""
        try:
            async with asyncio.timeout_at(until):
                return await anext(pieces, None)
        except TimeoutError:
            pass
        raise self._slow()

    async def _pieces(self, prompt: Prompt, most: Usage, spent: Spent) -> AsyncGenerator[Piece, None]:
        async def begin(habits: Habits) -> tuple[AsyncGenerator[Event, None], Event]:
            messages = prompts.opening(prompt, None, habits)
            events = self._wire.stream(habits.body(self.name, prompt, messages, None, stream=True))
            async for event in events:
                return events, event
            raise Broken("odd")

        events, first = await self.trying.persist(begin, structured=False)
        shown, finish, usage, made = Filter(), "", Usage(most.input_tokens, 0, estimated=True), 0
        try:
            async with aclosing(events):
                async for event in _chain(first, events):
                    reply = reply_of(event, "delta")
                    made += estimate(reply.text)
                    usage = reply.usage or Usage(most.input_tokens, made, estimated=True)
                    finish = reply.finish or finish
                    if text := shown.feed(reply.text):
                        yield Piece(text)
            failure = self._unfinished(finish)
        except Broken as broken:
            failure = failures.of_connection(broken, self._where)
        except Status as status:
            failure = failures.of_status(status, self._where)
        finally:
            spent.add(usage)
        if failure is not None:
            raise failure
        if text := shown.end():
            yield Piece(text)
        yield Piece(finish="length" if finish == "length" else "stop", usage=usage)

    def _unfinished(self, finish: str) -> ModelError | None:
        if finish in FILTERED:
            return ModelRefused("MODEL_REFUSED", f"{self.name} will not answer this prompt")
        return None if finish else failures.of_connection(Broken("cut_off"), self._where)

    def _slow(self) -> ModelError:
        self.trying.breaker.failed()
        return failures.of_connection(Broken("slow"), self._where)


async def _chain(first: Event, rest: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    yield first
    async for event in rest:
        yield event
