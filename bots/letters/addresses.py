"""Which mail addresses we write to: plain ones. Pure.

RFC 5321 allows more (quoted local parts, comments, address literals), and nobody's private address needs it; what
is let through here cannot end a header, a command or a list of recipients."""

from __future__ import annotations

import re

from persona_store.errors import Refused

LONGEST = 254  # RFC 5321 §4.5.3.1.3, with the errata's count
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322 dot-atom
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def mailable(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    labels = _ascii(domain).split(".")
    fits = len(text) <= LONGEST and len(local) <= 64
    return bool(at) and fits and _LOCAL.fullmatch(local) is not None and all(map(_LABEL.fullmatch, labels))


def checked(text: str) -> str:
    """The address as it is written on the wire, its domain in ASCII (RFC 5891). Raises Refused ADDRESS."""
    given = text.strip()
    if not mailable(given):
        shown = "".join(c for c in given if c.isprintable())[:60]
        raise Refused("ADDRESS", f"{shown!r} is no mail address we can write to", "write it as name@example.org")
    local, _, domain = given.rpartition("@")
    return f"{local}@{_ascii(domain).lower()}"


def hinted(address: str) -> str:
    """Enough to know one's own by, and nothing for anybody else: `l…@h…`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain[:1]}…"


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return ""
