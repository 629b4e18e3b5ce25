"""Listens and posts. `open_adapter` imports a platform's room, and with it its SDK, only when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adapters.errors import AdapterError

ADAPTERS = {
    "local": "adapters.local",
    "slack": "adapters.slack",
    "feishu": "adapters.feishu",
    "dingtalk": "adapters.dingtalk",
}


def adapter_module(name: str) -> Any:
    """The room of a platform, imported late. Raises KeyError for an unknown name, and AdapterError when the
    platform's library is not there, since each is an extra of its own."""
    try:
        return import_module(ADAPTERS[name])
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library == "adapters":
            raise
        raise AdapterError(name, f"needs {library} · pip install 'understudy[{name}]'") from None
