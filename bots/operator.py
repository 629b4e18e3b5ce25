"""What whoever runs the installation can do, whether typed or at the first start: create, sign, import, set live.

Who may is decided by the operating system: whoever may read the data directory.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from bots.app import App
from bots.audit import line
from bots.consenting import in_force
from bots.distilling import adopt
from bots.importing import bring_in
from persona_store import names
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import Persona
from persona_store.personas import transition
from persona_store.protocols import Batch, HasFacets, Source

OPERATOR = "operator:cli"


async def found(app: App, name: str) -> Persona:
    persona = await app.services.personas.get(names.checked(name))
    if persona is None:
        known = ", ".join(p.name for p in await app.services.personas.all()) or "none yet"
        raise Refused("PERSONA_UNKNOWN", f"there is no persona {name!r}", f"there are: {known}")
    return persona


async def create(app: App, persona: Persona) -> None:
    """A new draft with its own key. Raises Refused if the name is taken, be it by a tombstone."""
    batch = await app.services.personas.create(persona)
    app.services.vault.create_key(persona.name)
    audited = line(app.services, persona.name, "created", OPERATOR)
    await app.services.store.commit(batch.plus(Batch(log=(audited,))))


async def keep_consent(app: App, persona: Persona, raw: bytes, jws: str, public_key: bytes) -> None:
    """Put a signed record in force. Raises Refused for one that is not this subject's."""
    actor = persona.subject or OPERATOR
    await app.services.store.commit(await in_force(app.services, persona, raw, jws, public_key, actor))


async def import_into(
    app: App, persona: Persona, source: Source, progress: Callable[[int, int], None] | None = None
) -> ImportReport:
    """Consent is looked at before the source is opened."""
    report = await bring_in(app.services, persona, source, OPERATOR, progress)
    if isinstance(source, HasFacets) and source.facets:
        await adopt(app.services, persona, source.facets, OPERATOR)
    return report


async def adopt_subject(app: App, persona: Persona, key: str) -> None:
    """Remember whose words were imported, where nobody has said so yet: from then on the subject may look, strike
    out and withdraw from their own account."""
    services = app.services
    if persona.subject:
        return
    before = await services.personas.raw(persona.name)
    audited = line(services, persona.name, "subject", OPERATOR)
    await services.store.commit(
        Batch(
            puts=(services.personas.put(structs.replace(persona, subject=key)),),
            unchanged=((services.personas.key(persona.name), before),),
            log=(audited,),
        )
    )


async def known_as(app: App, persona: Persona, key: str) -> str:
    """How somebody is called in the persona's material; their key if nothing there is theirs. For words on a
    terminal, where no platform is connected that could be asked."""
    identities = await app.services.directory.identities(key)
    async for _, passage in (await app.services.library.file(persona.name)).scan():
        if passage.author in identities and passage.author_name:
            return passage.author_name
    return key


async def switch(app: App, before: Persona, event: str) -> None:
    """live, suspend, resume. Raises Refused without consent or owner: nothing answers for anybody before both
    are there."""
    services = app.services
    consent = await services.consents.current(before.name)
    after = transition(before, event, services.clock.now(), consent=consent)
    await services.store.commit(
        Batch(
            puts=(services.personas.put(after),),
            unchanged=((services.personas.key(before.name), await services.personas.raw(before.name)),),
            log=(line(services, before.name, event, OPERATOR, decision="done"),),
        )
    )
