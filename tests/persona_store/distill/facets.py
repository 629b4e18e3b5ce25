"""Facets for tests: only what a test is about needs to be said."""

from __future__ import annotations

from typing import Any

from persona_store.distill.model import Aspect, Citation, Facet, facet_id
from persona_store.model import Passage


def facet(aspect: Aspect, *passages: Passage, **more: Any) -> Facet:
    """One that quotes these passages whole."""
    first, last = min(p.at for p in passages), max(p.at for p in passages)
    fields: dict[str, Any] = {
        "id": facet_id(aspect, passages[0].id, passages[0].text),
        "topic": "retries",
        "text": passages[0].text,
        "citations": tuple(Citation(p.id, p.text, p.at) for p in passages),
        "confidence": 0.8,
        "first": first,
        "last": last,
    }
    return Facet(aspect=aspect, **(fields | more))
