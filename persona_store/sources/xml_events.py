"""XML from strangers, as a stream of events: no document type, so no entities and nothing from elsewhere
(rights.md T30), no depth that matters, and nothing is kept.

Office files need none of what makes XML dangerous, so a document type is refused whatever it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.parsers import expat

from persona_store.errors import Refused

DEEPEST = 256

Event = tuple[str, str, dict[str, str]]
"""("start", tag, attributes), ("end", tag, {}), ("text", words, {}). Tags and attributes are local names: the
namespaces of strict and transitional files differ, their meaning does not."""


def events(chunks: Iterable[bytes], name: str) -> Iterator[Event]:
    """Raises Refused XML_DTD, XML_DEPTH or XML_BROKEN, which name the file."""
    found: list[Event] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Refused("XML_DEPTH", f"{name!r} is nested deeper than {DEEPEST} levels", "no such file is")
        found.append(("start", _local(tag), _named(attributes)))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        found.append(("end", _local(tag), {}))

    def doctype(*_: object) -> None:
        raise Refused("XML_DTD", f"{name!r} declares a document type", "save the file anew with an office program")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: found.append(("text", text, {}))
    parser.StartDoctypeDeclHandler = doctype
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Refused("XML_BROKEN", f"{name!r} is damaged (line {error.lineno})", "save the file anew") from None
    yield from found


def _named(attributes: dict[str, str]) -> dict[str, str]:
    """By local name; where `id` and `r:id` meet, the one of another part (`r:`) is what anybody asks for."""
    found: dict[str, str] = {}
    for key, value in attributes.items():
        local = _local(key)
        if local == key:
            found.setdefault(key, value)
        else:
            found[local] = value
    return found


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
