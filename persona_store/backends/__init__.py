"""Opens the store that a URL names."""

from __future__ import annotations

from persona_store.errors import Refused
from persona_store.protocols import Clock, Store

SCHEMES = ("sqlite:///absolute/path.db",)


async def open_store(url: str, *, clock: Clock) -> Store:
    """Refused(STORE_URL | STORE_PATH | STORE_FOREIGN | STORE_VERSION) says in one line what is wrong."""
    scheme, found, rest = url.partition("://")
    if not found or scheme != "sqlite":
        # Only the scheme is repeated: the rest of a server's URL may hold a password.
        named = repr(scheme[:20]) if found else "a URL without a scheme"
        raise Refused("STORE_URL", f"no store for {named}", f"use {' or '.join(SCHEMES)}")
    # Imported late, so that a store which is not used loads no driver.
    from persona_store.backends.sqlite import SqliteStore

    return await SqliteStore.open(rest, clock=clock)
