"""Coming back without link or account: whoever can sign with the Subject's key is the Subject.

A challenge is nothing that is kept: it is sealed with the installation's key and says for which key it was made and
until when. It is answered alike for keys that are known and keys that are not, and one answer opens once.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from msgspec import Struct

from bots import keys
from bots.services import Services
from bots.subject import passes
from persona_store import jws
from persona_store.consent.book import PREFIX as CHAINS
from persona_store.errors import Conflict, Refused, StoreBroken
from persona_store.protocols import Batch, Put

TYP = "understudy-login+jws"
GOOD_FOR = timedelta(minutes=2)
PLACE = "challenge"


class Challenge(Struct, frozen=True):
    key: str  # thumbprint
    nonce: str
    until: datetime


def challenge(services: Services, public_key: bytes) -> str:
    made = Challenge(jws.key_id(public_key), secrets.token_hex(16), services.clock.now() + GOOD_FOR)
    return urlsafe_b64encode(services.seal(made, PLACE)).decode()


async def prove(services: Services, asked: str, signature: str, public_key: bytes) -> str | None:
    """A token for the place of whose key it is; None for anything that does not fit, and nobody is told what."""
    try:
        made = services.unseal(urlsafe_b64decode(asked), PLACE, Challenge)
        jws.verify(asked.encode(), signature, public_key, TYP)
        if made.key != jws.key_id(public_key):
            return None
    except (ValueError, StoreBroken, jws.BadSignature):
        return None
    now = services.clock.now()
    if now >= made.until:
        return None
    persona = await _whose(services, public_key)
    if persona is None:
        return None
    used = keys.PASSES + "used/" + hashlib.sha256(made.nonce.encode()).hexdigest()
    token, issued = passes.issue(services, persona, "place", "", now + passes.PROVEN)
    try:
        await services.store.commit(issued.plus(Batch(puts=(Put(used, b"", made.until),), absent=(used,))))
    except Conflict:
        return None
    return token


async def _whose(services: Services, public_key: bytes) -> str | None:
    """The persona whose records the key signed: the newest, should somebody have one key for several. Records are
    kept for three years after an erasure, so this also leads to the certificate."""
    found: list[tuple[datetime, str]] = []
    async for name, _ in services.store.scan(CHAINS):
        persona = name.removeprefix(CHAINS).partition("/")[0]
        try:
            chain = await services.consents.chain(persona)
            history = await services.consents.history(persona)
        except Refused:  # tampered with: it proves nothing
            continue
        if chain is not None and chain.key == public_key:
            found.append((history[-1].event.time, persona))
    return max(found)[1] if found else None
