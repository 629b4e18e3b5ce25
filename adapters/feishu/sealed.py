"""What Feishu signs and encrypts in HTTP mode. Pure; anything malformed is None or False, never an exception.

Signature: SHA-256 over time, nonce, encrypt key and the raw bytes. Body: AES-256-CBC under the SHA-256 of the
encrypt key, the IV in front, as base64 (open.feishu.cn/document, *Receive events through webhook*; rights.md T16,
WHK-05, 06).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.feishu import wire

Json = dict[str, Any]

FRESH_SECONDS = 300
_STAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[\x21-\x7e]{1,128}")
_BLOCK = 16


def genuine(
    key: str, body: bytes, stamps: Sequence[str], nonces: Sequence[str], signatures: Sequence[str], now: float
) -> bool:
    """Whether Feishu signed exactly these bytes within the last five minutes. Compares in constant time; anything
    that is missing, doubled or malformed is no."""
    if not key.strip() or len(stamps) != 1 or len(nonces) != 1 or len(signatures) != 1:
        return False
    if not _STAMP.fullmatch(stamps[0]) or not _NONCE.fullmatch(nonces[0]):
        return False
    if abs(now - int(stamps[0])) > FRESH_SECONDS:
        return False
    expected = hashlib.sha256((stamps[0] + nonces[0] + key).encode() + body).hexdigest()
    return hmac.compare_digest(expected.encode(), signatures[0].encode("utf-8", "surrogateescape"))


def unsealed(key: str, body: bytes) -> Json | None:
    """The event in an encrypted body; None for a plain one, since anybody can write that."""
    outer = wire.read(body) or {}
    try:
        sealed = base64.b64decode(outer["encrypt"], validate=True)
    except (ValueError, TypeError, KeyError):
        return None
    plain = decrypted(key, sealed)
    return wire.read(plain) if plain is not None else None


def decrypted(key: str, sealed: bytes) -> bytes | None:
    if len(sealed) < 2 * _BLOCK or len(sealed) % _BLOCK:
        return None
    cipher = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(sealed[:_BLOCK]))
    opened = cipher.decryptor()
    padded = opened.update(sealed[_BLOCK:]) + opened.finalize()
    unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None


def token_fits(event: Json, token: str) -> bool:
    """The verification token, where both generations of events carry it."""
    header = event.get("header")
    given = header.get("token") if isinstance(header, dict) else event.get("token")
    return bool(token.strip()) and isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())
