"""The table of both sides in docs/sources.md: `python -m tests.persona_store.sources.compared`.

The other side is tests/benchmarks/described_parsers.py; a test compares the page with what is read there and then.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from persona_store.errors import Refused
from tests.persona_store.sources.compared_inputs import Input, inputs
from tests.persona_store.sources.shapes import Shape, write
from tests.persona_store.sources.table import PAGE

BEGIN = "<!-- from here on written by `python -m tests.persona_store.sources.compared` -->"
END = "<!-- until here, both sides -->"
LEAST = 4  # characters of a line by which somebody's words are known again


class Side(NamedTuple):
    """What a reader made of an input."""

    ended: str = ""  # the exception, or the code of the refusal
    found: int = 0  # of what the subject said, how much it credits to them
    foreign: int = 0  # texts credited to them that hold words of others
    neither: int = 0  # texts credited to them in which no message of theirs stands whole
    context: int = 0
    left_out: tuple[tuple[str, int], ...] = ()


def theirs(case: Input, path: Path) -> Side:
    try:
        credited = case.theirs(path)
    except Exception as error:  # what it ends in is what is compared
        return Side(type(error).__name__)
    return judged(case, credited)


def ours(case: Input, path: Path) -> Side:
    """Anything but a refusal is let through: a traceback would be a fault."""
    source = case.ours(path)
    try:
        found = list(source.read())
    except Refused as refused:
        return Side(refused.code)
    side = judged(case, [document.text for document in found if document.by_subject])
    context = sum(not document.by_subject for document in found)
    return side._replace(context=context, left_out=tuple(sorted(source.dropped.items())))


def judged(case: Input, credited: Iterable[str]) -> Side:
    texts = [*map(_plain, credited)]
    wanted = [*map(_plain, case.said)]
    lines = [_plain(line) for text in case.others for line in text.split("\n")]
    foreign = [any(line in text for line in lines if len(line) >= LEAST or line == text) for text in texts]
    right = [any(said in text for said in wanted) for text in texts]
    return Side(
        found=sum(any(said in text for text in texts) for said in wanted),
        foreign=sum(foreign),
        neither=sum(not (one or other) for one, other in zip(foreign, right, strict=True)),
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def both(case: Input) -> tuple[Side, Side]:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Shape("", "", case.files, case.ours, (), {}, "", "", ""), Path(folder))
        return theirs(case, path), ours(case, path)


def row(case: Input) -> str:
    their, our = both(case)
    said = len(case.said)
    cells = (
        case.reader,
        case.name,
        said,
        f"**{their.ended}**" if their.ended else _told(their, said),
        _ours(our, said),
    )
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _told(side: Side, said: int) -> str:
    wrong = [f"**{side.foreign} with words of others**"] if side.foreign else []
    wrong += [f"{side.neither} cut or garbled"] if side.neither else []
    return ", ".join([f"{side.found} of {said}", *wrong])


def _ours(side: Side, said: int) -> str:
    if side.ended:
        return f"refused: `{side.ended}`"
    left_out = ", ".join(f"`{reason}` {count}" for reason, count in side.left_out)
    context = [f"{side.context} as context"] if side.context else []
    return "; ".join([_told(side, said), *context, *([f"left out: {left_out}"] if left_out else [])])


def table() -> str:
    cases = list(inputs())
    sides = [both(case) for case in cases]
    their, our = (_sum(cases, column) for column in zip(*sides, strict=True))
    told = f"theirs {their[0]} tracebacks, {their[1]}; ours {our[0]} refusals, {our[1]}"
    rows = ["| their reader | input | said | theirs | ours |", "|---|---|---|---|---|", *map(row, cases)]
    return f"Of {len(cases)} inputs: {told}.\n\n" + "\n".join(rows)


def _sum(cases: Sequence[Input], sides: Sequence[Side]) -> tuple[int, str]:
    whole = sum(not side.ended and side.found == len(case.said) for case, side in zip(cases, sides, strict=True))
    foreign = sum(bool(side.foreign) for side in sides)
    told = f"everything of the subject found in {whole}, words of others credited to them in {foreign}"
    return sum(bool(side.ended) for side in sides), told


def renewed(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
