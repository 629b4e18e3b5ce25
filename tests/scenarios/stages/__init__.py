"""Where dialogues are played: on the scripted fake, and on every platform's own server through its real adapter."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any

from tests.scenarios.clock import Clock

Stage = Callable[[Clock], AbstractAsyncContextManager[Any]]


def _late(module: str, name: str) -> Stage:
    """A platform's SDK takes seconds to import: only when it is played on."""

    def stage(clock: Clock) -> AbstractAsyncContextManager[Any]:
        opened: Stage = getattr(import_module(f"tests.scenarios.stages.{module}"), name)
        return opened(clock)

    return stage


STAGES = {
    "dingtalk": _late("dingtalk", "dingtalk_stage"),
    "dingtalk-card": _late("dingtalk", "dingtalk_card_stage"),
    "feishu": _late("feishu", "feishu_stage"),
    "local": _late("local", "local_stage"),
    "scripted": _late("scripted", "scripted_stage"),
    "slack": _late("slack", "slack_stage"),
}
