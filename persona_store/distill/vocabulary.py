"""What the Subject speaks of, and how much of it others do: counts of words by episode, within a bound."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest

from msgspec import Struct, field

from persona_store.model import Passage
from persona_store.tokens import named, surfaces

MOST = 30_000
"""Words that are counted. Beyond it the rarest are forgotten: counts of what is said often stay right."""
READ = 4_000
"""Characters of a passage that are counted; the rest of a dump would count as one passage anyway."""

_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{1,6}\b")
_CODE = re.compile(r"```.*?(?:```|\Z)|^(?: {4}|\t|>).*$", re.DOTALL | re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+|:[a-z0-9_+\-]{2,40}:|@[\w.\-]{1,40}")
"""What names nothing the Subject knows about: addresses, emoji, people."""


class Word(Struct):
    """One term: in how many passages and episodes of the Subject, in how many passages of others."""

    passages: int = 0
    episodes: int = 0
    named: int = 0  # of the passages: where it is written like a name
    others: int = 0
    first: datetime | None = None
    last: datetime | None = None
    written: Counter[str] = field(default_factory=Counter)


class Vocabulary:
    def __init__(self) -> None:
        self.words: dict[str, Word] = {}
        self.own = 0  # passages
        self.others = 0
        self.episodes = 0
        self._others: Counter[str] = Counter()

    def see(self, passages: Sequence[Passage]) -> None:
        spoken: set[str] = set()
        for passage in passages:
            text = _ADDRESS.sub(" ", _CODE.sub(" ", passage.text[:READ]))
            if passage.by_subject:
                self.own += 1
                spoken |= self._own(passage, text)
            else:
                self.others += 1
                self._others.update({term for term, _ in surfaces(text) if worth(term)})
        for term in spoken:
            self.words[term].episodes += 1
        self.episodes += bool(spoken)
        self._bound()

    def _own(self, passage: Passage, text: str) -> set[str]:
        as_names = named(text) | {match.lower() for match in _ACRONYM.findall(text)}
        seen: dict[str, str] = {}
        for term, written in surfaces(text):
            if worth(term):
                seen.setdefault(term, written)
        for term, written in seen.items():
            word = self.words.setdefault(term, Word())
            word.passages += 1
            word.named += term in as_names
            word.first = min(word.first or passage.at, passage.at)
            word.last = max(word.last or passage.at, passage.at)
            if len(word.written) < 4 or written in word.written:
                word.written[written] += 1
        return set(seen)

    def _bound(self) -> None:
        if len(self.words) > 2 * MOST:
            kept = nlargest(MOST, self.words, key=lambda term: (self.words[term].passages, term))
            self.words = {term: self.words[term] for term in kept}
        if len(self._others) > 4 * MOST:
            self._others = Counter(dict(self._others.most_common(2 * MOST)))

    def said_by_others(self, term: str) -> int:
        return self._others[term]

    def weight(self, term: str) -> float:
        """0 to 1: how much a word tells of this person's ground. Said in several episodes, not in all of them."""
        word = self.words.get(term)
        if word is None or word.episodes < 2:
            return 0.3 if word is not None and word.named else 0.0
        share = word.episodes / max(self.episodes, 1)
        return 0.0 if share > 0.5 and self.episodes > 10 else (1.0 if word.named * 2 >= word.passages else 0.6)

    def telling(self, terms: Iterable[str]) -> float:
        """0 to 1: how much a sentence of these words speaks of this person's ground."""
        return min(1.0, sum(map(self.weight, set(terms))) / 3)

    def topic(self, text: str, most: int = 3) -> str:
        """The few words that tell best what a text is about, in its order and as it writes them."""
        seen: dict[str, str] = {}
        bare = _ADDRESS.sub(" ", text)
        for term, written in surfaces(bare):
            if worth(term):
                seen.setdefault(term, written)
        as_names = named(bare)
        worths = {term: self.weight(term) + 0.5 * (term in as_names) for term in seen}
        told = [term for term in seen if worths[term]] or list(seen)
        best = nlargest(most, told, key=lambda term: (worths[term], len(term)))
        return " ".join(seen[term] for term in seen if term in best)


def worth(term: str) -> bool:
    """Bare numbers and single characters name nothing, and a long identifier is an address."""
    return 1 < len(term) <= 40 and not term[0].isdigit() and (not term.isascii() or len(term) > 2)
