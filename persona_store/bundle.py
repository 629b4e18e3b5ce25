"""A persona as a file that travels: signed by its sender, encrypted to its recipient, with the consent it rests on.

`understudy.bundle/1` is an age file. Inside is gzip of lines of JSON: a head, one line for each consent record,
withheld hash, hash of what was struck, rule of withholding, passage and facet, and a tail with the signature. The
content's digest covers all lines but the tail, and neither time nor sender nor recipient, so that the same persona
has the same digest wherever it is. What is signed names the recipient, so that nobody can pass it on as if it had
been meant for somebody else.

`understudy.licensed/1` is the same for another organisation (persona_store/licensed): its second line says for
which, under which record and until when it may be taken in.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import AsyncIterable, Iterator
from datetime import datetime
from typing import Annotated

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from persona_store import envelope, jws
from persona_store.consent.book import Signed
from persona_store.consent.record import Hash
from persona_store.distill.model import Facet
from persona_store.envelope import Identity
from persona_store.errors import Refused
from persona_store.model import Moment, Passage
from persona_store.withheld.levels import Rule

FORMAT = "understudy.bundle/1"
LICENSED = "understudy.licensed/1"
TYP = "understudy-bundle+jws"
LARGEST_FILE = 1 << 30  # bytes, encrypted
LARGEST_LINE = 8 << 20
LARGEST_UNPACKED = 16 << 30  # bytes of all lines: gzip makes a thousand of one, and each of them takes its time
MOST_LINES = 20_000_000

_GZIP = 31  # zlib's wbits for a gzip stream
_BLOCK = 1 << 16


Short = Annotated[str, Meta(max_length=200)]


class Head(Struct, frozen=True, tag="persona", forbid_unknown_fields=True):
    """Who it is. Owner, chats and state are the receiving installation's own."""

    format: Short
    name: Short
    display_name: Short
    subject: Short
    aliases: Annotated[tuple[Short, ...], Meta(max_length=50)]
    consent_key: bytes  # the Subject's public key


class Withheld(Struct, frozen=True, tag="withheld", forbid_unknown_fields=True):
    """What the Subject kept back stays away at the recipient's, too."""

    hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class Struck(Struct, frozen=True, tag="struck", forbid_unknown_fields=True):
    """A facet that was struck out is not found again at the recipient's."""

    hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class Ruled(Struct, frozen=True, tag="keeps_back", forbid_unknown_fields=True):
    """By which rule the Subject keeps things back: what is imported there is held to it as well."""

    rule: Rule


class Licensed(Struct, frozen=True, tag="licensed", forbid_unknown_fields=True):
    """To whom it was licensed. `record` and `release` are the hashes of the Subject's record and of the paper in
    which the controller let documents and mail go ("" where none went)."""

    organisation: Short
    pack: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    record: Hash
    release: Annotated[str, Meta(pattern=r"^(sha256:[0-9a-f]{64})?\Z")]
    expires: Moment


class Consented(Struct, frozen=True, tag="consent", forbid_unknown_fields=True):
    record: Signed


class Told(Struct, frozen=True, tag="passage", forbid_unknown_fields=True):
    passage: Passage


class Distilled(Struct, frozen=True, tag="facet", forbid_unknown_fields=True):
    facet: Facet


Line = Head | Licensed | Consented | Withheld | Struck | Ruled | Told | Distilled


