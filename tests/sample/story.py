"""Reads the sample team's story: who said what, when, in which room.

One file a room (`story/<room>.txt`), written to be read and edited by people:

    == 2026-03-05                          a day
    17:40 priya Is that possible?          a message, Shanghai time
      17:52 lin {corvo-200} Yes, …         a reply in its thread, and a name by which questions refer to it
      03-06 09:10 lin …                    a reply on a later day
        | second line                      the message goes on
        ^ +1 lan mo                        a reaction; also `^ file NAME`, `^ edited MINUTES`, `^ as NAME`
    09:30 mo JOIN                          mo joins the room; `TOPIC text` sets its topic
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8))

DAY = re.compile(r"== (\d{4})-(\d\d-\d\d)$")
SAID = re.compile(
    r"(?P<indent> *)(?:(?P<day>\d\d-\d\d) )?(?P<time>\d\d:\d\d) "
    r"(?P<who>\w+) (?:\{(?P<name>[\w-]+)\} )?(?P<text>.+)$"
)
MARK = re.compile(r" +\^ (?P<what>\S+) ?(?P<rest>.*)$")
MORE = re.compile(r" +\| ?(?P<text>.*)$")


@dataclass
class Line:
    """One message of the story, in a room, perhaps under another one."""

    room: str
    who: str
    at: datetime
    text: str
    name: str = ""
    parent: Line | None = None
    replies: list[Line] = field(default_factory=list)
    reactions: list[tuple[str, list[str]]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    edited_after: int = 0
    ts: str = ""

    def digest(self, salt: str) -> str:
        """Hex that is the same on every machine and different for every message."""
        moment = self.ts or self.at.isoformat()
        return hashlib.sha256(f"{salt}|{self.room}|{moment}|{self.who}|{self.text}".encode()).hexdigest()

    @property
    def message_id(self) -> str:
        """What Slack calls client_msg_id: a UUID of version 4, here from a hash so that it never changes."""
        h = self.digest("id")
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def read_story(directory: Path) -> list[Line]:
    """Every line of every room, in order of time within its room, with its final `ts`."""
    lines: list[Line] = []
    for path in sorted(directory.glob("*.txt")):
        lines += _timed(list(_parse(path)))
    return lines


def _parse(path: Path) -> Iterator[Line]:
    year = day = ""
    top: Line | None = None
    last: Line | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if found := DAY.match(raw):
            year, day, top, last = found[1], found[2], None, None
        elif (found := MARK.match(raw)) and last:
            _mark(last, found["what"], found["rest"])
        elif (found := MORE.match(raw)) and last:
            last.text += "\n" + found["text"]
        elif found := SAID.match(raw):
            at = datetime.fromisoformat(f"{year}-{found['day'] or day}T{found['time']}").replace(tzinfo=SHANGHAI)
            last = Line(path.stem, found["who"], at, found["text"], found["name"] or "")
            if found["indent"]:
                if top is None:
                    raise ValueError(f"{path.name}:{number}: a reply without a message above it")
                last.parent = top
                top.replies.append(last)
            else:
                top = last
            yield last
        elif raw.strip():
            raise ValueError(f"{path.name}:{number}: cannot read {raw!r}")


def _mark(line: Line, what: str, rest: str) -> None:
    if what == "as":
        line.name = rest
    elif what == "file":
        line.files.append(rest)
    elif what == "edited":
        line.edited_after = int(rest)
    else:
        line.reactions.append((what, rest.split()))


def _timed(lines: list[Line]) -> list[Line]:
    """Give each line seconds and microseconds: by hash, later than the line before it in the same minute."""
    lines.sort(key=lambda line: line.at)  # stable: the written order decides within a minute
    previous = datetime.min.replace(tzinfo=SHANGHAI)
    for line in lines:
        pick = int(line.digest("seconds")[:8], 16)
        moment = line.at + timedelta(seconds=pick % 20)
        previous = moment if moment > previous else previous + timedelta(seconds=3 + pick % 9)
        line.ts = f"{int(previous.timestamp())}.{pick % 900_000 + 9_000:06d}"
    return lines
