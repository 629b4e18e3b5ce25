"""A picture of a chat in bubbles as the messages in it: who is named above each, and what is quoted in it.

Feishu, DingTalk and WeChat draw them so. A name is the line right above a bubble; a bubble right below another one
at the same edge, too near for a name to fit between, is by the same person. What fits no rule is nobody's.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from msgspec.structs import replace

from persona_store.sources.picture import SURE, Line, Picture, Sheet, Turn, alike, around, middle
from persona_store.sources.picture_bubbles import LEFT, RIGHT, Bubble, Scene
from persona_store.sources.picture_times import spoken, trailing
from persona_store.sources.picture_words import as_text, rows

PALE = 0.72
"""Ink weaker than this share of the usual is a quotation, or the small print of a card."""

_REPLY = re.compile(r"(?:回复|引用|reply(?:ing)? to|replied to)\s*[^:：]{1,40}[:：].*", re.I)
_STATUS = re.compile(r"\d*\s*人?(?:已读|未读)|全部已读|已送达|已编辑|read|delivered|seen|edited|sent", re.I)
_COUNT = re.compile(r"\s*[(（]\d+[)）]$")


def read_bubbles(picture: Picture, seen: Scene, taken: date) -> Sheet | None:
    """None if there are no portraits and no times: coloured boxes alone are no chat."""
    left: Counter[str] = Counter(screen=seen.chrome)
    lines = rows(seen.page, apart=3)
    times = [line for line in lines if _is_time(line, picture, taken)]
    lines = [line for line in lines if line not in times]
    usual = _usual_fills(seen)
    talk = [bubble for bubble in seen.bubbles if _is_said(bubble, seen, usual)]
    labels = {bubble.box: _label(bubble, lines, talk, seen) for bubble in talk}
    named = [line for line in labels.values() if line]
    title = _title(picture, [line for line in lines if line not in named], times, talk, left)
    if not talk or not (times or any(bubble.faced for bubble in talk)):
        return None
    turns: list[Turn] = []
    last: Bubble | None = None
    for bubble in seen.bubbles:
        if bubble not in talk:
            if last and turns and bubble.box[1] - last.box[3] < seen.em:  # WeChat quotes in a box below
                quoted = f"{turns[-1].quoted}\n{_words(bubble, picture)}".strip()
                turns[-1] = replace(turns[-1], quoted=quoted, whole=around(turns[-1].whole, bubble.box))
            else:
                left["no_author"] += 1
            continue
        turn = _turn(bubble, labels[bubble.box], picture, seen)
        if last and not turn.name and _goes_on(last, bubble, lines, seen.em):
            turn = replace(turn, name=turns[-1].name, name_sure=turns[-1].name_sure, side=turns[-1].side)
        above = [line for line in times if line.box[3] <= bubble.box[1]] or times[:1]
        turns.append(replace(turn, spoken=turn.spoken or (above[-1].text if above else "")))
        last = bubble
    left["unreadable"] += sum(line.sure < SURE for line in picture.lines)
    return Sheet(
        title=title.text if title else "",
        title_sure=title.sure if title else 0.0,
        turns=tuple(turns),
        left={reason: count for reason, count in left.items() if count},
    )


# ------------------------------------------------------------------ which bubbles are messages


def _usual_fills(seen: Scene) -> dict[str, list[tuple[int, int, int]]]:
    """By side, the colours of bubbles that surely are messages."""
    return {
        side: [bubble.fill for bubble in seen.bubbles if bubble.side == side and bubble.faced]
        for side in (LEFT, RIGHT)
    }


def _is_said(bubble: Bubble, seen: Scene, usual: dict[str, list[tuple[int, int, int]]]) -> bool:
    """A portrait beside it; or the colour of those on its side that have one; or nobody on that side has one, and
    it has another colour than those of the other side."""
    if bubble.faced or not bubble.side:
        return bubble.faced
    if usual[bubble.side]:
        return any(alike(bubble.fill, fill) for fill in usual[bubble.side])
    other = usual[RIGHT if bubble.side == LEFT else LEFT]
    return not any(alike(bubble.fill, fill) for fill in other)


def _goes_on(above: Bubble, bubble: Bubble, lines: list[Line], em: float) -> bool:
    """By the same person: no portrait of its own, no room for a name in between, and nothing stands there."""
    gap = bubble.box[1] - above.box[3]
    same_edge = abs(bubble.box[0] - above.box[0]) < 0.4 * em
    between = any(above.box[3] <= middle(line.box)[1] <= bubble.box[1] for line in lines)
    return not bubble.faced and gap < 0.9 * em and same_edge and alike(bubble.fill, above.fill) and not between


# ------------------------------------------------------------------ what stands around them


def _label(bubble: Bubble, lines: list[Line], talk: list[Bubble], seen: Scene) -> Line | None:
    """The line right above, that begins (or on the right ends) where the bubble does."""
    for line in reversed(lines):
        gap = bubble.box[1] - line.box[3]
        begins = abs(line.box[0] - bubble.box[0]) < 1.2 * seen.em
        ends = bubble.side == RIGHT and abs(line.box[2] - bubble.box[2]) < 1.2 * seen.em
        below_another = any(other.box[3] > line.box[1] and other.box[1] < line.box[1] for other in talk)
        if -0.4 * seen.em < gap < seen.em and (begins or ends) and not below_another and not _is_status(line):
            return line
    return None


def _is_status(line: Line) -> bool:
    return bool(_STATUS.fullmatch(line.text.strip()))


def _is_centred(line: Line, picture: Picture) -> bool:
    return abs(middle(line.box)[0] - picture.width / 2) < 0.05 * picture.width


def _is_time(line: Line, picture: Picture, taken: date) -> bool:
    return line.sure >= SURE and _is_centred(line, picture) and spoken(line.text, taken) is not None


def _title(
    picture: Picture, lines: list[Line], times: list[Line], talk: list[Bubble], left: Counter[str]
) -> Line | None:
    """The largest line above everything else; what else stands around is counted."""
    first = min([one.box[1] for one in talk] + [line.box[1] for line in times], default=picture.height)
    heads = [line for line in lines if line.box[3] <= first and line.sure >= SURE]
    for line in lines:
        if line not in heads and line.sure >= SURE:
            left["system" if _is_centred(line, picture) else "screen"] += 1
    left["screen"] += len(heads)
    return max(heads, key=lambda line: line.box[3] - line.box[1], default=None)


def alone_with(title: str) -> str:
    """Who a chat of two is with: its title, unless that counts members as a group's does."""
    return "" if _COUNT.search(title) or title.startswith("#") else title.strip()


