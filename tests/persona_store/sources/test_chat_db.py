"""A database somebody hands in is read, and nothing in it is obeyed."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.sources.archive import open_archive
from persona_store.sources.chat_db import SMALLEST_ROW, database
from persona_store.sources.chat_export import Told
from persona_store.sources.single import open_material
from persona_store.sources.wechat_export import WeChatExport
from tests.persona_store.sources.exports import code_of, write_zip
from tests.persona_store.sources.feishu_material import START
from tests.persona_store.sources.wechat_material import OLD, made, new, old
from tests.persona_store.sources.wechat_shapes import ANSWERED, BOB, LIN, OPS, ROWS, SERVER

ROW = (SERVER + 2, 1, 0, 0, START, OPS, ANSWERED, "", LIN)


def saved(tmp_path: Path, content: bytes, name: str = "MSG0.db") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def words(path: Path, **told: str) -> list[str]:
    return [each.text for each in WeChatExport(path, LIN, Told(**told)).read() if each.by_subject]


def test_a_file_and_a_zip_of_it_are_the_same_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    content = old([ROW])
    path = saved(tmp_path, content)
    packed = write_zip(tmp_path / "backup.zip", {"Msg/Multi/MSG0.db": content})
    assert words(path) == words(packed) == [ANSWERED]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["MSG0.db", "backup.zip"]
    assert path.read_bytes() == content


def test_a_log_beside_it_is_not_replayed(tmp_path: Path) -> None:
    """What stands in MSG0.db-wal may be anybody's; the copy counts as it is."""
    path = tmp_path / "MSG0.db"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(OLD)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute(f"INSERT INTO MSG (MsgSvrID, Type, StrContent) VALUES ({SERVER}, 1, 'late')")
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("MSG0.db", "MSG0.db-wal"):
        (kept / name).write_bytes((tmp_path / name).read_bytes())
    connection.close()
    with database(open_archive(kept), "MSG0.db") as found:
        assert list(found.rows("MSG", ("StrContent",))) == []


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE VIEW MSG AS SELECT 1 AS MsgSvrID, 1 AS Type, '{lin}' AS StrTalker, 'made up' AS StrContent",
        "CREATE VIRTUAL TABLE MSG USING fts5(MsgSvrID, Type, StrTalker, StrContent)",
    ],
)
def test_what_is_no_table_is_not_there(tmp_path: Path, schema: str) -> None:
    content = made(lambda connection: connection.execute(schema.replace("{lin}", LIN)))
    assert code_of(lambda: words(saved(tmp_path, content))) == "EXPORT_SHAPE"


def test_a_generated_column_is_not_computed(tmp_path: Path) -> None:
    """`StrContent` as an expression would run whatever functions its author named, for every row."""

    def make(connection: apsw.Connection) -> None:
        connection.execute(
            "CREATE TABLE MSG (MsgSvrID INT, Type INT, CreateTime INT, StrTalker TEXT,"
            " StrContent TEXT AS (hex(zeroblob(100000000))), DisplayContent TEXT)"
        )
        connection.execute(f"INSERT INTO MSG VALUES ({SERVER}, 1, {START}, '{LIN}', 'x')")

    source = WeChatExport(saved(tmp_path, made(make)), LIN)
    assert [document.text for document in source.read()] == []
    with database(open_material(saved(tmp_path, made(make)), (".db",)), "MSG0.db") as found:
        assert "StrContent" not in found.columns["MSG"]


def test_functions_attached_files_and_writing_are_denied(tmp_path: Path) -> None:
    path = saved(tmp_path, old([ROW]))
    with database(open_material(path, (".db",)), "MSG0.db") as found:
        for query in (
            "SELECT abs(1)",
            "ATTACH '/etc/passwd' AS more",
            "DELETE FROM MSG",
            "CREATE TEMP TABLE t (x)",
            "PRAGMA writable_schema = ON",
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n",
        ):
            with pytest.raises(Refused):
                list(found._run(query))


def test_more_rows_than_the_file_has_room_for_end_it(tmp_path: Path) -> None:
    """Pages that point at each other hand out the same rows again and again."""
    content = old([ROW] * 3)
    with database(open_material(saved(tmp_path, content), (".db",)), "MSG0.db") as found:
        assert found._left < len(content) // SMALLEST_ROW + 1000
        found._left = 2
        with pytest.raises(Refused) as caught:
            list(found.rows("MSG", ("MsgSvrID",)))
    assert caught.value.code == "DB_BROKEN"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "DB_LOCKED"),
        (bytes(range(256)) * 64, "DB_LOCKED"),  # SQLCipher's first page is noise
        (old([ROW])[:2048], "DB_BROKEN"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "DB_BROKEN"),
    ],
)
def test_what_is_encrypted_or_damaged_is_one_clear_line(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(lambda: words(saved(tmp_path, content))) == code


def test_one_damaged_database_does_not_cost_the_others(tmp_path: Path) -> None:
    saved(tmp_path, old([ROW]))
    saved(tmp_path, old([ROW])[:3000], "MSG1.db")
    source = WeChatExport(tmp_path, LIN)
    assert [each.text for each in source.read()] == [ANSWERED]
    assert source.dropped == {"DB_BROKEN": 1}
    assert len(source.problems) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_anywhere_it_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    source = WeChatExport(saved(tmp_path, bytes(content)), "wxid_nobody00001", Told(names=("林薇",)))
    try:
        found = list(source.read())
    except Refused:
        return
    assert not any(document.by_subject for document in found)


WHOLE = old(ROWS)


def test_numbers_of_people_mean_the_row_and_not_the_place_in_the_list(tmp_path: Path) -> None:
    """Name2Id has gaps where rows were deleted; counting would give one the words of another."""
    rows = [(OPS, SERVER + 1, 1, LIN, START, ANSWERED), (OPS, SERVER + 2, 1, BOB, START + 1, "nein")]
    content = new((BOB, LIN, OPS), rows)
    assert words(saved(tmp_path, content, "message_0.db")) == [ANSWERED]
