import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from persona_store import jws
from persona_store.jws import BadSignature

TYP = "test+jws"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = jws.public_bytes(PRIVATE)


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: dict[str, object] | str, payload: bytes, key: Ed25519PrivateKey = PRIVATE) -> str:
    """A signature that is right for a header of the attacker's choice."""
    text = header if isinstance(header, str) else json.dumps(header)
    first = b64(text.encode())
    return f"{first}..{b64(key.sign(f'{first}.{b64(payload)}'.encode()))}"


def good() -> dict[str, object]:
    return {"alg": "Ed25519", "kid": jws.key_id(PUBLIC), "typ": TYP}


def test_the_key_id_is_the_thumbprint_of_rfc_8037() -> None:
    """Appendix A.3 of RFC 8037."""
    public = urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    assert jws.key_id(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_header_is_exactly_algorithm_key_and_type() -> None:
    header, payload, _ = jws.sign(b"x", PRIVATE, TYP).split(".")
    assert json.loads(urlsafe_b64decode(header + "==")) == good()
    assert payload == ""


@given(st.binary(max_size=200))
def test_what_was_signed_verifies(payload: bytes) -> None:
    jws.verify(payload, jws.sign(payload, PRIVATE, TYP), PUBLIC, TYP)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_any_other_byte_does_not(payload: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(payload) - 1))
    other = payload[:at] + bytes([payload[at] ^ data.draw(st.integers(1, 255))]) + payload[at + 1 :]
    with pytest.raises(BadSignature, match="does not fit"):
        jws.verify(other, jws.sign(payload, PRIVATE, TYP), PUBLIC, TYP)


def test_another_spelling_of_the_same_header_is_accepted() -> None:
    """Members in another order and with spaces mean the same; the signature covers them as they are spelt."""
    header = json.dumps(dict(reversed(good().items())), indent=2)
    jws.verify(b"x", forged(header, b"x"), PUBLIC, TYP)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"}, {"alg": "EdDSA"}, {"alg": "HS256"}, {"alg": "ed25519"}, {"alg": None},
        {"typ": "JWT"}, {"typ": "TEST+JWS"}, {"kid": "other"}, {"kid": ""},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64(PUBLIC)}}, {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"}, {"x5c": []}, {"crit": ["exp"], "exp": 1}, {"b64": False},
    ],
)  # fmt: skip
def test_a_header_with_anything_else_is_refused_though_rightly_signed(change: dict[str, object]) -> None:
    """T35: none, HS256, swapped kid, keys and critical extensions that come with the signature."""
    with pytest.raises(BadSignature, match="header"):
        jws.verify(b"x", forged(good() | change, b"x"), PUBLIC, TYP)


@pytest.mark.parametrize("missing", ["alg", "kid", "typ"])
def test_a_header_that_leaves_something_out_is_refused(missing: str) -> None:
    with pytest.raises(BadSignature, match="header"):
        jws.verify(b"x", forged({k: v for k, v in good().items() if k != missing}, b"x"), PUBLIC, TYP)


def test_a_header_with_a_key_twice_is_refused() -> None:
    twice = json.dumps(good()).replace("{", '{"alg": "none", ')
    with pytest.raises(BadSignature, match="header"):
        jws.verify(b"x", forged(twice, b"x"), PUBLIC, TYP)


def test_hs256_with_the_public_key_as_the_secret_is_refused() -> None:
    """The classic confusion: the attacker knows the public key and computes a MAC with it."""
    header = b64(json.dumps(good() | {"alg": "HS256"}).encode())
    mac = hmac.new(PUBLIC, f"{header}.{b64(b'x')}".encode(), hashlib.sha256).digest()
    with pytest.raises(BadSignature):
        jws.verify(b"x", f"{header}..{b64(mac)}", PUBLIC, TYP)


def test_another_key_that_takes_the_right_kid_is_refused() -> None:
    with pytest.raises(BadSignature, match="does not fit"):
        jws.verify(b"x", forged(good(), b"x", Ed25519PrivateKey.generate()), PUBLIC, TYP)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a..b.c", "é..é", "a b..c", "e30..", "e30=..AA", "{}..x\n"])
def test_what_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(BadSignature):
        jws.verify(b"x", text, PUBLIC, TYP)


def test_a_payload_inside_the_signature_is_refused() -> None:
    header, _, value = jws.sign(b"x", PRIVATE, TYP).split(".")
    with pytest.raises(BadSignature, match="detached"):
        jws.verify(b"x", f"{header}.{b64(b'x')}.{value}", PUBLIC, TYP)


def test_a_signature_has_one_text_only() -> None:
    """Unused bits of the last character set, padding and the other alphabet give the same bytes; none passes."""
    signature = jws.sign(b"x", PRIVATE, TYP)
    last = signature[-1]
    twin = chr(ord(last) + 1)
    assert urlsafe_b64decode(signature.split(".")[2] + "==") == urlsafe_b64decode(
        (signature[:-1] + twin).split(".")[2] + "=="
    )
    for other in (signature[:-1] + twin, signature + "=", signature + "\n"):
        with pytest.raises(BadSignature):
            jws.verify(b"x", other, PUBLIC, TYP)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(BadSignature, match="32 bytes"):
        jws.verify(b"x", jws.sign(b"x", PRIVATE, TYP), PUBLIC[:31], TYP)
