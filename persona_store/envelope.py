"""Encryption to somebody else's key, for files that travel: age (age-encryption.org/v1), which other tools open.

Whoever is to receive something makes an *identity*, keeps it, and gives away its *address* (`age1…`).
"""

from __future__ import annotations

from pathlib import Path

import pyrage  # type: ignore[import-untyped]  # it brings no types

from persona_store import keyfile
from persona_store.errors import Refused


class Identity:
    """A secret key; its repr tells only its address."""

    def __init__(self, secret: str) -> None:
        """Raises Refused KEY_BROKEN."""
        try:
            self._identity = pyrage.x25519.Identity.from_str(secret.strip())
        except pyrage.IdentityError:
            raise Refused(
                "KEY_BROKEN", "this is no age identity", "give a file that holds AGE-SECRET-KEY-1…"
            ) from None

    @classmethod
    def kept_in(cls, path: Path) -> Identity:
        """The identity in this file; the first use makes it. Raises Refused KEY_MODE if others may read it."""
        if not path.exists():
            keyfile.create(path, f"{pyrage.x25519.Identity.generate()}\n".encode())
        return cls(keyfile.read(path).decode(errors="replace"))

    @property
    def address(self) -> str:
        return str(self._identity.to_public())

    def open(self, sealed: bytes) -> bytes:
        """Raises Refused NOT_FOR_US if it was encrypted to somebody else, cut off or altered."""
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError as error:
            what = f"it cannot be opened with the key of {self.address}: {error}"
            raise Refused("NOT_FOR_US", what, "have it made for this address, and sent again whole") from None

    def __repr__(self) -> str:
        return f"Identity({self.address})"


def seal(plain: bytes, address: str) -> bytes:
    """So that only who has the identity of this address can open it. Raises Refused ADDRESS."""
    return bytes(pyrage.encrypt(plain, [_recipient(address)]))


def checked(address: str) -> str:
    """The address itself. Raises Refused ADDRESS for what is none."""
    _recipient(address)
    return address


def _recipient(address: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(address)
    except pyrage.RecipientError:
        what = f"{address[:80]!r} is no address to encrypt to"
        raise Refused("ADDRESS", what, "ask the recipient for theirs: `understudy export key`, age1…") from None
