"""What a licence is, in words, before what this one says: the same on the page and at the command line."""

from __future__ import annotations

from bots.wording import say


def about(org: str, addresses: tuple[str, ...], lang: str) -> tuple[str, ...]:
    """For whom, what goes there and what never does, where they look whether it stands, and how it ends."""
    told = [say(lang, "licensed.preview", org=org), say(lang, "licensed.preview_never")]
    if addresses:
        told.append(say(lang, "licensed.preview_address", addresses=", ".join(addresses)))
    return (*told, say(lang, "licensed.preview_end"))
