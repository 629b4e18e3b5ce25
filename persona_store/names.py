"""What a persona may be called: the name ends up in file names and store keys, so it can hold nothing else."""

from __future__ import annotations

import re

from persona_store.errors import Refused

PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


def checked(name: str) -> str:
    """The name itself. Raises Refused for anything that could climb out of a folder or a key prefix."""
    if PATTERN.fullmatch(name) is None:
        shown = name if len(name) <= 60 else name[:57] + "..."
        raise Refused(
            "PERSONA_NAME",
            f"{shown!r} is not a persona name",
            "use 1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit",
        )
    return name