class Statement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the sender signs."""

    content: str  # sha256:… of the lines
    recipient: str  # the age address
    made_at: datetime


class Tail(Struct, frozen=True, tag="signed", forbid_unknown_fields=True):
    statement: bytes
    signature: str
    public_key: bytes


_LINE: msgspec.json.Decoder[Line | Tail] = msgspec.json.Decoder(Line | Tail)


class Sealed(Struct, frozen=True):
    data: bytes
    content: str
    lines: int


async def seal(lines: AsyncIterable[Line], *, to: str, private: Ed25519PrivateKey, now: datetime) -> Sealed:
    """The bytes of the file. Raises Refused ADDRESS if `to` is no age address."""
    envelope.checked(to)
    digest, packed, count = hashlib.sha256(), bytearray(), 0
    packer = zlib.compressobj(wbits=_GZIP)
    async for line in lines:
        raw = msgspec.json.encode(line) + b"\n"
        digest.update(raw)
        packed += packer.compress(raw)
        count += 1
    statement = Statement("sha256:" + digest.hexdigest(), to, now.replace(microsecond=0))
    signed = msgspec.json.encode(statement)
    tail = Tail(signed, jws.sign(signed, private, TYP), jws.public_bytes(private))
    packed += packer.compress(msgspec.json.encode(tail) + b"\n")
    packed += packer.flush()
    return Sealed(envelope.seal(bytes(packed), to), statement.content, count)


class Bundle:
    """One that was opened and whose signature holds; whose it is, is for the caller to judge by `signer`."""

    def __init__(
        self, packed: bytes, statement: Statement, signer: str, head: Head, licensed: Licensed | None = None
    ) -> None:
        self._packed = packed
        self.statement = statement
        self.signer = signer  # the thumbprint of the sender's key
        self.head = head
        self.licensed = licensed  # for which organisation; None: it moves house, and stays its own

    def lines(self) -> Iterator[Line]:
        """Everything after the head."""
        for raw in _raw_lines(self._packed):
            line = _decoded(raw)
            if not isinstance(line, Head | Licensed | Tail):
                yield line


def open_bundle(data: bytes, identity: Identity) -> Bundle:
    """Raises Refused NOT_FOR_US, BUNDLE_BROKEN or BUNDLE_FORMAT: nothing of it is used before all of it holds."""
    if len(data) > LARGEST_FILE:
        raise Refused("BUNDLE_BROKEN", f"it has {len(data):,} bytes", f"a bundle has {LARGEST_FILE:,} at most")
    packed = identity.open(data)
    digest = hashlib.sha256()
    head: Head | None = None
    licensed: Licensed | None = None
    tail: Tail | None = None
    for number, raw in enumerate(_raw_lines(packed)):
        if tail is not None or number > MOST_LINES:
            raise _broken("something stands after its end")
        line = _decoded(raw)
        if (number == 0) != isinstance(line, Head):
            raise _broken("it does not begin with who it is")
        if isinstance(line, Tail):
            tail = line
            continue
        if isinstance(line, Head):
            head = line
        if isinstance(line, Licensed):
            if number != 1:
                raise _broken("it says twice, or too late, for whom it is")
            licensed = line
        digest.update(raw + b"\n")
    if head is None or tail is None:
        raise _broken("its end is missing")
    if head.format not in (FORMAT, LICENSED):
        raise Refused("BUNDLE_FORMAT", f"it is of format {head.format[:40]!r}", f"this version reads {FORMAT}")
    if (head.format == LICENSED) != (licensed is not None):
        raise _broken("it does not say for whom it is")
    statement = _verified(tail, "sha256:" + digest.hexdigest(), identity)
    return Bundle(packed, statement, jws.key_id(tail.public_key), head, licensed)


def _verified(tail: Tail, content: str, identity: Identity) -> Statement:
    try:
        jws.verify(tail.statement, tail.signature, tail.public_key, TYP)
        statement = msgspec.json.decode(tail.statement, type=Statement)
    except (jws.BadSignature, msgspec.MsgspecError) as error:
        raise _broken(f"its signature does not hold: {error}") from None
    if statement.content != content:
        raise _broken("it is not what was signed")
    if statement.recipient != identity.address:
        raise _broken("it was signed for somebody else")
    return statement


def _raw_lines(packed: bytes) -> Iterator[bytes]:
    """The lines without their ends; never more in memory than one of them, however well it was packed."""
    unpacker, view = zlib.decompressobj(_GZIP), memoryview(packed)
    rest, waiting, at, unpacked = b"", b"", 0, 0
    try:
        while not unpacker.eof:
            if not waiting:  # piece by piece: what is left over of one is copied at every step
                waiting, at = bytes(view[at : at + _BLOCK]), at + _BLOCK
            block = unpacker.decompress(waiting, _BLOCK)
            waiting = unpacker.unconsumed_tail
            unpacked += len(block)
            if unpacked > LARGEST_UNPACKED:
                raise _broken("it unpacks to more than anybody has")
            if not block and not waiting and at >= len(packed):
                break
            *whole, rest = (rest + block).split(b"\n")
            yield from whole
            if len(rest) > LARGEST_LINE:
                raise _broken("a line of it is too long")
    except zlib.error:
        raise _broken("it is cut off or damaged") from None
    if rest or not unpacker.eof:
        raise _broken("it is cut off")


def _decoded(raw: bytes) -> Line | Tail:
    try:
        return _LINE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _broken(f"a line of it cannot be read: {str(error)[:80]}") from None


def _broken(problem: str) -> Refused:
    return Refused("BUNDLE_BROKEN", f"this bundle was not accepted: {problem}", "have it made and sent again")
