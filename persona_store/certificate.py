"""The erasure certificate: what was destroyed and how that was checked, what is kept and why, what is out of reach.

It is JSON with a detached signature by the installation's key. Residuals are listed honestly: an erasure that
claims to reach what it cannot reach would make the rest of the certificate worthless.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from persona_store import jws
from persona_store.errors import Refused

TYP = "understudy-certificate+jws"


class Item(Struct, frozen=True):
    """One kind of thing that was destroyed. `items` counts what was there when the erasure began."""

    store: str
    items: int
    method: str  # unlink | shred | delete | api_delete: asked of the platform they stood on
    verified_by: str
    result: str = "gone"


class Retained(Struct, frozen=True):
    what: str
    why: str
    until: str


class Residual(Struct, frozen=True):
    """A trace out of reach of the erasure."""

    where: str
    why: str
    who_to_ask: str
    until: str


class Certificate(Struct, frozen=True, kw_only=True):
    schema_version: str = "understudy.erasure/1"
    cert_id: str
    persona: str
    subject_ref: str  # the record's pii_principal_id; "" where no record was ever signed
    trigger: str  # withdrawal | term | retire | death | law
    requested_at: datetime
    suspended_at: datetime
    completed_at: datetime
    record_ids: tuple[str, ...]
    inventory: tuple[Item, ...]
    key_ids_destroyed: tuple[str, ...]
    retained: tuple[Retained, ...]
    residuals: tuple[Residual, ...]


class SignedCertificate(Struct, frozen=True):
    """The bytes that were signed, and what is needed to check them without us."""

    raw: bytes
    signature: str
    public_key: bytes

    @property
    def certificate(self) -> Certificate:
        return msgspec.json.decode(self.raw, type=Certificate)


def verify(signed: SignedCertificate, public_key: bytes) -> Certificate:
    """What it says. Raises Refused CERTIFICATE_INVALID unless this installation's key signed exactly that."""
    try:
        jws.verify(signed.raw, signed.signature, public_key, TYP)
    except jws.BadSignature as error:
        raise Refused(
            "CERTIFICATE_INVALID", f"the signature was not accepted: {error}", "ask the installation that issued it"
        ) from None
    return signed.certificate


COMMON_RESIDUALS = (
    Residual(
        where="chats",
        why="answers posted more than 30 days ago (their places are forgotten), what people quoted or copied, "
        "notices and mails the platform sent of them, and what it keeps of deleted messages",
        who_to_ask="the workspace's admin, who can delete them there",
        until="the platform's own retention ends",
    ),
    Residual(
        where="terminals",
        why="what somebody printed on a terminal or piped into a file is not known here",
        who_to_ask="whoever runs the installation",
        until="they delete it",
    ),
    Residual(
        where="backups",
        why="a copy of the data folder made before the erasure may hold the persona's files and wrapped key",
        who_to_ask="whoever runs the installation",
        until="the backups expire; those of the key folder must within 7 days",
    ),
    Residual(
        where="disk",
        why="blocks the file system has not reused may hold deleted files: encrypted, under the key destroyed",
        who_to_ask="whoever runs the installation",
        until="the blocks are reused or the disk is sanitised",
    ),
)
