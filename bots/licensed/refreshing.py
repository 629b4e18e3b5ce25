"""A later pack under the same licence: what is new comes in, what was taken back at the first organisation goes.

Ids are the same from one pack to the next, so what the Subject struck or kept back here stays away. What the
organisation's own owner answered stays, and facets are drawn anew from all of it.
"""

from __future__ import annotations

from bots.audit import line
from bots.consenting import in_force
from bots.distilling import distil_by_rules
from bots.licensed.taking import TOGETHER, Taken, licence, looked_at
from bots.services import Services
from persona_store import bundle, withholding
from persona_store.bundle import Bundle
from persona_store.consent import notice
from persona_store.consent.book import Chain
from persona_store.consent.policy import LICENSABLE
from persona_store.errors import Refused
from persona_store.model import Passage, Persona
from persona_store.personas import thawed
from persona_store.protocols import Batch


async def refresh(services: Services, opened: Bundle, persona: Persona, organisation: str, actor: str) -> Taken:
    """Raises Refused PERSONA_EXISTS if it runs by anything else than this licence, RESTRICTED, or as `take`;
    NOTICE_CHANGED before anything of it is taken in."""
    thawed(persona)
    theirs, record = licence(opened, organisation, services.clock.now())
    looked_at(opened, record, services.clock.now())
    await _amended(services, persona, theirs, actor)
    notice.still_shown(await services.consent(persona.name))
    file = await services.library.file(persona.name)
    shelf = await withholding.shelf_of(services.store, persona.name, file)
    there = {each.id async for _, each in file.scan() if each.source in LICENSABLE}
    waiting: list[Passage] = []
    for each in opened.lines():
        if isinstance(each, bundle.Told):
            waiting.append(each.passage)
            there.discard(each.passage.id)
        if len(waiting) >= TOGETHER:
            await shelf.add(waiting)
            waiting = []
    await shelf.add(waiting)
    await shelf.remove(there)
    audited = line(
        services,
        persona.name,
        "imported",
        actor,
        record_id=record.record_id,
        code=opened.licensed.pack if opened.licensed else "",
        refs=(opened.signer, opened.statement.content),
    )
    await services.store.commit(Batch(log=(audited,)))
    drawn = await distil_by_rules(services, persona, actor, progress=_silent)
    return Taken(persona, await file.count() - 1, len(drawn.portrait.facets))  # but for the phrase


async def _amended(services: Services, persona: Persona, theirs: Chain, actor: str) -> None:
    """Records that were signed since the last pack, each by the key of the first."""
    ours = await services.consents.chain(persona.name)
    if ours is None or ours.public_key != theirs.public_key or ours.records[0].raw != theirs.records[0].raw:
        what = f"there is a persona {persona.name!r}, and it runs by another record"
        raise Refused("PERSONA_EXISTS", what, "give this one another name: --as NAME")
    known = {record.raw for record in ours.records}
    for record in theirs.records:
        if record.raw not in known:
            key = theirs.public_key
            batch = await in_force(services, persona, record.raw, record.signature, key, actor)
            await services.store.commit(batch)


def _silent(done: int, total: int) -> None: ...
