"""The audit log: lines that say who did what under which consent and hold no content, and the proof that none was
changed.

Every line rides in the Batch of the change it records (`Batch.log`), is chained to the one before by its hash, and
is a leaf of a Merkle tree. The chain shows where a log was tampered with; but whoever can rewrite the file can
rewrite the chain, so checkpoints go to people who do not run the server (the owner, the subject). Rewriting or
shortening what a held checkpoint covers cannot be hidden from its holder, not even by whoever has the signing key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from persona_store import checkpoint as notes
from persona_store.checkpoint import Checkpoint
from persona_store.errors import Conflict, Refused
from persona_store.merkle import Tree
from persona_store.protocols import Batch, Entry, Put, Store

CHECKPOINTS = "checkpoint/"
GROWN = "checkpoint-tree"  # the tree of the latest checkpoint, so that the next one reads only what is new
GENESIS = bytes(32)

# Names, codes, ids, keyed hashes: nothing in which a sentence of somebody's could hide.
WORD = re.compile(r"[A-Za-z0-9_.:/*@+=#-]{0,200}", re.ASCII)


class Line(Struct, frozen=True, omit_defaults=True):
    """One entry. `actor` and `refs` are keyed hashes, or platform ids where the caller decided so."""

    ts: datetime
    actor: str
    action: str
    persona: str
    record_id: str = ""
    decision: str = ""
    code: str = ""
    refs: tuple[str, ...] = ()


class Report(Struct, frozen=True):
    """What `verify` found. When not `ok`, `problem` is a code and `bad_seq` the first entry that is not, or no
    longer, proven (0 when the fault lies in a checkpoint itself)."""

    ok: bool
    size: int
    root: str
    checkpoints: int
    problem: str = ""
    bad_seq: int = 0
    detail: str = ""
    warnings: tuple[str, ...] = ()


def entry(
    *,
    at: datetime,
    actor: str,
    action: str,
    persona: str,
    record_id: str = "",
    decision: str = "",
    code: str = "",
    refs: tuple[str, ...] = (),
) -> bytes:
    """One JSON line for `Batch.log`. Refused AUDIT_CONTENT if a field could hold somebody's words."""
    for name, value in (
        ("actor", actor),
        ("action", action),
        ("persona", persona),
        ("record_id", record_id),
        ("decision", decision),
        ("code", code),
        *(("refs", ref) for ref in refs),
    ):
        if WORD.fullmatch(value) is None:
            raise Refused("AUDIT_CONTENT", f"the audit field {name!r} is no plain id", "log an id or a keyed hash")
    return msgspec.json.encode(Line(at, actor, action, persona, record_id, decision, code, refs))


async def checkpoint(store: Store, key: Ed25519PrivateKey) -> bytes:
    """Sign how the log stands now, keep the note in the store, and return it: send it to owner and subject.
    The same note comes back while the log has not grown."""
    while True:
        before = await store.get(GROWN)
        tree = _tree(before)
        known = tree.size
        async for line in store.log(after=tree.size):
            tree.add(line.body)
        name = f"{CHECKPOINTS}{tree.size:012d}"
        kept = await store.get(name)
        if kept is not None and known == tree.size:
            return kept
        note = notes.sign(tree.size, tree.root(), key)
        puts = (Put(name, note), Put(GROWN, msgspec.json.encode((tree.size, tree.peaks))))
        try:
            await store.commit(Batch(puts=puts, unchanged=((GROWN, before),)))
        except Conflict:  # another process has just made one; begin where it ended
            continue
        return note


