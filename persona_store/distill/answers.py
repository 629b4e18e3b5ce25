"""Finder of what the Subject answered: a question of somebody else, and right below it the Subject's words.

The question itself is another's and is kept nowhere; what it was about is told by the words it shares with the
answer. Whether it helped is told by what the asker said next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import structs

from persona_store.distill.candidates import ADDRESS, Best, Candidate, cited, content, of_quote
from persona_store.distill.cues import cues
from persona_store.distill.model import Citation
from persona_store.distill.scene import LONGEST, Line, Scene
from persona_store.distill.things import no_topics
from persona_store.model import Passage
from persona_store.tokens import surfaces, terms

REACH = 8
"""Messages after a question in which the answer to it begins."""
TURNS = 3
"""Messages of the Subject in a row that are one answer, if they follow each other closely."""
PAUSE = timedelta(minutes=5)
AFTER = 6
"""Messages after the answer in which the asker may say that it helped."""
FEWEST = 5
"""Content terms of an answer: "yes, exactly" answers only who asked."""
ANSWERED = 0.35
"""How often a reply of this shape is an answer, as labelled by hand (see cues.STRENGTHS)."""
SHARED = 0.55  # where it takes up words of the question

_ASKS = re.compile(
    r"[?？]\s*(?:$|\s)|[吗呢]\s*[。~]*\s*$|怎么|如何|请问|为什么|求助|哪里|什么|能不能|有没有|报错", re.MULTILINE
)
_ASKS_EN = re.compile(
    r"\b(?:how (?:do|can|would|to)|is there (?:a|any)|anyone|any (?:idea|way)|what(?:'s| is| are)|why)\b", re.I
)
_BACK = re.compile(
    r"^\s*(?:yes|yeah|yep|no|nope|ok|okay|sure|right|exactly|indeed|thanks|sorry|haha|lol|是的|对|嗯|好的|不是)\b[\s,.!，。]*$",
    re.I,
)
_SELF = re.compile(
    r"\W*(?:(?:ok|okay|well|oh|yes|no|basically|yeah)\W+)?(?:the gist of it is )?"
    r"I(?:['’]m| am| was| did| had| saw| know| agree| wish| hope| guess| learned| meant| tried| thought)\b",
    re.IGNORECASE,
)
"""It tells of whoever says it, and of nothing that was asked about."""
_READ = 2_000  # characters of a question


class Answers:
    def see(self, scene: Scene, best: Best) -> None:
        by_place: dict[int, list[Line]] = {}
        for line in scene.lines:
            by_place.setdefault(line.place, []).append(line)
        passages, done = scene.passages, -1
        for place, passage in enumerate(passages):
            if passage.question and passage.quotable:
                best.put(_settled(passage))
            elif passage.by_subject and place > done and place in by_place:
                asked = _question(passages, place)
                if asked is not None:
                    turns = _turns(passages, place)
                    done = turns[-1]
                    found = _answer(
                        passages, asked, [line for turn in turns for line in by_place.get(turn, ())], turns
                    )
                    if found:
                        best.put(found)

    def ended(self, known: object) -> Iterable[Candidate]:
        return ()


def _settled(passage: Passage) -> Candidate:
    """An Owner's correction or an interview: asked and answered as such."""
    quote = passage.text[:LONGEST].strip()
    found = of_quote("answer", passage, quote, 0.9)
    return structs.replace(found, asked=_shared(passage.question, passage.text))


def _question(passages: Sequence[Passage], place: int) -> int | None:
    """The place of the last question of somebody else right before, unless that one was answered by a third."""
    for back in range(place - 1, max(-1, place - 1 - REACH), -1):
        other = passages[back]
        if other.by_subject:
            return None
        if asks(other.text):
            between = {each.author for each in passages[back + 1 : place]} - {other.author}
            return back if len(between) <= 1 else None
    return None


def asks(text: str) -> bool:
    return _ASKS.search(text[:_READ]) is not None or _ASKS_EN.search(text[:_READ]) is not None


def _turns(passages: Sequence[Passage], place: int) -> list[int]:
    """The Subject's messages in a row, from this one on."""
    last = place
    while last + 1 < min(len(passages), place + TURNS) and _goes_on(passages[last], passages[last + 1]):
        last += 1
    return list(range(place, last + 1))


