"""The bubbles of a chat in a picture: which areas are one, on which side each stands, and what stands outside them.

Only geometry and colour decide, never what a message says. A bubble is a filled area with words in it, and its side
is where its portrait stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from persona_store.sources.picture import Box, Colour, Line, Picture, holds, overlap
from persona_store.sources.picture_words import height

LEFT, RIGHT, UNSURE = "left", "right", ""


class Bubble(Struct, frozen=True):
    """`faced`: a portrait stands beside it."""

    box: Box
    fill: Colour
    lines: tuple[Line, ...]
    side: str
    faced: bool


class Scene(Struct, frozen=True):
    """The bubbles from top to bottom, the lines on the page itself, what may be a portrait, how many lines belong
    to the app around the chat, and the usual height of a line."""

    bubbles: tuple[Bubble, ...]
    page: tuple[Line, ...]
    squares: tuple[Box, ...]
    chrome: int
    em: float


def scene(picture: Picture) -> Scene:
    inside: dict[Box, list[Line]] = {}
    page: list[Line] = []
    chrome = 0
    for line in picture.lines:
        around = [shape.box for shape in picture.shapes if _is_around(shape.box, line.box)]
        if any(_is_bar(box, picture) for box in around):
            chrome += 1
        elif around:
            inside.setdefault(min(around, key=_area), []).append(line)
        else:
            page.append(line)
    fills = {shape.box: shape.fill for shape in picture.shapes}
    em = height([line for lines in inside.values() for line in lines] or page)
    square = [box for box in fills if _is_square(box, em) and not _is_bar(box, picture)]
    beside = {box: _faces(box, square, em) for box in inside}
    faces = {
        face
        for each in beside.values()
        for face in each
        if face not in inside or _is_outer(face, beside, square, picture.width)
    }
    bubbles = [
        Bubble(box, fills[box], tuple(lines), *_side(box, faces.intersection(beside[box])))
        for box, lines in sorted(inside.items(), key=lambda item: item[0][1])
        if box not in faces
    ]
    return Scene(tuple(_leaning(bubbles, picture.width, em)), tuple(page), tuple(square), chrome, em)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_around(shape: Box, line: Box) -> bool:
    """Not one of its letters, which are areas too if they are large."""
    as_wide = shape[2] - shape[0] >= 0.9 * (line[2] - line[0])
    return as_wide and shape[3] - shape[1] >= 0.9 * (line[3] - line[1]) and holds(shape, line)


def _is_bar(box: Box, picture: Picture) -> bool:
    """A header, the box to type in, a list of chats at the side: from edge to edge."""
    return box[2] - box[0] > 0.94 * picture.width or box[3] - box[1] > 0.9 * picture.height


def _is_square(box: Box, em: float) -> bool:
    wide, high = box[2] - box[0], box[3] - box[1]
    return 0.75 < wide / high < 1.34 and 1.3 * em < high < 5 * em


def _faces(box: Box, square: Iterable[Box], em: float) -> list[Box]:
    """What may be the portrait of a bubble: beside it, and beginning where it or its name begins."""
    return [
        face
        for face in square
        if face != box
        and overlap(face, box) > 0
        and -0.5 * em < box[1] - face[1] < 2.2 * em
        and (0 <= box[0] - face[2] < 1.6 * em or 0 <= face[0] - box[2] < 1.6 * em)
    ]


def _is_outer(box: Box, beside: dict[Box, list[Box]], square: Sequence[Box], width: int) -> bool:
    """Whether a square with words is a portrait that has a name written on it, and no bubble of one character: of
    two squares the portrait is nearer to the edge of the picture."""

    def depth(each: Box) -> int:
        return min(each[0], width - each[2])

    return all(other not in square or depth(box) < depth(other) for other in beside if box in beside[other])


def _side(box: Box, faces: Iterable[Box]) -> tuple[str, bool]:
    """Where its portrait stands."""
    sides = {LEFT if face[0] < box[0] else RIGHT for face in faces}
    return (min(sides) if len(sides) == 1 else UNSURE), bool(sides)


def _leaning(bubbles: list[Bubble], width: int, em: float) -> Iterator[Bubble]:
    """A bubble without a portrait stands where those with one do that begin (on the right, end) at the same place;
    where there are none, at the edge it clearly leans to."""
    lefts = [bubble.box[0] for bubble in bubbles if bubble.side == LEFT]
    rights = [bubble.box[2] for bubble in bubbles if bubble.side == RIGHT]
    for bubble in bubbles:
        if bubble.faced:
            yield bubble
            continue
        begins = any(abs(bubble.box[0] - left) < 0.4 * em for left in lefts)
        ends = any(abs(bubble.box[2] - right) < 0.4 * em for right in rights)
        left, right = bubble.box[0], width - bubble.box[2]
        leans = LEFT if left < 0.6 * right else RIGHT if right < 0.6 * left else UNSURE
        yield replace(bubble, side=leans if begins == ends else LEFT if begins else RIGHT)
