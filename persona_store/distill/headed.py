"""Finder of what stands in documents below a heading that says what it is: "Pitfalls", 注意事项, "FAQ"."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import get_args

from msgspec import structs

from persona_store.distill.answers import asks
from persona_store.distill.candidates import Best, Candidate, content, of_quote
from persona_store.distill.cues import STRENGTHS, cues
from persona_store.distill.model import Aspect, DecisionAspect, WorkAspect
from persona_store.distill.scene import LONGEST, Line, Scene
from persona_store.distill.workflows import steps
from persona_store.splitting import is_split

FEWEST = 3  # content terms
ANSWER = 400
"""Characters of an answer under a heading that asks."""
TITLE = 400  # characters of a title with the headings above
_PLAIN = STRENGTHS["plain"]
_HEADING = "heading."
_ASPECTS = frozenset((*get_args(WorkAspect), *get_args(DecisionAspect)))


class Headed:
    def see(self, scene: Scene, best: Best) -> None:
        written = (*scene.lines, *scene.described)
        documents = (line for line in written if is_split(line.passage) and line.passage.title)
        for _, group in groupby(documents, key=lambda line: line.place):
            lines = list(group)
            *above, heading = lines[0].passage.title[:TITLE].split(" › ")
            if asks(heading) or (_shown(above) & {"faq"} and heading):
                found = _answer(lines, heading)
                if found:
                    best.put(found)
                continue
            for aspect in _aspects(heading):
                for candidate in _below(aspect, lines, heading):
                    best.put(candidate)

    def ended(self, known: object) -> Iterable[Candidate]:
        return ()


def _shown(headings: Iterable[str]) -> set[str]:
    return {
        section.removeprefix(_HEADING) for each in headings for section in cues().of(each) if _HEADING in section
    }


def _aspects(heading: str) -> list[Aspect]:
    return [aspect for aspect in sorted(_ASPECTS & _shown([heading]))][:1]


def _answer(lines: list[Line], heading: str) -> Candidate | None:
    """The first sentences below the question, as far as they stand together."""
    text, start, end = lines[0].passage.text, lines[0].sentence.start, lines[0].sentence.end
    for before, line in zip(lines, lines[1:], strict=False):
        if line.sentence.end - start > ANSWER or not line.follows(before):
            break
        end = line.sentence.end
    quote = text[start:end]
    if len(quote) > LONGEST or len(content(quote)) < FEWEST:
        return None
    found = of_quote("answer", lines[0].passage, quote, _PLAIN, "headed", subject=heading.strip())
    return structs.replace(found, about=content(f"{heading}\n{quote}"))


def _below(aspect: Aspect, lines: list[Line], heading: str) -> Iterable[Candidate]:
    if aspect == "workflow":
        found = steps(lines)
        return [found] if found else []
    return [
        of_quote(aspect, line.passage, line.quote, _PLAIN, "headed", weaker=line.hedged)
        for line in lines
        if line.earnest and len(content(line.quote)) >= FEWEST
    ]
