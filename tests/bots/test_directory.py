"""Who is who: authority follows the human, from platform ids alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.model import Person
from bots.directory import Directory
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.errors import Conflict
from persona_store.model import Persona
from persona_store.protocols import Store

NOW = datetime(2026, 6, 2, tzinfo=UTC)
LIN = Persona("lin", "Lin", "live", NOW, NOW, subject="slack:U1", owner="slack:U2", deputy="local:d")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/s.db", clock=SystemClock())
    yield opened
    await opened.close()


async def test_binding_joins_everything_either_was_bound_to(store: Store) -> None:
    directory = Directory(store)
    await store.commit(await directory.bind("slack:A", "local:a"))
    await store.commit(await directory.bind("feishu:a", "dingtalk:a"))
    await store.commit(await directory.bind("local:a", "feishu:a"))
    everything = {"slack:A", "local:a", "feishu:a", "dingtalk:a"}
    assert await directory.identities("dingtalk:a") == everything
    assert await directory.same("slack:A", "dingtalk:a")
    assert not await directory.same("", "slack:A")


async def test_unbinding_parts_one_and_leaves_the_others_together(store: Store) -> None:
    directory = Directory(store)
    await store.commit(await directory.bind("slack:A", "local:a"))
    await store.commit(await directory.bind("slack:A", "feishu:a"))
    await store.commit(await directory.unbind("local:a"))
    assert await directory.identities("local:a") == {"local:a"}
    assert await directory.identities("slack:A") == {"slack:A", "feishu:a"}
    await store.commit(await directory.unbind("feishu:a"))
    assert await directory.identities("slack:A") == {"slack:A"}
    assert [key async for key, _ in store.scan("identity/")] == []


async def test_two_bindings_at_once_do_not_lose_one(store: Store) -> None:
    directory = Directory(store)
    one, other = await directory.bind("slack:A", "local:a"), await directory.bind("slack:A", "feishu:a")
    await store.commit(one)
    with pytest.raises(Conflict):
        await store.commit(other)


async def test_roles_come_from_ids_and_never_from_names(store: Store) -> None:
    """T14: whoever is called like the owner is nobody."""
    directory = Directory(store, ["slack:ADM"])
    assert await directory.roles(Person("slack", "U2", "x"), LIN) == {"owner"}
    assert await directory.roles(Person("slack", "U9", "U2"), LIN) == frozenset()
    assert await directory.roles(Person("local", "U2", "owner"), LIN) == frozenset()
    assert await directory.roles(Person("slack", "ADM"), LIN) == {"admin"}


async def test_who_became_a_guest_is_no_admin_but_still_the_subject(store: Store) -> None:
    """T10, L05."""
    directory = Directory(store, ["slack:U1"])
    assert await directory.roles(Person("slack", "U1", external=True), LIN) == {"subject"}
    assert not await directory.is_admin(Person("slack", "U1", external=True))


async def test_readers_are_humans_with_all_their_accounts(store: Store) -> None:
    directory = Directory(store)
    await store.commit(await directory.bind("slack:A", "local:a"))
    readers = await directory.readers([Person("local", "a"), Person("slack", "B")])
    assert readers == (frozenset({"slack:A", "local:a"}), frozenset({"slack:B"}))
