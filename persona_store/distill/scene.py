"""An episode as the finders look at it: the Subject's sentences, what each shows, and who spoke around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from persona_store.distill.cues import cues
from persona_store.distill.sentences import Sentence, sentences
from persona_store.model import Passage

LONGEST = 420
"""Characters of a quote: what needs more is no statement."""
SHORTEST, SHORTEST_ZH = 18, 8

_QUESTION = re.compile(r"[?？]\s*[)\"'”’」）]*\s*$|[吗么嘛]\s*[。~～!！]*\s*$")
_LEANS = re.compile(
    r"(?:it|its|it's|this|that|that's|these|those|they|them|he|she|which|because|otherwise|then|so|and|but|or|also"
    r"|otherwise|else)\b|[这那它他她]|否则|不然|所以|因为|然后|但|也|而且|不过|因此",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\W{0,3}(?:(?:and|but|so|well|yes|yeah|no|right|ok|oh|note|most likely|probably|maybe|i think|i guess|also"
    r"|then)[,:]? )?"
    r"(?:it|its|it's|this|that|that's|these|those|they|he|she|which)\b|\W{0,3}[它他她]|\W{0,3}[这那](?!个|种|些|类|里|边|样)"
    r"|\W{0,3}[这那][个种些](?:在|是|有|可以|应该|会|不|我|已经|目前|现在|需要|就|问题|也|都|还|的|得|要|能|没|[，,])",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(
    r"(?:[:：,]|…|\.{3}|\b(?:on|at|of|the|an?|to|in|for|with|and|or|but|by|from|that|either|building|as|if|is|are|be"
    r"|like|see|via|can use))\s*$",
    re.IGNORECASE,
)
"""What the sentence was to end with stands on another line, or nowhere."""
_TAIL = 40  # characters at the end of a sentence that tell whether it asks
_CHINESE = re.compile("[\u3400-\u9fff]")
_JOKE = re.compile(
    r":(?:joy|stuck_out|wink|troll|smile|laugh)|[😂🤣😜😉😆]|[;:]-?[)PpD](?:\s|$)|/s\s*$", re.IGNORECASE
)


class Line:
    """One sentence of one passage, and what it shows; worked out when it is first asked for."""

    def __init__(self, passage: Passage, place: int, sentence: Sentence, before: Sentence | None) -> None:
        self.passage = passage
        self.place = place  # of the passage in the scene
        self.sentence = sentence
        self.text = passage.text[sentence.start : sentence.end]
        self._before = before if before is not None and before.block == sentence.block else None

    @cached_property
    def shows(self) -> dict[str, float]:
        return cues().of(self.text[:LONGEST])

    @cached_property
    def question(self) -> bool:
        return _QUESTION.search(self.text[-_TAIL:]) is not None or "question" in self.shows

    @cached_property
    def earnest(self) -> bool:
        """Said and meant: no question, supposition or joke, nobody else's words, and long enough to say much."""
        short = SHORTEST_ZH if _CHINESE.search(self.text) else SHORTEST
        return (
            short <= len(self.text) <= LONGEST
            and not self.question
            and _JOKE.search(self.text) is None
            and not self.shows.keys() & {"supposed", "joking", "reported", "unsure", "personal"}
        )

    @property
    def whole(self) -> bool:
        """In earnest, and no announcement of something else: "you should write something like:"."""
        return self.earnest and not self.cut_off

    @property
    def cut_off(self) -> bool:
        """It goes on elsewhere: it ends with a word that wants another, or inside a bracket."""
        return _CUT_OFF.search(self.text[-_TAIL:]) is not None or self.text.count("(") > self.text.count(")")

    @property
    def leans(self) -> bool:
        """It needs the sentence before it to be understood."""
        return _LEANS.match(self.text) is not None

    @property
    def dangling(self) -> bool:
        """It speaks of something that was said by somebody else, or is not there: "it's a known bug"."""
        return self._before is None and _POINTS.match(self.text) is not None

    @property
    def alone(self) -> bool:
        """It leans on something that does not stand in the passage."""
        return self.leans and self._before is None

    @cached_property
    def quote(self) -> str:
        """Verbatim; with the sentence before it, where it leans on that."""
        if self.leans and self._before is not None and self.sentence.end - self._before.start <= LONGEST:
            return self.passage.text[self._before.start : self.sentence.end]
        return self.text

    def follows(self, other: Line) -> bool:
        """Right after the other one, with nothing between them: no code, and nobody else's words."""
        if self.passage is not other.passage or self.sentence.start < other.sentence.end:
            return False
        return not self.passage.text[other.sentence.end : self.sentence.start].strip()

    @property
    def hedged(self) -> bool:
        return "hedged" in self.shows


class Scene:
    """Passages of one episode in order of time. Only the Subject's are cut to lines, and what describes them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages

    @cached_property
    def lines(self) -> list[Line]:
        return [
            line
            for place, passage in enumerate(self.passages)
            if passage.by_subject
            for line in _lines(passage, place)
        ]

    @cached_property
    def described(self) -> list[Line]:
        """What others say about the Subject: cited as theirs, and never above what the Subject says."""
        return [line for place, each in enumerate(self.passages) if each.described for line in _lines(each, place)]

    def replies(self, place: int) -> bool:
        """Whether somebody else spoke before, in the same episode."""
        return any(not each.by_subject for each in self.passages[max(0, place - 12) : place])


def _lines(passage: Passage, place: int) -> Iterator[Line]:
    before: Sentence | None = None
    for sentence in sentences(passage.text):
        yield Line(passage, place, sentence, before)
        before = sentence
