"""The files of an evaluation: long ones read line by line, and a folder that is written whole or not at all."""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bots.cli import given
from bots.evaluation import reading
from persona_store.errors import Refused

FILES = ("report.html", "report.json", "predictions.jsonl")


def lines(path: Path) -> Iterator[bytes]:
    """Of a file that may be packed; a line is cut where it is longer than anybody's question."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            while line := file.readline(reading.LONGEST + 1):
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Refused("FILE", f"{str(path)!r} is damaged", "pack it again with gzip") from None
    except (OSError, ValueError) as error:
        raise given.unreadable(path, error) from None


def indented(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def free(folder: Path) -> None:
    """Raises Refused for a folder in which anything lies that an earlier report did not put there, and where none
    can be made."""
    try:
        others = sorted(each.name for each in folder.iterdir() if each.name not in FILES) if folder.exists() else []
    except (OSError, ValueError) as error:
        raise given.unreadable(folder, error) from None
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):  # found out before the asking, not after
        raise Refused("OUT", f"{str(nearest)!r} may not be written to", "name another folder")
    if others:
        raise Refused("OUT", f"{str(folder)!r} holds other files, {others[0][:60]!r} first", "name a new folder")


def write(folder: Path, contents: Sequence[bytes]) -> None:
    """All of it is on the disk before any of it appears. What an earlier report left and this one lacks goes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = folder if folder.exists() else folder.parent
    with tempfile.TemporaryDirectory(prefix=".report-", dir=beside) as scratch:
        for name, content in zip(FILES, contents, strict=False):
            (Path(scratch) / name).write_bytes(content)
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in FILES[: len(contents)]:
            os.replace(Path(scratch) / name, folder / name)
    for name in FILES[len(contents) :]:
        (folder / name).unlink(missing_ok=True)
