"""What a command writes: whole or not at all, and for the eyes of whoever asked for it."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import BinaryIO

from persona_store.errors import Refused


def free(path: Path) -> None:
    """Looked at before anything is made: the log and the certificate are not to tell of a file that never was.
    Raises Refused FILE_EXISTS or NOT_FOUND."""
    if path.is_symlink() or path.exists():
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name, or take it away")
    if not path.absolute().parent.is_dir():
        raise Refused("NOT_FOUND", f"there is no folder {str(path.parent)!r}", "make it first, or give another one")


def put(place: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of its own, never over something that is there: it is written beside its place and moved there."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    free(place)
    draft = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _created(draft / name) as file:
                file.write(content)
        draft.rename(place)  # over an empty folder at most
    except BaseException:
        rmtree(draft, ignore_errors=True)
        raise
    return place


def write(path: Path, data: bytes) -> None:
    """One file, never over something that is there."""
    try:
        with _drafted(path, os.link) as file:  # refuses what is there, as a renaming would not
            file.write(data)
    except FileExistsError:
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name") from None


class Folder:
    """One that several files are written into, made where there is none. Files of an earlier run are written anew;
    nothing else in it is touched."""

    def __init__(self, path: Path) -> None:
        """Raises Refused FOLDER where it cannot be made."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (OSError, ValueError) as error:
            raise _unwritable(path, error) from None

    def write(self, name: str, content: bytes) -> str:
        """`name` is the program's own, never one that came in. Returns where it is. Raises Refused FOLDER."""
        with self._anew(name) as file:
            file.write(content)
        return str(self.path / name)

    async def stream(self, name: str, lines: AsyncIterable[bytes]) -> str:
        """The same for what is too long to be held at once: line by line."""
        with self._anew(name) as file:
            async for line in lines:
                file.write(line + b"\n")
        return str(self.path / name)

    @contextmanager
    def _anew(self, name: str) -> Iterator[BinaryIO]:
        try:
            with _drafted(self.path / name, os.replace) as file:
                yield file
        except OSError as error:
            raise _unwritable(self.path / name, error) from None


@contextmanager
def _drafted(path: Path, settle: Callable[[Path, Path], None]) -> Iterator[BinaryIO]:
    """Written beside its place, which it takes by `settle` once it is whole."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with _created(draft) as file:
            yield file
        settle(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError | ValueError) -> Refused:
    why = error.strerror if isinstance(error, OSError) else "that is no path"
    return Refused("FOLDER", f"{str(path)!r} cannot be written: {why}", "name a folder you may write into")
