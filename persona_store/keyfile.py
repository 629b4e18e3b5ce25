"""Files that hold keys: 0600, whole or absent, and never read when others may read them too."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from persona_store.errors import Refused

LARGEST = 10_000


def create(path: Path, content: bytes) -> bool:
    """Write a new key file; False if there is one already, which stays.

    The content is written under a draft name and takes its own by `link`, which refuses an existing name as O_EXCL
    does, but never lets another process see half a key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
            return True
        return False
    finally:
        draft.unlink(missing_ok=True)
        sync_folder(path.parent)


def read(path: Path) -> bytes:
    """Raises Refused KEY_MISSING, or KEY_MODE when group or world may read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise Refused("KEY_MISSING", f"no key can be read from {str(path)!r}", "check the path") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        content = file.read(LARGEST)
    if mode & 0o077:
        what = f"others may read the key file {str(path)!r} (mode {mode:04o})"
        raise Refused("KEY_MODE", what, f"run `chmod 600 {path}`; if others did read it, make a new key")
    return content


def destroy(path: Path) -> None:
    """Overwrite and unlink. Overwriting is a courtesy to old disks (SSDs and copy-on-write file systems write
    elsewhere): what counts is that no name leads to the key any more."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    sync_folder(path.parent)


def sync_folder(directory: Path) -> None:
    """Make appearing and disappearing names survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
