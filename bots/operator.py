"""What whoever runs the installation can do, whether typed or at the first start: create, sign, import, set live.

Who may is decided by the operating system: whoever may read the data directory.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from bots import informing, keys
from bots.app import App
from bots.assessment.keeping import papers_of
from bots.audit import OPERATOR as OPERATOR  # what others here sign as, too
from bots.audit import line
from bots.consenting import in_force
from bots.distilling import adopt
from bots.importing import bring_in
from bots.letters.addresses import checked
from persona_store import names
from persona_store.errors import Refused
from persona_store.importing import ImportReport
from persona_store.model import Persona
from persona_store.personas import BY_SUBJECT, transition
from persona_store.protocols import Batch, HasFacets, Put, Source


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


async def keep_consent(
    app: App, persona: Persona, raw: bytes, jws: str, public_key: bytes, *, address: str = ""
) -> None:
    """Put a signed record in force. `address`: the Subject's private one, for the receipt and whatever follows.
    Raises Refused for one that is not this subject's."""
    actor = persona.subject or OPERATOR
    batch = await in_force(app.services, persona, raw, jws, public_key, actor)
    await app.services.store.commit(batch.plus(addressed(app, persona.name, address)))


def addressed(app: App, persona: str, address: str) -> Batch:
    """Keeps the Subject's private address, sealed. Raises Refused ADDRESS."""
    if not address:
        return Batch()
    key = keys.of_subject(persona, "address")
    return Batch(puts=(Put(key, app.services.seal(checked(address), key)),))


async def import_into(
    app: App,
    persona: Persona,
    source: Source,
    progress: Callable[[int, int], None] | None = None,
    *,
    quiet: bool = False,
) -> ImportReport:
    """Consent is looked at before the source is opened. The Subject is told, unless `quiet`."""
    report = await bring_in(app.services, persona, source, OPERATOR, progress, quiet=quiet)
    if isinstance(source, HasFacets) and source.facets:
        await adopt(app.services, persona, source.facets, OPERATOR)
    return report


async def adopt_subject(app: App, persona: Persona, key: str) -> None:
    """Remember whose words were imported, where nobody has said so yet: from then on the subject may look, strike
    out and withdraw from their own account."""
    services = app.services
    if persona.subject:
        return
    audited = line(services, persona.name, "subject", OPERATOR)
    await services.store.commit(
        Batch(
            puts=(services.personas.put(structs.replace(persona, subject=key)),),
            unchanged=(await services.personas.unchanged(persona),),
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


async def switch(app: App, before: Persona, event: str, *, quiet: bool = False) -> None:
    """live, suspend, resume. Raises Refused without consent or owner: nothing answers for anybody before both
    are there; and PAUSED_BY_SUBJECT for what its Subject paused, which nobody resumes in their place (PIPL 44).
    That it went live is told to Owner and Subject, unless `quiet` (rights.md T37)."""
    services = app.services
    if event == "resume" and (before.state, before.reason) == ("suspended", BY_SUBJECT):
        raise Refused(
            "PAUSED_BY_SUBJECT",
            f"the subject of {before.name!r} paused it",
            "only they let it answer again: by `resume` in the chat, or on their own page",
        )
    consent = await services.consents.current(before.name)
    papers = await papers_of(services, before, consent)
    after = transition(before, event, services.clock.now(), consent=consent, papers=papers)
    told = Batch() if quiet or event != "live" else informing.happened(services, "live", before.name)
    await services.store.commit(
        Batch(
            puts=(services.personas.put(after),),
            unchanged=(await services.personas.unchanged(before),),
            log=(line(services, before.name, event, OPERATOR, decision="done"),),
        ).plus(told)
    )
