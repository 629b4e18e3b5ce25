"""The bundle: what was put in comes out, for its recipient alone, and nothing counts before all of it holds."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from persona_store import bundle, envelope, jws
from persona_store.bundle import Head, Licensed, Line, Statement, Tail, Told, Withheld
from persona_store.envelope import Identity
from persona_store.errors import Refused
from tests.persona_store.passages import passage

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = Head(bundle.FORMAT, "lin", "Lin", "slack:U1", ("Lin Wei",), b"k" * 32)
LINES: tuple[Line, ...] = (
    HEAD,
    Withheld("0" * 32),
    Told(passage("m1", "付款最多重试 3 次", readers=("slack:U1",))),
    Told(passage("m2", "x" * 200_000)),
)
SENDER = Ed25519PrivateKey.generate()


@pytest.fixture
def ours(tmp_path: Path) -> Identity:
    return Identity.kept_in(tmp_path / "key.age")


async def each(lines: tuple[Line, ...]) -> AsyncIterator[Line]:
    for line in lines:
        yield line


async def sealed(to: Identity, lines: tuple[Line, ...] = LINES) -> bytes:
    return (await bundle.seal(each(lines), to=to.address, private=SENDER, now=NOW)).data


def packed(
    *lines: object, to: Identity, content: str = "", recipient: str = "", signer: bytes | None = None
) -> bytes:
    """A bundle as somebody hostile would make one."""
    raws = [line if isinstance(line, bytes) else msgspec.json.encode(line) for line in lines]
    body = b"".join(raw + b"\n" for raw in raws)
    statement = Statement(content or "sha256:" + hashlib.sha256(body).hexdigest(), recipient or to.address, NOW)
    signed = msgspec.json.encode(statement)
    public = signer or jws.public_bytes(SENDER)
    tail = msgspec.json.encode(Tail(signed, jws.sign(signed, SENDER, bundle.TYP), public)) + b"\n"
    packer = zlib.compressobj(wbits=31)
    return envelope.seal(packer.compress(body + tail) + packer.flush(), to.address)


async def test_what_was_put_in_comes_out(ours: Identity) -> None:
    opened = bundle.open_bundle(await sealed(ours), ours)
    assert (opened.head, *opened.lines()) == LINES
    assert (*opened.lines(),) == LINES[1:]  # a second time, too
    assert opened.signer == jws.key_id(jws.public_bytes(SENDER))


async def test_the_same_persona_has_the_same_digest_whoever_gets_it(tmp_path: Path, ours: Identity) -> None:
    other = Identity.kept_in(tmp_path / "other.age")
    one = bundle.open_bundle(await sealed(ours), ours).statement
    two = bundle.open_bundle(await sealed(other), other).statement
    assert one.content == two.content
    assert one.recipient != two.recipient
    three = bundle.open_bundle(await sealed(ours, LINES[:-1]), ours).statement
    assert three.content != one.content


async def test_a_bundle_of_many_pieces_comes_out_whole(ours: Identity) -> None:
    """It is unpacked piece by piece: what is left of the packed bytes must not be copied for every block."""
    lines = [Told(passage(f"m{n}", os.urandom(3_000_000).hex())) for n in range(4)]
    opened = bundle.open_bundle(await sealed(ours, (HEAD, *lines)), ours)
    assert [line.passage.id for line in opened.lines() if isinstance(line, Told)] == ["m0", "m1", "m2", "m3"]


async def test_nobody_else_opens_it(tmp_path: Path, ours: Identity) -> None:
    with pytest.raises(Refused, match="NOT_FOR_US"):
        bundle.open_bundle(await sealed(ours), Identity.kept_in(tmp_path / "other.age"))


async def test_a_bundle_passed_on_to_somebody_else_is_refused(tmp_path: Path, ours: Identity) -> None:
    """Whoever received one can encrypt its content anew; the signature says whom it was meant for."""
    other = Identity.kept_in(tmp_path / "other.age")
    passed_on = envelope.seal(ours.open(await sealed(ours)), other.address)
    with pytest.raises(Refused, match="signed for somebody else"):
        bundle.open_bundle(passed_on, other)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((), "does not begin with who it is"),
        ((Withheld("0" * 32), HEAD), "does not begin with who it is"),
        ((HEAD, HEAD), "does not begin with who it is"),
        ((HEAD, b"nonsense"), "cannot be read"),
        ((HEAD, b'{"type":"withheld","hash":"../../etc"}'), "cannot be read"),
        ((HEAD, b'{"type":"withheld","hash":"00000000000000000000000000000000","more":1}'), "cannot be read"),
        ((HEAD, b'{"type":"unknown"}'), "cannot be read"),
        ((HEAD, b"\xff\xfe"), "cannot be read"),
        ((HEAD, Told(passage("m1", "x", at=datetime(2026, 6, 1)))), "cannot be read"),  # of no zone
    ],
)
def test_what_is_no_bundle_is_refused_whole(ours: Identity, lines: tuple[object, ...], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        bundle.open_bundle(packed(*lines, to=ours), ours)


TERMS = Licensed("globex", "a" * 32, "sha256:" + "0" * 64, "", NOW)
AWAY = msgspec.structs.replace(HEAD, format=bundle.LICENSED)


async def test_a_licensed_one_says_for_whom_right_after_who_it_is(ours: Identity) -> None:
    opened = bundle.open_bundle(await sealed(ours, (AWAY, TERMS, *LINES[1:])), ours)
    assert opened.licensed == TERMS
    assert (*opened.lines(),) == LINES[1:]
    assert bundle.open_bundle(await sealed(ours), ours).licensed is None


@pytest.mark.parametrize(
    "lines",
    [
        (AWAY, *LINES[1:]),  # for nobody
        (HEAD, TERMS),  # for somebody, and yet as if it moved house
        (AWAY, LINES[1], TERMS),
        (AWAY, TERMS, TERMS),
        (AWAY, msgspec.structs.replace(TERMS, pack="../x")),
        (AWAY, msgspec.structs.replace(TERMS, record="sha256:0")),
        (AWAY, msgspec.structs.replace(TERMS, release="yes")),
        (AWAY, msgspec.structs.replace(TERMS, expires=datetime(2026, 6, 1))),  # of no zone
    ],
)
def test_a_licensed_one_that_does_not_say_plainly_for_whom_is_refused(
    ours: Identity, lines: tuple[Line, ...]
) -> None:
    with pytest.raises(Refused, match="BUNDLE_BROKEN"):
        bundle.open_bundle(packed(*lines, to=ours), ours)


def test_another_format_is_told(ours: Identity) -> None:
    newer = msgspec.structs.replace(HEAD, format="understudy.bundle/2")
    with pytest.raises(Refused, match="BUNDLE_FORMAT.*understudy.bundle/2"):
        bundle.open_bundle(packed(newer, to=ours), ours)


def test_what_was_not_signed_is_refused(ours: Identity) -> None:
    with pytest.raises(Refused, match="not what was signed"):
        bundle.open_bundle(packed(HEAD, to=ours, content="sha256:" + "0" * 64), ours)
    stranger = jws.public_bytes(Ed25519PrivateKey.generate())
    with pytest.raises(Refused, match="signature does not hold"):
        bundle.open_bundle(packed(HEAD, to=ours, signer=stranger), ours)


def test_a_line_that_never_ends_is_refused(ours: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes may unpack to gigabytes."""
    monkeypatch.setattr(bundle, "LARGEST_LINE", 1 << 20)
    with pytest.raises(Refused, match="too long"):
        bundle.open_bundle(packed(HEAD, b" " * (64 << 20), to=ours), ours)


