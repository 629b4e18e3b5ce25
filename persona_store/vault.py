"""Keys at rest: one key of the installation wraps one key per persona, and shredding that one is forgetting.

Envelope encryption with AES-256-GCM. The key-encrypting key (`kek`) lies in a 0600 file. Each persona's random
data key lies, wrapped, in a file of its own, so that destroying the persona is destroying 61 bytes (NIST SP
800-88r2, cryptographic erase). Nothing is cached: once one process has shredded a key, every other one finds it
gone at its next read. Do not put the key folder into backups, or keep those no longer than 7 days: a backup that
holds the wrapped key un-shreds everything.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from persona_store import keyfile, names
from persona_store.errors import Refused, StoreBroken

KEY_BYTES = 32
NONCE_BYTES = 12  # random; GCM allows 2**32 of them under one key (NIST SP 800-38D §8.3)
FORMAT = b"\x01"
PERSONAL = b"\x01understudy persona\0"  # no JSON begins so


class Vault:
    """Open it with `Vault.open`; every secret it holds stays out of its repr."""

    def __init__(self, directory: Path, kek: bytes) -> None:
        self._directory = directory
        self._wrapping = AESGCM(_derive(kek, "wrap persona keys"))
        self._sealing = AESGCM(_derive(kek, "seal events"))
        self._kek = kek

    @classmethod
    def open(cls, directory: Path) -> Vault:
        """The vault in this folder; the first use creates the folder and its key."""
        path = directory / "kek"
        if not path.exists():
            if any(directory.glob("*.dek")):  # a new key would open nothing of what is there
                what = f"the key file {str(path)!r} is gone, and what it opens is still there"
                raise Refused("KEY_MISSING", what, "put back the file this installation was made with")
            keyfile.create(path, secrets.token_bytes(KEY_BYTES))
        kek = keyfile.read(path)
        if len(kek) != KEY_BYTES:
            what = f"the key file {str(path)!r} holds {len(kek)} bytes instead of {KEY_BYTES}"
            raise Refused("KEY_BROKEN", what, "put back the file this installation was made with")
        return cls(directory, kek)

    # -------------------------------------------------------------- under the installation's key

    def seal(self, plaintext: bytes, *, aad: str) -> bytes:
        """Encrypt, bound to `aad` (the place it is kept): moved elsewhere it does not open."""
        return _encrypt(self._sealing, plaintext, aad)

    def seal_for(self, persona: str, plaintext: bytes, *, aad: str) -> bytes:
        """The same, and below it under the persona's own key: shredding that makes it noise, in every backup too.
        Whose it is can still be told (`whose`), so that it can be found and deleted."""
        inner = _encrypt(self._recording(persona), plaintext, aad)
        return self.seal(PERSONAL + names.checked(persona).encode() + b"\0" + inner, aad=aad)

    def unseal(self, sealed: bytes, *, aad: str) -> bytes:
        """What `seal` or `seal_for` took. Raises StoreBroken if it does not open, Refused KEY_GONE if it was a
        persona's whose key is shredded."""
        persona, plain = self._opened(sealed, aad)
        if not persona:
            return plain
        try:
            return _decrypt(self._recording(persona), plain, aad)
        except InvalidTag:
            raise _broken(aad) from None

    def whose(self, sealed: bytes, *, aad: str) -> str:
        """The persona under whose key it lies, also once that is gone; "" if under none."""
        return self._opened(sealed, aad)[0]

    def _opened(self, sealed: bytes, aad: str) -> tuple[str, bytes]:
        try:
            plain = _decrypt(self._sealing, sealed, aad)
        except InvalidTag:
            raise _broken(aad) from None
        if not plain.startswith(PERSONAL):
            return "", plain
        persona, _, inner = plain[len(PERSONAL) :].partition(b"\0")
        return persona.decode(), inner

    def _recording(self, persona: str) -> AESGCM:
        return AESGCM(_derive(self.key(persona), "seal records"))

    def signing_key(self, purpose: str) -> Ed25519PrivateKey:
        """With what this installation signs `certificates`, or `checkpoints` of the audit log: one key for each,
        so that what is signed as the one can never pass for the other."""
        return Ed25519PrivateKey.from_private_bytes(_derive(self._kek, f"sign {purpose}"))

    def stand_in(self, purpose: str, value: str) -> str:
        """A keyed hash of `value`, the same for as long as the installation's key lives: a list of such tells
        nobody what is on it."""
        return hmac.digest(_derive(self._kek, f"stand in {purpose}"), value.encode(), "sha256").hex()[:32]

    # -------------------------------------------------------------- per persona

    def create_key(self, persona: str) -> None:
        """Make sure the persona has a key; one that exists is kept."""
        path = self._path(persona)
        if not path.exists():
            keyfile.create(path, _encrypt(self._wrapping, secrets.token_bytes(KEY_BYTES), persona))

    def has_key(self, persona: str) -> bool:
        return self._path(persona).exists()

    def key(self, persona: str) -> bytes:
        """The persona's data key, 32 bytes. Refused KEY_GONE once it is shredded."""
        try:
            return _decrypt(self._wrapping, self._path(persona).read_bytes(), persona)
        except FileNotFoundError:
            what = f"persona {persona!r} has no key: it was erased, or never created"
        except InvalidTag:
            what = f"the key of persona {persona!r} does not open: it was shredded, or belongs to another vault"
        raise Refused("KEY_GONE", what, "see `understudy persona list`")

    def key_id(self, persona: str) -> str:
        """Names the key as it lies on disk without telling anything about it; for the certificate."""
        return hashlib.sha256(self._path(persona).read_bytes()).hexdigest()[:32]

    def shred(self, persona: str) -> bool:
        """Destroy the persona's key for good, half-written drafts of it included; False if it was gone already."""
        existed = self.has_key(persona)
        for path in sorted(self._directory.glob(f"{names.checked(persona)}.dek*")):
            keyfile.destroy(path)
        return existed

    def pseudonym(self, persona: str, value: str) -> str:
        """A stable stand-in for `value` in the audit log. It is keyed, because a bare hash of something short
        can be looked up, and it can never be recomputed once the persona's key is shredded."""
        return self.pseudonyms(persona, (value,))[0]

    def pseudonyms(self, persona: str, values: Iterable[str]) -> tuple[str, ...]:
        """One for each, and the key read once."""
        key = _derive(self.key(persona), "pseudonyms")
        return tuple(hmac.digest(key, value.encode(), "sha256").hex()[:32] for value in values)

    def _path(self, persona: str) -> Path:
        return self._directory / f"{names.checked(persona)}.dek"

    def __repr__(self) -> str:
        return f"Vault({str(self._directory)!r})"


def _derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose only (RFC 5869), so that no two uses of a key can be played against each other."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"understudy/1 {purpose}".encode()).derive(key)


def _broken(aad: str) -> StoreBroken:
    return StoreBroken(
        f"what is kept as {aad!r} was altered, moved, or sealed with another key; restore the key folder"
    )


def _encrypt(cipher: AESGCM, plaintext: bytes, aad: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return FORMAT + nonce + cipher.encrypt(nonce, plaintext, aad.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, aad: str) -> bytes:
    if sealed[:1] != FORMAT or len(sealed) < 1 + NONCE_BYTES + 16:
        raise InvalidTag
    return cipher.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], aad.encode())
