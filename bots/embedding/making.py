"""Vectors of a persona's passages: made of what has none, in batches, so that one may stop and go on at any time.

Whoever calls this has looked who may: the operator at the command line, the bot for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from bots.audit import line
from bots.services import Services
from persona_store.consent.policy import Ask, allow
from persona_store.errors import ModelMalformed, ModelRefused, ModelUnavailable, Refused
from persona_store.meaning import Meaning
from persona_store.model import Passage, Persona
from persona_store.personas import thawed
from persona_store.protocols import Batch
from persona_store.vector_book import VectorBook
from persona_store.vectors import pack

AT_ONCE = 32  # passages between two looks at the consent

Progress = Callable[[int, int], None]
"""How many have a vector, of how many that are to get one."""


class Wanting(Struct, frozen=True):
    """What has no vector and may get one, where it is kept then, and how many may not, by reason."""

    book: VectorBook
    passages: tuple[Passage, ...]
    dropped: dict[str, int]


class Made(Struct, frozen=True):
    """`dropped`: passages that get none, by reason. `old`: vectors of another model, removed."""

    made: int
    dropped: dict[str, int]
    old: int = 0


def meaning_of(services: Services) -> Meaning:
    """Raises Refused EMBEDDING where none is set."""
    if services.meaning is None:
        raise Refused("EMBEDDING", "no embedder is set", "set UNDERSTUDY_EMBEDDING_MODEL (docs/models.md)")
    return services.meaning


async def require_ready(services: Services) -> Meaning:
    """Raises ModelUnavailable where it cannot be asked now."""
    meaning = meaning_of(services)
    if not await meaning.ready():
        who = meaning.embedder.recipient or "the local model"
        what, fix = f"{who} makes no vectors", "understudy doctor --online"
        raise ModelUnavailable("MODEL_UNREACHABLE", what, fix, retryable=True)
    return meaning


async def require_named(services: Services, persona: Persona) -> str:
    """The record under which vectors may be made now. Raises Refused with the consent's code, or RESTRICTED."""
    thawed(await services.personas.get(persona.name) or persona)
    meaning, consent = meaning_of(services), await services.consents.current(persona.name)
    recipient = meaning.embedder.recipient
    decision = allow(consent, Ask("retrieve", services.clock.now(), recipient=recipient))
    if not decision.ok or consent is None:
        what = f"nothing of {persona.name!r} may be handed to {recipient or 'a model'}"
        raise Refused(decision.code, what, decision.fix)
    return consent.record_id


async def wanting(services: Services, persona: Persona) -> Wanting:
    """Once the embedder is ready. Raises Refused as `require_named`."""
    meaning = meaning_of(services)
    await require_named(services, persona)
    consent = await services.consents.current(persona.name)
    found = await services.library.unmeant(persona.name)
    if found is None:
        raise Refused("EMBEDDING", "no embedder is ready", "understudy doctor --online")
    book, passages = found
    may = tuple(passage for passage in passages if meaning.may_have(consent, passage))
    return Wanting(book, may, {"NOT_GIVEN": len(passages) - len(may)} if len(may) < len(passages) else {})


async def make(services: Services, persona: Persona, actor: str, progress: Progress) -> Made:
    """Everything that is wanting. Raises Refused, or ModelUnavailable where the embedder stopped answering; what
    was made until then is kept, and the next call goes on from there."""
    meaning = await require_ready(services)
    record = await require_named(services, persona)
    open_, dropped = await wanting(services, persona), Counter[str]()
    old = await open_.book.only_ours()
    done = made = 0
    try:
        for at in range(0, len(open_.passages), AT_ONCE):
            progress(done, len(open_.passages))
            record = await require_named(services, persona)  # it takes minutes: asked again and again
            batch = open_.passages[at : at + AT_ONCE]
            packed = await _packed(meaning, batch, dropped)
            made += await open_.book.keep(packed)
            done += len(batch)
        progress(done, len(open_.passages))
    finally:
        if made:
            code = meaning.embedder.recipient or "local"
            audited = line(
                services, persona.name, "embedded", actor, record_id=record, decision=f"new={made}", code=code
            )
            await services.store.commit(Batch(log=(audited,)))
    await open_.book.caught_up(record)
    return Made(made, dict(Counter(open_.dropped) + dropped), old)


async def _packed(meaning: Meaning, batch: Sequence[Passage], dropped: Counter[str]) -> list[tuple[Passage, bytes]]:
    """One text that the model does not take must not keep the others from theirs."""
    try:
        vectors = await meaning.of_passages(batch)
        return [(passage, pack(vector)) for passage, vector in zip(batch, vectors, strict=True)]
    except (ModelRefused, ModelMalformed, ValueError):
        pass
    found = []
    for passage in batch:
        try:
            (vector,) = await meaning.of_passages((passage,))
            found.append((passage, pack(vector)))
        except (ModelRefused, ModelMalformed, ValueError):
            dropped["NO_VECTOR"] += 1
    return found