def test_more_than_anybody_has_is_not_unpacked_to_its_end(ours: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "LARGEST_UNPACKED", 1 << 18)
    lines = (HEAD, *(Withheld(f"{n:032x}") for n in range(10_000)))
    with pytest.raises(Refused, match="more than anybody has"):
        bundle.open_bundle(packed(*lines, to=ours), ours)


def test_more_lines_than_anybody_has_are_refused(ours: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_LINES", 10)
    with pytest.raises(Refused, match="BUNDLE_BROKEN"):
        bundle.open_bundle(packed(HEAD, *[Withheld("0" * 32)] * 11, to=ours), ours)


@given(cut=st.integers(0, 400), flip=st.integers(0, 400))
def test_whatever_happens_to_its_content_it_is_one_clear_refusal(cut: int, flip: int) -> None:
    """Damage inside the encryption is the sender's doing, by mistake or not."""
    body = b"".join(msgspec.json.encode(line) + b"\n" for line in LINES[:3])
    packer = zlib.compressobj(wbits=31)
    whole = packer.compress(body) + packer.flush()
    damaged = bytearray(whole[: max(1, len(whole) - cut)])
    damaged[flip % len(damaged)] ^= 1
    with pytest.raises(Refused, match="BUNDLE_"):
        bundle.open_bundle(_Plain().seal(bytes(damaged)), _Plain())


class _Plain:
    """An identity that needs no encryption: age has tests of its own."""

    address = "age1plain"

    def seal(self, plain: bytes) -> bytes:
        return plain

    def open(self, sealed: bytes) -> bytes:
        return sealed
