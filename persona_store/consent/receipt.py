"""What the Subject takes home: the record they signed, the notice they read, and our signature that we have both.

One JSON file that whoever has it can check without us and without a network (电子签名法 13; rights.md L02, §2A).
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from persona_store import jws
from persona_store.consent import notice, parsing, signing
from persona_store.consent.draft import digest
from persona_store.errors import Refused

TYP = "understudy-receipt+jws"
FORM = "understudy.receipt/1"


class Statement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the installation signs: which record it put in force, when, and how it ends."""

    form: str
    persona: str
    record_id: str
    record: str  # sha256:… of the record's bytes
    subject_key: str  # thumbprint (RFC 7638)
    notice: str  # sha256:… of the text that was shown
    owner: str
    deputy: str
    received_at: datetime
    effective_at: datetime
    last_day: str
    withdraw: tuple[str, ...]


class Receipt(Struct, frozen=True, forbid_unknown_fields=True):
    """The file. Texts are whole, so that the bytes that were signed can be taken from it."""

    record: str
    record_signature: str
    subject_public_key: str  # base64url
    notice: str
    statement: str
    statement_signature: str
    installation_public_key: str  # base64url


def make(
    persona: str, raw: bytes, signature: str, public_key: bytes, private: Ed25519PrivateKey, now: datetime
) -> Receipt:
    """For a record that was put in force."""
    record = parsing.parse(raw)
    text = notice.named(record.privacy_notice.sha256)
    if text is None:  # signed elsewhere, under a text of theirs
        text = notice.text(record.language)
    statement = msgspec.json.encode(
        Statement(
            form=FORM,
            persona=persona,
            record_id=record.record_id,
            record=digest(raw),
            subject_key=jws.key_id(public_key),
            notice="sha256:" + record.privacy_notice.sha256,
            owner=record.owner.id,
            deputy=record.deputy.id if record.deputy else "",
            received_at=now.replace(microsecond=0),
            effective_at=record.effective_at,
            last_day=record.last_day.isoformat(),
            withdraw=record.withdrawal.methods,
        )
    )
    return Receipt(
        record=raw.decode(),
        record_signature=signature,
        subject_public_key=encoded(public_key),
        notice=text.decode(),
        statement=statement.decode(),
        statement_signature=jws.sign(statement, private, TYP),
        installation_public_key=encoded(jws.public_bytes(private)),
    )


def check(raw: bytes) -> Statement:
    """What the receipt proves. Raises Refused RECEIPT_INVALID unless both signatures hold, and the record and the
    notice are those the statement names."""
    try:
        receipt = msgspec.json.decode(raw, type=Receipt)
        statement = msgspec.json.decode(receipt.statement, type=Statement)
        key, installation = decoded(receipt.subject_public_key), decoded(receipt.installation_public_key)
        jws.verify(receipt.statement.encode(), receipt.statement_signature, installation, TYP)
        record_raw = receipt.record.encode()
        signing.verify(record_raw, receipt.record_signature, key)
        record = parsing.parse(record_raw)
        shown = hashlib.sha256(receipt.notice.encode()).hexdigest()
    except (msgspec.MsgspecError, jws.BadSignature, UnicodeError, ValueError) as error:
        raise _invalid(str(error) or type(error).__name__) from None
    except Refused as refused:
        raise _invalid(refused.what) from None
    wrong = (
        (statement.form != FORM, "it has another form"),
        (statement.record != digest(record_raw), "it is for another record"),
        (statement.record_id != record.record_id, "it names another record"),
        (statement.subject_key != jws.key_id(key), "it is for another key"),
        (statement.notice != "sha256:" + shown, "its notice is not the one that was shown"),
        (record.privacy_notice.sha256 != shown, "the record names another notice"),
    )
    for is_so, problem in wrong:
        if is_so:
            raise _invalid(problem)
    return statement


def encoded(key: bytes) -> str:
    return urlsafe_b64encode(key).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """A public key; raises ValueError unless it is 32 bytes."""
    key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(key) != jws.PUBLIC_BYTES or encoded(key) != text:
        raise ValueError("a public key has 32 bytes in base64url")
    return key


def _invalid(problem: str) -> Refused:
    return Refused("RECEIPT_INVALID", f"the receipt does not hold: {problem}", "ask for it again on your page")
