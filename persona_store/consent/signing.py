"""The Subject's key and signature. The key is made and stays on the Subject's side: signing data must belong to,
and be controlled by, the signer alone (电子签名法 13). The employer's server sees the public half."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store import jws, keyfile
from persona_store.errors import Refused

TYP = "understudy-consent+jws"
ENDORSEMENT = "understudy-takeover+jws"


def generate_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public_key(private: Ed25519PrivateKey) -> bytes:
    """32 bytes; what a consent book pins."""
    return jws.public_bytes(private)


def sign(raw: bytes, private: Ed25519PrivateKey) -> str:
    """A detached JWS over exactly these bytes."""
    return jws.sign(raw, private, TYP)


def verify(raw: bytes, signature: str, public: bytes) -> None:
    """Raises Refused CONSENT_INVALID unless `public` signed these bytes as a consent record (rights.md T35)."""
    try:
        jws.verify(raw, signature, public, TYP)
    except jws.BadSignature as error:
        raise Refused(
            "CONSENT_INVALID",
            f"the consent record's signature was not accepted: {error}",
            "the subject signs the record again with the key of the first one",
        ) from None


def endorse(raw: bytes, successor: bytes, private: Ed25519PrivateKey) -> str:
    """By the key of a record on paper: that this record, signed with `successor`, takes its place."""
    return jws.sign(_succession(raw, successor), private, ENDORSEMENT)


def verify_endorsement(raw: bytes, successor: bytes, endorsement: str, public: bytes) -> None:
    """Raises Refused CONSENT_INVALID unless `public` endorsed exactly this record and key."""
    try:
        jws.verify(_succession(raw, successor), endorsement, public, ENDORSEMENT)
    except jws.BadSignature as error:
        raise Refused(
            "CONSENT_INVALID",
            f"the consent record was not accepted: its key was not endorsed by the paper's: {error}",
            "ask for a new link to take the record over",
        ) from None


def _succession(raw: bytes, successor: bytes) -> bytes:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}\n{jws.key_id(successor)}\n".encode()


def save_key(path: Path, private: Ed25519PrivateKey) -> None:
    """Write the private key for its owner's eyes only; an existing file is never overwritten."""
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    if not keyfile.create(path, pem):
        raise Refused("KEY_EXISTS", f"there is a key in {str(path)!r}", "sign with it, or name another file")


def own_key(path: Path) -> Ed25519PrivateKey:
    """The Subject's key there, made on first use. Raises Refused as `load_key` does."""
    if path.exists():
        return load_key(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private = generate_key()
    save_key(path, private)
    return private


def load_key(path: Path) -> Ed25519PrivateKey:
    """Raises Refused if there is none, others may read it, or it is no Ed25519 key."""
    try:
        key = serialization.load_pem_private_key(keyfile.read(path), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("KEY_BROKEN", f"{str(path)!r} holds no Ed25519 private key", "name the subject's key file")
    return key
