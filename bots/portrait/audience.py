"""What of a portrait its readers may see: nothing on the page tells what only others may read (rights.md T06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import structs

from persona_store.consent.record import Consent
from persona_store.distill.model import Citation, Facet, Gap, Portrait
from persona_store.model import Passage, Readers, may_read

_COUNTS = ("length", "punctuation", "languages", "shapes")
"""Aspects that are numbers about everything somebody wrote and hold none of their words."""
_WORDED = ("opening", "phrase", "emoji")
"""Measures that hold some: `phrase:X`."""


def visible(
    portrait: Portrait, passages: Mapping[str, Passage], readers: Readers, *, all_told: bool
) -> tuple[Facet, ...]:
    """The facets these readers may see, each with the citations they may read. `all_told`: they may read everything
    that was measured for the style."""
    seen = (_seen(facet, passages, readers, all_told) for facet in portrait.facets)
    return tuple(facet for facet in seen if facet is not None)


def granted(portrait: Portrait, consent: Consent | None) -> Portrait:
    """Without a consent that names a facet's kind, nothing of that kind (PIPL 14; one that was amended counts as it
    now is)."""
    kept = (facet for facet in portrait.facets if consent is not None and getattr(consent.facets, facet.kind))
    return structs.replace(portrait, facets=tuple(kept))


def open_to(gaps: Sequence[Gap], passages: Mapping[str, Passage], readers: Readers) -> tuple[Gap, ...]:
    """A gap is told to whoever may read everything it was seen in."""
    return tuple(gap for gap in gaps if all(_readable(id, passages, readers) for id in gap.passages))


def _seen(facet: Facet, passages: Mapping[str, Passage], readers: Readers, all_told: bool) -> Facet | None:
    """All of it where everything it rests on may be read. Else only what stands word for word in something that
    may be, as if nothing else had been said: what was put together may tell of either."""
    cited = [each for each in facet.citations if _quoted(each, passages, readers)]
    if not cited and facet.kind in ("work_knowledge", "decision_patterns"):
        return None  # nothing is claimed that nobody can look up
    if facet.kind == "communication_style":
        return facet if all_told else _style(facet, cited, passages)
    if len(cited) == len(facet.citations):
        return facet
    own_words = facet.by in ("rules", "interview", "correction") and facet.text
    if not own_words or not any(facet.text in passages[each.passage].text for each in cited):
        return None
    dates = [each.at for each in cited]
    return structs.replace(
        facet, citations=tuple(cited), first=min(dates), last=max(dates), topic=_own(facet, cited)
    )


def _style(facet: Facet, cited: Sequence[Citation], passages: Mapping[str, Passage]) -> Facet | None:
    """Numbers stay; words stay where they stand in something that is shown."""
    said = "\n".join(passages[each.passage].text for each in cited).casefold()
    kept = {
        name: value
        for name, value in facet.measures.items()
        if (parts := name.partition(":"))[0] not in _WORDED or not parts[1] or parts[2].casefold() in said
    }
    if facet.aspect not in _COUNTS and kept != facet.measures and not cited:
        return None
    return structs.replace(facet, citations=tuple(cited), measures=kept)


def _own(facet: Facet, cited: Sequence[Citation]) -> str:
    """The topic where its words stand in what is shown; they may come from what is not."""
    said = " ".join((facet.text, *(each.quote for each in cited))).casefold()
    return facet.topic if all(word in said for word in facet.topic.casefold().split()) else ""


def _quoted(citation: Citation, passages: Mapping[str, Passage], readers: Readers) -> bool:
    """Words of others are context and no quotation, and so are words that stand nowhere."""
    passage = passages.get(citation.passage)
    return (
        passage is not None
        and passage.quotable
        and citation.quote in passage.text
        and may_read(passage.readers, readers)
    )


def _readable(id: str, passages: Mapping[str, Passage], readers: Readers) -> bool:
    return id in passages and may_read(passages[id].readers, readers)
