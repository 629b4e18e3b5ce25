"""Letters that nobody sends lie as files beside the store, until they are handed over or their persona is
erased."""

from __future__ import annotations

import re
from pathlib import Path

from persona_store import keyfile, names

FOLDER = "letters"


def put(data: Path, persona: str, id: str, raw: bytes) -> Path:
    """For its owner's eyes. One that is there of the same event says the same, and stays."""
    path = data / FOLDER / f"{names.checked(persona)}.{re.sub('[^A-Za-z0-9-]+', '-', id)}.eml"
    keyfile.create(path, raw)
    return path


def forget(data: Path, persona: str) -> None:
    """What was written of a persona goes with it."""
    for path in (data / FOLDER).glob(f"{names.checked(persona)}.*"):
        path.unlink(missing_ok=True)
