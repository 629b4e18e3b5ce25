"""Name and avatar: what the material calls the Subject, and its initials: a picture is nobody's to take."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from persona_store.distill.model import Citation, Facet, NameAspect, facet_id
from persona_store.distill.reading import Episode
from persona_store.model import Passage

_FEWEST = 2  # passages under a name: one may be a slip
_MOST_NAMES = 1000  # that are counted; what comes beyond is a source that names everybody differently


class Names:
    """Implements Finder."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._ends: dict[str, tuple[Passage, Passage]] = {}

    def see(self, episode: Episode) -> None:
        for passage in episode:
            name = " ".join(passage.author_name.split())
            if not passage.by_subject or not name or name == passage.author.partition(":")[2]:
                continue
            if name not in self._counts and len(self._counts) == _MOST_NAMES:
                continue
            self._counts[name] += 1
            first, last = self._ends.get(name, (passage, passage))
            self._ends[name] = (min(first, passage, key=_at), max(last, passage, key=_at))

    def facets(self, now: datetime) -> list[Facet]:
        """The names, most used first, and the initials of the first of them."""
        total = sum(self._counts.values())
        names = [name for name, count in self._counts.most_common(5) if count >= _FEWEST]
        found = [self._facet("name", name, name, self._counts[name] / total) for name in names]
        return [*found, *(self._facet("avatar", name, initials(name), 1.0) for name in names[:1])]

    def _facet(self, aspect: NameAspect, name: str, text: str, share: float) -> Facet:
        first, last = self._ends[name]
        return Facet(
            id=facet_id(aspect, *([name] if aspect == "name" else [])),
            aspect=aspect,
            topic=name,
            text=text,
            citations=(Citation(last.id, "", last.at),),  # the name stands above the words, not in them
            confidence=share,
            first=first.at,
            last=last.at,
            status="standing",
        )


def initials(name: str) -> str:
    """Two letters at most: of the first and the last word; of a Chinese name its last two characters."""
    words = name.split()
    if len(words) == 1 and len(name) > 1 and not name.isascii():
        return name[-2:]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


def _at(passage: Passage) -> datetime:
    return passage.at
