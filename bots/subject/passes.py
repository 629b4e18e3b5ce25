"""Links that need no account: 256 random bits, of which only the hash is kept, for one purpose and for a while.

The token stands behind the `#` of the link. A browser does not send that part, so it is in no request line, no
proxy's log and no Referer; the page hands it over in a header of its own, which no foreign page can make a browser
send (and there is no cookie that it could ride on). It is looked up by its SHA-256: what a comparison of hashes
takes tells nothing about the token.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from bots import keys
from bots.services import Services
from persona_store.errors import Refused
from persona_store.protocols import Batch, Put

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
TO_SIGN = timedelta(days=14)
TO_PREVIEW = timedelta(days=1)
TO_PLACE = timedelta(days=30)  # one that was sent by chat, where it stays readable
KEPT_AFTER = timedelta(days=120)  # a link from the signing goes on so long after the last day: for the certificate
PROVEN = timedelta(hours=2)  # one that was had by a signature


Purpose = Literal["sign", "place", "preview", "takeover", "kin"]


class Pass(Struct, frozen=True):
    """`who` is the person key it was made for; "" for whoever has the Subject's signing key."""

    persona: str
    purpose: Purpose
    who: str
    until: datetime


class Opened(Struct, frozen=True):
    """A pass that was shown, with where it is kept, so that using it up can ride on the change it allowed."""

    held: Pass
    key: str
    raw: bytes

    @property
    def spent(self) -> Batch:
        """A Batch that uses it up; of two who try at once one has a Conflict."""
        return Batch(deletes=(self.key,), unchanged=((self.key, self.raw),))


def issue(services: Services, persona: str, purpose: Purpose, who: str, until: datetime) -> tuple[str, Batch]:
    """(the token, a Batch after which it opens)."""
    token = secrets.token_urlsafe(32)
    key = _key(token)
    return token, Batch(puts=(Put(key, services.seal(Pass(persona, purpose, who, until), key), until),))


def to_place(services: Services, persona: str, who: str, until: datetime | None = None) -> tuple[str, Batch]:
    """(a link to the Subject's place, a Batch after which it opens), for as long as one that is sent unless said;
    ("", an empty one) where no link can be given out."""
    if not reachable(services):
        return "", Batch()
    token, issued = issue(services, persona, "place", who, until or services.clock.now() + TO_PLACE)
    return link(services, token), issued


async def opened(services: Services, token: str) -> Opened | None:
    """None for a token that is none, was used up, or is too old: nobody is told which."""
    if TOKEN.fullmatch(token) is None:
        return None
    key = _key(token)
    held, raw = await services.read_raw(key, Pass)
    if held is None or raw is None or services.clock.now() >= held.until:
        return None
    return Opened(held, key, raw)


async def close(services: Services, persona: str, but: str) -> Batch:
    """A Batch after which no link to that place or preview opens any more, but the one whose key is `but`."""
    gone = []
    async for key, raw in services.store.scan(keys.PASSES):
        if raw and key != but and services.unseal(raw, key, Pass).persona == persona:
            gone.append(key)
    return Batch(deletes=tuple(gone))


def link(services: Services, token: str) -> str:
    """Raises Refused LINK_INSECURE where the link would carry the token, and the page, over an open wire: there
    a browser also has no keys (https://www.w3.org/TR/WebCryptoAPI/, only in secure contexts). The host is the
    operator's setting and never a request's (rights.md WEB-07)."""
    if not reachable(services):
        raise Refused(
            "LINK_INSECURE",
            "a link to sign or to look at one's data must be https, or on this machine",
            "put TLS in front of the web port and set UNDERSTUDY_WEB_LINK_BASE=https://… (docs/deploying.md)",
        )
    return f"{services.link_base}/subject#t={token}"


def reachable(services: Services) -> bool:
    """Whether a link can be given out at all."""
    parts = urlsplit(services.link_base)
    return parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname or ""))


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(token: str) -> str:
    return keys.PASSES + hashlib.sha256(token.encode()).hexdigest()
