"""Finders of what one sentence says: responsibility, boundary, standard, decision, pitfall, whom to ask, priority,
push-back, condition, trade-off. Each aspect has a shape besides its cue; it keeps out what only sounds like it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from persona_store.distill.candidates import Best, Candidate, content, of_line, written_down
from persona_store.distill.cues import STRENGTHS
from persona_store.distill.model import Aspect
from persona_store.distill.scene import Line, Scene
from persona_store.tokens import named

FEWEST = 3
"""Content terms: a sentence of fewer says nothing without the talk around it."""

_STRONG, _PLAIN = STRENGTHS["strong"], STRENGTHS["plain"]
_EPISTEMIC = re.compile(
    r"(?:\b(?:it|this|that|there|they|he|she|i)|^\W*(?:so|\w+ing))\b.{0,25}\bmust\b(?! (?:never|not|always))"
    r"|\bmust (?:have|be (?:broken|wrong|due|because|related|something|an?|some|the))\b|\bsomething must\b"
    r"|\bshould never (?:have|be)\b|\bI (?:had|have) to\b",
    re.IGNORECASE,
)
_CODED = re.compile(
    r"`[^`\n]+`|https?://|[a-z]\w*[._:/-]\w|[A-Z]{2,}"
    r"|[\u3400-\u9fff][A-Za-z]{2,}|[A-Za-z]{3,}[\u3400-\u9fff]"
)
_CODE_NAME = re.compile(r"`[^`\n]+`|\b[a-z]\w*[._:/]\w|\b\w+_\w|\b[A-Z]+-\d")
_TOGETHER = re.compile(r"\b(?:we|our|us)\b|我们|咱们|团队|决定|结论", re.IGNORECASE)

Shape = Callable[[Line, Scene, float], float]
"""The cue's strength → what is left of it in this sentence; 0 takes it out."""


def _of_work(line: Line) -> bool:
    """A document may be about anything; of work is what it says of us, of what to do, or of a thing with a code."""
    return "directs" in line.shows or bool(_TOGETHER.search(line.text) or _CODE_NAME.search(line.text))


def _named_thing(line: Line, scene: Scene, cue: float) -> float:
    """Plain cues ("I wrote the …") need something that has a name."""
    return cue if cue >= _STRONG or named(line.text) or _CODED.search(line.text) else 0.0


def _rule(line: Line, scene: Scene, cue: float) -> float:
    """ "It must be a bug" is a guess; a plain "you should use" is a rule only of something that has a name."""
    if _EPISTEMIC.search(line.text):
        return 0.0
    return cue if cue >= _STRONG or _CODED.search(line.text) else 0.0


def _warning(line: Line, scene: Scene, cue: float) -> float:
    """A plain cue ("otherwise it will …") warns only where the sentence also says what to do."""
    return cue if cue >= _STRONG or "directs" in line.shows else 0.0


def _decided(line: Line, scene: Scene, cue: float) -> float:
    """A decision is worth keeping for its reason; without one it has to be the team's, of something with a name."""
    if "reason" in line.shows:
        return cue
    return cue if cue >= _STRONG and _CODED.search(line.text) and _TOGETHER.search(line.text) else 0.0


def _deciding(line: Line, scene: Scene, cue: float) -> float:
    """ "Unless" in a sentence about software says how software works; about what one does, how one decides."""
    return cue if "decides" in line.shows else 0.0


def _against(line: Line, scene: Scene, cue: float) -> float:
    """Against what somebody else said; without a reason it is an opinion."""
    if not scene.replies(line.place):
        return 0.0
    return cue if "reason" in line.shows else _PLAIN


def _any(line: Line, scene: Scene, cue: float) -> float:
    return cue


SHAPES: Mapping[Aspect, Shape] = {
    "responsibility": _named_thing,
    "boundary": _any,
    "standard": _rule,
    "decision": _decided,
    "pitfall": _warning,
    "whom_to_ask": _any,
    "priority": _deciding,
    "push_back": _against,
    "condition": _deciding,
    "trade_off": _deciding,
}
DECISION: tuple[Aspect, ...] = ("push_back", "condition", "trade_off", "priority")
WORK: tuple[Aspect, ...] = ("whom_to_ask", "boundary", "responsibility", "decision", "pitfall", "standard")
"""In this order: a sentence is one of each kind, the first that fits best."""


class Statements:
    def __init__(self, aspects: Iterable[Aspect]) -> None:
        wanted = frozenset(aspects)
        self._groups = [
            group for group in (tuple(a for a in each if a in wanted) for each in (WORK, DECISION)) if group
        ]

    def see(self, scene: Scene, best: Best) -> None:
        for line in scene.lines:
            if (
                not line.shows.keys() & SHAPES.keys()
                or not line.whole
                or line.dangling
                or len(content(line.quote)) < FEWEST
            ):
                continue
            if written_down(line.passage) and not _of_work(line):
                continue
            for group in self._groups:
                left = {
                    aspect: SHAPES[aspect](line, scene, line.shows[aspect])
                    for aspect in group
                    if aspect in line.shows and f"{aspect}_not" not in line.shows
                }
                if left and max(left.values()) > 0:
                    aspect = max(left, key=lambda each: left[each])
                    support = (
                        ("reason",) if "reason" in line.shows and aspect not in ("whom_to_ask", "boundary") else ()
                    )
                    best.put(of_line(aspect, line, left[aspect], *support))

    def ended(self, known: object) -> Iterable[Candidate]:
        return ()
