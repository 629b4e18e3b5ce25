"""The turns of a conversation with a model. Pure; our own words in it are bots/prompts/*.md."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bots.llm.habits import Habits, Json
from bots.llm.schemas import Schema
from persona_store.completion import Prompt

QUOTED = 4000  # characters of a bad answer that are shown to its model again


@cache
def words(name: str) -> str:
    return files("bots").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")


def opening(prompt: Prompt, schema: Schema | None, habits: Habits) -> list[Json]:
    """The schema is told in words unless the endpoint holds the model to it. At the end of the system prompt, which
    stays the same for many calls."""
    system = prompt.system
    if schema is not None and habits.form != "json_schema":
        system = f"{system}\n\n{words('structured')}{schema.text}"
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]


def repair(messages: list[Json], answer: str, schema: Schema, reason: str) -> list[Json]:
    """The conversation so far, what was answered, and what is wrong with it."""
    return [
        *messages,
        {"role": "assistant", "content": answer[:QUOTED] or "…"},
        {"role": "user", "content": f"{words('repair')}{reason}\n\n{schema.text}"},
    ]
