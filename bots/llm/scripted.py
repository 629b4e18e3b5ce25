"""A shipped fake: a language model that says what it was given to say, in order, and refuses to run past its
script.

What it is told to say goes through the same reading as a real answer: a Struct must fit what was asked for, and
text that does not is ModelMalformed. It costs what the estimate says.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TypeVar, cast

import msgspec
from msgspec import Struct

from bots.llm.client import FREE
from bots.llm.reading import Unfit, value_in
from bots.llm.thinking import answer_in
from bots.llm.tokens import estimate
from persona_store.completion import Completion, Piece, Prices, Prompt, Usage
from persona_store.errors import ModelError, ModelMalformed

T = TypeVar("T")

Line = str | Struct | ModelError | Callable[[Prompt], str | Struct]
"""What it says: text, a value that is written as JSON, an error that is raised, or a function of the prompt."""


class PastTheScript(AssertionError):
    """It was asked more often than it was written for: the script is wrong, or the caller is."""


class ScriptedModel:
    """`prompts` keeps what it was asked."""

    def __init__(
        self, *lines: Line, name: str = "scripted", recipient: str = "localhost", prices: Prices = FREE
    ) -> None:
        self.name = name
        self.recipient = recipient
        self.prices = prices
        self.prompts: list[Prompt] = []
        self._lines = deque(lines)

    def add(self, lines: Iterable[Line]) -> None:
        self._lines.extend(lines)

    @property
    def left(self) -> int:
        """Lines that were not said."""
        return len(self._lines)

    def estimate(self, prompt: Prompt, schema: type[object]) -> Usage:
        return Usage(estimate(prompt.system + prompt.user), prompt.max_tokens, estimated=True)

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        text = self._said(prompt)
        usage = Usage(estimate(prompt.system + prompt.user), estimate(text))
        if schema is str:
            return cast("Completion[T]", Completion(answer_in(text), text, usage, self.name))
        try:
            return Completion(value_in(text, schema), text, usage, self.name)
        except Unfit as unfit:
            place = unfit.place or "no JSON"
        raise ModelMalformed("MODEL_MALFORMED", f"{self.name} was given a line that does not fit: {place}")

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Word by word."""
        text = self._said(prompt)
        for word in re.findall(r"\s*\S+\s*", text):
            yield Piece(word)
        yield Piece(finish="stop", usage=Usage(estimate(prompt.system + prompt.user), estimate(text)))

    def _said(self, prompt: Prompt) -> str:
        self.prompts.append(prompt)
        if not self._lines:
            raise PastTheScript(f"{self.name} was asked {len(self.prompts)} times, once more than it has lines")
        line = self._lines.popleft()
        if isinstance(line, ModelError):
            raise line
        if isinstance(line, Struct | str):
            said: str | Struct = line
        else:
            said = line(prompt)
        return said if isinstance(said, str) else msgspec.json.encode(said).decode()
