"""Checkpoints of a log: how long it is and its root, signed, as text that anybody can keep.

The form is c2sp.org/tlog-checkpoint in a c2sp.org/signed-note:

    understudy/4f1c…            the log's origin
    128                         how many entries
    47DEQpj8HBSa+/TImW+5JC…     the Merkle root

    — understudy/4f1c… kXj2…    key id and Ed25519 signature over the lines above
"""

from __future__ import annotations

import binascii
import hashlib
import itertools
import re
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from persona_store.errors import Refused

ED25519 = b"\x01"  # the signature type of signed-note
LARGEST = 10_000
LARGEST_TEXT = 1_000_000
_ORIGIN = re.compile(rb"understudy/[0-9a-f]{16}")
_QUOTED = re.compile(rb"^[>\s]+")


class Checkpoint(Struct, frozen=True):
    origin: str
    size: int
    root: bytes


def origin_of(public: bytes) -> str:
    """Names the log of the installation that signs with this key; no two logs may share an origin."""
    return f"understudy/{hashlib.sha256(public).hexdigest()[:16]}"


def verifier_key(public: bytes) -> str:
    """The public key in signed-note's own form, for witnesses and other tools that read such notes."""
    origin = origin_of(public)
    return f"{origin}+{_key_id(origin, public).hex()}+{b64encode(ED25519 + public).decode()}"


def sign(size: int, root: bytes, key: Ed25519PrivateKey) -> bytes:
    public = key.public_key().public_bytes_raw()
    origin = origin_of(public)
    text = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
    signature = b64encode(_key_id(origin, public) + key.sign(text.encode())).decode()
    return f"{text}\n— {origin} {signature}\n".encode()


def clipped(text: bytes) -> bytes:
    """The note in a text that was saved with it: a whole letter, a message with its fences, another system's line
    ends, an indent, quotation marks of a reply. What is found is the note to the letter, for `parse` to judge; a
    text without one comes back as it is."""
    lines = [_QUOTED.sub(b"", line).strip() for line in text[:LARGEST_TEXT].split(b"\n")]
    for start, line in enumerate(lines):
        body = lines[start : start + 3]
        if not _ORIGIN.fullmatch(line) or len(body) < 3 or not body[1].isdigit():
            continue
        rest = [each for each in lines[start + 3 :] if each]
        signatures = list(itertools.takewhile(lambda each: each.startswith("— ".encode()), rest))
        if signatures:
            return b"\n".join((*body, b"", *signatures)) + b"\n"
    return text


def parse(note: bytes, public: bytes) -> Checkpoint:
    """What a note says, once its signature is known to be this key's.

    Raises Refused CHECKPOINT_FORM, CHECKPOINT_ORIGIN (another log's) or CHECKPOINT_SIGNATURE. Signatures of other
    keys, such as a witness's, may stand beside ours and are not looked at.
    """
    text, found, signatures = note[:LARGEST].rpartition(b"\n\n")
    text += b"\n"
    checkpoint = _body(text)
    if not found or checkpoint is None:
        raise Refused("CHECKPOINT_FORM", "this is no checkpoint of a log", "give the text that was sent, unchanged")
    if checkpoint.origin != origin_of(public):
        what = f"the checkpoint is of another log, {checkpoint.origin[:60]!r}"
        raise Refused("CHECKPOINT_ORIGIN", what, f"this log is {origin_of(public)!r}")
    if not any(_signed(line, text, checkpoint.origin, public) for line in signatures.split(b"\n")):
        what = f"the checkpoint at size {checkpoint.size} does not carry this log's signature"
        raise Refused("CHECKPOINT_SIGNATURE", what, "compare it with the copy that the other holder has")
    return checkpoint


def _body(text: bytes) -> Checkpoint | None:
    """Three lines, written in the one way there is: `07`, spaces or a second spelling of the root do not pass."""
    try:
        origin, size, root, rest = text.decode().split("\n")
        checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True))
    except (ValueError, binascii.Error):
        return None
    again = f"{origin}\n{checkpoint.size}\n{b64encode(checkpoint.root).decode()}\n"
    valid = bool(origin) and checkpoint.size >= 0 and len(checkpoint.root) == hashlib.sha256().digest_size
    return checkpoint if valid and not rest and again.encode() == text else None


def _signed(line: bytes, text: bytes, origin: str, public: bytes) -> bool:
    start = f"— {origin} ".encode()
    if not line.startswith(start):
        return False
    try:
        value = b64decode(line.removeprefix(start), validate=True)
        if value[:4] != _key_id(origin, public):
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(value[4:], text)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]
