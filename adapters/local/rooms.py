"""What was said where: the only file that speaks SQL about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import apsw
import msgspec
from msgspec import Struct

from adapters.local.database import Database
from adapters.local.entry import Body, Entry, Line, micros, stamp

MOST = 2**63 - 1  # what an INTEGER of SQLite holds

# An entry with the summary of its thread, as one viewer sees it: made for the rows of the answer alone.
_ENTRY = """
SELECT e.seq, e.id, e.chat, e.root, e.author, e.at, e.kind, e.body, e.only_for, e.edited, e.pending, e.change,
       (SELECT json_array(count(*), coalesce(max(r.id), ''), json_group_array(DISTINCT r.author))
        FROM entry r WHERE r.chat = e.chat AND r.root = e.id AND r.kind <> 'gone'
        AND NOT r.pending AND r.only_for IN ('', :viewer))
FROM entry e
"""


class Saying(Struct, frozen=True):
    """A new entry, before it has its place in the room."""

    chat: str
    root: str
    author: str
    body: Body
    kind: str = "said"
    only_for: str = ""


class Unread(Struct, frozen=True):
    """`upto` is what to say that one has seen, to have seen them all."""

    count: int
    upto: int


class Rooms:
    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    # ------------------------------------------------------------------ what people say

    async def propose(self, saying: Saying, nonce: str, now: datetime) -> Entry:
        """Keep what somebody typed without showing it yet. A repeat of its nonce is the same entry."""

        def work(db: apsw.Connection) -> Entry:
            row = db.execute("SELECT chat, id FROM entry WHERE nonce = ?", (nonce,)).fetchone()
            chat, id = row or (saying.chat, _insert(db, saying, now, nonce=nonce))
            values = {"chat": chat, "id": id, "viewer": saying.author}
            return _select(db, "e.chat = :chat AND e.id = :id", values, "e.id")[0]

        return await self._database.run(work)

    async def reveal(self, entry: Entry) -> None:
        """The bot has it: show it."""

        def work(db: apsw.Connection) -> None:
            db.execute("UPDATE entry SET pending = 0 WHERE seq = ? AND pending", (entry.seq,))
            if db.changes():
                _touch(db, entry.chat, entry.id)

        await self._database.run(work)

    async def drop(self, entry: Entry) -> None:
        """The bot could not take it: forget it, unless a repeat was taken meanwhile."""

        def work(db: apsw.Connection) -> None:
            db.execute("DELETE FROM entry WHERE seq = ? AND pending", (entry.seq,))

        await self._database.run(work)

    async def unconfirmed(self) -> list[Entry]:
        """What a crash left between `propose` and `reveal`."""
        return await self._database.run(lambda db: _select(db, "e.pending", {"viewer": ""}, "e.seq"))

    async def delete(self, chat: str, id: str, author: str) -> bool:
        """Somebody takes their own words back. What stays is that something stood there."""

        def work(db: apsw.Connection) -> bool:
            db.execute(
                "UPDATE entry SET kind = 'gone', body = ?"
                " WHERE chat = ? AND id = ? AND author = ? AND kind = 'said'",
                (msgspec.json.encode(Body()), chat, id, author),
            )
            return bool(db.changes()) and _touch(db, chat, id)

        return await self._database.run(work)

    # ------------------------------------------------------------------ what the bot says

    async def place(self, key: str, saying: Saying, now: datetime) -> str:
        """Say something once: a key that was placed before places nothing new. Returns the message id."""

        def work(db: apsw.Connection) -> str:
            known = _placed(db, saying.chat, key)
            if known is None:
                known = _insert(db, saying, now)
                db.execute("INSERT INTO placed VALUES (?, ?, ?)", (key, saying.chat, known))
                _touch(db, saying.chat, known)
            return known

        return await self._database.run(work)

    async def take_back(self, chat: str, id: str) -> bool:
        """What we said goes; False if it was gone. Its key stays placed: it is not said again."""

        def work(db: apsw.Connection) -> bool:
            db.execute(
                "UPDATE entry SET kind = 'gone', body = ? WHERE chat = ? AND id = ? AND kind = 'card'",
                (msgspec.json.encode(Body()), chat, id),
            )
            return bool(db.changes()) and _touch(db, chat, id)

        taken = await self._database.run(work)
        await self._database.scrub()
        return taken

    async def rewrite(self, key: str, chat: str, id: str, body: Body) -> bool:
        """Replace a card of ours; False if there is none with this id."""

        def work(db: apsw.Connection) -> bool:
            db.execute(
                "UPDATE entry SET body = ?, edited = 1 WHERE chat = ? AND id = ? AND kind = 'card'",
                (msgspec.json.encode(body), chat, id),
            )
            if not db.changes():
                return False
            db.execute("INSERT OR IGNORE INTO placed VALUES (?, ?, ?)", (key, chat, id))
            return _touch(db, chat, id)

        return await self._database.run(work)

    async def find(self, chat: str, id: str) -> Entry | None:
        """Any entry, seen or not."""
        values = {"chat": chat, "id": id, "viewer": ""}
        found = await self._database.run(lambda db: _select(db, "e.chat = :chat AND e.id = :id", values, "e.id"))
        return found[0] if found else None

    async def placed(self, chat: str, key: str) -> str | None:
        return await self._database.run(lambda db: _placed(db, chat, key))

    async def seed(self, lines: Iterable[Line]) -> int:
        """Add messages of the past that are not there yet; how many those were."""

        def work(db: apsw.Connection) -> int:
            before = db.total_changes()
            db.executemany(
                "INSERT OR IGNORE INTO entry (id, chat, root, author, at, kind, body)"
                " VALUES (?, ?, ?, ?, ?, 'past', ?)",
                (
                    (
                        line.id,
                        line.room,
                        line.root,
                        line.author,
                        line.at.isoformat(),
                        msgspec.json.encode(Body(text=line.text, author_name=line.author_name)),
                    )
                    for line in lines
                ),
            )
            return db.total_changes() - before

        return await self._database.run(work)

    # ------------------------------------------------------------------ what the page reads

    async def entry(self, chat: str, id: str, viewer: str) -> Entry | None:
        def work(db: apsw.Connection) -> Entry | None:
            values = {"chat": chat, "id": id, "viewer": viewer}
            found = _seen_by(db, "e.chat = :chat AND e.id = :id", values, "e.id")
            return found[0] if found else None

        return await self._database.run(work)

    async def page(
        self, chat: str, viewer: str, *, before: str = "~", after: str = "", newest: bool = True, limit: int = 60
    ) -> list[Entry]:
        """Up to `limit` entries of a room between two ids, in order: its newest or its oldest ones. `~` sorts
        behind every id."""
        where = (
            "e.chat = :chat AND e.root = '' AND e.id < :before AND e.id > :after"
            " AND (e.kind <> 'gone' OR EXISTS"
            " (SELECT 1 FROM entry g WHERE g.chat = e.chat AND g.root = e.id AND g.kind <> 'gone'))"
        )
        values = {"chat": chat, "viewer": viewer, "before": before, "after": after}
        order = f"e.id {'DESC' if newest else 'ASC'} LIMIT {int(limit)}"
        found = await self._database.run(lambda db: _seen_by(db, where, values, order))
        return sorted(found, key=lambda entry: entry.id)

    async def thread(self, chat: str, root: str, viewer: str) -> list[Entry]:
        """A message and everything said below it."""
        where = "((e.chat = :chat AND e.id = :root) OR (e.chat = :chat AND e.root = :root AND e.kind <> 'gone'))"
        # The plus, here as below, keeps SQLite from walking through the whole room for the few that are meant.
        values = {"chat": chat, "root": root, "viewer": viewer}
        return await self._database.run(lambda db: _seen_by(db, where, values, "+e.id"))

    async def changes(self, chats: Sequence[str], viewer: str, after: int, limit: int = 500) -> list[Entry]:
        """What changed since a page last looked, oldest change first."""
        where = "e.change > :after AND +e.chat IN (SELECT value FROM json_each(:chats))"
        values: dict[str, str | int] = {"after": after, "chats": json.dumps(list(chats)), "viewer": viewer}
        order = f"e.change LIMIT {int(limit)}"
        return await self._database.run(lambda db: _seen_by(db, where, values, order))

    async def last_change(self) -> int:
        return await self._database.run(_last_change)

    # ------------------------------------------------------------------ what was read

    async def see(self, person: str, chat: str, seq: int) -> None:
        """Somebody has seen a chat up to here."""

        def work(db: apsw.Connection) -> None:
            db.execute(
                "INSERT INTO seen VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)",
                (person, chat, seq),
            )

        await self._database.run(work)

    async def unread(self, person: str, chats: Sequence[str]) -> dict[str, Unread]:
        """What others said and somebody has not seen, per chat that has any."""

        def work(db: apsw.Connection) -> dict[str, Unread]:
            rows = db.execute(
                "SELECT e.chat, count(*), max(e.seq) FROM entry e"
                " LEFT JOIN seen s ON s.person = :viewer AND s.chat = e.chat"
                " WHERE e.chat IN (SELECT value FROM json_each(:chats)) AND e.seq > coalesce(s.seq, 0)"
                " AND e.change > 0 AND e.author <> :viewer AND e.kind IN ('said', 'card')"
                " AND NOT e.pending AND e.only_for IN ('', :viewer) GROUP BY e.chat",
                {"viewer": person, "chats": json.dumps(list(chats))},
            )
            return {chat: Unread(count, upto) for chat, count, upto in rows}

        return await self._database.run(work)


def _insert(db: apsw.Connection, saying: Saying, now: datetime, nonce: str | None = None) -> str:
    """Behind everything there is, whatever the clock says: an id is also the order in the room."""
    last = str(db.execute("SELECT coalesce(max(id), '') FROM entry").get)
    id = stamp(max(int(now.timestamp() * 1_000_000), micros(last) + 1 if last else 0))
    db.execute(
        "INSERT INTO entry (id, chat, root, author, at, kind, body, only_for, pending, nonce)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            id,
            saying.chat,
            saying.root,
            saying.author,
            now.isoformat(),
            saying.kind,
            msgspec.json.encode(saying.body),
            saying.only_for,
            nonce is not None,
            nonce,
        ),
    )
    return id


def _touch(db: apsw.Connection, chat: str, id: str) -> bool:
    """Let open pages know: of the entry, and of the message it hangs from, whose summary has changed."""
    change = _last_change(db) + 1
    db.execute("UPDATE entry SET change = ? WHERE chat = ? AND id = ?", (change, chat, id))
    db.execute(
        "UPDATE entry SET change = ?1 WHERE chat = ?2 AND change > 0"
        " AND id = (SELECT root FROM entry WHERE chat = ?2 AND id = ?3)",
        (change + 1, chat, id),
    )
    return True


def _last_change(db: apsw.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(change), 0) FROM entry").get)


def _placed(db: apsw.Connection, chat: str, key: str) -> str | None:
    row = db.execute("SELECT id FROM placed WHERE key = ? AND chat = ?", (key, chat)).fetchone()
    return str(row[0]) if row else None


def _seen_by(db: apsw.Connection, where: str, values: Mapping[str, str | int], order: str) -> list[Entry]:
    """Only what the viewer may see: nothing unconfirmed and nothing that is only for somebody else."""
    return _select(db, f"{where} AND NOT e.pending AND e.only_for IN ('', :viewer)", values, order)


def _select(db: apsw.Connection, where: str, values: Mapping[str, str | int], order: str) -> list[Entry]:
    rows = db.execute(f"{_ENTRY} WHERE {where} ORDER BY {order}", dict(values))
    return [_entry(row) for row in rows]


def _entry(row: tuple[Any, ...]) -> Entry:
    *columns, summary = row
    fields = dict(zip(Entry.__struct_fields__, [*columns, *json.loads(summary)], strict=True))
    fields["body"] = msgspec.json.decode(fields["body"], type=Body)
    return msgspec.convert(fields, Entry, strict=False)
