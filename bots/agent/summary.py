"""What a model answered → a Draft with a summary, or the Draft as it was with what its answer tells. Pure.

The calibrated confidence of the quotes is where it starts from, and a model only ever lowers it: it was not asked
how sure it is, because models that are asked say "very" (answers.md, 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct, structs

from bots.agent.briefing import PASSAGE_CHARS, Briefing, Given
from bots.agent.decision import UNSAID
from bots.agent.grounding import grounded
from bots.agent.holding import FORM, UNSUPPORTED, fault
from bots.agent.language import language_of
from bots.agent.sentences import LONGEST, Sentence, carrying, excerpt, split
from bots.agent.tidying import tidied
from bots.model import Cited, Draft, Question
from persona_store.tokens import content_tokens

MOST = 4  # sentences that are shown
FAR_TOO_LONG = 2 * LONGEST  # characters of a sentence that is not even read
CARRIERS = 3  # sentences of one passage that may carry one of the model's

LEFT_UNSAID = 0.5
"""What is left of the confidence when the model finds no answer in the evidence. A human is asked in any case; the
number is what the draft is worth to them."""
STRAYED = 0.5
"""How much of it goes with the sentences that the evidence did not carry: all of them would halve it. A model that
strayed once is trusted less with the rest."""
NOT_FIRST = 0.9
"""What is left when the summary does not rest on the best passage: the number was worked out for that one."""


class SaidSentence(Struct, frozen=True):
    text: Annotated[str, Meta(max_length=2000)]
    cites: Annotated[list[int], Meta(max_length=20)]


class Said(Struct, frozen=True):
    """What the model returns."""

    answerable: bool
    sentences: Annotated[list[SaidSentence], Meta(max_length=40)]


class Judged(Struct, frozen=True):
    """`result`: written | partly (sentences were left out) | unsaid | unusable."""

    draft: Draft
    result: str


class _Held(Struct, frozen=True):
    """A sentence that holds, and by which sentences of which passage (its place in the evidence)."""

    text: str
    carriers: dict[int, tuple[Sentence, ...]]


def judged(question: Question, draft: Draft, brief: Briefing, said: Said, model: str) -> Judged:
    """Sentences that the evidence does not carry are left out. If none is left the evidence does not say it; if
    they only were not put as they should be, the quotes alone are the answer."""
    if not said.answerable or not said.sentences:
        return Judged(_unsaid(draft), "unsaid")
    held: list[_Held] = []
    strayed = 0
    for sentence in said.sentences[:MOST]:
        found = _held(sentence, question, draft, brief.given)
        if isinstance(found, _Held):
            held.append(found)
        else:
            strayed += found == UNSUPPORTED
    if not held and strayed:
        return Judged(_unsaid(draft), "unsaid")
    if not held or language_of(" ".join(each.text for each in held)) != question.lang:
        return Judged(structs.replace(draft, forsaken=True), "unusable")
    share = strayed / (strayed + len(held))
    return Judged(_written(draft, held, share, model), "partly" if strayed else "written")


def _held(said: SaidSentence, question: Question, draft: Draft, given: Sequence[Given]) -> _Held | str:
    """Or the fault."""
    if not said.cites or any(not 1 <= number <= len(given) for number in said.cites):
        return UNSUPPORTED
    if len(said.text) > FAR_TOO_LONG:
        return FORM
    text, carriers = tidied(said.text), dict[int, tuple[Sentence, ...]]()
    words, headings = content_tokens(text), list[str]()
    for each in (given[number - 1] for number in dict.fromkeys(said.cites)):
        if found := carrying(split(each.text), words, CARRIERS):
            passage = draft.evidence[each.place].passage
            carriers[each.place] = tuple(found)
            headings.append(f"{passage.at.date().isoformat()} {passage.title}")
    nearest = sorted(
        (sentence.text for found in carriers.values() for sentence in found),
        key=lambda carrier: -len(words & content_tokens(carrier)),
    )
    return fault(text, nearest, "\n".join(headings), question.text) or _Held(text, carriers)


def _written(draft: Draft, held: Sequence[_Held], strayed: float, model: str) -> Draft:
    """The passages that carry the summary, and of each the sentences that do."""
    places = sorted({place for each in held for place in each.carriers})
    confidence = draft.confidence * (1 - STRAYED * strayed)
    if places[0] != 0:
        confidence *= NOT_FIRST
    why = [*draft.why, ("why.model", dict[str, str]())]
    if strayed:
        why.append(("why.model_strayed", {}))
    return structs.replace(
        draft,
        evidence=tuple(draft.evidence[place] for place in places),
        quotes=tuple(_quote(draft, place, held) for place in places),
        confidence=confidence,
        summary=tuple(
            Cited(each.text, tuple(places.index(place) + 1 for place in sorted(each.carriers))) for each in held
        ),
        why=tuple(why),
        model=model,
    )


def _quote(draft: Draft, place: int, held: Sequence[_Held]) -> str:
    passage = draft.evidence[place].passage
    if len(passage.text) > PASSAGE_CHARS:
        return draft.quotes[place]  # it is what the model was given of it
    shown = excerpt(passage.text, [carrier for each in held for carrier in each.carriers.get(place, ())])
    return shown if grounded(shown, passage) else draft.quotes[place]


def _unsaid(draft: Draft) -> Draft:
    return structs.replace(
        draft,
        confidence=draft.confidence * LEFT_UNSAID,
        features={**draft.features, UNSAID: 1.0},
        why=(*draft.why, ("why.model_unsaid", {})),
    )
