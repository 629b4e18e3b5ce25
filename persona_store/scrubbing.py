"""Redaction of a stream of Documents: each on its own, and secrets that somebody spread over several messages.

A key sent in two parts, "the password is" followed by the password, a private key pasted line by line: all of them
show only when the next messages of the same author are known, so the last few of each author are held back.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from persona_store import secret_rules
from persona_store.model import Document
from persona_store.redaction import placeholder, redact
from persona_store.secret_rules import Span

REACH = 3
"""How many messages of the same author may lie between the first part of a secret and the last."""

BATCH = 512

MOST_HELD = 4 * BATCH
"""Messages held back at most: on a list of thousands the oldest of them are let go without a second look."""


class Scrubber:
    """push() takes a Document and gives back those that are settled; flush() the rest. What one author said in one
    place keeps its order; others may overtake."""

    def __init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self._waiting: list[Document] = []
        self._new = 0  # how many of those at the end were never joined with what came before

    def push(self, document: Document) -> list[Document]:
        settled = []
        if self._waiting and self._waiting[-1].container != document.container:
            settled = self.flush()
        clean = redact(document.text)
        self.removed.update(clean.kinds)
        self._waiting.append(replace(document, text=clean.text) if clean.text != document.text else document)
        self._new += 1
        if self._new >= BATCH:
            settled += self._settle(keep=True)
        return settled

    def flush(self) -> list[Document]:
        return self._settle(keep=False)

    def _settle(self, *, keep: bool) -> list[Document]:
        by_author: dict[str, list[int]] = defaultdict(list)
        for place, document in enumerate(self._waiting):
            by_author[document.author].append(place)
        for author, places in by_author.items():
            if author:
                self._join(places)
        last = [place for places in by_author.values() for place in places[-REACH:]] if keep else []
        held = frozenset(sorted(last)[-MOST_HELD:])
        settled = [document for place, document in enumerate(self._waiting) if place not in held]
        self._waiting = [document for place, document in enumerate(self._waiting) if place in held]
        self._new = 0
        return settled

    def _join(self, places: Sequence[int]) -> None:
        texts = [self._waiting[place].text for place in places]
        self.removed.update(remove_spread(texts))
        for place, text in zip(places, texts, strict=True):
            if text != self._waiting[place].text:
                self._waiting[place] = replace(self._waiting[place], text=text)


def remove_spread(texts: list[str]) -> Iterator[str]:
    """Take out of one author's consecutive messages what is a secret only together; yields its kind, once each."""
    for first in range(len(texts) - 1):
        for look in (_token_in_parts, _announced, _key_by_line):
            kind = look(texts, first)
            if kind:
                yield kind


_UNLIKE_WORDS = re.compile(r"[0-9=]|[A-Z]{8}")
_HEAD = re.compile(r"\s*[A-Za-z0-9_\-./+=]{2,300}")


def _token_in_parts(texts: list[str], first: int) -> str:
    """`AKIA`, then `IOSFODNN7EXAMPLE`: the end of one message, whole messages between, the beginning of another."""
    tail = _HEAD.match(texts[first][:-302:-1])  # read backwards: searching forwards would try every start
    if not tail:
        return ""
    joined, parts = tail[0][::-1].strip(), [len(tail[0])]
    seam = len(joined)
    for last in range(first + 1, min(first + REACH, len(texts) - 1) + 1):
        head = _HEAD.match(texts[last])
        if not head:
            return ""
        joined += head[0].strip()
        parts.append(len(head[0]))
        found = _across(joined, seam)
        if found:
            cut = parts[0] if found.start < seam else 0  # `password=` itself may stay
            texts[first] = texts[first][: len(texts[first]) - cut] + (placeholder(found.kind) if cut else "")
            for place in range(first + 1, last + 1):
                texts[place] = placeholder(found.kind) + texts[place][parts[place - first] :]
            return found.kind
        if head.end() < len(texts[last].rstrip()):
            return ""  # it goes on after a blank, so nothing is joined across it
    return ""


def _across(joined: str, seam: int) -> Span | None:
    """A secret that begins before the seam, or right at it, and ends after."""
    if len(joined) < 12 or not _UNLIKE_WORDS.search(joined):
        return None
    return next((span for span in secret_rules.find(joined) if span.start <= seam < span.end), None)


_ANNOUNCES = re.compile(
    r"(?:(password|passwd|passcode|passphrase|pwd)|(密码|口令|密碼))['\"]?\s{0,3}(is|was|是|为|就是|[:：=])?\s{0,3}\Z",
    re.I,
)


def _announced(texts: list[str], first: int) -> str:
    """`the password is`, then `hunter2` as a message of its own."""
    match = _ANNOUNCES.search(texts[first][-40:])
    if not match:
        return ""
    key = "密码" if match[2] and match[3] else "password"
    for place in range(first + 1, min(first + REACH, len(texts) - 1) + 1):
        words = texts[place].split()
        if len(words) == 1 and any(secret_rules.find(f"{key}: {words[0]}")):
            texts[place] = placeholder("password")
            return "password"
    return ""


_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}|-----END [A-Z0-9 ]{0,40}-----")


def _key_by_line(texts: list[str], first: int) -> str:
    """A private key whose BEGIN line was taken out, and whose body follows in messages of its own."""
    gone, kind = placeholder("private key"), ""
    if not texts[first].endswith(gone):
        return ""
    for place in range(first + 1, min(first + REACH, len(texts) - 1) + 1):
        if not all(_KEY_LINE.fullmatch(line.strip()) for line in texts[place].split("\n") if line.strip()):
            break
        texts[place], kind = gone, "private key"
    return kind