def _goes_on(one: Passage, other: Passage) -> bool:
    return other.by_subject and other.at - one.at <= PAUSE and not other.text.startswith("@")


def _answer(passages: Sequence[Passage], asked: int, lines: list[Line], turns: list[int]) -> Candidate | None:
    question = passages[asked]
    wanted = frozenset(terms(question.text[:_READ])) - no_topics()
    told = [line for line in lines if _tells(line)]
    if (
        not told
        or told[0].dangling
        or any(line.question for line in lines[:1])
        or sum(line.question for line in lines) > len(told)
    ):
        return None
    shown = _shown(told, wanted)
    about = frozenset(term for _, quote in shown for term in content(quote))
    if len(about) < FEWEST:
        return None
    asker = question.author
    helped, failed = _aftermath(passages, asker, turns[-1])
    if failed and not helped:
        return None
    support = [
        name
        for name, holds in (
            ("confirmed", helped),
            ("addressed", _addressed(question, lines)),
            ("adjacent", asked == turns[0] - 1),
        )
        if holds
    ]
    first, quote = shown[0]
    told_of = _shared(question.text[:_READ], "\n".join(quote for _, quote in shown))
    weaker = int(sum(line.hedged for line in told) * 2 > len(told))
    cue = SHARED if about & wanted else ANSWERED
    found = of_quote("answer", first, quote, cue, *support, weaker=weaker)
    return structs.replace(
        found,
        text="\n".join(quote for _, quote in shown),
        citations=tuple(_unique(cited(passage, quote) for passage, quote in shown)),
        about=about,
        asked=told_of,
    )


def _tells(line: Line) -> bool:
    return (
        not line.question
        and not line.cut_off
        and line.text.count(")") <= line.text.count("(") + line.text.count(":)")
        and _SELF.match(line.text) is None
        and not line.shows.keys() & {"joking", "unsure", "supposed", "reported", "personal", "own_trouble"}
        and _BACK.match(line.text) is None
        and len(line.text) <= LONGEST
        and len(content(line.text)) >= 2
    )


def _shown(told: list[Line], wanted: frozenset[str]) -> list[tuple[Passage, str]]:
    """The first sentences that fit, and of each passage one stretch; what stands between them stands in it too."""
    shown: list[tuple[Passage, str]] = []
    room = LONGEST
    place = min(range(len(told)), key=lambda n: (not wanted & set(terms(told[n].text)), n))
    place = place if place <= 2 else 0
    before: Line | None = None
    for line in told[place : place + 4]:
        passage = line.passage
        if before is not None and passage is before.passage:
            if not line.follows(before):
                continue  # what stands between may be somebody else's
            stretch = passage.text[passage.text.index(shown[-1][1]) : line.sentence.end]
            more = len(stretch) - len(shown[-1][1])
            if more <= room:
                room, shown[-1], before = room - more, (passage, stretch), line
        elif len(line.quote) <= room:
            before = line
            room -= len(line.quote)
            shown.append((passage, line.quote))
    return shown


def _aftermath(passages: Sequence[Passage], asker: str, last: int) -> tuple[bool, bool]:
    """(the asker said that it helped, the asker said that it did not)."""
    helped = failed = False
    for passage in passages[last + 1 : last + 1 + AFTER]:
        if asker and passage.author == asker and not passage.by_subject:
            shows = cues().of(passage.text[:300])
            failed |= "setback" in shows and not helped
            helped |= "thanks" in shows and "setback" not in shows
    return helped, failed


def _addressed(question: Passage, lines: list[Line]) -> bool:
    name = question.author_name
    return bool(name) and any(f"@{name}" in line.text or f"@{name.split()[0]}" in line.text for line in lines[:1])


def _shared(question: str, answer: str, most: int = 4) -> str:
    """The telling words of the answer that the question has too, as the answer writes them."""
    asked = frozenset(terms(question))
    bare = ADDRESS.sub(" ", answer)
    words = {term: written for term, written in surfaces(bare) if term in asked and len(term) > 1}
    return " ".join(list(words.values())[:most])


def _unique(citations: Iterable[Citation]) -> list[Citation]:
    return list({(each.passage, each.quote): each for each in citations}.values())
