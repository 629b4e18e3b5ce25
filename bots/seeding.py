"""The sample persona, live at the first start: nothing to sign, nothing to import, nothing to configure."""

from __future__ import annotations

import logging

from msgspec import structs

from adapters.local import LocalChat, load_team
from bots.app import App
from bots.distilling import distil_by_rules
from bots.operator import OPERATOR, create, found, import_into, keep_consent, switch
from bots.sample import consent, persona, team
from bots.sample.history import history
from bots.sample.source import sample_sources
from bots.settings import Settings
from persona_store.errors import Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put

DONE = "sample/seeded"
log = logging.getLogger(__name__)


def with_sample_admins(settings: Settings) -> Settings:
    """On the local page alone, where nobody else can be, the sample team's own admins are the admins, unless
    others were set. Wherever real people write, only who is named in the settings is one."""
    if settings.adapters != ("local",) or settings.admins:
        return settings
    admins = tuple(f"local:{member.id}" for member in load_team(team()).people if member.role == "admin")
    return structs.replace(settings, admins=admins)


async def seed_if_empty(app: App, settings: Settings) -> bool:
    """Only where the local chat is all there is, and only once: a sample that was retired stays retired. A start
    that was cut off half-way is simply begun again."""
    store = app.services.store
    if settings.adapters != ("local",) or await store.get(DONE) is not None:
        return False
    everyone = await app.services.personas.all()
    given = persona()
    if any(p.name != given.name for p in everyone):
        return False
    chat = app.services.adapters["local"]
    if isinstance(chat, LocalChat):
        await chat.seed(history())
        for member in chat.team.people:
            await store.commit(await app.services.directory.bind(f"local:{member.id}", f"slack:{member.id}"))
    if not everyone:
        now = app.services.clock.now()
        await create(
            app,
            Persona(
                name=given.name,
                display_name=given.display_name,
                state="draft",
                created_at=now,
                state_at=now,
                subject=given.subject,
                owner=given.owner,
                deputy=given.deputy,
                chats=given.chats,
                aliases=given.aliases,
                rules=given.rules,
            ),
        )
    made = await found(app, given.name)
    if made.state == "draft":
        if await app.services.consents.current(made.name) is None:
            signed = consent()
            await keep_consent(app, made, signed.raw, signed.jws, signed.public_key)
        for source in sample_sources(settings.web.link_base):
            await import_into(app, made, source, quiet=True)
        await distil_by_rules(app.services, made, OPERATOR, progress=lambda done, total: None, quiet=True)
        try:
            await switch(app, made, "live", quiet=True)
        except Refused as refused:  # an installation that wants every persona assessed wants it of this one, too
            if refused.code != "ASSESSMENT_REQUIRED":
                raise
            log.warning("the sample stays a draft: %s", refused)
    await store.commit(Batch(puts=(Put(DONE, b""),)))
    return True
