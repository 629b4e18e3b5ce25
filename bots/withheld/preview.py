"""What the persona would say before and after, side by side, for the questions its own material suggests.

Both are answered by what answers in the chat, over an index of what stands now and one of what would be left: what
is shown is what would be said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from bots.agent.decision import Verdict, decide
from bots.agent.extractive import ExtractiveAnswerer
from bots.agent.language import language_of
from bots.model import Draft, Question
from bots.questions import looks_like_question
from bots.services import Services
from bots.withheld.answering import Known, held_back
from persona_store.consent.policy import Ask
from persona_store.consented import covered
from persona_store.index import Index
from persona_store.model import Findings, Passage, Persona, Readers
from persona_store.search import find
from persona_store.withheld.book import WithheldBook
from persona_store.withheld.hints import Hints
from persona_store.withheld.sweep import Change, Plan

TOUCHED, OTHERS = 8, 4
"""Questions about what would be kept back, and about what would stay."""
LONGEST = 300  # characters of a question that is shown
EXAMPLES = 12  # passages that are shown with what would go


class Side(Struct, frozen=True):
    """What would be said: the quotes of an answer, or why a human is asked."""

    kind: str  # Verdict.kind
    reason: str
    quotes: tuple[str, ...]


class Pair(Struct, frozen=True):
    question: str
    before: Side
    after: Side

    @property
    def same(self) -> bool:
        return self.before == self.after


class Preview(Struct, frozen=True):
    """`examples` are passages as they stand now, each with what would be left of it."""

    plan: Plan
    pairs: tuple[Pair, ...]
    examples: tuple[Change, ...]


async def preview(services: Services, persona: Persona, plan: Plan, questions: Sequence[str] = ()) -> Preview:
    """`questions`: those the subject wants to see; else the likely ones. What consent does not cover is on neither
    side."""
    file = await services.library.file(persona.name)
    consent = await services.consent(persona.name)
    ask = Ask("preview", services.clock.now(), role="subject")
    there = [passage async for _, passage in file.scan() if covered(consent, passage, ask)]
    left = {change.passage.id: change.cut.passage for change in plan.changes}
    after = [kept for each in there if (kept := left.get(each.id, each)) is not None]
    before_index, after_index = await asyncio.to_thread(_indexes, there, after)
    book = WithheldBook(file.sealed)
    hints = await book.hints()
    noted = [note.hint for note in plan.notes if note.hint is not None]
    now = Known(b"", await book.rule(), hints, file.sealed.mac)
    then = Known(b"", plan.rule, Hints([*hints.all, *noted], file.sealed.mac), file.sealed.mac)
    asked = list(questions) or _likely(plan, there)
    pairs = [
        Pair(
            text,
            await _side(persona, text, before_index, now),
            await _side(persona, text, after_index, then),
        )
        for text in asked
    ]
    return Preview(plan, tuple(pairs), tuple(_examples(plan)))


def _indexes(there: Iterable[Passage], after: Iterable[Passage]) -> tuple[Index, Index]:
    one, other = Index(), Index()
    one.add(there)
    other.add(after)
    return one, other


def _likely(plan: Plan, there: Iterable[Passage]) -> list[str]:
    """What somebody asked right before words that would go, or what those stood below; then what was asked of the
    rest. The same question once."""
    touched = dict.fromkeys(filter(None, (_asked(change) for change in _by_weight(plan))))
    changed = {change.passage.id for change in plan.changes}
    others: dict[str, None] = {}
    for passage in there:
        if len(others) == OTHERS:
            break
        if not passage.by_subject and passage.id not in changed and _asks(passage.text):
            others[_line(passage.text)] = None
    return list(dict.fromkeys([*list(touched)[:TOUCHED], *others]))


def _asked(change: Change) -> str:
    if change.passage.question:
        return _line(change.passage.question)
    if change.before is not None and _asks(change.before.text):
        return _line(change.before.text)
    return _line(change.passage.title.rpartition(" › ")[2])


def _asks(text: str) -> bool:
    return len(text) <= LONGEST and looks_like_question(text)


def _line(text: str) -> str:
    return " ".join(text.split())


def _by_weight(plan: Plan) -> list[Change]:
    """The subject's own first, and those of which most would go."""
    return sorted(
        plan.changes,
        key=lambda each: (not each.passage.by_subject, -sum(len(held.text) for held in each.cut.held)),
    )


def _examples(plan: Plan) -> Iterator[Change]:
    """Of each kind in turn, so that none is crowded out."""
    waiting: dict[str, list[Change]] = {}
    for change in _by_weight(plan):
        if change.cut.held and change.passage.quotable:
            waiting.setdefault(change.cut.held[0].kind, []).append(change)
    shown = 0
    while waiting and shown < EXAMPLES:
        for kind in list(waiting):
            yield waiting[kind].pop(0)
            shown += 1
            if not waiting[kind]:
                del waiting[kind]
            if shown == EXAMPLES:
                return


async def _side(persona: Persona, text: str, index: Index, known: Known) -> Side:
    over = _Over(index)
    question = Question(persona.name, text, language_of(text))
    draft = await ExtractiveAnswerer(over).answer(question, readers=None)
    found = await over.search(persona.name, text, readers=None)
    draft = held_back(draft, question, found, known, None, None)
    return _told(draft, decide(question, draft, budget=persona.rules.risk_budget))


def _told(draft: Draft, verdict: Verdict) -> Side:
    return Side(verdict.kind, verdict.reason, draft.quotes if verdict.kind == "answer" else ())


class _Over:
    """Implements persona_store.protocols.Retriever over one index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def search(
        self,
        persona: str,
        text: str,
        *,
        context: str = "",
        readers: Readers,
        as_of: datetime | None = None,
        limit: int = 20,
    ) -> Findings:
        return find(self._index, text, context=context, readers=readers, as_of=as_of, limit=limit)
