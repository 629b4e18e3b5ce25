"""What is asked of a language model and what comes back: plain data, whatever the endpoint."""

from __future__ import annotations

import hashlib
from decimal import ROUND_UP, Decimal
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

MILLION = 1_000_000


class Prompt(Struct, frozen=True):
    """`system` is ours and the same for many calls, so that endpoints can keep what they made of it; `user` holds
    what strangers wrote. `max_tokens` bounds the answer, a model's thinking included."""

    system: str
    user: str
    max_tokens: int = 2048
    temperature: float = 0.0


class Usage(Struct, frozen=True):
    """Tokens, as the endpoint counted them. `estimated`: it did not say, or the call has not been made."""

    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.estimated or other.estimated,
        )


class Completion(Struct, Generic[T], frozen=True):
    """A whole answer. `value` is of the kind that was asked for, which says nothing about its being true: it is
    data from a stranger. `text` is what it was read from; `usage` counts every attempt that the endpoint charges
    for, the repair included; `finish` is `stop`, or `length` for plain text that was cut off at `max_tokens`."""

    value: T
    text: str
    usage: Usage
    model: str
    finish: str = "stop"


class Piece(Struct, frozen=True):
    """A part of an answer that is on its way. Only the last one has `finish` and `usage`."""

    text: str = ""
    finish: str = ""
    usage: Usage | None = None


class Prices(Struct, frozen=True):
    """What a million tokens cost, in the words of the operator's contract."""

    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    currency: str = ""

    @property
    def known(self) -> bool:
        return bool(self.input or self.output)

    def cost(self, usage: Usage) -> Decimal:
        """At most: what an endpoint takes off for input it has seen before is not known here."""
        return (self.input * usage.input_tokens + self.output * usage.output_tokens) / MILLION

    def words(self, usage: Usage) -> str:
        """`0.42 CNY`, rounded up; nothing where no price is set. Small sums keep two digits that count."""
        if not self.known:
            return ""
        cost = self.cost(usage)
        places = 2 if not cost else max(2, 1 - cost.adjusted())
        return f"{cost.quantize(Decimal(1).scaleb(-places), rounding=ROUND_UP):f} {self.currency}".rstrip()


def fingerprint(model: str, prompt: Prompt, schema: type[object]) -> str:
    """The same for what would be answered the same: the key under which an answer may be kept and used again."""
    form = {} if schema is str else msgspec.json.schema(schema)
    parts = msgspec.json.encode((model, prompt, form), order="deterministic")
    return hashlib.sha256(parts).hexdigest()
