"""What the bot remembers of conversations, sealed and for thirty days at most (rights.md L23, T42)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, field

from adapters.model import Person, Thread

KEPT = timedelta(days=30)


class ThreadState(Struct, frozen=True):
    """A thread the bot is part of: with which persona, who asked, and their last questions (newest last)."""

    persona: str
    askers: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    outcome: str = ""

    def then(self, asker: str, question: str, outcome: str) -> ThreadState:
        askers = self.askers if asker in self.askers else (*self.askers, asker)
        return ThreadState(self.persona, askers, (*self.questions, question)[-3:], outcome)


class Outcome(Struct, frozen=True):
    """What came of a question, kept for `why`, the buttons and the subject's own view."""

    id: str
    persona: str
    kind: str  # answered | escalated | declined
    question: str
    lang: str
    asker: Person
    thread: Thread
    at: datetime
    confidence: float = 0.0
    evidence_ids: tuple[str, ...] = ()
    draft: str = ""
    why: tuple[tuple[str, dict[str, str]], ...] = ()
    escalation: str = ""
    feedback: dict[str, str] = field(default_factory=dict)


class Pending(Struct, frozen=True):
    """Words kept until a person has said what they are for (which persona, which question)."""

    text: str
    author: Person
    thread: Thread
    lang: str
    at: datetime
