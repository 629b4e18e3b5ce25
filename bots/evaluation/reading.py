"""Lines of a file → questions, predictions, and which thread a document belongs to. Whatever is wrong is one line
that names the place and never what stands there."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from bots.evaluation.model import Asked, Id, Prediction
from persona_store.errors import Refused

MOST_QUESTIONS = 100_000
LONGEST = 1 << 20  # bytes of a line; a question has a few hundred

T = TypeVar("T")


class Placed(Struct, frozen=True):
    """A document and its thread; what else the line says is not looked at."""

    id: str
    thread: str


def questions(lines: Iterable[bytes], name: str) -> list[Asked]:
    """Raises Refused for an empty file, a line that is no question, an id given twice."""
    found: dict[Id, Asked] = {}
    for where, asked in _decoded(lines, name, Asked):
        if asked.id in found:
            raise Refused(
                "QUESTIONS", f"{where} has the id of an earlier line", "give each question an id of its own"
            )
        if asked.answerable and not (asked.gold or asked.gold_threads):
            what = f"{where} is answerable and does not say by what"
            raise Refused("QUESTIONS", what, "name gold_ids or gold_threads")
        if len(found) >= MOST_QUESTIONS:
            raise Refused("QUESTIONS", f"{name!r} has too many questions", f"at most {MOST_QUESTIONS:,} at a time")
        found[asked.id] = asked
    if not found:
        raise Refused(
            "QUESTIONS", f"{name!r} is empty", "one JSON object a line; docs/evaluation.md has an example"
        )
    return list(found.values())


def predictions(lines: Iterable[bytes], name: str, asked: Iterable[Asked]) -> dict[Id, Prediction]:
    """By question. Raises Refused for predictions of other questions, and for a confidence that is no chance."""
    known = {each.id for each in asked}
    found: dict[Id, Prediction] = {}
    for where, each in _decoded(lines, name, Prediction):
        if each.id not in known:
            fix = "give the predictions of these questions"
            raise Refused("PREDICTIONS", f"{where} predicts a question that was not asked", fix)
        if each.id in found:
            raise Refused("PREDICTIONS", f"{where} has the id of an earlier line", "one prediction a question")
        if each.confidence is not None and not 0 <= each.confidence <= 1:
            raise Refused("PREDICTIONS", f"{where} has a confidence that is no chance", "write it from 0 to 1")
        found[each.id] = each
    if not found:
        raise Refused("PREDICTIONS", f"{name!r} is empty", "`understudy ask --batch` writes them")
    return found


def threads(lines: Iterable[bytes], name: str) -> dict[str, str]:
    """Document → thread."""
    return {each.id: each.thread for _, each in _decoded(lines, name, Placed)}


def _decoded(lines: Iterable[bytes], name: str, type: type[T]) -> Iterator[tuple[str, T]]:
    decoder = msgspec.json.Decoder(type)
    for number, line in enumerate(lines, 1):
        where = f"line {number} of {name!r}"
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if len(line) > LONGEST:
            raise Refused("LINE", f"{where} is longer than {LONGEST:,} bytes", "one JSON object a line")
        if line.strip():
            yield where, _one(decoder, line, where)


def _one(decoder: msgspec.json.Decoder[T], line: bytes, where: str) -> T:
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:  # names the key and the kind of value, never the value
        raise Refused("LINE", f"{where}: {error}", "docs/evaluation.md has the format") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("LINE", f"{where} is not JSON", "one JSON object a line, UTF-8") from None
