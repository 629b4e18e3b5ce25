"""Other people under a name of their own: stable, and telling nobody who it is who does not know the key.

A quote keeps what the passage says: a Citation is verbatim, and shown to those who may read the passage anyway.
`text` and `topic` of a facet, which leave the house with an export, have pseudonyms (PIPL 17, GDPR 14; rights.md
L07). The Subject's own name stays.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from persona_store.model import Passage
from persona_store.tokens import fold

MOST = 20_000
"""Names that are remembered; who comes later is found only where they are mentioned with an @."""

MENTION = re.compile(
    r"@(?:\*\*)?([\w.\-]{1,40}(?: (?!(?:You|I|The|It|This|That|What|How|If|Yes|No|Just|Do|Don|We|A|In|On|For|And"
    r"|But|So|There|Is|Are|Can|Have|Not)\b)[A-Z][\w\-]{1,30})?)(?:\*\*)?"
)
"""Somebody who is called: one word, or two if the second is written like a name."""
PSEUDONYM = re.compile(r"(?:colleague|同事)-[0-9a-f]{4}")
_WORD = re.compile(r"[^\W_]+(?:[.\-'][^\W_]+)*")
_CHINESE = re.compile("[\u3400-\u9fff]")
_EVERYBODY = frozenset({"all", "here", "channel", "everyone", "所有人", "team", "stream", "topic"})
_LONGEST = 4  # words of a name
_SHORTEST_ZH, _LONGEST_ZH = 2, 4
_DIGITS = 4


class Colleagues:
    """Learns the names of those who speak, and takes them out of a text. `key` is the persona's: in another one the
    same person has another pseudonym."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key or b"understudy"
        self._names: set[str] = set()  # folded
        self._whole: dict[str, str] = {}  # first word → the name, or the word itself where two are called so
        self._parts: set[str] = set()
        self._own: set[str] = set()

    def see(self, passages: Iterable[Passage]) -> None:
        for passage in passages:
            name = _folded(passage.author_name)
            if not 1 < len(name) <= 60:
                continue
            if passage.by_subject:
                self._own.update((name, *name.split()))
            elif name not in self._names and len(self._names) < MOST:
                self._names.add(name)
                first, *_ = parts = name.split()
                self._parts.update(parts)
                self._whole[first] = first if first in self._whole else name

    def known(self, name: str) -> bool:
        """Whether somebody who spoke is called so, by their whole name or the first word of it."""
        return _folded(name) in self._names or _folded(name) in self._whole

    def is_name(self, word: str) -> bool:
        """Whether a word is part of somebody's name, the Subject's included."""
        return _folded(word) in self._parts or _folded(word) in self._own

    def is_own(self, word: str) -> bool:
        """Whether it is what the Subject is called, whole or in part."""
        return _folded(word) in self._own

    def pseudonym(self, name: str, *, chinese: bool = False) -> str:
        """`colleague-4f1c`, or 同事-4f1c: one person has the same digits everywhere. Becki is Becki Lane where only
        one Becki speaks."""
        folded = _folded(name)
        folded = folded if folded in self._names else self._whole.get(folded, folded)
        digest = hmac.digest(self._key, folded.encode(errors="surrogatepass"), hashlib.sha256).hex()
        return f"{'同事' if chinese else 'colleague'}-{digest[:_DIGITS]}"

    def hidden(self, text: str, also: Iterable[str] = ()) -> str:
        """The text with pseudonyms for all who are mentioned or known, and for `also`."""
        chinese = _CHINESE.search(text) is not None
        text = MENTION.sub(lambda match: self._mention(match, chinese), text)
        for name in also:
            text = text.replace(name, self.pseudonym(name, chinese=chinese))
        return self._without_latin(self._without_chinese(text) if chinese else text, chinese)

    def _mention(self, match: re.Match[str], chinese: bool) -> str:
        """The second word may begin the sentence: it is part of the name if somebody is called so."""
        name, first = match[1], match[1].split(" ")[0]
        if _folded(name) in self._own or _folded(first) in self._own or first.lower() in _EVERYBODY:
            return match[0]
        called = name if _folded(name) in self._names or _folded(first) not in self._whole else first
        return f"@{self.pseudonym(called, chinese=chinese)}{name[len(called) :]}"

    def _without_latin(self, text: str, chinese: bool) -> str:
        """Whole names of several words, wherever they stand; one word alone may be anything, and stays."""
        words = list(_WORD.finditer(text))
        made, done = "", 0
        for place, word in enumerate(words):
            if word.start() < done or _folded(word[0]) not in self._whole:
                continue
            for last in range(min(place + _LONGEST, len(words)) - 1, place, -1):
                name = text[word.start() : words[last].end()]
                if _folded(name) in self._names:
                    made += text[done : word.start()] + self.pseudonym(name, chinese=chinese)
                    done = words[last].end()
                    break
        return made + text[done:]

    def _without_chinese(self, text: str) -> str:
        made, place = [], 0
        while place < len(text):
            size = next(
                (size for size in range(_LONGEST_ZH, _SHORTEST_ZH - 1, -1) if self._name_at(text, place, size)), 0
            )
            made.append(self.pseudonym(text[place : place + size], chinese=True) if size else text[place])
            place += size or 1
        return "".join(made)

    def _name_at(self, text: str, place: int, size: int) -> bool:
        name = text[place : place + size]
        return len(name) == size and _CHINESE.match(name) is not None and _folded(name) in self._names


def _folded(name: str) -> str:
    return " ".join(fold(name).casefold().split())
