"""What can be imported, shape by shape: real-looking material, and what must come of each of its messages.

The tests read every shape and compare item by item; `table.py` makes the table in docs/sources.md of the same list.
A further source is a module with a `SHAPES` of its own and one line in `table.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from persona_store.model import Document


class Readable(Protocol):
    """A Source that can also be read without an event loop."""

    dropped: Any

    def read(self) -> Iterator[Document]: ...


class Item(NamedTuple):
    """What must come of a message: all that says whose words it is and who may be told them."""

    id: str
    text: str
    author: str
    own: bool
    at: str  # ISO 8601
    thread: str
    readers: tuple[str, ...] | None


class Shape(NamedTuple):
    """One form in which people have a source's material. The last three are words for the table."""

    source: str
    form: str
    files: Mapping[str, bytes]
    open: Callable[[Path], Readable]
    items: tuple[Item, ...]
    left_out: Mapping[str, int]
    author: str
    thread: str
    readers: str

    @property
    def name(self) -> str:
        return f"{self.source}: {self.form}"


def write(shape: Shape, folder: Path) -> Path:
    """The files as somebody would hand them in: a single file by itself, several as a folder."""
    for name, content in shape.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder / next(iter(shape.files)) if len(shape.files) == 1 else folder


def seen(document: Document) -> Item:
    return Item(
        id=document.id,
        text=document.text,
        author=document.author,
        own=document.by_subject,
        at=document.at.isoformat().replace("+00:00", "Z"),
        thread=document.thread,
        readers=document.readers,
    )
