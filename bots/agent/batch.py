"""Many questions from a file, for evaluation by anyone; the format is that of `understudy ask --batch`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bots.agent.decision import decide
from bots.agent.language import language_of
from bots.model import Question
from bots.protocols import Answerer
from persona_store.model import Readers

_OUTCOMES = {"answer": "answered", "confirm": "escalated", "escalate": "escalated", "decline": "declined"}


async def ask_batch(
    answerer: Answerer,
    persona: str,
    lines: Iterable[Mapping[str, Any]],
    *,
    risk_budget: float,
    readers: Readers = None,
    as_of: datetime | None = None,
    owners: Callable[[str], Awaitable[Sequence[str]]] | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """One result a line, in order. Only `id` and `text` of a line are read: whatever else it says about the
    question (when it was asked, what the right answer is) must not help. `owners`: who may know, by name."""
    for line in lines:
        text = str(line["text"])
        question = Question(persona, text, language_of(text))
        draft = await answerer.answer(question, readers=readers, as_of=as_of)
        verdict = decide(question, draft, budget=risk_budget)
        yield {
            "id": line["id"],
            "answered": verdict.kind == "answer",
            "confidence": round(draft.confidence, 6),
            "evidence_ids": list(draft.ranked_ids),
            "text": "\n".join((*(each.text for each in draft.summary), *draft.quotes)),
            "outcome": _OUTCOMES[verdict.kind],
            **({"owner": list(await owners(text))} if owners else {}),
        }
