"""The certificate as its Subject keeps it: one file that is checked without us and without a network.

A certificate that brings its own key proves nothing about whose it is. So the key that signed the Subject's receipt
signs the same bytes once more, and whoever kept the receipt needs to believe nobody (rights.md L05, §2A).
"""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from persona_store import certificate, jws
from persona_store.certificate import Certificate, SignedCertificate
from persona_store.consent import receipt
from persona_store.errors import Refused

TYP = "understudy-erased+jws"


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """The file. The certificate is whole text, so that the bytes that were signed can be taken from it."""

    certificate: str
    signature: str
    public_key: str  # hex
    receipt_signature: str = ""  # by the key that signs receipts; "" in files of earlier versions


class Checked(Struct, frozen=True):
    """`bound`: it is from the installation that signed the receipt, for the record that is in it."""

    certificate: Certificate
    key: str  # thumbprint (RFC 7638)
    bound: bool


def make(signed: SignedCertificate, receipts: Ed25519PrivateKey) -> Proof:
    """`receipts`: the private key that signs receipts."""
    return Proof(
        signed.raw.decode(), signed.signature, signed.public_key.hex(), jws.sign(signed.raw, receipts, TYP)
    )


def check(raw: bytes, kept: bytes = b"") -> Checked:
    """What the file proves, and with the Subject's receipt (`kept`) whose it is. Raises Refused
    CERTIFICATE_INVALID, RECEIPT_INVALID."""
    try:
        proof = msgspec.json.decode(raw, type=Proof)
        key = bytes.fromhex(proof.public_key)
        signed = SignedCertificate(proof.certificate.encode(), proof.signature, key)
        told = certificate.verify(signed, key)
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise _invalid(str(error) or type(error).__name__) from None
    if kept:
        _from_the_same(proof, told, kept)
    return Checked(told, jws.key_id(key), bound=bool(kept))


def _from_the_same(proof: Proof, told: Certificate, kept: bytes) -> None:
    statement = receipt.check(kept)
    installation = receipt.decoded(msgspec.json.decode(kept, type=receipt.Receipt).installation_public_key)
    try:
        jws.verify(proof.certificate.encode(), proof.receipt_signature, installation, TYP)
    except jws.BadSignature:
        raise _invalid("the key that signed the receipt did not sign it") from None
    if statement.record_id not in told.record_ids:
        raise _invalid("it is for another record than the receipt")


def _invalid(problem: str) -> Refused:
    return Refused("CERTIFICATE_INVALID", f"the certificate does not hold: {problem}", "save it again on your page")
