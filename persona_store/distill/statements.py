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

_DESCRIBES = re.compile(
    r"\b(?:I|we|they|people|folks|who|which|he|she|it)\b[^.;:!?]{0,100}"
    r"\b(?:and|or|but) (?:just )?(?:don't|do not|never|careful)\b",
    re.IGNORECASE,
)
"""What somebody does not do, after what they do: no warning, though it has the words of one."""
_EXPECTS = re.compile(
    r"\bshould (?:now |then |just |all |also |still )?(?:get|see|work|give|return|show|end up|look|find|know|exist"
    r"|be (?:able|good|fine|ok|okay|there|enough|possible|working)|do (?:it|the trick)|feel free|tell)\b"
    r"|\bshould have\b",
    re.IGNORECASE,
)
"""How things will turn out, which is no advice."""
_UNREAL = re.compile(
    r"\bwould\b[^.;]{0,80}\b(?:if|unless)\b[^.;]{0,60}\b(?:was|were|had|did)\b|\b(?:if|unless)\b[^.;]{0,60}\b(?:was"
    r"|were|had|did)\b[^.;]{0,60}\bwould\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:in|for) (?:this|that|your|my) (?:particular |specific )?(?:case|situation)\b|在这种情况", re.IGNORECASE
)
"""About the one case at hand."""
_OWN_WAY = re.compile(
    r"\bI (?:\w+ ){0,2}(?:ended up|switched|moved|changed|converted|picked|went with|dropped|replaced|removed)\b",
    re.IGNORECASE,
)
"""What somebody did on their own machine decides nothing for others."""
_OF_NOTHING = re.compile(r"\W*(?:(?:very |really )?bad|not an? (?:good|great)) (?:idea|approach)", re.IGNORECASE)
"""It does not say what is a bad idea."""
_ELSEWHERE = re.compile(
    r"\b(?:(?:mix|compar|us|add|tak|do|remov|chang|call|pass)(?:e|ing|es)? (?:them|those|these|that|this)"
    r"|(?:that|this) (?:approach|way)|prints? it)\b",
    re.IGNORECASE,
)
_HERE = re.compile(r"\b(?:this (?:reads|looks|works)|you are (?:here )?in)\b", re.IGNORECASE)
_ADVISES = re.compile(
    r"\b(?:you (?:should|must|need to|have to|can't|cannot)"
    r"|we (?:should|must|need to|only|never|always|don't|can|will|won't)"
    r"|I(?:'d| would) (?:\w+ ){0,2}(?:recommend|suggest|use|prefer|go|keep|avoid|just|say|look|not|rather|try|start"
    r"|only|do|add|wait)|let's|(?:don't|do not|never|please|avoid|always|better|best|recommend|advise|must)\b)"
    r"|[建提]议|应该|最好|不要|别|记得|否则我们|不然我们|我们不|只有.{1,40}才.{0,8}我",
    re.IGNORECASE,
)

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
    if _loose(line) or _EPISTEMIC.search(line.text) or _EXPECTS.search(line.text) or _ONCE.search(line.text):
        return 0.0
    return cue if cue >= _STRONG or _CODED.search(line.text) else 0.0


def _loose(line: Line) -> bool:
    """It speaks of "them" or "that approach", which stand in another message, or of the writer's own trouble."""
    return "own_trouble" in line.shows or line.quote == line.text and _ELSEWHERE.search(line.text) is not None


def _warning(line: Line, scene: Scene, cue: float) -> float:
    """A plain cue ("otherwise it will …") warns only where the sentence also says what to do."""
    if _loose(line) or _DESCRIBES.search(line.text) or _EXPECTS.search(line.text):
        return 0.0
    return cue if cue >= _STRONG or "directs" in line.shows else 0.0


def _decided(line: Line, scene: Scene, cue: float) -> float:
    """A decision is worth keeping for its reason; without one it has to be the team's, of something with a name."""
    if "own_trouble" in line.shows:
        return 0.0
    if _OWN_WAY.search(line.text) and not _TOGETHER.search(line.text):
        return 0.0
    if "reason" in line.shows:
        return cue
    return cue if cue >= _STRONG and _CODED.search(line.text) and _TOGETHER.search(line.text) else 0.0


def _deciding(line: Line, scene: Scene, cue: float) -> float:
    """ "Unless" in a sentence about software says how software works; about what one does, how one decides."""
    return cue if "decides" in line.shows else 0.0


def _if(line: Line, scene: Scene, cue: float) -> float:
    """A condition is one where it says what to do then; "unless they keep their promise" says what may happen."""
    if "own_trouble" in line.shows or any(
        each.search(" ".join(line.text.split())) for each in (_ONCE, _EXPECTS, _UNREAL)
    ):
        return 0.0
    return _deciding(line, scene, cue) if _ADVISES.search(line.text) else 0.0


def _against(line: Line, scene: Scene, cue: float) -> float:
    """Against what somebody else said; without a reason it is an opinion."""
    if not scene.replies(line.place) or _OF_NOTHING.match(line.text):
        return 0.0
    return cue if "reason" in line.shows else _PLAIN


def _any(line: Line, scene: Scene, cue: float) -> float:
    return cue


def _rather(line: Line, scene: Scene, cue: float) -> float:
    return 0.0 if "own_trouble" in line.shows or _HERE.search(line.text) else _deciding(line, scene, cue)


def _sure(line: Line, scene: Scene, cue: float) -> float:
    """ "Maybe ask X" is what somebody says who does not know whom to ask."""
    return 0.0 if line.hedged else cue


SHAPES: Mapping[Aspect, Shape] = {
    "responsibility": _named_thing,
    "boundary": _any,
    "standard": _rule,
    "decision": _decided,
    "pitfall": _warning,
    "whom_to_ask": _sure,
    "priority": _deciding,
    "push_back": _against,
    "condition": _if,
    "trade_off": _rather,
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
