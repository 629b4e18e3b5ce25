"""A record to start from, and the key that signs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.consent.draft import Choices, draft
from persona_store.protocols import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def start() -> datetime:
    return START


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{tmp_path}/store.db", clock=clock)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def private() -> Ed25519PrivateKey:
    return PRIVATE


@pytest.fixture(scope="session")
def choices() -> Choices:
    return Choices(owner="slack:U1", sources=("slack-export",), audiences=("slack:*",), cooling_off_days=0)


@pytest.fixture(scope="session")
def record(choices: Choices) -> bytes:
    return draft(choices, START)
