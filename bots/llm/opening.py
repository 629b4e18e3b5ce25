"""The model that the settings name, ready to be asked; nothing is sent yet.

The SDK takes most of a second to import, so its room is opened only here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from importlib import import_module
from typing import Any

from bots.llm.addresses import recipient_of, require_safe
from bots.llm.budget import Budget, Limits, StoreMeter
from bots.llm.client import Client
from bots.options import Llm
from persona_store.completion import Prices
from persona_store.errors import Refused
from persona_store.protocols import Clock, Store


@asynccontextmanager
async def open_model(llm: Llm, store: Store, clock: Clock) -> AsyncGenerator[Client, None]:
    """One client for the whole process: what it learns and counts is for all who ask. Raises Refused where the
    settings name no model, an unsafe way to it, or the extra is not installed."""
    if not llm.base_url or not llm.model:
        missing = "base_url" if not llm.base_url else "model"
        raise Refused("SETTINGS", f"llm.{missing} is not set", f"set UNDERSTUDY_LLM_{missing.upper()}")
    require_safe(llm.base_url)
    room = _room()
    endpoint = room.Endpoint(
        room.Address(llm.base_url, llm.api_key), connections=llm.concurrency, timeout=float(llm.timeout)
    )
    try:
        yield Client(
            endpoint,
            model=llm.model,
            recipient=recipient_of(llm.base_url),
            budget=Budget(limits(llm), StoreMeter(store, clock)),
            clock=clock,
            timeout=float(llm.timeout),
            width=llm.concurrency,
            prices=prices(llm),
        )
    finally:
        await endpoint.close()


def limits(llm: Llm) -> Limits:
    return Limits(llm.max_tokens_per_call, llm.max_tokens_per_run, llm.max_tokens_per_day)


def prices(llm: Llm) -> Prices:
    return Prices(Decimal(str(llm.price_in)), Decimal(str(llm.price_out)), llm.currency.strip())


def _room() -> Any:
    try:
        return import_module("bots.llm.openai_compatible")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "bots":
            raise
        what = f"llm.base_url is set, and asking a model needs {error.name}"
        raise Refused("MODEL_EXTRA", what, "pip install 'understudy[model]'") from None
