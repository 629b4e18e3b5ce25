"""The certificate as its subject keeps it: what it proves, with the receipt and without."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from persona_store import jws, proof
from persona_store.certificate import TYP, Certificate, SignedCertificate
from persona_store.consent import draft, parsing, receipt, signing
from persona_store.errors import Refused

NOW = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
SUBJECT, CERTIFIES, RECEIPTS, STRANGER = (signing.generate_key() for _ in range(4))


def kept(key: object = RECEIPTS) -> bytes:
    """The receipt they saved when they signed."""
    raw = draft.draft(draft.Choices(owner="chat:U0OWN", sources=("doc",), audiences=("chat:*",)), NOW)
    made = receipt.make("lin", raw, signing.sign(raw, SUBJECT), signing.public_key(SUBJECT), key, NOW)  # type: ignore[arg-type]  # a key
    return msgspec.json.encode(made)


def signed(record: str) -> SignedCertificate:
    told = Certificate(
        cert_id="urn:uuid:1",
        persona="lin",
        subject_ref="",
        trigger="withdrawal",
        requested_at=NOW,
        suspended_at=NOW,
        completed_at=NOW,
        record_ids=(record,),
        inventory=(),
        key_ids_destroyed=("k",),
        retained=(),
        residuals=(),
    )
    raw = msgspec.json.encode(told)
    return SignedCertificate(raw, jws.sign(raw, CERTIFIES, TYP), jws.public_bytes(CERTIFIES))


def record_in(receipt_raw: bytes) -> str:
    return parsing.parse(msgspec.json.decode(receipt_raw, type=receipt.Receipt).record.encode()).record_id


def saved(record: str) -> bytes:
    return msgspec.json.encode(proof.make(signed(record), RECEIPTS))


def test_with_the_receipt_it_is_known_whose_it_is() -> None:
    mine = kept()
    checked = proof.check(saved(record_in(mine)), mine)
    assert (checked.certificate.trigger, checked.bound) == ("withdrawal", True)
    assert checked.key == jws.key_id(jws.public_bytes(CERTIFIES))


def test_alone_it_holds_and_does_not_claim_more() -> None:
    """The form of a letter of an earlier version, without the second signature, still holds."""
    old = json.loads(saved("urn:uuid:r"))
    del old["receipt_signature"]
    assert not proof.check(json.dumps(old).encode()).bound


def test_a_certificate_that_a_stranger_made_is_not_that_of_the_receipt() -> None:
    """Whoever can make a key can sign a certificate with it: the receipt tells."""
    strangers = kept(STRANGER)
    with pytest.raises(Refused, match="CERTIFICATE_INVALID"):
        proof.check(saved(record_in(strangers)), strangers)


def test_one_for_another_record_is_not_theirs() -> None:
    with pytest.raises(Refused, match="another record"):
        proof.check(saved("urn:uuid:other"), kept())


def test_without_the_second_signature_no_receipt_binds_it() -> None:
    mine = kept()
    old = json.loads(saved(record_in(mine)))
    old["receipt_signature"] = ""
    with pytest.raises(Refused, match="did not sign it"):
        proof.check(json.dumps(old).encode(), mine)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("withdrawal", "retire"), ('"certificate"', '"certificates"'), ("public_key", "key"), ("{", "[")],
)
def test_what_was_changed_does_not_hold(was: str, becomes: str) -> None:
    with pytest.raises(Refused, match="CERTIFICATE_INVALID"):
        proof.check(saved("urn:uuid:r").replace(was.encode(), becomes.encode(), 1))


@pytest.mark.parametrize("key", ["", "zz", "00" * 31, "00" * 33])
def test_a_key_that_is_none_is_one_refusal(key: str) -> None:
    broken = {**json.loads(saved("urn:uuid:r")), "public_key": key}
    with pytest.raises(Refused, match="CERTIFICATE_INVALID"):
        proof.check(json.dumps(broken).encode())


def test_a_receipt_that_does_not_hold_proves_nothing() -> None:
    with pytest.raises(Refused, match="RECEIPT_INVALID"):
        proof.check(saved("urn:uuid:r"), b"{}")
