"""Whether a licence still stands, as its Subject says: a short statement, signed with the key of the record.

It travels as text: in a file, in a mail, or at an address the record names. Mail programs break lines, quote and
indent, so the statement stands between two marks, as PGP's and PEM's do (RFC 7468 §2), and what is around them is
for people. Whoever has several in one text has the strictest of them: nothing undoes a revocation.
"""

from __future__ import annotations

import re
import textwrap
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from persona_store import jws
from persona_store.consent.record import Hash
from persona_store.errors import Refused
from persona_store.model import Moment

TYP = "understudy-standing+jws"
FORM: Literal["understudy.standing/1"] = "understudy.standing/1"
LARGEST = 64 << 10  # bytes of a text that may hold one
BEGIN, END = "-----BEGIN UNDERSTUDY LICENCE STANDING-----", "-----END UNDERSTUDY LICENCE STANDING-----"
MOST = 20  # statements looked at in one text

_BLOCK = re.compile(f"{BEGIN}(.{{1,8000}}?){END}", re.DOTALL)
_OTHER = re.compile(r"[^A-Za-z0-9_-]+")


class Standing(Struct, frozen=True, forbid_unknown_fields=True):
    """What the Subject says of one record, and when."""

    form: Literal["understudy.standing/1"]
    record: Hash  # of the record's bytes
    organisation: Annotated[str, Meta(max_length=200)]
    standing: Literal["stands", "revoked"]
    at: Moment


class _Signed(Struct, frozen=True, forbid_unknown_fields=True):
    statement: bytes
    signature: str


def made(
    record: str,
    organisation: str,
    standing: Literal["stands", "revoked"],
    private: Ed25519PrivateKey,
    now: datetime,
    words: str,
    *,
    also: tuple[str, ...] = (),
) -> str:
    """The text; `words` say in front of it what it is. `record` is the hash of the record's bytes, `also` are those
    of records it amends: the other side may not have the newest."""
    said = [statement(each, organisation, standing, now) for each in (record, *also)]
    return as_text([(each, jws.sign(each, private, TYP)) for each in said], words)


def statement(record: str, organisation: str, standing: Literal["stands", "revoked"], now: datetime) -> bytes:
    """The bytes to be signed, where the key is somewhere else."""
    return msgspec.json.encode(Standing(FORM, record, organisation, standing, now.replace(microsecond=0)))


def as_text(signed: Iterable[tuple[bytes, str]], words: str) -> str:
    """Statements with their signatures, as they travel."""
    return "\n\n".join((words, *(_block(said, signature) for said, signature in signed))) + "\n"


def _block(said: bytes, signature: str) -> str:
    packed = urlsafe_b64encode(msgspec.json.encode(_Signed(said, signature))).rstrip(b"=").decode()
    return "\n".join((BEGIN, *textwrap.wrap(packed, 64), END))


def read(text: str, public: bytes, records: Mapping[str, datetime]) -> Standing:
    """What this key says in it of one of these records (by hash): a revocation before anything else. What was said
    of a record before the time that stands with it is over. Raises Refused STANDING if it says nothing, or cannot
    be read."""
    found = list(_said(text, public))
    ours = [each for each in found if each.record in records and each.at >= records[each.record]]
    if not ours:
        what = "it is about another record, or over" if found else "the subject's key signed nothing in it"
        raise Refused(
            "STANDING", f"this does not tell whether the licence stands: {what}", "ask the subject for it"
        )
    return next((each for each in ours if each.standing == "revoked"), max(ours, key=lambda each: each.at))


def _said(text: str, public: bytes) -> Iterator[Standing]:
    if len(text) > LARGEST:
        raise Refused("STANDING", "this is too long to be what was signed", "give the text between the two marks")
    for number, block in enumerate(_BLOCK.finditer(_unquoted(text))):
        if number == MOST:
            return
        try:
            packed = _OTHER.sub("", block[1])
            signed = msgspec.json.decode(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), type=_Signed)
            jws.verify(signed.statement, signed.signature, public, TYP)
            yield msgspec.json.decode(signed.statement, type=Standing)
        except (ValueError, msgspec.MsgspecError, jws.BadSignature):
            continue  # somebody else's, or cut off: what is signed counts, and nothing around it


def _unquoted(text: str) -> str:
    """Without what a mail program puts in front of a line it quotes."""
    return "\n".join(line.lstrip("> \t") for line in text.splitlines())
