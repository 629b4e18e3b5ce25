"""What an owner does with a draft becomes a label only where that says something about the draft."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs

from adapters.model import Thread
from bots import feedback, keys
from bots.agent.label import EDITED, RIGHT, WRONG, Label
from bots.escalation import REPORTED
from bots.model import Escalation, Waiter
from bots.records import Outcome
from persona_store.errors import Conflict
from persona_store.protocols import Batch, Put
from tests.bots.services import idle
from tests.scenarios.world import START, World

DRAFT = "The payment retry job runs every 15 minutes and gives up after 3 attempts."
OUTCOME = "0123456789abcdef"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        await it.persona()
        yield it


async def asked(w: World, quotes: tuple[str, ...] = (DRAFT,), *, taught: bool = False) -> Outcome:
    """A question that was handed over with this drafted."""
    outcome = Outcome(
        id=OUTCOME,
        persona="lin",
        kind="escalated",
        question="How often does the retry job run?",
        lang="en",
        asker=w.mei,
        thread=Thread("chat", "general", "T1"),
        at=START,
        shipped=0.7,
        taught=taught,
        evidence_ids=tuple(f"a{n}" for n in range(len(quotes))),
        quotes=quotes,
    )
    key = keys.outcome(outcome.id)
    await w.app.services.store.commit(Batch(puts=(Put(key, w.app.services.seal(outcome, key)),)))
    return outcome


def settled(
    w: World, answer: str, *, draft: str = DRAFT, reason: str = "low_confidence", **more: str
) -> Escalation:
    waiter = Waiter(w.mei, Thread("chat", "general", "T1"), START)
    record = Escalation(
        id="e1",
        persona="lin",
        state="answered",
        question="How often does the retry job run?",
        lang="en",
        reason=reason,
        askers=(waiter,),
        assignee=w.owner,
        owner=w.owner,
        deputy=None,
        opened_at=START,
        due_at=START + timedelta(hours=4),
        draft=draft,
        outcome=OUTCOME,
        answer=answer,
    )
    return structs.replace(record, **more)


async def labels(w: World) -> list[Label]:
    return await w.app.services.labels.all("lin")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (DRAFT, RIGHT),
        (f"  {DRAFT}\n", RIGHT),
        (DRAFT + " Its log is on pay-db-02.", EDITED),
        ("The payment retry job runs every 15 minutes.", EDITED),
        ("The payment retry job runs every 10 minutes and gives up after 3 attempts.", WRONG),
        ("No idea, ask the platform team.", WRONG),
    ],
)
async def test_the_owners_hands_on_a_draft_are_the_verdict(w: World, answer: str, verdict: str) -> None:
    await asked(w)
    found, batch = await feedback.settled(w.app.services, settled(w, answer))
    await w.app.services.store.commit(batch)
    [label] = await labels(w)
    assert found == label.owner == verdict
    assert (label.chance, label.shown) == (0.7, False)


@pytest.mark.parametrize(
    "more",
    [{"draft": ""}, {"draft": DRAFT.partition(" and")[0]}, {"reason": REPORTED}, {"outcome": "gone"}],
    ids=["no draft", "a part of it was private", "a complaint", "forgotten"],
)
async def test_what_says_nothing_of_the_draft_is_no_label(w: World, more: dict[str, str]) -> None:
    await asked(w)
    found, batch = await feedback.settled(w.app.services, settled(w, DRAFT, **more))
    assert (found, batch) == ("", Batch())


async def test_what_only_humans_may_say_is_no_label(w: World) -> None:
    await asked(w)
    record = structs.replace(settled(w, DRAFT), question="Can you approve the refund?")
    assert await feedback.settled(w.app.services, record) == ("", Batch())


async def test_a_label_that_quotes_an_owner_does_not_move_the_calibrator(w: World) -> None:
    await asked(w, taught=True)
    _, batch = await feedback.settled(w.app.services, settled(w, "Something else entirely."))
    await w.app.services.store.commit(batch)
    own = await w.app.services.labels.of("lin")
    assert (own.slope, own.offset, own.labelled) == (1.0, 0.0, 0)


async def test_it_is_fitted_anew_when_somebody_judged_and_not_before(w: World) -> None:
    services = w.app.services
    first = await services.labels.of("lin")
    await services.store.commit(services.labels.keep("lin", "o1", Label(0.9, "c", START.date(), True), None))
    assert await services.labels.of("lin") is first  # nobody judged it
    await asked(w)
    _, batch = await feedback.settled(services, settled(w, "Something else entirely."))
    await services.store.commit(batch)
    second = await services.labels.of("lin")
    assert second.offset < first.offset
    assert await services.labels.of("lin") is second


async def test_a_label_counts_for_a_year_whatever_the_sweep_does(w: World) -> None:
    await asked(w)
    _, batch = await feedback.settled(w.app.services, settled(w, DRAFT))
    await w.app.services.store.commit(batch)
    w.clock.advance(timedelta(days=364).total_seconds())
    assert len(await labels(w)) == 1
    w.clock.advance(timedelta(days=1).total_seconds())
    assert await labels(w) == []


async def test_two_who_judge_at_once_are_both_counted(w: World) -> None:
    """The second one's commit is a Conflict, and is made again on what the first wrote."""
    services = w.app.services
    persona = await services.personas.get("lin")
    assert persona is not None
    outcome = structs.replace(await asked(w), kind="answered")
    await services.store.commit(await feedback.answered(services, outcome))
    first = await feedback.voted(services, persona, outcome, w.mei, "up")
    second = await feedback.voted(services, persona, outcome, w.ann, "up")
    await services.store.commit(first)
    with pytest.raises(Conflict):
        await services.store.commit(second)
    await services.store.commit(await feedback.voted(services, persona, outcome, w.ann, "up"))
    assert [len(label.up) for label in await labels(w)] == [2]


@pytest.mark.parametrize("state", ["restricted", "erasing"])
async def test_while_its_subject_has_it_frozen_no_thumb_counts(w: World, state: str) -> None:
    services = w.app.services
    persona = await services.personas.get("lin")
    assert persona is not None
    outcome = structs.replace(await asked(w), kind="answered")
    await services.store.commit(await feedback.answered(services, outcome))
    assert (await feedback.voted(services, persona, outcome, w.mei, "up")).puts
    assert await feedback.voted(services, structs.replace(persona, state=state), outcome, w.mei, "up") == Batch()
