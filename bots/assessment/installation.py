"""What the settings say about how this installation works, as far as an assessment has to tell it: no secrets."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from bots.llm.addresses import is_private, recipient_of
from bots.options import Settings


class Installation(Struct, frozen=True):
    """`model` is the endpoint's name as a record's `recipients` have it, "" where no model is asked; `private`: it
    stands on this machine or in a network of one's own."""

    assess: Literal["when asked", "always"] = "when asked"
    platforms: tuple[str, ...] = ()
    admins: tuple[str, ...] = ()
    model: str = ""
    model_name: str = ""
    private: bool = False
    store: str = "sqlite"
    link_base: str = ""


def installation(settings: Settings) -> Installation:
    url = settings.llm.base_url
    return Installation(
        assess=settings.rights.assess,
        platforms=tuple(sorted(settings.adapters)),
        admins=tuple(sorted(settings.admins)),
        model=recipient_of(url) if url else "",
        model_name=settings.llm.model if url else "",
        private=bool(url) and is_private(url),
        store=settings.store.url.partition(":")[0] or "sqlite",
        link_base=settings.web.link_base,
    )
