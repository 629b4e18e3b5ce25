"""What the configuration would use and the record does not grant: it is left unused, and the Owner is told, once.

The effective scope is what the record and the configuration have in common; nobody widens a consent by a setting.
That something is ignored must not go unnoticed either (PIPL 14(2); rights.md L03).
"""

from __future__ import annotations

import logging

import msgspec
from msgspec import Struct

from adapters.model import Post
from bots import cards, keys
from bots.distilling import book_of
from bots.outbox import queue
from bots.people import own_language, reach
from bots.services import Services
from bots.wording import say
from persona_store.consent import summary
from persona_store.consent.draft import FACETS
from persona_store.consent.record import DIRECT, EVERY, Consent
from persona_store.errors import Refused, StoreError
from persona_store.model import Persona
from persona_store.protocols import Batch, Put

log = logging.getLogger(__name__)
WENT_LIVE = ("live", "suspended")


class Wanted(Struct, frozen=True):
    """`what`: a chat as `platform:id`, a recipient's name, or a kind of facet."""

    kind: str  # chat | recipient | facet
    what: str


def beyond(
    consent: Consent, chats: tuple[str, ...], recipients: tuple[str, ...], facets: frozenset[str]
) -> tuple[Wanted, ...]:
    """What would be used and is not granted. Pure."""
    granted = {(each.platform, each.chat) for each in consent.audiences}
    found = [Wanted("chat", chat) for chat in chats if not _served(chat, granted)]
    named = {each.name for each in consent.recipients}
    found += [Wanted("recipient", each) for each in recipients if each not in named]
    found += [Wanted("facet", kind) for kind in FACETS if kind in facets and not getattr(consent.facets, kind)]
    return tuple(found)


def _served(chat: str, granted: set[tuple[str, str]]) -> bool:
    """`*` of the record covers every group chat of the platform; a `*` of the configuration only wants to serve
    what is granted there, so that any chat of the platform will do."""
    platform, _, id = chat.partition(":")
    if id == EVERY:
        return any(each == platform for each, where in granted if where != DIRECT)
    return (platform, EVERY) in granted or (platform, id) in granted


async def of(services: Services, persona: Persona) -> tuple[Wanted, ...]:
    """For one that speaks, or would: nothing to say of others, or where there is no record at all."""
    consent = await services.consent(persona.name) if persona.state in WENT_LIVE else None
    if consent is None or consent.event.type not in ("consent_given", "amended"):
        return ()
    try:
        portrait = await (await book_of(services, persona)).portrait()
    except Refused:  # erased this very moment
        return ()
    facets = frozenset(facet.kind for facet in portrait.facets)
    return beyond(consent, persona.chats, services.recipients, facets)


def listed(found: tuple[Wanted, ...], lang: str) -> str:
    """One line of what is ignored."""
    words = {"chat": "reconsent.chat", "recipient": "reconsent.recipient", "facet": "reconsent.facet"}

    def called(each: Wanted) -> str:
        return summary.facet(each.what, lang) if each.kind == "facet" else each.what

    return "; ".join(say(lang, words[each.kind], what=called(each)) for each in found)


async def status(services: Services, persona: Persona, lang: str) -> str:
    """A line more for `status`; "" where everything that is set up is granted."""
    found = await of(services, persona)
    return "\n" + say(lang, "reconsent.status", list=listed(found, lang)) if found else ""


async def tell(services: Services) -> None:
    """The Owner, once for every change of what is ignored."""
    for persona in await services.personas.all():
        try:
            await _tell(services, persona)
        except StoreError as error:  # another process told them, or it is being erased: looked at the next time
            log.info("%s: %s", persona.name, type(error).__name__)


async def _tell(services: Services, persona: Persona) -> None:
    found = await of(services, persona)
    key = keys.of_subject(persona.name, "reconsent")
    before = await services.store.get(key)
    now = msgspec.json.encode(found)
    if before == now or (before is None and not found):
        return
    batch = Batch(puts=(Put(key, now),), unchanged=((key, before),))
    owner = await reach(services, persona.owner) if found and persona.owner else None
    if owner is not None:
        lang = await own_language(services, owner)
        text = say(lang, "reconsent.told", name=persona.display_name, list=listed(found, lang))
        post = Post(
            f"reconsent:{keys.short(persona.name, now.decode())}", cards.notice(text, lang=lang, tone="admin")
        )
        batch = batch.plus(queue(services, post, to=owner))
    await services.store.commit(batch)
