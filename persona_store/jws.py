"""Detached signatures: JWS (RFC 7515) with Ed25519 (RFC 9864), the payload kept beside it (Appendix F).

The bytes that are signed are the bytes that are stored, so nothing needs a canonical form. The verifier compares
the protected header, member for member, with the one it would have written itself, and takes no key, algorithm or
extension from it: `alg: none`, HS256 with the public key as the secret, `jwk`, `jku`, `x5u`, `crit` all fail alike.
"""

from __future__ import annotations

import binascii
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from persona_store import strictjson

PUBLIC_BYTES = 32


class BadSignature(Exception):
    """The signature is not this key's over these bytes; the text says what differs."""


def sign(payload: bytes, private: Ed25519PrivateKey, typ: str) -> str:
    members = _header(key_id(public_bytes(private)), typ)
    header = _encode(json.dumps(members, separators=(",", ":")).encode())
    return f"{header}..{_encode(private.sign(_signing_input(header, payload)))}"


def verify(payload: bytes, signature: str, public: bytes, typ: str) -> None:
    """Raises BadSignature."""
    header, middle, value = _parts(signature)
    if middle:
        raise BadSignature("the signature is not detached")
    try:
        claimed = strictjson.loads(_decode(header))
    except strictjson.NotStrict:
        raise BadSignature("its header is not JSON") from None
    if claimed != _header(key_id(public), typ):
        raise BadSignature("its header names another algorithm, type or key, or more than these")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_decode(value), _signing_input(header, payload))
    except InvalidSignature:
        raise BadSignature("it does not fit these bytes") from None


def public_bytes(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def key_id(public: bytes) -> str:
    """The key's thumbprint (RFC 7638, members as in RFC 8037 §2), base64url without padding."""
    if len(public) != PUBLIC_BYTES:
        raise BadSignature(f"an Ed25519 public key has {PUBLIC_BYTES} bytes, not {len(public)}")
    members = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": _encode(public)}, separators=(",", ":"))
    return _encode(hashlib.sha256(members.encode()).digest())


def _header(kid: str, typ: str) -> dict[str, str]:
    return {"alg": "Ed25519", "kid": kid, "typ": typ}


def _signing_input(header: str, payload: bytes) -> bytes:
    return f"{header}.{_encode(payload)}".encode()


def _parts(signature: str) -> tuple[str, str, str]:
    parts = signature.split(".")
    if len(parts) != 3:
        raise BadSignature("it is not a compact JWS")
    return parts[0], parts[1], parts[2]


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Strict: the one spelling that `_encode` gives, so that one signature has one text."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise BadSignature("it is not base64url") from None
    if _encode(data) != text:
        raise BadSignature("it is not base64url")
    return data
