"""Evidence at rest: nothing readable, nothing twice, nothing left."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from persona_store.errors import Refused, StoreBroken
from persona_store.evidence import Added, EvidenceFile
from tests.persona_store.passages import passage

KEY, OTHER = b"k" * 32, b"o" * 32
CANARY = "kanarienvogel-7361"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[EvidenceFile]:
    file = EvidenceFile.open(tmp_path / "lin.db", KEY)
    yield file
    file.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_what_was_added_comes_back_as_it_was(file: EvidenceFile) -> None:
    one = passage("m1", "付款最多重试 3 次", readers=("slack:U1", "local:bo"), title="标题", url="https://x.test/1")
    await file.add([one])
    assert await file.all() == [one]
    assert await file.get(["nothing", "m1"]) == [one]


async def test_adding_again_changes_nothing(file: EvidenceFile) -> None:
    """An import can be repeated: same, changed and new are told apart by id and content."""
    given = [passage(f"m{n}", f"text {n}") for n in range(2500)]
    assert await file.add(given) == Added(new=2500)
    version = await file.version()
    assert await file.add(given) == Added(same=2500)
    assert await file.version() == version
    given[7] = structs.replace(given[7], text="another text")
    assert await file.add([*given, passage("x", "new")]) == Added(new=1, changed=1, same=2499)
    assert await file.count() == 2501


async def test_one_id_twice_in_one_batch_counts_once(file: EvidenceFile) -> None:
    assert await file.add([passage("m1", "first"), passage("m1", "last")]) == Added(new=1)
    assert [p.text for p in await file.all()] == ["last"]


async def test_nothing_can_be_read_on_disk_while_open(file: EvidenceFile, tmp_path: Path) -> None:
    """Neither words nor ids nor names, neither in the file nor in its log."""
    await file.add([passage(CANARY, f"the word is {CANARY}", author_name=CANARY, container=CANARY)])
    raw = on_disk(tmp_path)
    assert len(raw) > 1000
    assert CANARY.encode() not in raw


async def test_removed_rows_leave_no_trace_even_for_who_has_the_key(file: EvidenceFile, tmp_path: Path) -> None:
    """The sealed bytes themselves are overwritten, in the file and in the write-ahead log."""
    await file.add([passage(f"m{n}", f"text {n}") for n in range(50)])
    await file.add([passage(CANARY, CANARY)])
    sealed = file.sealed._connection.execute("SELECT sealed FROM passage ORDER BY seq DESC LIMIT 1").fetchone()[0]
    assert sealed in on_disk(tmp_path)
    assert await file.remove([CANARY, "never there"]) == 1
    assert sealed not in on_disk(tmp_path)
    assert await file.get([CANARY]) == []
    assert await file.count() == 50


async def test_an_overwritten_passage_leaves_no_trace(file: EvidenceFile, tmp_path: Path) -> None:
    await file.add([passage("m1", "before")])
    sealed = file.sealed._connection.execute("SELECT sealed FROM passage").fetchone()[0]
    await file.add([passage("m1", "after")])
    assert sealed not in on_disk(tmp_path)


async def test_another_key_is_refused(file: EvidenceFile, tmp_path: Path) -> None:
    await file.add([passage("m1", "text")])
    with pytest.raises(Refused, match="KEY_WRONG"):
        EvidenceFile.open(tmp_path / "lin.db", OTHER)


async def test_a_row_moved_to_another_persona_does_not_open(file: EvidenceFile, tmp_path: Path) -> None:
    """Rows are bound to their persona: a copied file under another name is noise even with the same key."""
    await file.add([passage("m1", "text")])
    file.close()
    (tmp_path / "lin.db").rename(tmp_path / "bo.db")
    with pytest.raises(Refused, match="KEY_WRONG"):
        EvidenceFile.open(tmp_path / "bo.db", KEY)


async def test_rows_swapped_within_a_file_do_not_open(file: EvidenceFile) -> None:
    await file.add([passage("m1", "one"), passage("m2", "two")])
    file.sealed._connection.execute(
        "UPDATE passage SET sealed=(SELECT sealed FROM passage WHERE seq=2) WHERE seq=1"
    )
    with pytest.raises(Refused, match="KEY_WRONG"):
        await file.all()


def test_a_file_that_is_no_database_is_said_to_be_broken(tmp_path: Path) -> None:
    (tmp_path / "lin.db").write_bytes(b"not a database at all" * 500)
    with pytest.raises(StoreBroken, match=r"lin\.db"):
        EvidenceFile.open(tmp_path / "lin.db", KEY)


async def test_only_its_owner_may_read_the_file(file: EvidenceFile, tmp_path: Path) -> None:
    assert (tmp_path / "lin.db").stat().st_mode & 0o077 == 0


async def test_another_process_sees_what_is_new_and_what_is_gone(file: EvidenceFile, tmp_path: Path) -> None:
    """`version` tells that something happened, `since` what is new, `rows` what is left."""
    await file.add([passage("m1", "one")])
    other = EvidenceFile.open(tmp_path / "lin.db", KEY)
    before = await file.version()
    seq, _ = await file.since(0)
    await other.add([passage("m2", "two")])
    await other.remove(["m1"])
    assert await file.version() != before
    assert [p.id for _, p in (await file.since(seq))[1]] == ["m2"]
    assert len(await file.rows()) == 1
    other.close()


async def test_a_closed_file_says_so(file: EvidenceFile) -> None:
    file.close()
    with pytest.raises(Refused, match="KEY_GONE"):
        await file.count()


async def test_two_who_write_at_once_wait_for_each_other(tmp_path: Path, file: EvidenceFile) -> None:
    """The bot keeps an owner's answer while an import runs at the command line, in another process."""
    other = EvidenceFile.open(tmp_path / "lin.db", KEY)
    try:
        for turn in range(4):
            ours, theirs = ([passage(f"{who}{turn}-{n}", "words") for n in range(300)] for who in "ab")
            assert await asyncio.gather(file.add(ours), other.add(theirs)) == [Added(new=300)] * 2
    finally:
        other.close()
    assert await file.count() == 2400


async def test_a_transaction_sees_what_others_wrote_before_it(tmp_path: Path, file: EvidenceFile) -> None:
    """However long somebody else's takes, ours begins after it, and is not refused for having looked too early."""
    other, looked = EvidenceFile.open(tmp_path / "lin.db", KEY), threading.Event()

    def slowly() -> None:
        with file.sealed.transaction():
            file.sealed.one("SELECT count(*) FROM passage")
            looked.set()
            time.sleep(0.2)
            file.sealed.change("INSERT INTO struck_out VALUES (x'00', x'')")

    def at_once() -> None:
        assert looked.wait(5)
        with other.sealed.transaction():
            assert other.sealed.one("SELECT count(*) FROM struck_out") == 1
            other.sealed.change("INSERT INTO struck_out VALUES (x'01', x'')")

    try:
        await asyncio.gather(asyncio.to_thread(slowly), asyncio.to_thread(at_once))
    finally:
        other.close()
