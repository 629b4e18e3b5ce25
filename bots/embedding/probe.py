"""Whether the embedder is there: what is installed, and with one neutral sentence whether it answers."""

from __future__ import annotations

from adapters.protocol import Finding
from bots.embedding.opening import open_embedder
from bots.embedding.usable import require_usable
from bots.options import Embedding
from persona_store.errors import ModelError, Refused
from persona_store.protocols import Clock

SENTENCE = "Is anybody there?"


def installed(wanted: Embedding) -> list[Finding]:
    """Nothing to say where none is set. Asks nobody."""
    if not wanted.model and not wanted.base_url:
        return []
    try:
        require_usable(wanted)
        if not wanted.base_url:
            from bots.embedding.local import PACKAGE, VERSION, require_package

            require_package()
            return [Finding(True, f"embedder: {PACKAGE} {VERSION} on this machine")]
    except Refused as error:
        return [Finding(False, error.what, error.fix)]
    return []


async def examine(wanted: Embedding, clock: Clock) -> list[Finding]:
    """One tiny request."""
    if not wanted.model and not wanted.base_url:
        return []
    try:
        async with open_embedder(wanted, clock) as embedder:
            (vector,) = await embedder.embed((SENTENCE,), question=False)
            where = embedder.recipient or "this machine"
            return [Finding(True, f"embedder {wanted.model} answers at {where} with {len(vector)} numbers")]
    except Refused as error:
        return [Finding(False, error.what, error.fix)]
    except ModelError as error:
        return [Finding(False, f"embedder {wanted.model}: {error.what}", error.fix or "docs/models.md")]
