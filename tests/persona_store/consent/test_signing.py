"""T35, L30: who signed, what exactly, and nothing else counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store import jws
from persona_store.consent import signing
from persona_store.errors import Refused


def refusal(raw: bytes, signature: str, public: bytes) -> str:
    with pytest.raises(Refused) as refused:
        signing.verify(raw, signature, public)
    assert "\n" not in str(refused.value)
    return refused.value.code


def test_the_subjects_signature_is_accepted(record: bytes, private: Ed25519PrivateKey) -> None:
    signing.verify(record, signing.sign(record, private), signing.public_key(private))


def test_a_record_changed_in_one_byte_is_not(record: bytes, private: Ed25519PrivateKey) -> None:
    """CMD-06: an admin edits the record's JSON."""
    signature, public = signing.sign(record, private), signing.public_key(private)
    for other in (record.replace(b"false", b"true", 1), record + b"\n", record[:-1]):
        assert refusal(other, signature, public) == "CONSENT_INVALID"


def test_a_record_signed_by_somebody_else_is_not(record: bytes, private: Ed25519PrivateKey) -> None:
    """T37: an admin's key signs in the subject's name."""
    forged = signing.sign(record, signing.generate_key())
    assert refusal(record, forged, signing.public_key(private)) == "CONSENT_INVALID"


def test_a_signature_made_for_something_else_is_not(record: bytes, private: Ed25519PrivateKey) -> None:
    certificate = jws.sign(record, private, "understudy-certificate+jws")
    assert refusal(record, certificate, signing.public_key(private)) == "CONSENT_INVALID"


@pytest.mark.parametrize("signature", ["", "eyJhbGciOiJub25lIn0..", "not a signature"])
def test_an_unsigned_record_is_not(record: bytes, private: Ed25519PrivateKey, signature: str) -> None:
    assert refusal(record, signature, signing.public_key(private)) == "CONSENT_INVALID"


def test_a_key_is_kept_privately_and_never_overwritten(tmp_path: Path) -> None:
    path, private = tmp_path / "subject" / "key.pem", signing.generate_key()
    signing.save_key(path, private)
    assert path.stat().st_mode & 0o777 == 0o600
    assert signing.public_key(signing.load_key(path)) == signing.public_key(private)
    with pytest.raises(Refused) as refused:
        signing.save_key(path, signing.generate_key())
    assert refused.value.code == "KEY_EXISTS"
    assert signing.public_key(signing.load_key(path)) == signing.public_key(private)


def pem(key: object) -> bytes:
    return key.private_bytes(  # type: ignore[attr-defined,no-any-return]  # every private key has it
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("content", "mode", "code"),
    [
        (None, 0o600, "KEY_MISSING"),
        (b"", 0o600, "KEY_BROKEN"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "KEY_BROKEN"),
        (pem(generate_private_key(SECP256R1())), 0o600, "KEY_BROKEN"),
        (pem(Ed25519PrivateKey.from_private_bytes(bytes(32))), 0o644, "KEY_MODE"),
    ],
)
def test_a_key_file_that_is_none_is_refused_without_showing_it(
    tmp_path: Path, content: bytes | None, mode: int, code: str
) -> None:
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(Refused) as refused:
        signing.load_key(path)
    assert refused.value.code == code
    assert "BEGIN" not in str(refused.value)
