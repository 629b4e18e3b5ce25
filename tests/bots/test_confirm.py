"""The second step: good once, for two minutes, for the same person in the same chat."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Press, Thread
from bots import confirm
from persona_store.errors import Conflict
from persona_store.protocols import Batch
from tests.bots.services import idle
from tests.scenarios.world import World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


async def asked(w: World) -> Press:
    """An admin has asked to retire `lin`; this is them pressing the button."""
    until = w.clock.now() + confirm.GOOD_FOR
    deed = confirm.Deed("retire", "lin", w.admin.key, "chat:general", until)
    await w.app.services.store.commit(confirm.ask(w.app.services, "n1", deed))
    return Press("p1", Thread("chat", "general", "T1"), w.admin, "confirm", "n1", w.clock.now())


async def test_who_asked_confirms_once(w: World) -> None:
    press, services = await asked(w), w.app.services
    deed, why, used = await confirm.take(services, press)
    assert deed is not None
    assert (deed.about, why) == ("lin", "")
    await services.store.commit(used)
    assert (await confirm.take(services, press))[1] == "confirm.gone"


async def test_two_presses_at_once_are_one_deed(w: World) -> None:
    press, services = await asked(w), w.app.services
    one, other = (await confirm.take(services, press))[2], (await confirm.take(services, press))[2]
    await services.store.commit(one)
    with pytest.raises(Conflict):
        await services.store.commit(other)


async def test_nobody_else_and_nowhere_else(w: World) -> None:
    """CMD-02: another person, or a card that was forwarded to another chat; neither uses it up."""
    press, services = await asked(w), w.app.services
    for stray in (
        structs.replace(press, author=w.mei),
        structs.replace(press, thread=Thread("chat", "other", "T1")),
    ):
        assert await confirm.take(services, stray) == (None, "confirm.not_yours", Batch())
    assert (await confirm.take(services, press))[0] is not None


@pytest.mark.parametrize(
    ("after", "why"),
    [(119, ""), (121, "confirm.late"), (7200, "confirm.late")],
    ids=["in time", "late", "very late"],
)
async def test_it_is_good_for_two_minutes_and_then_said_to_be_late(w: World, after: int, why: str) -> None:
    press = await asked(w)
    w.clock.advance(timedelta(seconds=after).total_seconds())
    assert (await confirm.take(w.app.services, press))[1] == why


async def test_a_nonce_nobody_gave_out_opens_nothing(w: World) -> None:
    press = structs.replace(await asked(w), value="n2")
    assert (await confirm.take(w.app.services, press))[:2] == (None, "confirm.gone")
