"""Does a ledger hold? Read line by line, with the public key of whoever signed its statements and nothing else.

The chain shows what was changed, taken out, put in or moved, and which line that is. What it cannot show, a ledger
that was written anew or cut off at its end, the statements show that somebody kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import msgspec
from msgspec import Struct

from persona_store.licence import money
from persona_store.licence.calendar import month_of
from persona_store.licence.ledger import GENESIS, Line, digest
from persona_store.licence.statement import Statement, Total, days, totals

LONGEST = 2000  # bytes of a line; the real ones have about three hundred


class Report(Struct, frozen=True):
    """When not `ok`, `problem` is a code and `bad` the number of the first line that is not, or no longer, proven
    (0 where the fault is a statement's). `proven`: up to which line a statement vouches; what follows has only the
    chain."""

    ok: bool
    lines: int
    totals: tuple[Total, ...]
    proven: int
    problem: str = ""
    bad: int = 0
    detail: str = ""


class _Bad(Exception):
    def __init__(self, problem: str, bad: int, detail: str) -> None:
        super().__init__(problem)
        self.found = (problem, bad, detail)


def verify(lines: Iterable[bytes], statements: Iterable[Statement] = ()) -> Report:
    """`lines` without their line ends; `statements` whose signatures were checked. No more than the lines of one
    month are in memory."""
    walk = _Walk(statements)
    try:
        walk.compare()
        for number, (raw, following) in enumerate(pairwise(_ended(lines)), 1):
            assert raw is not None
            walk.read(number, raw, following)
        walk.ends()
    except _Bad as bad:
        return Report(False, walk.number, totals(walk.sums), walk.proven, *bad.found)
    return Report(True, walk.number, totals(walk.sums), walk.proven)


def _ended(lines: Iterable[bytes]) -> Iterator[bytes | None]:
    yield from lines
    yield None


class _Walk:
    """Along the ledger once, and stops at the first thing that does not fit."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._ahead = sorted(statements, key=lambda each: (each.last, each.month), reverse=True)
        self.number = 0
        self.proven = 0
        self.sums: dict[str, int] = {}
        self._head = GENESIS
        self._of: tuple[str, str] | None = None
        self._month: list[Line] = []
        self._latest: Line | None = None
        self._stated = ""

    def read(self, number: int, raw: bytes, following: bytes | None) -> None:
        line = _line(raw)
        if line is None:
            raise _Bad("FORM", number, f"line {number} is not one of a ledger")
        if line.n != number:
            self._misplaced(number, line)
        if line.prev_hash != self._head:
            self._broken(number, raw, following)
        of = (line.persona, line.org)
        if self._of not in (None, of):
            raise _Bad("OTHER", number, f"line {number} is of another ledger: {line.persona} for {line.org}")
        if self._latest is not None and line.day < self._latest.day:
            raise _Bad("ORDER", number, f"line {number} is dated before the line above it")
        if month_of(line.day) <= self._stated:
            raise _Bad("ADDED", number, f"line {number} is dated in {self._stated}, which was stated without it")
        if line.kind == "share" and line.price_minor != money.share(line.revenue_minor, line.share_bp):
            raise _Bad("SHARE", number, f"line {number} is not its share of its revenue")
        if self._latest is not None and month_of(line.day) != month_of(self._latest.day):
            self._month.clear()
        self._of, self._latest, self._head, self.number = of, line, digest(raw), number
        self._month.append(line)
        self.sums[line.currency] = self.sums.get(line.currency, 0) + line.price_minor
        self.compare(following)

    def _misplaced(self, number: int, line: Line) -> None:
        if line.n > number:
            raise _Bad("MISSING", number, f"line {number} is missing or out of place: found {line.n}")
        raise _Bad("ADDED", number, f"where line {number} should stand there is a second line {line.n}")

    def _broken(self, number: int, raw: bytes, following: bytes | None) -> None:
        """This line does not name the one above. Which of them is not as it was written, the next line knows: if it
        names this one, this one is untouched."""
        after = _line(following) if following is not None else None
        intact = after is not None and after.prev_hash == digest(raw)
        pinned = any(each.last == number and each.head == digest(raw) for each in self._ahead)
        bad = number - 1 if (intact or pinned) and number > 1 else number
        raise _Bad("CHANGED", bad, f"line {bad} is not as it was written")

    def compare(self, following: bytes | None = None) -> None:
        """With every statement that ends at this line."""
        while self._ahead and self._ahead[-1].last == self.number:
            statement = self._ahead.pop()
            of = (statement.persona, statement.org)
            if self._of not in (None, of):
                raise _Bad("OTHER", 0, f"the statement of {statement.month} is of another ledger")
            self._of = of
            if statement.head != self._head:
                self._rewritten(statement, following)
            mine = [each for each in self._month if month_of(each.day) == statement.month]
            first = mine[0].n if mine else self.number + 1
            if days(mine) != statement.days or first != statement.first:
                raise _Bad("TOTAL", 0, f"the statement of {statement.month} does not say what its lines say")
            self.proven, self._stated = self.number, statement.month

    def _rewritten(self, statement: Statement, following: bytes | None) -> None:
        """The chain fits and the statement does not. If what follows still names what was stated, it is this line;
        else the first of its month that costs what was not stated, or any since the statement before."""
        after = _line(following) if following is not None else None
        if after is not None and after.prev_hash == statement.head:
            raise _Bad("CHANGED", self.number, f"line {self.number} is not as it was written")
        mine = [line for line in self._month if month_of(line.day) == statement.month]
        odd = {day.day for day in set(days(mine)) - set(statement.days)}
        first = max(next((line.n for line in mine if line.day in odd), 0), self.proven + 1)
        what = f"lines {first} to {self.number} are not those for which {statement.month} was stated"
        raise _Bad("REWRITTEN", min(first, max(self.number, 1)), what)

    def ends(self) -> None:
        if self._ahead:
            statement = self._ahead[-1]
            had = f"it had {statement.last} lines when {statement.month} was stated"
            what = f"the ledger ends at line {self.number}, and {had}"
            raise _Bad("TRUNCATED", self.number + 1, what)


def _line(raw: bytes) -> Line | None:
    """Only if it is spelt as we write it: the bytes are what is hashed, and no second spelling has another
    meaning."""
    if len(raw) > LONGEST:
        return None
    try:
        line = msgspec.json.decode(raw, type=Line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return line if msgspec.json.encode(line) == raw else None
