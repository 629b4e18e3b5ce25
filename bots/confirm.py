"""Two steps for what cannot be undone: a one-time nonce, bound to the person, the chat and the deed, for two
minutes (rights.md T19, CMD-02). Where a platform has nothing that only one person in a group sees, what was asked
in the group stands in the direct chat of that person, and holds there."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from adapters.model import Press
from bots import keys
from bots.services import Services
from persona_store.protocols import Batch, Put

GOOD_FOR = timedelta(seconds=120)
TOLD = timedelta(days=1)  # so long who comes late is told that it is too late


class Deed(Struct, frozen=True):
    action: str  # retire | link
    about: str  # the persona's name; the other account's key
    by: str  # person key
    chat: str  # chat key
    until: datetime


def ask(services: Services, nonce: str, deed: Deed) -> Batch:
    key = keys.CONFIRM + nonce
    return Batch(puts=(Put(key, services.seal(deed, key), deed.until + TOLD),))


async def take(services: Services, press: Press) -> tuple[Deed | None, str, Batch]:
    """(the deed, "", a Batch that uses the nonce up), or (None, why not, nothing)."""
    key = keys.CONFIRM + press.value
    deed, raw = await services.read_raw(key, Deed)
    if deed is None:
        return None, "confirm.gone", Batch()
    here = press.thread.direct or press.thread.chat_key == deed.chat
    if deed.by != press.author.key or not here:
        return None, "confirm.not_yours", Batch()
    if services.clock.now() > deed.until:
        return None, "confirm.late", Batch(deletes=(key,))
    return deed, "", Batch(deletes=(key,), unchanged=((key, raw),))
