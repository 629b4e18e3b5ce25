"""Jobs in lanes, in SQL: adding, claiming, finishing. Every function runs inside the writer's transaction.

The rule of a lane: its jobs run one after the other in the order in which they *joined* it. A job joins when it
is added, or, when it was added with a `due` in the future, at that time: so a reminder for tomorrow holds nobody
up today. Once in the lane a job keeps its place until it is finished or cancelled, and those behind it wait even
while it waits for a retry.

Only the first job of a lane (its `head`) is in the index that claims read, so a claim costs the same whether
ten jobs wait or fifty thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import apsw

from persona_store.errors import Conflict
from persona_store.protocols import Backlog, Claim, Job, NewJob


def add(db: apsw.Connection, job: NewJob, now: float) -> None:
    """Nothing happens when an unfinished job has the same id."""
    if job.id and _known(db, job.id):
        return
    due = now if job.due is None else job.due.timestamp()
    if due > now:
        db.execute(
            "INSERT INTO delayed(lane, kind, due, id, body) VALUES(?, ?, ?, ?, ?)",
            (job.lane, job.kind, due, job.id, job.body),
        )
    else:
        _join(db, job.lane, job.kind, due, job.id, job.body)


def admit(db: apsw.Connection, now: float) -> None:
    """Let the delayed jobs whose time has come join their lanes: first in every transaction, so that they stand
    before what it adds."""
    due: list[Any] = db.execute(
        "SELECT lane, kind, due, id, body FROM delayed WHERE due <= ? ORDER BY due, number", (now,)
    ).fetchall()
    for lane, kind, when, id, body in due:
        _join(db, lane, kind, when, id, body)
    if due:
        db.execute("DELETE FROM delayed WHERE due <= ?", (now,))


def claim(db: apsw.Connection, kinds: Sequence[str], now: float, lease: float) -> Claim | None:
    """Take the head that has been due longest. The number of the attempt is the fencing token: it rises with
    every claim of the job, so a worker that was overtaken is told from the one who overtook it."""
    number = claimable(db, kinds, now)
    if number is None:
        return None
    row: Any = db.execute(
        "UPDATE job SET held = 1, attempts = attempts + 1, due = ? WHERE number = ?"
        " RETURNING kind, lane, body, attempts, id",
        (now + lease, number),
    ).fetchone()
    kind, lane, body, attempts, id = row
    job = Job(number, kind, lane, body, attempts, id)
    return Claim(job, attempts, datetime.fromtimestamp(now + lease, UTC))


def claimable(db: apsw.Connection, kinds: Sequence[str], now: float) -> int | None:
    best: tuple[float, int] | None = None
    for kind in kinds:
        # `head = 1` must be said literally, or SQLite does not use the partial index.
        row = db.execute(
            "SELECT due, number FROM job WHERE head = 1 AND kind = ? AND due <= ? ORDER BY due, number LIMIT 1",
            (kind, now),
        ).fetchone()
        if row is not None and (best is None or row < best):
            best = row
    return None if best is None else best[1]


def finish(db: apsw.Connection, claim: Claim) -> None:
    row = db.execute(
        "DELETE FROM job WHERE number = ? AND attempts = ? AND held = 1 RETURNING lane",
        (claim.job.number, claim.token),
    ).fetchone()
    if row is None:
        raise _lost(claim)
    _next(db, row[0])


def extend(db: apsw.Connection, claim: Claim, now: float, lease: float) -> Claim:
    _update_held(db, claim, "due = ?", now + lease)
    return Claim(claim.job, claim.token, datetime.fromtimestamp(now + lease, UTC))


def release(db: apsw.Connection, claim: Claim, due: float) -> None:
    _update_held(db, claim, "held = 0, due = ?", due)


def cancel(db: apsw.Connection, id: str) -> None:
    db.execute("DELETE FROM delayed WHERE id = ? AND id <> ''", (id,))
    removed: list[Any] = db.execute(
        "DELETE FROM job WHERE id = ? AND id <> '' RETURNING lane, head", (id,)
    ).fetchall()
    for lane, was_head in removed:
        if was_head:
            _next(db, lane)


def in_hand(db: apsw.Connection, claim: Claim, now: float) -> bool:
    row = db.execute(
        "SELECT 1 FROM job WHERE number = ? AND attempts = ? AND held = 1 AND due > ?",
        (claim.job.number, claim.token, now),
    ).fetchone()
    return row is not None


def anything(db: apsw.Connection, kinds: Sequence[str], now: float) -> bool:
    """Whether a claim is worth the write lock."""
    if claimable(db, kinds, now) is not None:
        return True
    return bool(db.execute("SELECT EXISTS(SELECT 1 FROM delayed WHERE due <= ?)", (now,)).get)


def backlog(db: apsw.Connection, now: float) -> Backlog:
    rows: list[Any] = db.execute(
        "SELECT kind, count(*), sum(held AND due > ?1), min(iif(held AND due > ?1, NULL, due))"
        " FROM job GROUP BY kind",
        (now,),
    ).fetchall()
    claimed = sum(row[2] for row in rows)
    oldest = min((row[3] for row in rows if row[3] is not None), default=None)
    return Backlog(
        waiting=sum(row[1] for row in rows) - claimed,
        claimed=claimed,
        oldest=None if oldest is None else datetime.fromtimestamp(oldest, UTC),
        by_kind={row[0]: row[1] for row in rows},
        delayed=db.execute("SELECT count(*) FROM delayed").get,
    )


def next_due(db: apsw.Connection, now: float) -> float | None:
    """When the next job becomes claimable that is not so now. Looks at one index entry per kind of job."""
    return db.execute(  # type: ignore[no-any-return]  # apsw types a single value as Any
        """
        WITH RECURSIVE known(kind) AS (
            SELECT (SELECT min(kind) FROM job WHERE head = 1)
            UNION ALL
            SELECT (SELECT min(kind) FROM job WHERE head = 1 AND kind > known.kind) FROM known WHERE kind NOT NULL)
        SELECT min(due) FROM (
            SELECT (SELECT min(due) FROM job WHERE head = 1 AND kind = known.kind AND due > ?) AS due FROM known
            UNION ALL SELECT min(due) FROM delayed)
        """,
        (now,),
    ).get


def _join(db: apsw.Connection, lane: str, kind: str, due: float, id: str, body: bytes) -> None:
    db.execute(
        "INSERT INTO job(lane, head, kind, due, held, attempts, id, body)"
        " VALUES(?1, NOT EXISTS(SELECT 1 FROM job WHERE lane = ?1), ?2, ?3, 0, 0, ?4, ?5)",
        (lane, kind, due, id, body),
    )


def _next(db: apsw.Connection, lane: str) -> None:
    """The one behind becomes the head."""
    db.execute("UPDATE job SET head = 1 WHERE number = (SELECT min(number) FROM job WHERE lane = ?)", (lane,))


def _known(db: apsw.Connection, id: str) -> bool:
    found = db.execute(
        "SELECT EXISTS(SELECT 1 FROM job WHERE id = ?1 AND id <> '')"
        " OR EXISTS(SELECT 1 FROM delayed WHERE id = ?1 AND id <> '')",
        (id,),
    ).get
    return bool(found)


def _update_held(db: apsw.Connection, claim: Claim, change: str, value: float) -> None:
    db.execute(
        f"UPDATE job SET {change} WHERE number = ? AND attempts = ? AND held = 1",  # noqa: S608  # our own words
        (value, claim.job.number, claim.token),
    )
    if db.changes() == 0:
        raise _lost(claim)


def _lost(claim: Claim) -> Conflict:
    return Conflict(f"job {claim.job.number} of kind {claim.job.kind!r} is no longer in this worker's hand")
