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

JOIN = (
    "INSERT INTO job(id, lane, kind, due, body, head, held, attempts)"
    " SELECT ?1, ?2, ?3, ?4, ?5, NOT EXISTS(SELECT 1 FROM job WHERE lane = ?2), 0, 0"
)
# Nothing is added while an unfinished job has the same id.
UNLESS_KNOWN = (
    " WHERE ?1 = '' OR NOT (EXISTS(SELECT 1 FROM job WHERE id = ?1 AND id <> '')"
    " OR EXISTS(SELECT 1 FROM delayed WHERE id = ?1 AND id <> ''))"
)


def add(db: apsw.Cursor, job: NewJob, now: float) -> None:
    due = now if job.due is None else job.due.timestamp()
    if due > now:
        db.execute(
            "INSERT INTO delayed(id, lane, kind, due, body) SELECT ?1, ?2, ?3, ?4, ?5" + UNLESS_KNOWN,
            (job.id, job.lane, job.kind, due, job.body),
        )
    else:
        db.execute(JOIN + UNLESS_KNOWN, (job.id, job.lane, job.kind, due, job.body))


def admit(db: apsw.Cursor, now: float) -> None:
    """Let the delayed jobs whose time has come join their lanes: first in every transaction, so that they stand
    before what it adds."""
    due = db.execute(
        "SELECT id, lane, kind, due, body FROM delayed WHERE due <= ? ORDER BY due, number", (now,)
    ).fetchall()
    for job in due:
        db.execute(JOIN, job)
    if due:
        db.execute("DELETE FROM delayed WHERE due <= ?", (now,))


def claim(db: apsw.Cursor, kinds: Sequence[str], now: float, lease: float) -> Claim | None:
    """Take the head that has been due longest. The number of the attempt is the fencing token: it rises with
    every claim of the job, so a worker that was overtaken is told from the one who overtook it."""
    found = claimable(db, kinds, now)
    if found is None:
        return None
    _, number, kind, lane, body, attempts, id = found
    attempts += 1
    db.execute("UPDATE job SET held = 1, attempts = ?, due = ? WHERE number = ?", (attempts, now + lease, number))
    job = Job(number, kind, lane, body, attempts, id)
    return Claim(job, attempts, datetime.fromtimestamp(now + lease, UTC))


def claimable(db: apsw.Cursor, kinds: Sequence[str], now: float) -> tuple[Any, ...] | None:
    best: tuple[Any, ...] | None = None
    for kind in kinds:
        # `head = 1` must be said literally, or SQLite does not use the partial index.
        row = db.execute(
            "SELECT due, number, kind, lane, body, attempts, id FROM job"
            " WHERE head = 1 AND kind = ? AND due <= ? ORDER BY due, number LIMIT 1",
            (kind, now),
        ).get
        if row is not None and (best is None or row[:2] < best[:2]):
            best = row
    return best


def finish(db: apsw.Cursor, claim: Claim) -> None:
    db.execute("DELETE FROM job WHERE number = ? AND attempts = ? AND held = 1", (claim.job.number, claim.token))
    _must_have_held(db, claim)
    _next(db, claim.job.lane)


def extend(db: apsw.Cursor, claim: Claim, now: float, lease: float) -> Claim:
    db.execute(
        "UPDATE job SET due = ? WHERE number = ? AND attempts = ? AND held = 1",
        (now + lease, claim.job.number, claim.token),
    )
    _must_have_held(db, claim)
    return Claim(claim.job, claim.token, datetime.fromtimestamp(now + lease, UTC))


def release(db: apsw.Cursor, claim: Claim, due: float) -> None:
    db.execute(
        "UPDATE job SET held = 0, due = ? WHERE number = ? AND attempts = ? AND held = 1",
        (due, claim.job.number, claim.token),
    )
    _must_have_held(db, claim)


def cancel(db: apsw.Cursor, id: str) -> None:
    db.execute("DELETE FROM delayed WHERE id = ? AND id <> ''", (id,))
    gone: list[Any] = db.execute("DELETE FROM job WHERE id = ? AND id <> '' RETURNING lane, head", (id,)).fetchall()
    for lane, was_head in gone:
        if was_head:
            _next(db, lane)


def in_hand(db: apsw.Cursor, claim: Claim, now: float) -> bool:
    found = db.execute(
        "SELECT 1 FROM job WHERE number = ? AND attempts = ? AND held = 1 AND due > ?",
        (claim.job.number, claim.token, now),
    ).get
    return found is not None


def anything(db: apsw.Cursor, kinds: Sequence[str], now: float) -> bool:
    """Whether a claim is worth the write lock."""
    if claimable(db, kinds, now) is not None:
        return True
    return bool(db.execute("SELECT EXISTS(SELECT 1 FROM delayed WHERE due <= ?)", (now,)).get)


def backlog(db: apsw.Cursor, now: float) -> Backlog:
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


def next_due(db: apsw.Cursor, now: float) -> float | None:
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


def _next(db: apsw.Cursor, lane: str) -> None:
    """The one behind becomes the head."""
    db.execute("UPDATE job SET head = 1 WHERE number = (SELECT min(number) FROM job WHERE lane = ?)", (lane,))


def _must_have_held(db: apsw.Cursor, claim: Claim) -> None:
    if db.connection.changes() == 0:
        raise Conflict(f"job {claim.job.number} of kind {claim.job.kind!r} is no longer in this worker's hand")
