"""What a folder says may be done with it: the distill-protocol's LICENSE-DISTILL.md and manifest.json.

Whoever attaches one has written down what they do not want. Nobody can be made to obey it; here it is obeyed. A
persona at work is neither reading by humans only nor non-commercial, so today's three tiers all forbid it; a
declaration that cannot be read is taken as a no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from persona_store.errors import Refused

SCHEMA = "distill-protocol-manifest"
NAME = "license-distill.md"

_TIER = re.compile(r"(?:档位|tier)[*\s:：]{0,8}([a-z_]{3,40})", re.IGNORECASE)


def check_manifest(manifest: Any, name: str) -> None:
    """Raises Refused SKILL_LICENCE for a distill-protocol manifest that does not allow distilling for work."""
    if _declares(manifest) and not _allows(manifest):
        raise _forbidden(name, str(manifest.get("tier", "")))


def check_text(markdown: str, beside: Any, name: str) -> None:
    """The same for the declaration that humans read, unless the manifest `beside` it allows what it leaves open."""
    if _declares(beside) and _allows(beside):
        return
    tier = _TIER.search(markdown)
    raise _forbidden(name, tier[1] if tier else "")


def _declares(manifest: Any) -> bool:
    return isinstance(manifest, Mapping) and str(manifest.get("schema", "")).startswith(SCHEMA)


def _allows(manifest: Mapping[str, Any]) -> bool:
    return manifest.get("allow_distillation") is True and manifest.get("commercial") is True


def _forbidden(name: str, tier: str) -> Refused:
    said = f"its tier is {' '.join(tier.split())[:40]!r}" if tier else "it names no tier that would"
    what = f"{name!r} does not allow a persona to be made of this: {said}"
    return Refused("SKILL_LICENCE", what, "only its owner may lift that, and hand it in without it")
