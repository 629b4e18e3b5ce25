"""What one version of a portrait has that another has not: what owner and subject read after new material."""

from __future__ import annotations

from msgspec import Struct, structs

from persona_store.distill.model import Facet, Portrait


class Difference(Struct, frozen=True):
    """What a version has that an earlier one had not, by facet id in reading order."""

    new: tuple[Facet, ...]
    changed: tuple[tuple[Facet, Facet], ...]  # before, after
    gone: tuple[Facet, ...]


def difference(before: Portrait, after: Portrait) -> Difference:
    """Pure. That a facet only became older or surer by a little is no change to read about."""
    old = {facet.id: facet for facet in before.facets}
    new = {facet.id: facet for facet in after.facets}
    return Difference(
        new=tuple(facet for facet in after.facets if facet.id not in old),
        changed=tuple(
            (old[id], facet) for id, facet in new.items() if id in old and _told(old[id]) != _told(facet)
        ),
        gone=tuple(facet for facet in before.facets if facet.id not in new),
    )


def _told(facet: Facet) -> Facet:
    """What a reader would notice of it."""
    rounded = {name: round(value, 2) for name, value in facet.measures.items()}
    return structs.replace(facet, confidence=round(facet.confidence, 1), measures=rounded)