# ------------------------------------------------------------------ one bubble


def _turn(bubble: Bubble, label: Line | None, picture: Picture, seen: Scene) -> Turn:
    name, beside = trailing(label.text) if label and label.sure >= SURE else ("", "")
    lines = rows(bubble.lines)
    usual = max(line.ink for each in seen.bubbles for line in each.lines if alike(each.fill, bubble.fill))
    faint = [line.ink < PALE * usual or not alike(line.fill, bubble.fill, 24) for line in lines]
    quoted = 0
    while quoted < len(lines) and (
        faint[quoted] or (quoted == 0 and len(lines) > 1 and _REPLY.fullmatch(lines[0].text))
    ):
        quoted += 1
    if any(faint[quoted:]) or _is_scattered(lines[quoted:], seen.em):  # a card, or a picture of something else
        quoted = len(lines)
    said = lines[quoted:]
    return Turn(
        side=bubble.side,
        name=name,
        name_sure=label.sure if label else 1.0,
        text=as_text(said, _room(bubble, picture)),
        quoted=as_text(lines[:quoted], _room(bubble, picture)),
        box=around(*(line.box for line in said)) if said else bubble.box,
        whole=bubble.box,
        sure=min((line.sure for line in said if line.sure >= SURE), default=0.0),
        spoken=beside,
        cut=bubble.box[1] <= 2 or bubble.box[3] >= picture.height - 2,
    )


def _is_scattered(lines: list[Line], em: float) -> bool:
    """What somebody typed begins at one edge, but for lists; a picture with words in it does not."""
    return bool(lines) and max(line.box[0] for line in lines) - min(line.box[0] for line in lines) > 2.5 * em


def _room(bubble: Bubble, picture: Picture) -> float:
    """Where a line has to break. A narrow bubble is as wide as its words, and breaks nothing."""
    if bubble.box[2] - bubble.box[0] < 0.45 * picture.width:
        return 1e9
    return bubble.box[2] - (min(line.box[0] for line in bubble.lines) - bubble.box[0])


def _words(bubble: Bubble, picture: Picture) -> str:
    return as_text(rows(bubble.lines), _room(bubble, picture))
