"""A picture that is no chat, such as a whiteboard or a page of a handbook: its words in order, in pieces."""

from __future__ import annotations

from persona_store.model import Reading
from persona_store.sources.picture import SURE, Line, Picture, around
from persona_store.sources.picture_words import GAP, as_text, rows
from persona_store.splitting import LONGEST


def read_page(picture: Picture) -> tuple[list[tuple[str, Reading]], int]:
    """Pieces short enough to be quoted, each with where it stands; and how many lines could not be read."""
    lines = rows(picture.lines)
    edge = max((line.box[2] for line in lines), default=0)
    pieces: list[list[Line]] = [[]]
    length = 0
    for line in lines:
        if pieces[-1] and length + len(line.text) > LONGEST:
            pieces.append([])
            length = 0
        pieces[-1].append(line)
        length += len(line.text) + 1
    found = []
    for piece in pieces:
        sure = [line.sure for line in piece if line.sure >= SURE]
        text = as_text(piece, edge)
        if sure and text.replace(GAP, "").strip():
            found.append((text, Reading(round(min(sure), 3), around(*(line.box for line in piece)))))
    return found, sum(line.sure < SURE for line in picture.lines)
