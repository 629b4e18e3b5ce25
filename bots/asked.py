"""What one person asked: theirs to see, to copy and to have forgotten (rights.md L25)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bots import disputes, escalation, keys
from bots.model import Escalation
from bots.records import Outcome, Pending, ThreadState
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store.model import GONE
from persona_store.protocols import Batch

MOST = 100  # questions shown at once; the rest is counted
LINE = 200  # characters of one of them


async def show(services: Services, said: Said) -> Batch:
    """The newest first, to whoever asked them alone: when, of whom, what came of it, and the words."""
    mine = await services.directory.identities(said.author.key)
    outcomes = sorted([each async for _, each in _outcomes(services, mine)], key=lambda each: each.at, reverse=True)
    if not outcomes:
        return said.tell(services, say(said.lang, "my_questions.none"))
    names = {persona.name: persona.display_name for persona in await services.personas.all()}
    lines = [
        say(
            said.lang,
            f"my_questions.{each.kind}",
            at=f"{each.at:%Y-%m-%d %H:%M} UTC",
            name=names.get(each.persona, each.persona),
            question=" ".join(each.question.split())[:LINE],
        )
        for each in outcomes[:MOST]
    ]
    title = say(said.lang, "my_questions.title", count=str(len(outcomes)))
    text = "\n".join((title, *(f"- {line}" for line in lines)))
    if len(outcomes) > MOST:
        text += "\n\n" + say(said.lang, "my_questions.more", count=str(len(outcomes) - MOST))
    return said.tell(services, text)


async def forget(services: Services, said: Said) -> Batch:
    """All of it goes; open questions to humans are theirs to take back."""
    mine = await services.directory.identities(said.author.key)
    gone = [key async for key, _ in _outcomes(services, mine)]
    gone += [key async for key, state in services.all(keys.THREAD, ThreadState) if mine & set(state.askers)]
    gone += [key async for key, words in services.all(keys.DRAFTED, Pending) if words.author.key in mine]
    async for key, record in services.all(keys.ESCALATION, Escalation):
        if escalation.is_settled(record) and {w.person.key for w in record.askers} <= mine:
            gone += (key, keys.asked(record.assignee, record.id))
    text = say(said.lang, "forget.done", count=str(len(gone)))
    spoke = tuple(map(keys.spoke, mine))
    return Batch(deletes=(*gone, *spoke)).plus(await _votes(services, mine)).plus(said.tell(services, text))


async def _outcomes(services: Services, mine: frozenset[str]) -> AsyncIterator[tuple[str, Outcome]]:
    async for key, outcome in services.all(keys.OUTCOME, Outcome):
        if outcome.asker.key in mine:
            yield key, outcome


async def _votes(services: Services, mine: frozenset[str]) -> Batch:
    batch = Batch()
    for persona in await services.personas.all():
        if persona.state not in GONE and services.vault.has_key(persona.name):
            batch = batch.plus(await services.labels.forget(persona.name, mine))
            batch = batch.plus(await disputes.forget(services, persona.name, mine))
    return batch
