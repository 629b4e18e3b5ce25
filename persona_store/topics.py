"""What a persona can be asked about: the terms it speaks of in several places, each with its companions."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from math import log

from msgspec import Struct

from persona_store.episodes import Episode
from persona_store.index import Index
from persona_store.model import Passage, Readers
from persona_store.tokens import surfaces

_COMPANIONS = 2
_FEWEST = 2  # episodes: a word said once is no topic
_SHARE = 0.5  # of its episodes that another topic may have had already


class Topic(Struct, frozen=True):
    words: tuple[str, ...]  # the leading one and its companions, as they are written
    passages: int  # the persona's own, that speak of the leading one
    latest: datetime


def salient(index: Index, readers: Readers, limit: int) -> list[Topic]:
    """The best `limit` topics, told from the persona's own passages that these readers may read."""
    where: defaultdict[str, set[Episode]] = defaultdict(set)
    said: defaultdict[str, list[Passage]] = defaultdict(list)
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    episodes: defaultdict[Episode, set[str]] = defaultdict(set)
    for episode, passage in index.quotable(readers):
        for term, surface in surfaces(f"{passage.title}\n{passage.text}"):
            if _worth(term):
                if not said[term] or said[term][-1] is not passage:
                    said[term].append(passage)
                where[term].add(episode)
                written[term][surface] += 1
                episodes[episode].add(term)
    total = len(episodes)
    weight = {
        term: len(there) * log(1 + total / len(there)) * (1.5 if len(said[term]) > len(there) else 1)
        for term, there in where.items()
        if len(there) >= min(_FEWEST, total)
    }
    topics: list[Topic] = []
    told: set[Episode] = set()
    used: set[str] = set()
    for term in sorted(weight, key=lambda t: (-weight[t], t)):
        if len(topics) == limit:
            break
        if term in used or len(where[term] & told) > _SHARE * len(where[term]):
            continue
        together = Counter(other for episode in where[term] for other in episodes[episode] if other in weight)
        companions = [
            other
            for other, _ in sorted(together.items(), key=lambda pair: (-pair[1] * weight[pair[0]], pair[0]))
            if other != term and other not in used and together[other] >= _FEWEST
        ][:_COMPANIONS]
        used.update((term, *companions))
        told |= where[term]
        words = tuple(written[each].most_common(1)[0][0] for each in (term, *companions))
        topics.append(Topic(words, len(said[term]), max(passage.at for passage in said[term])))
    return topics


def _worth(term: str) -> bool:
    """Bare numbers and single characters name nothing."""
    return len(term) > 1 and not term.isdigit() and (not term.isascii() or len(term) > 2)
