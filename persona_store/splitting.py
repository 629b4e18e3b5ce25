"""Documents into Passages: a message is one, a longer document is cut at headings and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from persona_store.model import Document, Passage

LONGEST = 900
"""Characters of a passage: enough to answer from, short enough to quote."""

FETCHED = ("feishu_api", "dingtalk_api")
"""What comes of a platform itself: messages, and documents, which alone have a title."""

BELOW = " › "
"""Between a document's title and the headings below it."""

SPLIT_KINDS = ("doc", "self_written", "interview", "description", "imported_skill")

_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*)")
_CLOSING = re.compile(r"(?:(?:^|[ \t]+)#+)?[ \t]*\Z")  # after a blank only: `# C#` is about a language
_FENCE = ("```", "~~~")


def is_split(item: Document | Passage) -> bool:
    """Whether it is a document, or a piece of one, and no message."""
    return item.source in SPLIT_KINDS or (item.source in FETCHED and bool(item.title))


def passages(document: Document) -> list[Passage]:
    """Pieces of a document are numbered `id#1`, `id#2` … and titled by the headings above them."""
    if document.whole or not is_split(document):
        return [_passage(document, document.id, document.title, document.text)]
    return [
        _passage(document, f"{document.id}#{number}", title, text)
        for number, (title, text) in enumerate(pieces(document.text, document.title), start=1)
    ]


def _passage(document: Document, ident: str, title: str, text: str) -> Passage:
    return Passage(
        id=ident,
        source=document.source,
        container=document.container,
        container_name=document.container_name,
        thread=document.thread,
        author=document.author,
        author_name=document.author_name,
        by_subject=document.by_subject,
        at=document.at,
        text=text,
        title=title,
        url=document.url,
        readers=document.readers,
        question=document.question,
        reading=document.reading,
        facet=document.facet,
    )


def pieces(text: str, title: str) -> Iterator[tuple[str, str]]:
    """(title with the headings above, text) of each piece, in order. A heading with nothing below it makes none."""
    for headings, section in _sections(text):
        path = BELOW.join(dict.fromkeys(part for part in (title, *headings) if part))
        for piece in _packed(_paragraphs(section)):
            yield path, piece


def _sections(text: str) -> Iterator[tuple[list[str], str]]:
    """Each stretch below a Markdown heading (CommonMark 4.2), with the headings it stands under."""
    headings: list[tuple[int, str]] = []
    lines: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith(_FENCE):
            fenced = not fenced
        heading = None if fenced else _HEADING.fullmatch(line)
        if not heading:
            lines.append(line)
            continue
        yield [name for _, name in headings], "\n".join(lines)
        level = len(heading[1])
        headings = [(other, name) for other, name in headings if other < level]
        headings.append((level, _CLOSING.sub("", heading[2])))
        lines = []
    yield [name for _, name in headings], "\n".join(lines)


def _paragraphs(section: str) -> Iterator[str]:
    """Paragraphs, none longer than a passage; an empty section has none."""
    for paragraph in re.split(r"\n[ \t]*\n", section):
        rest = paragraph.strip("\n")
        while len(rest) > LONGEST:
            cut = _cut(rest)
            yield rest[:cut].strip()
            rest = rest[cut:].lstrip()
        if rest.strip():
            yield rest.rstrip()


_SENTENCE_END = re.compile(r"[。！？；]|[.!?;](?=\s)|\n")


def _cut(text: str) -> int:
    """Where to cut: after the last sentence that fits, else at the last blank, else where it must be."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text, LONGEST // 3, LONGEST)]
    if ends:
        return ends[-1]
    blank = text.rfind(" ", LONGEST // 3, LONGEST)
    return blank if blank > 0 else LONGEST


def _packed(paragraphs: Iterator[str]) -> Iterator[str]:
    """Neighbouring paragraphs together, as long as they fit in one passage."""
    piece = ""
    for paragraph in paragraphs:
        if piece and len(piece) + 2 + len(paragraph) > LONGEST:
            yield piece
            piece = ""
        piece = f"{piece}\n\n{paragraph}" if piece else paragraph
    if piece:
        yield piece
