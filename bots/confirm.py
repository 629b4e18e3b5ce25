"""Two steps for what cannot be undone: a one-time nonce, bound to the person, the chat and the deed, for two
minutes (rights.md T19, CMD-02)."""

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
    if deed.by != press.author.key or deed.chat != press.thread.chat_key:
        return None, "confirm.not_yours", Batch()
    if services.clock.now() > deed.until:
        return None, "confirm.late", Batch(deletes=(key,))
    return deed, "", Batch(deletes=(key,), unchanged=((key, raw),))
