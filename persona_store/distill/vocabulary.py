"""What the Subject speaks of, and how much of it others do: counts of words by episode, within a bound."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from math import log

from msgspec import field

from persona_store.distill.things import NOUN, Seen, bare, names, no_noun, no_topics, nouns, spelt
from persona_store.model import Passage

MOST = 30_000
"""Words that are counted. Beyond it the rarest are forgotten: counts of what is said often stay right."""
READ = 4_000
"""Characters of a passage that are counted; the rest of a dump would count as one passage anyway."""

KNOWN = 3
"""Episodes in which the Subject spoke of something they know."""

_ACRONYM = re.compile(r"\b[A-Z][A-Z0-9]{1,6}\b")


class Word(Seen):
    """One term: in how many passages and episodes of the Subject."""

    episodes: int = 0
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
            text = bare(passage.text[:READ])
            if passage.by_subject:
                self.own += 1
                spoken |= self._own(passage, text)
            else:
                self.others += 1
                self._others.update(spelt(text).keys())
        for term in spoken:
            self.words[term].episodes += 1
        self.episodes += bool(spoken)
        self._bound()

    def _own(self, passage: Passage, text: str) -> set[str]:
        as_names = names(text) | {match.lower() for match in _ACRONYM.findall(text)}
        seen = spelt(text)
        as_nouns = nouns(text, seen)
        for term, written in seen.items():
            word = self.words.setdefault(term, Word())
            word.passages += 1
            word.named += term in as_names
            word.nouns += term in as_nouns
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

    def things(self, text: str) -> dict[str, str]:
        """What a text speaks of, in its order and as it writes it: names, and nouns here or in general."""
        read = bare(text)
        written = spelt(read)
        here = names(read) | nouns(read, written)
        return {
            term: word for term, word in written.items() if term in here or self._thing(term) and not no_noun(word)
        }

    def topic(self, text: str, most: int = 3, unless: Callable[[str], bool] = str.isspace) -> str:
        """The few things that tell best what a text is about, in its order; empty where it names none. What is
        spoken of everywhere tells least."""
        things = {term: word for term, word in self.things(text).items() if not unless(word)}
        rare = {term: self.weight(term) * self._rarity(term) + 0.1 for term in things}
        telling = [term for term in things if self.weight(term)] or list(things)
        best = nlargest(most, telling, key=lambda term: (rare[term], len(term), term))
        return " ".join(word for term, word in things.items() if term in best)

    def knows(self, term: str) -> bool:
        """Whether it is a thing of which the Subject spoke again and again."""
        if not self._thing(term):
            return False
        word = self.words[term]
        return word.episodes >= KNOWN and (word.is_name or word.nouns >= 2 * NOUN * word.passages)

    def _thing(self, term: str) -> bool:
        word = self.words.get(term)
        return word is not None and word.thing and term not in no_topics()

    def _rarity(self, term: str) -> float:
        word = self.words.get(term)
        return log(1 + self.episodes / word.episodes) if word is not None and word.episodes else 0.0
