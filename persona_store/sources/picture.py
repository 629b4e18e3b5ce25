"""What a machine sees in a picture: lines of words, and areas that are of another colour than the page."""

from __future__ import annotations

from msgspec import Struct

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels of the picture as it is looked at."""

Colour = tuple[int, int, int]

SURE = 0.8
"""Below it a line is not used: the reading is as likely wrong in a character as right."""


class Line(Struct, frozen=True):
    """One line of words. `fill` is the colour behind it, `ink` how far the letters are from that, 0 to 255."""

    text: str
    sure: float  # 0 to 1
    box: Box
    fill: Colour = (255, 255, 255)
    ink: int = 255


class Shape(Struct, frozen=True):
    """A filled area: a bubble, a portrait, a bar, or a mere letter of a headline."""

    box: Box
    fill: Colour


class Picture(Struct, frozen=True):
    width: int
    height: int
    lines: tuple[Line, ...] = ()
    shapes: tuple[Shape, ...] = ()


class Turn(Struct, frozen=True):
    """One message as it is drawn. `side` is "left", "right" (the account that made the picture) or "" where that
    cannot be told; `name` is what stands above it, "" if nothing does. `text` is said by them; `quoted` stands in
    the same bubble and was said by somebody else before."""

    side: str
    name: str
    text: str
    quoted: str
    box: Box  # of the words
    whole: Box  # with what is quoted
    sure: float  # of its least sure line
    name_sure: float = 1.0
    spoken: str = ""  # the time as it is drawn above or beside it
    bot: bool = False
    cut: bool = False  # the picture ends in it


class Sheet(Struct, frozen=True):
    """A picture of a chat, read. `left` counts lines and messages that became nothing, by reason."""

    title: str
    turns: tuple[Turn, ...]
    left: dict[str, int]
    title_sure: float = 1.0


# ------------------------------------------------------------------ boxes


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of one lies in the other."""
    x, y = middle(inner)
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def around(*boxes: Box) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def overlap(one: Box, other: Box) -> int:
    """How many rows of pixels both have."""
    return min(one[3], other[3]) - max(one[1], other[1])


def alike(one: Colour, other: Colour, by: int = 8) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))
