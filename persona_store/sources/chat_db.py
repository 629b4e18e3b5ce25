"""Databases from strangers: SQLite files read row by row, and nothing in them is obeyed.

SQLite gets the bytes of this one file through a file system of our own, which has no other file and cannot write:
so there is no journal to replay, no database to attach and no path to follow. The schema is not trusted either: no
view, trigger, virtual or generated column, function or extension is run, and pages that lead in circles end with a
bound (https://www.sqlite.org/security.html).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import apsw

from persona_store.errors import Refused
from persona_store.sources.archive import Archive, opened

LARGEST_CELL = 16 << 20
SMALLEST_ROW = 4
"""Bytes a row takes at least: more rows than the file has room for are the same row again."""

_MAGIC = b"SQLite format 3\0"
_NUMBER = itertools.count()
_ALLOWED = (apsw.SQLITE_SELECT, apsw.SQLITE_READ, apsw.SQLITE_PRAGMA)


class Database:
    """An open database; `columns` by table, real tables only."""

    def __init__(self, connection: apsw.Connection, name: str, size: int) -> None:
        self._connection = connection
        self._name = name
        self._left = size // SMALLEST_ROW + 1000
        found = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
        self.columns = {str(table): self._columns(str(table)) for (table,) in self._run(found)}

    def rows(self, table: str, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Each row of a table with those of the columns that it has, or its `rowid`. Raises Refused DB_BROKEN."""
        known = self.columns.get(table, frozenset())
        chosen = [column for column in wanted if column in known or (known and column == "rowid")]
        if chosen:
            asked = ", ".join(map(_quoted, chosen))
            query = f"SELECT {asked} FROM {_quoted(table)} NOT INDEXED"  # noqa: S608  # names from its own schema
            for row in self._run(query):
                yield dict(zip(chosen, row, strict=True))

    def _columns(self, table: str) -> frozenset[str]:
        """Stored ones: a generated column is an expression somebody else wrote."""
        told = list(self._run(f"PRAGMA table_xinfo({_quoted(table)})"))
        return frozenset(str(column[1]) for column in told if column[6] == 0)

    def _run(self, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            for row in self._connection.execute(query):
                self._left -= 1
                if self._left < 0:
                    raise _broken(self._name)
                yield row
        except (apsw.Error, UnicodeDecodeError):
            raise _broken(self._name) from None


@contextmanager
def database(archive: Archive, name: str) -> Iterator[Database]:
    """Raises Refused DB_LOCKED for what is still encrypted (or no database), DB_BROKEN for what is damaged."""
    with opened(archive, name) as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            what = f"{name!r} is encrypted, or no database"
            raise Refused("DB_LOCKED", what, "export the messages with a tool of your own; we never decrypt one")
        size = archive.members[name].size
        system = _OneFile(file, size)
        try:
            connection = apsw.Connection("only", flags=apsw.SQLITE_OPEN_READONLY, vfs=system.name)
        except apsw.Error:
            raise _broken(name) from None
        try:
            _restrict(connection)
            yield Database(connection, name, size)
        except apsw.Error:
            raise _broken(name) from None
        finally:
            connection.close()
            system.unregister()


def _restrict(connection: apsw.Connection) -> None:
    for setting, value in (
        (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
        (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
        (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0),
    ):
        connection.config(setting, value)
    connection.limit(apsw.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
    connection.limit(apsw.SQLITE_LIMIT_ATTACHED, 0)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA query_only = ON")
    connection.authorizer = _authorize


def _authorize(action: int, one: str | None, *_: str | None) -> int:
    allowed = action in _ALLOWED and (action != apsw.SQLITE_PRAGMA or one == "table_xinfo")
    return apsw.SQLITE_OK if allowed else apsw.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _broken(name: str) -> Refused:
    return Refused(
        "DB_BROKEN", f"the database {name!r} is damaged or was made to do harm", "decrypt or copy it anew"
    )


class _OneFile(apsw.VFS):
    """A file system with one file in it."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.name = f"understudy-{next(_NUMBER)}"
        self._file, self._size = file, size
        super().__init__(self.name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        if not flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            raise apsw.CantOpenError
        flags[1] = apsw.SQLITE_OPEN_READONLY
        return _File(self._file, self._size)

    def xAccess(self, name: str, flags: int) -> bool:
        return False

    def xFullPathname(self, name: str) -> str:
        return name

    def xDelete(self, name: str, sync: bool) -> None:
        raise apsw.ReadOnlyError


class _File:
    """The file, which never changes while it is read."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size

    def xRead(self, amount: int, offset: int) -> bytes:
        self._file.seek(offset)
        page = self._file.read(amount)
        if offset <= 18 < offset + len(page):  # says "write-ahead log", which a copy does not have
            page = page[: 18 - offset] + b"\1\1" + page[20 - offset :]
        return page[:amount]

    def xFileSize(self) -> int:
        return self._size

    def xClose(self) -> None:
        """The archive closes it."""

    def xLock(self, level: int) -> None:
        """Nobody else has it open."""

    def xUnlock(self, level: int) -> None:
        """See xLock."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 0

    def xDeviceCharacteristics(self) -> int:
        return int(apsw.SQLITE_IOCAP_IMMUTABLE)

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False
