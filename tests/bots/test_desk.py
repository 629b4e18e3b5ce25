"""The desk under two hands at once: what is decided on must still be so when it is written."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Person, Thread
from bots import asking, digest, escalation, keys, register
from bots.desk import Desk
from bots.model import Escalation, Waiter
from persona_store.errors import Conflict
from persona_store.protocols import Batch
from tests.bots.services import idle
from tests.scenarios.world import World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


def question(w: World, id: str, text: str, asker: Person) -> Escalation:
    now = w.clock.now()
    waiter = Waiter(asker, Thread("chat", "general", "T1", root=id), now, text)
    return Escalation(
        id=id,
        persona="lin",
        state="open",
        question=text,
        lang="en",
        reason="no_evidence",
        askers=(waiter,),
        assignee=w.owner,
        owner=w.owner,
        deputy=w.deputy,
        opened_at=now,
        due_at=now,
    )


async def commit(w: World, batch: Batch) -> None:
    await w.app.services.store.commit(batch)


async def test_the_same_question_asked_at_the_same_instant_is_one_escalation(w: World) -> None:
    """Both read an empty open list; the second to write notices, reads again, and joins."""
    lin, desk = await w.persona(), Desk(w.app.services)
    one = await desk.open(lin, question(w, "e1", "Who signed the Lisbon SLA?", w.mei))
    other = await desk.open(lin, question(w, "e2", "who signed the Lisbon SLA", w.ann))
    await commit(w, one.batch)
    with pytest.raises(Conflict):
        await commit(w, other.batch)
    again = await desk.open(lin, question(w, "e2", "who signed the Lisbon SLA", w.ann))
    assert again.joined
    assert [waiter.person for waiter in again.record.askers] == [w.mei, w.ann]


async def test_a_record_two_people_change_at_once_is_changed_by_one(w: World) -> None:
    lin, desk, services = await w.persona(), Desk(w.app.services), w.app.services
    await commit(w, (await desk.open(lin, question(w, "e1", "Who signed it?", w.mei))).batch)
    record = await register.load(services, "e1")
    assert record is not None
    answered = await register.save(services, escalation.answer(record, "Rita.", w.owner, w.clock.now()))
    declined = await register.save(services, escalation.decline(record, w.deputy, w.clock.now()))
    await commit(w, answered)
    with pytest.raises(Conflict):
        await commit(w, declined)
    with pytest.raises(Conflict):
        await register.save(services, record)


async def test_a_question_that_comes_while_a_digest_is_written_is_not_lost(w: World) -> None:
    lin, services = await w.persona(), w.app.services
    first, second = (question(w, f"e{n}", f"What is item{n}?", w.mei) for n in (1, 2))
    await commit(w, (await register.save(services, first)).plus(asking.into_digest(services, lin, first)))
    written = await digest.write(services, w.owner.key)
    await commit(w, (await register.save(services, second)).plus(asking.into_digest(services, lin, second)))
    with pytest.raises(Conflict):
        await commit(w, written)
    await commit(w, await digest.write(services, w.owner.key))
    assert [key async for key, _ in services.store.scan(keys.digest(w.owner.key, ""))] == []
    for id in ("e1", "e2"):
        record = await register.load(services, id)
        assert record is not None
        assert record.state == "asked"


async def test_a_digest_says_nothing_of_what_was_handed_to_somebody_else(w: World) -> None:
    """Nor is what belongs to a paused persona dropped from it."""
    lin, services = await w.persona(), w.app.services
    record = question(w, "e1", "What is item1?", w.mei)
    await commit(w, (await register.save(services, record)).plus(asking.into_digest(services, lin, record)))
    record = await register.load(services, "e1")
    assert record is not None
    handed = escalation.assign(record, w.ann, w.owner.key, w.clock.now())
    await commit(w, await register.save(services, handed))
    batch = await digest.write(services, w.owner.key)
    assert not any(job.kind == "post" for job in batch.jobs)
    assert keys.digest(w.owner.key, "e1") in batch.deletes


async def test_a_digest_passes_over_what_is_being_erased(w: World) -> None:
    """The key of what was asked is gone already, and the others who wait for the same person wait no longer."""
    lin, services = await w.persona(), w.app.services
    record = question(w, "e1", "What is item1?", w.mei)
    await commit(w, (await register.save(services, record)).plus(asking.into_digest(services, lin, record)))
    await commit(w, Batch(puts=(services.personas.put(structs.replace(lin, state="erasing")),)))
    services.vault.shred("lin")
    batch = await digest.write(services, w.owner.key)
    assert keys.digest(w.owner.key, "e1") in batch.deletes


async def test_that_nobody_can_be_reached_is_told_once(w: World) -> None:
    """However many of our messages to them fail."""
    lin, desk = await w.persona(), Desk(w.app.services)
    w.chat.people.pop("U0DEP")
    await commit(w, (await desk.open(lin, question(w, "e1", "Who signed it?", w.mei))).batch)
    first = await desk.undelivered("e1")
    assert [job.kind for job in first.jobs] == ["post"]
    await commit(w, first)
    assert (await desk.undelivered("e1")).jobs == ()


async def test_being_asked_a_second_time_is_another_message(w: World) -> None:
    """A key names a post for ever: the same key would place nothing new."""
    record = escalation.ask(question(w, "e1", "Who signed it?", w.mei), w.clock.now())
    first = asking.ask_key(record)
    away = escalation.assign(record, w.ann, w.owner.key, w.clock.now())
    back = escalation.ask(escalation.assign(away, w.owner, w.ann.key, w.clock.now()), w.clock.now())
    assert back.assignee == w.owner
    assert asking.ask_key(back) != first


async def test_asking_again_under_a_known_id_writes_nothing(w: World) -> None:
    lin, desk = await w.persona(), Desk(w.app.services)
    await commit(w, (await desk.open(lin, question(w, "e1", "Who signed it?", w.mei))).batch)
    again = await desk.open(lin, question(w, "e1", "Who signed it?", w.mei))
    assert again.batch == Batch()


async def test_what_was_settled_is_forgotten_after_a_month_and_what_waits_is_not(w: World) -> None:
    """L23."""
    lin, desk, services = await w.persona(), Desk(w.app.services), w.app.services
    for id, text in (("e1", "Who signed the SLA?"), ("e2", "Where is the garage key?")):
        await commit(w, (await desk.open(lin, question(w, id, text, w.mei))).batch)
    record = await register.load(services, "e1")
    assert record is not None
    await commit(w, await register.save(services, escalation.decline(record, w.owner, w.clock.now())))
    w.clock.advance(31 * 86400)
    assert await register.load(services, "e1") is None
    assert await register.load(services, "e2") is not None


async def test_what_somebody_was_asked_comes_newest_first_from_all_their_accounts(w: World) -> None:
    lin, desk, services = await w.persona(), Desk(w.app.services), w.app.services
    other = w.chat.add("U0OWN2", "Zhou Lan")
    await commit(w, await services.directory.bind(w.owner.key, other.key))
    for id, text in (("e1", "Who signed the SLA?"), ("e2", "Where is the garage key?")):
        w.clock.advance(60)
        await commit(w, (await desk.open(lin, question(w, id, text, w.mei))).batch)
    assert await register.asked_of(services, other) == ["e2", "e1"]


def test_a_personas_lists_are_found_by_their_prefixes() -> None:
    """`lin` must not take `lin-2` along."""
    assert all(prefix.endswith("/lin/") for prefix in keys.persona_prefixes("lin"))
    assert keys.open_mark("lin").startswith(keys.persona_prefixes("lin"))
    assert not keys.open_mark("lin-2").startswith(keys.persona_prefixes("lin"))