async def verify(store: Store, public: bytes, against: bytes | None = None) -> Report:
    """Read the whole log and compare it with every checkpoint: those in the store, and the one that the caller
    held elsewhere. Only the public key is needed."""
    witnesses: list[_Witness] = []
    try:
        if against is not None:
            witnesses.append(_Witness(notes.parse(against, public), held=True))
        async for name, note in store.scan(CHECKPOINTS):
            point = notes.parse(note, public)
            if name != f"{CHECKPOINTS}{point.size:012d}":
                raise Refused("CHECKPOINT_FORM", f"the checkpoint kept as {name!r} is of size {point.size}")
            witnesses.append(_Witness(point, held=False))
    except Refused as refused:
        return Report(False, 0, "", len(witnesses), refused.code, 0, refused.what)
    examination = _Examination(witnesses)
    async for line in store.log():
        if not examination.goes_on(line):
            break
    return examination.report()


class _Witness(Struct, frozen=True):
    point: Checkpoint
    held: bool  # outside the store: whoever rewrites the log cannot have replaced it


class _Examination:
    """Walks along the log once, and stops at the first thing that does not fit."""

    def __init__(self, witnesses: Iterable[_Witness]) -> None:
        self._ahead = sorted(witnesses, key=lambda witness: -witness.point.size)
        self._checkpoints = len(self._ahead)
        self._tree = Tree()
        self._previous = GENESIS
        self._latest: datetime | None = None
        self._warnings: list[str] = []
        self._problem = ("", 0, "")
        self._proven = {True: 0, False: 0}  # up to which entry held, and any, checkpoints agree
        self._compare()

    def goes_on(self, line: Entry) -> bool:
        seq = self._tree.size + 1
        if self._problem[0]:
            return False
        if line.seq != seq:
            self._problem = ("SEQUENCE", seq, f"entry {seq} is missing or out of place: found {line.seq}")
        elif hashlib.sha256(self._previous + line.body).digest() != line.hash:
            self._problem = ("CHAIN", seq, f"entry {seq} does not fit the hash chain")
        else:
            self._previous = line.hash
            self._tree.add(line.body)
            self._look_at_time(seq, line.body)
            self._compare()
        return not self._problem[0]

    def report(self) -> Report:
        size = self._tree.size
        if not self._problem[0] and self._ahead:
            # What is left of a shortened log may have been rewritten too: it is proven up to a checkpoint it meets.
            proven = self._proven_to(any(witness.held for witness in self._ahead))
            what = f"the log ends at {size}, a checkpoint proves that it had {self._ahead[0].point.size} entries"
            self._problem = ("TRUNCATED", proven + 1, what)
        problem, seq, detail = self._problem
        return Report(
            not problem,
            size,
            self._tree.root().hex(),
            self._checkpoints,
            problem,
            seq,
            detail,
            tuple(self._warnings),
        )

    def _compare(self) -> None:
        while self._ahead and self._ahead[-1].point.size == self._tree.size:
            witness = self._ahead.pop()
            if witness.point.root == self._tree.root():
                self._proven[witness.held] = self._tree.size
                continue
            proven = self._proven_to(witness.held)
            what = f"entries {proven + 1} to {self._tree.size} are not those that the checkpoint was signed for"
            self._problem = ("FORK", min(proven + 1, self._tree.size), what)
            return

    def _proven_to(self, held: bool) -> int:
        """A checkpoint of the store can be signed anew by whoever has the key: beside one that was held outside
        and says otherwise, it proves nothing."""
        return self._proven[True] if held else max(self._proven.values())

    def _look_at_time(self, seq: int, body: bytes) -> None:
        try:
            at = msgspec.json.decode(body, type=_Time).ts
        except msgspec.MsgspecError:
            self._warnings.append(f"entry {seq} has no readable time")
            return
        if self._latest is not None and at < self._latest:
            self._warnings.append(f"the clock went back at entry {seq}")
        self._latest = at


class _Time(Struct):
    ts: datetime


def _tree(kept: bytes | None) -> Tree:
    """It only saves reading: one that is absent or spoilt is grown again from the first entry."""
    try:
        return Tree(*msgspec.json.decode(kept or b"", type=tuple[int, list[bytes]]))
    except (msgspec.MsgspecError, ValueError):
        return Tree()
