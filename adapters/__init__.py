"""Listens and posts. `open_adapter` imports a platform's room, and with it its SDK, only when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

ADAPTERS = {
    "local": "adapters.local",
    "slack": "adapters.slack",
}


def adapter_module(name: str) -> Any:
    """The room of a platform, imported late. Raises KeyError for an unknown name."""
    return import_module(ADAPTERS[name])
