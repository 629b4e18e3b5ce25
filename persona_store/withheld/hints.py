"""What is still known of what is kept back: a few topic terms of each sentence, as hashes under the persona's key.

That is enough to tell that a question asks for it, so that the answer is "kept back by its subject" and not silence
or filler; and too little to read. Whoever holds the persona's key can try words one by one; when it is shredded
nobody can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from persona_store.episodes import episode_of
from persona_store.model import Passage, Readers, may_read
from persona_store.tokens import named, terms
from persona_store.withheld.cutting import Held

OWN, AROUND = 10, 4
"""Terms of a sentence that are kept, and of what it stood below: its title, or the question it answered."""
SIZE = 8  # bytes of a hash

MANY = 1000
"""Hints with the same term, from which on it says little."""

COVERED = 0.5
"""The share of a question, by weight, from which on it asks for what is kept back."""

Mac = Callable[[bytes], bytes]


class Hint(Struct, frozen=True):
    """One sentence that is kept back. `kind` is its Category, or `item`; `episode` is a hash of where it stood."""

    kind: str
    terms: tuple[bytes, ...]
    around: tuple[bytes, ...]
    episode: bytes
    at: datetime
    readers: tuple[str, ...] | None = None


class Match(Struct, frozen=True):
    """How much of the question, by weight, is about something that is kept back; and of which kind."""

    covered: float
    kind: str
    episodes: frozenset[bytes]  # where what is kept back stood


def hint(passage: Passage, held: Held, before: Passage | None, mac: Mac) -> Hint | None:
    """None for words that name nothing. `before` is what somebody else had said right before."""
    own = _chosen(held.text, OWN)
    if not own:
        return None
    above = f"{passage.title}\n{passage.question}\n{before.text if before else ''}"
    around = [term for term in _chosen(above, AROUND + OWN) if term not in own][:AROUND]
    return Hint(
        kind=held.kind,
        terms=tuple(_hash(term, mac) for term in own),
        around=tuple(_hash(term, mac) for term in around),
        episode=episode_hash(passage, mac),
        at=passage.at,
        readers=passage.readers,
    )


def episode_hash(passage: Passage, mac: Mac) -> bytes:
    return mac("\0".join(("episode", *map(str, episode_of(passage)))).encode(errors="surrogatepass"))[:SIZE]


def _chosen(text: str, most: int) -> list[str]:
    """Names and identifiers first, with their parts, then the longer words: they are what somebody asks about."""
    found = dict.fromkeys(terms(text[:4000]))
    names = {part for name in named(text[:4000]) for part in (name, *terms(name))}
    worth = [term for term in found if len(term) > 1 or not term.isascii()]
    return sorted(worth, key=lambda term: (term not in names, -len(term), term))[:most]


def _hash(term: str, mac: Mac) -> bytes:
    return mac(b"topic\0" + term.encode(errors="surrogatepass"))[:SIZE]


class Hints:
    """All hints of a persona, by term."""

    def __init__(self, hints: Iterable[Hint], mac: Mac) -> None:
        self._mac = mac
        self.all = tuple(hints)
        self._by_term: defaultdict[bytes, list[int]] = defaultdict(list)
        for number, each in enumerate(self.all):
            for term in {*each.terms, *each.around}:
                self._by_term[term].append(number)

    def touched(self, asked: Iterable[str]) -> bool:
        """Whether any of these terms stands in a hint: if not, nothing that was kept back can be meant."""
        return any(_hash(term, self._mac) in self._by_term for term in asked)

    def __len__(self) -> int:
        return len(self.all)

    def best(self, weights: Mapping[str, float], readers: Readers, as_of: datetime | None = None) -> Match | None:
        """What these readers could have been told about a question, whose terms weigh so much; None if the question
        asks for nothing that is kept back."""
        mass = sum(weights.values())
        if not mass or not self.all:
            return None
        covered = self._covered({_hash(term, self._mac): weight / mass for term, weight in weights.items()})
        seen = {n: part for n, part in covered.items() if part >= COVERED and self._told(n, readers, as_of)}
        if not seen:
            return None
        number = max(seen, key=lambda each: (seen[each], -each))
        if not self._names(number, weights):
            return None
        near = frozenset(self.all[each].episode for each in seen)
        return Match(seen[number], self.all[number].kind, near)

    def _covered(self, shares: Mapping[bytes, float]) -> dict[int, float]:
        """Of the question, by hint. A term that stands in very many finds none by itself, unless none is rarer."""
        found: defaultdict[int, float] = defaultdict(float)
        for term in sorted(shares, key=lambda each: len(self._by_term.get(each, ()))):
            numbers = self._by_term.get(term, ())
            if len(numbers) > MANY and found:
                numbers = [n for n in found if term in self.all[n].terms or term in self.all[n].around]
            for number in numbers:
                found[number] += shares[term]
        return found

    def _names(self, number: int, weights: Mapping[str, float]) -> bool:
        """One term of the sentence itself at least: what it stood below alone is no sign of it."""
        own = self.all[number].terms
        return any(_hash(term, self._mac) in own for term in weights)

    def _told(self, number: int, readers: Readers, as_of: datetime | None) -> bool:
        """Nobody learns of what they could not have read (rights.md T06), nor of what was not said yet."""
        each = self.all[number]
        return may_read(each.readers, readers) and (as_of is None or each.at <= as_of)


def share(weights: Mapping[str, float], said: Collection[str]) -> float:
    """Of a question, by weight, what these terms cover."""
    return sum(weight for term, weight in weights.items() if term in said) / (sum(weights.values()) or 1.0)
