"""What an endpoint takes, learnt from what it refuses. Pure.

"OpenAI-compatible" endpoints differ in a handful of parameters and say so with a 400 or 422 the first time:
DeepSeek takes `json_object` and not `json_schema` ("This response_format type is unavailable now"), OpenAI's
reasoning models want `max_completion_tokens` and no temperature, DashScope wants `enable_thinking` false for Qwen3
where nothing is streamed, older servers know no `seed` or `stream_options`.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, structs

from bots.llm.schemas import Schema
from persona_store.completion import Prompt

Json = dict[str, Any]
Form = Literal["json_schema", "json_object", "text"]

LOWER: dict[Form, Form] = {"json_schema": "json_object", "json_object": "text"}
SEED = 7  # any, as long as it is the same: an endpoint that heeds it answers the same again

_FORM_WORDS = (
    "response_format",
    "json_schema",
    "json_object",
    "json mode",
    "structured output",
    "grammar",
    "guided",
)


class Habits(Struct, frozen=True):
    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    without: frozenset[str] = frozenset()  # of temperature, seed, stream_options
    unthinking: bool = False

    def learn(self, said: str, *, structured: bool) -> Habits | None:
        """What to try next, or None if the refusal is about something else. `said` is the endpoint's word for it,
        lower case. Every step leads down, so that learning ends."""
        if "enable_thinking" in said or "enable thinking" in said:
            return None if self.unthinking else structs.replace(self, unthinking=True)
        if "max_completion_tokens" in said and self.limit == "max_tokens":
            return structs.replace(self, limit="max_completion_tokens")
        for name in ("temperature", "seed", "stream_options"):
            if name in said and name not in self.without:
                return structs.replace(self, without=self.without | {name})
        if structured and any(word in said for word in _FORM_WORDS):
            return self.lower()
        return None

    def lower(self) -> Habits | None:
        """With the next weaker promise of structure."""
        weaker = LOWER.get(self.form)
        return structs.replace(self, form=weaker) if weaker else None

    def body(
        self, model: str, prompt: Prompt, messages: list[Json], schema: Schema | None, *, stream: bool = False
    ) -> Json:
        """The request as it goes over the wire."""
        body: Json = {"model": model, "messages": messages, self.limit: prompt.max_tokens}
        optional: Json = {"temperature": prompt.temperature, "seed": SEED}
        if stream:
            body["stream"] = True
            optional["stream_options"] = {"include_usage": True}
        body |= {name: value for name, value in optional.items() if name not in self.without}
        if self.unthinking:
            body["enable_thinking"] = False
        if schema is not None and self.form == "json_schema":
            named = {"name": schema.name, "schema": schema.body, "strict": schema.strict}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif schema is not None and self.form == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body
