"""What a model is given for one answer: the question, and the passages that would be quoted anyway. Pure.

Only what everybody who reads the answer may read is among them, because it is the draft's own evidence. Words of
others go only to a model of one's own: they never agreed to more (rights.md L07, L15).
"""

from __future__ import annotations

from msgspec import Struct

from bots.agent.orders import to_machines
from bots.llm.prompts import words
from bots.model import Draft, Question
from persona_store.completion import Prompt
from persona_store.fencing import fence, unmarked
from persona_store.hidden_text import reveal
from persona_store.model import Passage

PASSAGE_CHARS = 4_000  # of one passage; of a longer one only what would be quoted
ASKED_CHARS = 2_000  # of a question, and of what was asked before it
ANSWER_TOKENS = 1_500  # a few sentences, and room for a model that thinks first
MATERIAL, BEFORE, QUESTION = "material", "before", "question"  # the marks, as prompts/answer.md calls them
LANGUAGES = {"en": "English", "zh-CN": "Simplified Chinese (简体中文)"}


class Given(Struct, frozen=True):
    """A passage as the model sees it; `place` is where it stands in the draft's evidence."""

    place: int
    text: str


class Briefing(Struct, frozen=True):
    """One prompt, and what its numbers stand for (number 1 first)."""

    prompt: Prompt
    given: tuple[Given, ...]


def briefing(question: Question, draft: Draft, *, private: bool) -> Briefing | None:
    """None where quotes alone are the better answer: an owner has answered this very question in their own words,
    or what led the search is nothing this model may be given. `private`: the model is our own."""
    if draft.features.get("taught", 0.0):
        return None
    given = tuple(
        Given(place, evidence.passage.text if len(evidence.passage.text) <= PASSAGE_CHARS else quoted)
        for place, (evidence, quoted) in enumerate(zip(draft.evidence, draft.quotes, strict=True))
        if _may_be_given(evidence.passage, private)
    )
    if not given or given[0].place != 0:
        return None
    lines = [_line(number, draft.evidence[each.place].passage, each.text) for number, each in enumerate(given, 1)]
    parts = [fence(MATERIAL, _data("\n".join(lines)))]
    if private and question.context:
        parts.append(fence(BEFORE, _data(question.context[-ASKED_CHARS:])))
    parts.append(fence(QUESTION, _data(question.text[:ASKED_CHARS])))
    parts.append(f"Language of the sentences: {LANGUAGES[question.lang]}")
    return Briefing(Prompt(words("answer"), "\n\n".join(parts), ANSWER_TOKENS), given)


def _may_be_given(passage: Passage, private: bool) -> bool:
    return passage.quotable and (private or passage.by_subject) and not to_machines(passage.text)


def _line(number: int, passage: Passage, text: str) -> str:
    title = f" {' '.join(passage.title.split())}:" if passage.title else ""
    return f"[{number}] {passage.at.date().isoformat()}{title} {text}"


def _data(text: str) -> str:
    """As people see it, for what they cannot see no model reads, either (rights.md T03); and without our marks."""
    text = reveal(text)[0]
    for mark in (MATERIAL, BEFORE, QUESTION):
        text = unmarked(mark, text)
    return text
