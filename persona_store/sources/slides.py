"""PowerPoint files (.pptx): each slide with its number and title, then what its speaker noted.

Format: ECMA-376 part 1, 19.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from persona_store.sources.office import Office
from persona_store.sources.paper import LONGEST_TEXT, Handed, Note, Paper, place, plain

_NOT_SAID = ("sldNum", "dt", "ftr", "hdr", "sldImg")  # placeholders that every slide repeats


def read_pptx(handed: Handed) -> Paper:
    office = Office(handed)
    authors, title, date = office.said()
    blocks: list[str] = []
    hidden, length = False, 0
    for number, part in enumerate(_order(office), start=1):
        name, texts, unseen = _slide(office, part)
        if unseen:
            hidden = True
            continue
        notes = [
            note for each in office.targets(part).values() if "notesSlide" in each for note in _notes(office, each)
        ]
        if name or texts or notes:
            blocks.append("\n\n".join([place(f"{number}. {name}" if name else f"{number}."), *texts, *notes]))
        length += sum(map(len, [*texts, *notes]))
        if length > LONGEST_TEXT:
            return Paper("\n\n".join(blocks), title, authors, date, hidden, left={"too_long": 1})
    return Paper("\n\n".join(blocks), title, authors, date, hidden, tuple(_comments(office)))


def _order(office: Office) -> list[str]:
    main = next((part for part in office.parts if part.endswith("presentation.xml")), "")
    targets = office.targets(main)
    shown = (said for kind, tag, said in office.events(main) if kind == "start" and tag == "sldId")
    # `id` is the slide's number and, in another namespace, the relation: the one that is a target.
    return [targets[said["id"]] for said in shown if said.get("id") in targets]


def _slide(office: Office, part: str) -> tuple[str, list[str], bool]:
    """(title, the other texts, whether it is hidden)."""
    title, texts, hidden = "", [], False
    for kind, text in _shapes(office, part):
        if kind == "hidden":
            hidden = True
        elif kind in ("title", "ctrTitle") and not title:
            title = " ".join(text.split())
        elif kind not in _NOT_SAID:
            texts.append(plain(text))
    return title, texts, hidden


def _notes(office: Office, part: str) -> list[str]:
    return [plain(text) for kind, text in _shapes(office, part) if kind not in (*_NOT_SAID, "hidden")]


def _shapes(office: Office, part: str) -> Iterator[tuple[str, str]]:
    """(kind of placeholder, its paragraphs) of each shape, and of each row of a table."""
    kind, line, within = "", "", False
    lines: list[str] = []
    for event, tag, said in office.events(part):
        if event == "text":
            line += tag if within else ""
        elif tag == "t":
            within = event == "start"
        elif event == "start":
            if tag == "sld" and said.get("show") in ("0", "false"):
                yield "hidden", ""
            elif tag in ("sp", "tr"):
                kind, lines, line = "", [], ""
            elif tag == "ph":
                kind = said.get("type", "body")
            elif tag == "br":
                line += "\n"
        elif tag == "p" and line.strip():
            lines.append(line.strip())
            line = ""
        elif tag in ("sp", "tr") and lines:
            yield kind, ("\n" if tag == "sp" else " | ").join(lines)
            lines = []


def _comments(office: Office) -> Iterator[Note]:
    """Those of before 2021; later ones name their authors in another way, and are nobody's."""
    names: dict[str, str] = {}
    for event, tag, said in office.events("ppt/commentAuthors.xml"):
        if event == "start" and tag == "cmAuthor":
            names[said.get("id", "")] = said.get("name", "")
    for part in office.parts:
        if re.fullmatch(r"ppt/comments/\w+\.xml", part):
            author, words, within = "", "", False
            for event, tag, said in office.events(part):
                if event == "text":
                    words += tag if within else ""
                elif tag in ("text", "t"):
                    within = event == "start"
                elif tag == "cm" and event == "start":
                    author, words = names.get(said.get("authorId", ""), "?"), ""
                elif tag == "cm":
                    yield Note(author, words.strip())
