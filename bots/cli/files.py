"""What a command writes: whole or not at all, for its owner's eyes, and never over something that is there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from persona_store.errors import Refused


def free(path: Path) -> None:
    """Looked at before anything is made: the log and the certificate are not to tell of a file that never was.
    Raises Refused FILE_EXISTS or NOT_FOUND."""
    if path.is_symlink() or path.exists():
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name, or take it away")
    if not path.absolute().parent.is_dir():
        raise Refused("NOT_FOUND", f"there is no folder {str(path.parent)!r}", "make it first, or give another one")


def put(place: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of its own: it is written beside its place and moved there."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    free(place)
    draft = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for name, content in files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(draft / name, content)
        draft.rename(place)  # over an empty folder at most
    except BaseException:
        rmtree(draft, ignore_errors=True)
        raise
    return place


def write(path: Path, data: bytes) -> None:
    """One file."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        _create(draft, data)
        os.link(draft, path)  # refuses what is there, as a renaming would not
    except FileExistsError:
        raise Refused("FILE_EXISTS", f"there is a {str(path)!r} already", "give another name") from None
    finally:
        draft.unlink(missing_ok=True)


def _create(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
