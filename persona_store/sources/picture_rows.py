"""A picture of a chat without bubbles as the messages in it: Slack, and what is drawn like it.

A message begins with a row of a name and a time that has a portrait to its left. What is below it at the same edge
is theirs until the next such row; what is set in is quoted, unless it is a list. A name and a time that somebody
pasted into a message have no portrait and begin nothing; where they stand apart, what follows is nobody's.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from persona_store.sources.picture import SURE, Box, Line, Picture, Sheet, Turn, around, middle
from persona_store.sources.picture_bubbles import Scene
from persona_store.sources.picture_times import spoken, trailing
from persona_store.sources.picture_words import GAP, as_text, height, rows

_BOT = re.compile(r"(?P<name>.+?)\s*(?:APP|BOT|WORKFLOW|应用|机器人)$")
_LIST = re.compile(r"[•◦▪·*\-–]|\d{1,2}[.)、]")
_CHROME = re.compile(
    r"\d+ ?(?:replies|reply|条回复)\b.*|(?:last reply|view thread|also sent to|jump to) .{0,40}|new|新消息"
    r"|[(（](?:edited|已编辑)[)）]",
    re.I,
)
_EDITED = re.compile(r"\s*[(（](?:edited|已编辑)[)）]$", re.I)


class _Open:
    """A message that is being read."""

    def __init__(self, head: Line, name: str, beside: str, day: str) -> None:
        bot = _BOT.fullmatch(name)
        self.head, self.bot = head, bool(bot)
        self.name = bot["name"].strip() if bot else name
        self.spoken = f"{day} {beside}".strip()
        self.said: list[Line] = []
        self.quoted: list[Line] = []
        self.last = head.box

    def turn(self, picture: Picture) -> Turn:
        edge = max((line.box[2] for line in self.said), default=0)
        sure = [line.sure for line in self.said if line.sure >= SURE]
        return Turn(
            side="left",
            name=self.name,
            name_sure=self.head.sure,
            text=_EDITED.sub("", as_text(self.said, max(edge, 0.8 * picture.width))),
            quoted=as_text(self.quoted, edge),
            box=around(*(line.box for line in self.said)) if self.said else self.head.box,
            whole=around(self.head.box, self.last, *(line.box for line in self.said)),
            sure=min(sure, default=0.0),
            spoken=self.spoken,
            bot=self.bot,
            cut=self.last[3] >= picture.height - 2,
        )


def read_rows(picture: Picture, seen: Scene, taken: date) -> Sheet | None:
    """None if no row begins a message."""
    boxes = [bubble for bubble in seen.bubbles if bubble.box not in seen.squares]  # a portrait may have words
    lines = rows([*seen.page, *(line for bubble in boxes for line in bubble.lines)], apart=4)
    boxed = {line.box for bubble in boxes for line in bubble.lines}
    em = height(lines)
    left: Counter[str] = Counter(screen=seen.chrome)
    turns: list[Turn] = []
    current: _Open | None = None
    title = day = ""
    for line in lines:
        name, beside = trailing(line.text)
        if beside and line.box not in boxed and _has_face(line, seen.squares, em):
            if current:
                turns.append(current.turn(picture))
            current = _Open(line, name if line.sure >= SURE else "", beside, day)
        elif _is_divider(line, picture, taken):
            if current:
                turns.append(current.turn(picture))
            current, day = None, line.text
        elif beside and current and line.box[1] - current.last[3] > 0.45 * em:
            turns.append(current.turn(picture))  # somebody whose portrait was not seen: nobody knows who goes on
            current = None
            left["no_author"] += 1
        elif current is None:
            title = title or line.text
            left["screen"] += 1
        elif not _take(current, line, line.box in boxed, em):
            left["screen"] += 1
    if current:
        turns.append(current.turn(picture))
    if not turns:
        return None
    left["unreadable"] += sum(line.sure < SURE for line in picture.lines)
    return Sheet(title, tuple(turns), {reason: count for reason, count in left.items() if count})


def _has_face(line: Line, faces: tuple[Box, ...], em: float) -> bool:
    """A portrait that begins where the row does."""
    return any(0 <= line.box[0] - face[2] < 1.6 * em and abs(face[1] - line.box[1]) < 0.75 * em for face in faces)


def _is_divider(line: Line, picture: Picture, taken: date) -> bool:
    told = spoken(line.text, taken)
    centred = abs(middle(line.box)[0] - picture.width / 2) < 0.08 * picture.width
    return bool(told and told.day and centred)


def _take(current: _Open, line: Line, boxed: bool, em: float) -> bool:
    """Add a row to a message, if it is one of its rows."""
    far = line.box[1] - current.last[3] > 2.5 * em
    shift = line.box[0] - current.head.box[0]
    if far or shift < -0.8 * em or _CHROME.fullmatch(line.text):
        return False
    current.last = line.box
    if boxed:  # code, an attachment, a reaction: not what they said, and not to be passed over in silence
        current.quoted.append(line)
        if not current.said or current.said[-1].text != GAP:
            current.said.append(Line(GAP, 1.0, line.box))
    elif shift < 0.6 * em or _LIST.match(line.text):
        current.said.append(line)
    else:
        current.quoted.append(line)
    return True
