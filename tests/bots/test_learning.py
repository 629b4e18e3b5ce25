"""An owner's answer becomes evidence only where consent, redaction and readers let it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Audience, Thread
from bots import learning
from bots.model import Escalation, Waiter
from persona_store.model import Passage
from tests.bots.services import idle
from tests.scenarios.world import START, World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


def answered(w: World, answer: str = "Four hours.", *, chat: str = "general", direct: bool = False) -> Escalation:
    waiter = Waiter(w.mei, Thread("chat", chat, "T1", direct=direct), START, "What is the SLA?")
    return Escalation(
        id="e1",
        persona="lin",
        state="answered",
        question="What is the SLA?",
        lang="en",
        reason="no_evidence",
        askers=(waiter,),
        assignee=w.owner,
        owner=w.owner,
        deputy=None,
        opened_at=START,
        due_at=START + timedelta(hours=4),
        settled_at=START,
        settled_by=w.owner.key,
        settled_name="Zhou Lan",
        answer=answer,
    )


async def kept(w: World) -> list[Passage]:
    return [p for p in await (await w.app.services.library.file("lin")).all() if p.source == "correction"]


async def test_learning_twice_is_learning_once(w: World) -> None:
    await w.persona()
    for _ in range(2):
        await learning.learn(w.app.services, answered(w))
    [passage] = await kept(w)
    assert (passage.text, passage.question, passage.author_name) == ("Four hours.", "What is the SLA?", "Zhou Lan")
    assert passage.readers is None


@pytest.mark.parametrize("state", ["asked", "declined", "expired", "cancelled"])
async def test_only_an_answer_is_learned(w: World, state: str) -> None:
    """T05: nothing else ever becomes evidence."""
    await w.persona()
    await learning.learn(w.app.services, structs.replace(answered(w), state=state))
    assert await kept(w) == []


async def test_without_consent_to_learn_nothing_is(w: World) -> None:
    await w.persona(learn=False)
    await learning.learn(w.app.services, answered(w))
    assert await kept(w) == []


async def test_what_was_said_to_one_stays_with_the_two_until_it_is_shared(w: World) -> None:
    await w.persona()
    record = answered(w, chat="dm-U0MEI", direct=True)
    await learning.learn(w.app.services, record)
    assert (await kept(w))[0].readers == tuple(sorted((w.mei.key, w.owner.key)))
    await learning.share(w.app.services, record)
    assert (await kept(w))[0].readers is None
    await learning.unlearn(w.app.services, record)
    assert await kept(w) == []


async def test_words_in_a_private_room_stay_with_its_members(w: World) -> None:
    await w.persona()
    w.chat.room("inner", Audience(public=False, members=(w.mei, w.ann)))
    await learning.learn(w.app.services, answered(w, chat="inner"))
    assert (await kept(w))[0].readers == tuple(sorted((w.mei.key, w.ann.key, w.owner.key)))


async def test_where_it_cannot_be_known_who_reads_along_it_stays_with_the_two(w: World) -> None:
    """T08: unknown means deny."""
    await w.persona()
    await learning.learn(w.app.services, answered(w, chat="mystery"))
    assert (await kept(w))[0].readers == tuple(sorted((w.mei.key, w.owner.key)))


async def test_an_answer_that_is_nothing_but_a_secret_is_not_kept(w: World) -> None:
    await w.persona()
    await learning.learn(w.app.services, answered(w, "AKIAIOSFODNN7EXAMPLE"))
    assert all("AKIA" not in passage.text for passage in await kept(w))


async def test_for_a_persona_that_is_gone_there_is_nothing_to_learn(w: World) -> None:
    """The key is shredded: no error either."""
    persona = await w.persona()
    services = w.app.services
    await services.store.commit(await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en"))
    await learning.learn(services, answered(w))
    await w.app.retiring.erase_now("lin", "withdraw", START)
    await learning.learn(services, answered(w))
    assert not services.vault.has_key("lin")
