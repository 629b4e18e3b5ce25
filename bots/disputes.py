"""Answers that somebody says are wrong. One that is disputed is not given again until the owner has settled it.

A thumb down alone asks the owner and changes nothing for others. Two people's, or one with a reason, and the next
who asks is told that a human is asked. The reason is shown to the owner and learnt by nobody (rights.md T05), and
one person alone can hold back MOST_ALONE answers at most: nobody silences a persona with a sentence.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from msgspec import Struct, structs

from adapters.model import Person
from bots import keys
from bots.agent.label import RIGHT
from bots.model import Draft, Escalation
from bots.questions import same_question
from bots.records import KEPT, Outcome
from bots.services import Services
from persona_store.model import Passage, Persona
from persona_store.protocols import Batch, Put
from persona_store.tokens import content_tokens

DISPUTED = "disputed"  # why a human is asked
MOST_ALONE = 3  # answers that one person's reasons hold back at a time
UPHELD = timedelta(days=365)


class Dispute(Struct, frozen=True):
    """`tokens` are the question's; `quote` names what was quoted first. `by` and `reasoned` are those who objected,
    and those of them who said why, by a keyed hash. `upheld`: the owner did not send it again."""

    tokens: tuple[str, ...]
    quote: str
    at: datetime
    by: tuple[str, ...] = ()
    reasoned: tuple[str, ...] = ()
    upheld: bool = False

    @property
    def holds(self) -> bool:
        return self.upheld or bool(self.reasoned) or len(self.by) >= 2

    def repeated_by(self, question: frozenset[str], quote: str, first: Passage) -> bool:
        """Whether it would be said again: by the same quote, or to the same question (its tokens) by whatever quote
        but what somebody has answered since."""
        if quote == self.quote:
            return True
        newer = first.source == "correction" and first.at >= self.at
        return not newer and same_question(question, frozenset(self.tokens))


async def against(services: Services, persona: str, question: str, draft: Draft) -> bool:
    """Whether what is drafted is disputed."""
    held = [dispute for dispute in await _all(services, persona) if dispute.holds]
    if not held:
        return False
    tokens, quote, first = content_tokens(question), keys.short(draft.quotes[0]), draft.evidence[0].passage
    return any(dispute.repeated_by(tokens, quote, first) for dispute in held)


async def objected(services: Services, persona: Persona, outcome: Outcome, who: Person, *, why: bool) -> Batch:
    """Somebody says that an answer is wrong; `why`: and said what is wrong about it. The owner's and deputy's word
    is enough by itself."""
    key = keys.disputed(persona.name, outcome.id)
    known, before = await services.read_raw(key, Dispute)
    tokens = tuple(sorted(content_tokens(outcome.question)))
    dispute = known or Dispute(tokens, keys.short(outcome.quotes[0]), services.clock.now())
    human = services.vault.pseudonym(persona.name, min(await services.directory.identities(who.key)))
    responsible = bool(await services.directory.roles(who, persona) & {"owner", "deputy"})
    alone = sum(human in each.reasoned and not each.upheld for each in await _all(services, persona.name))
    reasons = (human,) if responsible or (why and alone < MOST_ALONE) else ()
    dispute = structs.replace(
        dispute,
        by=tuple(dict.fromkeys((*dispute.by, human))),
        reasoned=tuple(dict.fromkeys((*dispute.reasoned, *reasons))),
    )
    return _kept(services, key, dispute, before)


async def settled(services: Services, record: Escalation, verdict: str) -> Batch:
    """The owner has answered. What they sent again as it was stands; what they changed or answered otherwise is not
    said again as it was. A question that was asked of them because of a dispute settles that one as well."""
    outcome = await services.read(keys.outcome(record.outcome), Outcome) if record.outcome else None
    quote = keys.short(outcome.quotes[0]) if outcome is not None and outcome.quotes else ""
    tokens, batch = content_tokens(record.question), Batch()
    async for key, raw in services.store.scan(keys.disputed(record.persona, "")):
        known = services.unseal(raw, key, Dispute)
        same = known.quote == quote or same_question(tokens, frozenset(known.tokens))
        if key != keys.disputed(record.persona, record.outcome) and not (record.reason == DISPUTED and same):
            continue
        if verdict == RIGHT:
            batch = batch.plus(Batch(deletes=(key,), unchanged=((key, raw),)))
        else:
            batch = batch.plus(_kept(services, key, structs.replace(known, upheld=True), raw))
    return batch


async def taken_back(services: Services, record: Escalation) -> Batch:
    """Whoever objected does not want the human to be asked after all; others' objections stay."""
    key = keys.disputed(record.persona, record.outcome)
    known, before = await services.read_raw(key, Dispute) if record.outcome else (None, None)
    if known is None or known.upheld or len(known.by) > 1:
        return Batch()
    return Batch(deletes=(key,), unchanged=((key, before),))


async def forget(services: Services, persona: str, voters: Collection[str]) -> Batch:
    """Without any objection of somebody's, unless the owner has upheld it: then it is the owner's word."""
    who, batch = set(services.vault.pseudonyms(persona, voters)), Batch()
    async for key, raw in services.store.scan(keys.disputed(persona, "")):
        known = services.unseal(raw, key, Dispute)
        by = tuple(each for each in known.by if each not in who)
        if by == known.by:
            continue
        left = structs.replace(known, by=by, reasoned=tuple(each for each in known.reasoned if each not in who))
        stays = by or known.upheld
        batch = batch.plus(_kept(services, key, left, raw) if stays else Batch(deletes=(key,)))
    return batch


def _kept(services: Services, key: str, dispute: Dispute, before: bytes | None) -> Batch:
    until = services.clock.now() + (UPHELD if dispute.upheld else KEPT)
    return Batch(puts=(Put(key, services.seal(dispute, key), until),), unchanged=((key, before),))


async def _all(services: Services, persona: str) -> list[Dispute]:
    prefix = keys.disputed(persona, "")
    return [services.unseal(raw, key, Dispute) async for key, raw in services.store.scan(prefix)]
