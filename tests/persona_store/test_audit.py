"""§2D: the log verifies as long as nobody touched it, and never otherwise."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from persona_store import audit
from persona_store import checkpoint as notes
from persona_store.audit import GENESIS, Report
from persona_store.backends import open_store
from persona_store.clock import ManualClock
from persona_store.errors import Refused
from persona_store.merkle import root
from persona_store.protocols import Batch, Entry, Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def line(number: int, *, at: datetime | None = None) -> bytes:
    return audit.entry(
        at=at or START + timedelta(seconds=number),
        actor="slack:T1/U2",
        action="answered",
        persona="lin",
        record_id="urn:uuid:1",
        decision="sent",
        code="",
        refs=(f"{number:032x}",),
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite://{tmp_path}/store.db", clock=ManualClock(START))
    yield store
    await store.close()


async def fill(store: Store, first: int, last: int) -> None:
    await store.commit(Batch(log=tuple(line(number) for number in range(first, last + 1))))


def rewrite(tmp_path: Path, *statements: str) -> None:
    """What an intruder with the file can do."""
    db = apsw.Connection(str(tmp_path / "store.db"))
    for statement in statements:
        db.execute(statement)
    db.close()


def chained(bodies: list[bytes]) -> list[Entry]:
    entries, previous = [], GENESIS
    for seq, body in enumerate(bodies, 1):
        previous = hashlib.sha256(previous + body).digest()
        entries.append(Entry(seq, body, previous))
    return entries


class Evidence:
    """A log and its checkpoints as somebody hands them in, however mutilated."""

    def __init__(self, entries: list[Entry], checkpoints: dict[int, bytes]) -> None:
        self.entries = entries
        self.checkpoints = checkpoints

    async def log(self, *, after: int = 0) -> AsyncIterator[Entry]:
        for entry in self.entries:
            yield entry

    async def scan(self, prefix: str) -> AsyncIterator[tuple[str, bytes]]:
        for size, note in sorted(self.checkpoints.items()):
            yield f"{prefix}{size:012d}", note


# ------------------------------------------------------------------ what is written


def test_an_entry_is_one_json_line_with_what_was_given_and_nothing_else() -> None:
    written = line(7)
    assert b"\n" not in written
    assert json.loads(written) == {
        "ts": "2026-03-02T09:00:07Z",
        "actor": "slack:T1/U2",
        "action": "answered",
        "persona": "lin",
        "record_id": "urn:uuid:1",
        "decision": "sent",
        "refs": [f"{7:032x}"],
    }


@pytest.mark.parametrize("field", ["actor", "action", "persona", "record_id", "decision", "code", "refs"])
@pytest.mark.parametrize("words", ["please restart it", "请先停发布", "a\nb", "x" * 201])
def test_an_entry_has_no_room_for_words(field: str, words: str) -> None:
    """The log outlives erasure, so nothing somebody said may get into it, not even by mistake."""
    fields: dict[str, object] = {"actor": "a", "action": "b", "persona": "c"}
    fields[field] = (words,) if field == "refs" else words
    with pytest.raises(Refused) as refused:
        audit.entry(at=START, **fields)
    assert refused.value.code == "AUDIT_CONTENT"
    assert words not in str(refused.value)


async def test_a_log_with_checkpoints_verifies(store: Store) -> None:
    first = await audit.checkpoint(store, KEY)
    await fill(store, 1, 5)
    await fill(store, 6, 70)
    second = await audit.checkpoint(store, KEY)
    await fill(store, 71, 100)
    report = await audit.verify(store, PUBLIC, second)
    assert report == Report(True, 100, root(line(n) for n in range(1, 101)).hex(), 3)
    assert notes.parse(first, PUBLIC).size == 0
    assert notes.parse(second, PUBLIC).root == root(line(number) for number in range(1, 71))


async def test_a_checkpoint_continues_from_the_last_and_is_made_once_per_size(store: Store) -> None:
    await fill(store, 1, 3)
    assert await audit.checkpoint(store, KEY) == await audit.checkpoint(store, KEY)
    await fill(store, 4, 6)
    assert notes.parse(await audit.checkpoint(store, KEY), PUBLIC).root == root(line(n) for n in range(1, 7))
    assert [key[-3:] async for key, _ in store.scan("checkpoint/")] == ["003", "006"]


async def test_a_spoilt_tree_is_grown_again(store: Store, tmp_path: Path) -> None:
    await fill(store, 1, 9)
    await audit.checkpoint(store, KEY)
    rewrite(tmp_path, "UPDATE pair SET value = x'00' WHERE key = 'checkpoint-tree'")
    await fill(store, 10, 12)
    await audit.checkpoint(store, KEY)
    assert (await audit.verify(store, PUBLIC)).ok


async def test_a_clock_that_went_back_is_a_warning(store: Store) -> None:
    await store.commit(Batch(log=(line(5), line(4), b"not json")))
    report = await audit.verify(store, PUBLIC)
    assert report.ok
    assert report.warnings == ("the clock went back at entry 2", "entry 3 has no readable time")


# ------------------------------------------------------------------ what an intruder does to the file


@pytest.mark.parametrize(
    ("problem", "bad_seq", "statements"),
    [
        ("CHAIN", 7, ["UPDATE log SET body = CAST(replace(body, 'sent', 'kept') AS BLOB) WHERE seq = 7"]),
        ("CHAIN", 7, ["UPDATE log SET hash = zeroblob(32) WHERE seq = 7"]),
        ("SEQUENCE", 7, ["DELETE FROM log WHERE seq = 7"]),
        ("SEQUENCE", 1, ["DELETE FROM log WHERE seq = 1"]),
        ("CHAIN", 7, ["DELETE FROM log WHERE seq = 7", "UPDATE log SET seq = seq - 1 WHERE seq > 7"]),
        ("CHAIN", 21, ["INSERT INTO log SELECT 21, hash, body FROM log WHERE seq = 20"]),
        ("CHAIN", 3, ["UPDATE log SET seq = -3 WHERE seq = 3", "UPDATE log SET seq = 3 WHERE seq = 4",
                      "UPDATE log SET seq = 4 WHERE seq = -3"]),
        ("TRUNCATED", 11, ["DELETE FROM log WHERE seq > 15"]),
        ("TRUNCATED", 1, ["DELETE FROM log"]),
    ],
)  # fmt: skip
async def test_tampering_with_the_file_is_found_and_named(
    store: Store, tmp_path: Path, problem: str, bad_seq: int, statements: list[str]
) -> None:
    for tenth in (1, 11):
        await fill(store, tenth, tenth + 9)
        await audit.checkpoint(store, KEY)
    rewrite(tmp_path, *statements)
    report = await audit.verify(store, PUBLIC)
    assert (report.ok, report.problem, report.bad_seq) == (False, problem, bad_seq)


async def test_a_truncation_that_hides_its_checkpoints_is_known_to_whoever_held_one(
    store: Store, tmp_path: Path
) -> None:
    await fill(store, 1, 20)
    held = await audit.checkpoint(store, KEY)
    rewrite(tmp_path, "DELETE FROM log WHERE seq > 12", "DELETE FROM pair")
    assert (await audit.verify(store, PUBLIC)).ok, "from within it cannot be seen: that is why people hold one"
    report = await audit.verify(store, PUBLIC, held)
    assert (report.problem, report.bad_seq) == ("TRUNCATED", 1)
    assert report.detail == "the log ends at 12, a checkpoint proves that it had 20 entries"


async def test_a_fork_signed_again_with_the_stolen_key_is_known_to_whoever_held_one() -> None:
    """The whole log rewritten from entry 8 on, chained and signed anew."""
    bodies = [line(number) for number in range(1, 31)]
    early, held = (notes.sign(size, root(bodies[:size]), KEY) for size in (5, 20))
    forged = [*bodies[:7], *(line(number + 1000) for number in range(8, 31))]
    fork = Evidence(chained(forged), {size: notes.sign(size, root(forged[:size]), KEY) for size in (5, 10, 30)})
    assert (await audit.verify(fork, PUBLIC)).ok
    assert (await audit.verify(fork, PUBLIC, early)).ok, "what this holder knows of was not touched"
    report = await audit.verify(fork, PUBLIC, held)
    assert (report.ok, report.problem, report.bad_seq) == (False, "FORK", 1)
    assert "entries 1 to 20" in report.detail


async def test_a_fork_that_leaves_the_stored_checkpoints_is_bounded_by_them() -> None:
    bodies = [line(number) for number in range(1, 31)]
    stored = {size: notes.sign(size, root(bodies[:size]), KEY) for size in (5, 10, 30)}
    forged = [*bodies[:7], *(line(number + 1000) for number in range(8, 31))]
    report = await audit.verify(Evidence(chained(forged), stored), PUBLIC)
    assert (report.problem, report.bad_seq) == ("FORK", 6)


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (notes.sign(3, root([line(1), line(2), line(3)]), OTHER), "CHECKPOINT_ORIGIN"),
        (notes.sign(3, bytes(32), KEY).replace(b"\n3\n", b"\n2\n"), "CHECKPOINT_SIGNATURE"),
        (notes.sign(3, bytes(32), KEY).replace(b"\n3\n", b"\n03\n"), "CHECKPOINT_FORM"),
        (notes.sign(3, bytes(32), KEY).partition(b"\n\n")[0], "CHECKPOINT_FORM"),
        (b"", "CHECKPOINT_FORM"),
        (b"\xff\n\n\xff", "CHECKPOINT_FORM"),
    ],
)
async def test_a_checkpoint_that_is_not_ours_proves_nothing(store: Store, note: bytes, code: str) -> None:
    await fill(store, 1, 3)
    report = await audit.verify(store, PUBLIC, note)
    assert (report.ok, report.problem) == (False, code)


def test_a_note_reads_as_the_specification_says() -> None:
    """c2sp.org/signed-note: the text, an empty line, `— name base64(key id ‖ signature)`; a witness may add its
    own line below."""
    note = notes.sign(3, bytes(32), KEY)
    origin = notes.origin_of(PUBLIC)
    text, _, signature = note.decode().partition("\n\n")
    assert text.split("\n") == [origin, "3", "A" * 43 + "="]
    assert signature.startswith(f"— {origin} ")
    assert signature.endswith("\n")
    assert notes.parse(note + "— witness.example/w1 AAAAAAAA\n".encode(), PUBLIC).size == 3
    name, key_id, _ = notes.verifier_key(PUBLIC).split("+", 2)
    assert name == origin
    assert len(bytes.fromhex(key_id)) == 4


# ------------------------------------------------------------------ a thousand intruders

Mutation = Callable[[random.Random, list[Entry]], list[Entry]]


def flip(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    at = dice.randrange(len(entries))
    old = entries[at]
    spoilt = bytearray(old.body + old.hash)
    spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    entries[at] = Entry(old.seq, bytes(spoilt[: len(old.body)]), bytes(spoilt[len(old.body) :]))
    return entries


def remove(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    del entries[dice.randrange(len(entries))]
    return entries


def duplicate(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    at = dice.randrange(len(entries))
    return entries[:at] + [entries[at]] + entries[at:]


def swap(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    one, two = dice.sample(range(len(entries)), 2)
    entries[one], entries[two] = entries[two], entries[one]
    return entries


def insert(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    at = dice.randrange(len(entries))
    return entries[:at] + [Entry(0, line(999), dice.randbytes(32))] + entries[at:]


def truncate(dice: random.Random, entries: list[Entry]) -> list[Entry]:
    return entries[: dice.randrange(len(entries))]


def numbered(entries: list[Entry]) -> list[Entry]:
    return [Entry(seq, entry.body, entry.hash) for seq, entry in enumerate(entries, 1)]


def rechained(entries: list[Entry]) -> list[Entry]:
    return chained([entry.body for entry in entries])


async def test_of_a_thousand_mutations_none_goes_unnoticed() -> None:
    """Each as it is, with the numbers put right, and with the chain computed anew; the checkpoints of the store
    left, removed, or signed again with a stolen key: whoever held the last checkpoint notices every one."""
    dice = random.Random(6962)
    bodies = [line(number) for number in range(1, 34)]
    original = chained(bodies)
    held = notes.sign(len(bodies), root(bodies), KEY)
    missed = []
    for case in range(1000):
        mutation: Mutation = dice.choice((flip, remove, duplicate, swap, insert, truncate))
        repair: Callable[[list[Entry]], list[Entry]] = dice.choice((list, numbered, rechained))
        entries = repair(mutation(dice, list(original)))
        if entries[: len(original)] == original:  # a flipped hash, computed anew; the last line, said once more
            continue
        resigned = [entry.body for entry in entries]
        size = min(dice.choice((9, 33)), len(resigned))
        real, stolen = notes.sign(9, root(bodies[:9]), KEY), notes.sign(size, root(resigned[:size]), KEY)
        checkpoints = dice.choice(({}, {9: real}, {size: stolen}))
        report = await audit.verify(Evidence(entries, checkpoints), PUBLIC, held)
        first = next((s for s, (a, b) in enumerate(zip(entries, original, strict=False), 1) if a != b), None)
        named = first or min(len(entries), len(original)) + 1
        if report.ok or report.bad_seq > named:
            missed.append((case, mutation.__name__, repair.__name__, report))
    assert missed == []
