"""The doctor names who cannot be who they are said to be; what it says of an adapter is tested with the adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Person
from adapters.protocol import Finding
from bots.doctor import examine
from bots.options import Data, Settings
from tests.bots.services import idle
from tests.scenarios.world import World


async def about(w: World, *admins: str) -> list[Finding]:
    settings = Settings(adapters=("local",), admins=admins, data=Data(dir=Path()))
    return [f for f in await examine(w.app.services, settings) if f.what.startswith(("admin", "owner", "deputy"))]


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as world:
        yield world


async def test_who_has_authority_is_somebody(w: World) -> None:
    await w.persona()
    found = await about(w, "chat:U0ADM")
    assert [(f.ok, f.what) for f in found] == [
        (True, "admin: Maya"),
        (True, "owner of lin: Zhou Lan"),
        (True, "deputy of lin: Tomas"),
    ]


async def test_a_key_of_nobody_is_named(w: World) -> None:
    [wrong] = await about(w, "chat:U404")
    assert not wrong.ok
    assert "chat:U404" in wrong.what


async def test_a_platform_that_does_not_exist_is_named_with_those_that_do(w: World) -> None:
    [wrong] = await about(w, "slakc:U1")
    assert not wrong.ok
    assert "slack" in wrong.fix


async def test_an_id_that_never_writes_to_us_is_named_with_the_one_that_does(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Feishu union_id reaches somebody, but their messages carry an open_id: nobody would ever be that admin."""
    known = structs.replace(w.admin, id="ou_adm")

    async def person(id: str) -> Person:
        return known

    monkeypatch.setattr(w.app.services.adapters["chat"], "person", person)
    [wrong] = await about(w, "chat:on_adm")
    assert not wrong.ok
    assert "chat:ou_adm" in wrong.fix


async def test_a_platform_that_is_not_connected_is_not_at_fault(w: World) -> None:
    assert await about(w, "slack:U1") == []
