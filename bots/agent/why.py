"""Why an answer was trusted or doubted, in words: (wording key, parameters) for bots/wording.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bots.agent.decision import CONFLICT, FOREIGN
from bots.agent.describing import DESCRIBED
from bots.model import Question
from persona_store.model import Evidence, Findings
from persona_store.tokens import surfaces, terms

Reason = tuple[str, dict[str, str]]

_SHOWN = 6  # words of the question named in one sentence


def reasons(
    question: Question, found: Findings, quotes: Sequence[tuple[Evidence, str, float]], seen: Mapping[str, float]
) -> tuple[Reason, ...]:
    """What was found first, then what speaks against it, the most telling first."""
    if not quotes:
        missing = _written(question.text, [term for term, weight in found.weights.items() if not weight])
        return (("why.unseen", {"words": missing}),) if missing else ()
    best = quotes[0][0].passage
    if seen.get("taught", 0.0):
        return (("why.taught", {"name": best.author_name, "date": best.at.date().isoformat()}),)
    there = set(terms(best.text)) | set(terms(best.title))
    both = _written(question.text, [term for term in found.weights if term in there])
    percent = str(round(100 * seen.get("covered", 0.0)))
    where = {"percent": percent, "date": best.at.date().isoformat()}
    said: list[Reason] = (
        [("why.covered_described", where)]
        if best.described
        else [("why.covered", {**where, "name": best.author_name})]
    )
    if both:
        said.append(("why.words", {"words": both}))
    unseen = _written(question.text, [term for term, weight in found.weights.items() if not weight])
    if unseen:
        said.append(("why.unseen", {"words": unseen}))
    if best.reading:
        said.append(("why.read_by_machine", {"percent": str(best.reading.percent)}))
    if seen.get("gap_2", 0.0) > 0.3:
        said.append(("why.alone", {}))
    elif seen.get("rivals", 0.0) >= 0.2:
        said.append(("why.rivals", {"count": str(round(10 * seen["rivals"]))}))
    if seen.get(DESCRIBED, 0.0):
        said.append(("why.described", {}))
    if seen.get(FOREIGN, 0.0) > 0.5:
        said.append(("why.foreign", {}))
    if seen.get(CONFLICT, 0.0):
        said.append(("why.conflict", {}))
    return tuple(said)


def _written(text: str, wanted: Sequence[str]) -> str:
    """Those terms as the asker wrote them."""
    chosen = set(wanted)
    return (
        ", ".join(dict.fromkeys(written for term, written in surfaces(text) if term in chosen).keys())
        if chosen
        else ""
    )
