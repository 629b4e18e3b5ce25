"""A folder that several files are written into, for the eyes of whoever asked for them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from persona_store.errors import Refused


class Folder:
    """Made where there is none. Files of an earlier run are written anew; nothing else in it is touched."""

    def __init__(self, path: Path) -> None:
        """Raises Refused FOLDER where it cannot be made."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (OSError, ValueError) as error:
            raise _refused(path, error) from None

    def write(self, name: str, content: bytes) -> str:
        """Whole or not at all. `name` is one of the program's own, never one that came in. Returns where it is.
        Raises Refused FOLDER."""
        with self._drafted(name) as file:
            file.write(content)
        return str(self.path / name)

    async def stream(self, name: str, lines: AsyncIterable[bytes]) -> str:
        """The same for what is too long to be held at once: line by line."""
        with self._drafted(name) as file:
            async for line in lines:
                file.write(line + b"\n")
        return str(self.path / name)

    @contextmanager
    def _drafted(self, name: str) -> Iterator[BinaryIO]:
        draft = self.path / f".{name}.part"
        try:
            draft.unlink(missing_ok=True)  # of a run that was cut off
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                yield file
            draft.replace(self.path / name)
        except OSError as error:
            raise _refused(self.path / name, error) from None


def _refused(path: Path, error: OSError | ValueError) -> Refused:
    why = error.strerror if isinstance(error, OSError) else "that is no path"
    return Refused("FOLDER", f"{str(path)!r} cannot be written: {why}", "name a folder you may write into")
