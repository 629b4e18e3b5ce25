"""Whether the settings of the embedder make sense together. Pure."""

from __future__ import annotations

from bots.llm.addresses import require_safe
from bots.options import Embedding
from persona_store.errors import Refused

LOCAL = "local"  # as a model, without an endpoint: the package on this machine


def require_usable(wanted: Embedding) -> None:
    """Raises Refused where they contradict each other, or the way to the endpoint is not safe."""
    if wanted.base_url and not wanted.model:
        what = "embedding.base_url is set but embedding.model is not"
        raise Refused("SETTINGS", what, "set UNDERSTUDY_EMBEDDING_MODEL")
    if wanted.model and not wanted.base_url and wanted.model != LOCAL:
        what = f"embedding.model is {wanted.model[:80]!r}, and nothing says where that is"
        raise Refused("SETTINGS", what, f"set UNDERSTUDY_EMBEDDING_BASE_URL, or the model {LOCAL!r}")
    if wanted.base_url:
        require_safe(wanted.base_url, "embedding.base_url")
