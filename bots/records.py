"""What the bot remembers of conversations, sealed and for thirty days at most (rights.md L23, T42)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, field

from adapters.model import Person, Thread
from bots.model import Cited

KEPT = timedelta(days=30)
MAX_TURNS = 6
TURNS_WITHIN = timedelta(minutes=10)


class ThreadState(Struct, frozen=True):
    """A thread the bot is part of: with which persona, who asked, and their last questions (newest last)."""

    persona: str
    askers: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    outcome: str = ""
    turns: tuple[datetime, ...] = ()  # when the bot spoke here lately

    def then(self, persona: str, asker: str, question: str, outcome: str, at: datetime) -> ThreadState:
        """After one more question. Another persona begins without what was asked of the one before."""
        before = self.questions if persona == self.persona else ()
        askers = self.askers if asker in self.askers else (*self.askers, asker)
        return ThreadState(persona, askers, (*before, question)[-3:], outcome, (*self.turns, at)[-MAX_TURNS:])

    def said_enough(self, now: datetime) -> bool:
        """In so lively a thread the bot waits until it is called (rights.md T24)."""
        return len(self.turns) == MAX_TURNS and now - self.turns[0] < TURNS_WITHIN


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
    quotes: tuple[str, ...] = ()  # what was shown, or would have been, of each of them
    summary: tuple[Cited, ...] = ()  # a model's words that stood above them
    why: tuple[tuple[str, dict[str, str]], ...] = ()
    shipped: float = 0.0  # the confidence as the calibrator gave it
    taught: bool = False  # it quotes what an owner answered to this very question
    escalation: str = ""
    feedback: dict[str, str] = field(default_factory=dict)
    private: bool = False  # made for the asker's eyes alone, although the thread is a room's


class Pending(Struct, frozen=True):
    """Words kept until a person has said what they are for (which persona, which question)."""

    text: str
    author: Person
    thread: Thread
    lang: str
    at: datetime
    private: bool = False  # said by a native command: the reply is for the author's eyes alone

    @property
    def alone(self) -> Person | None:
        return self.author if self.private and not self.thread.direct else None
