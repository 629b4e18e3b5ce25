"""An interview that is going on: the open question, and those that follow. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct, structs

from bots.interview.plan import Question

OPEN_FOR = timedelta(days=7)
"""So long the next plain words of the Subject are taken for the answer."""


class Sitting(Struct, frozen=True):
    """`questions` begins with the open one. `before` is what was answered last, should a second message belong to
    it; sealed, and gone with the sitting."""

    id: str
    persona: str
    chat: str  # chat key: only there words are answers
    lang: str
    questions: tuple[Question, ...]
    of: int
    asked_at: datetime
    number: int = 1
    kept: int = 0
    before: Question | None = None
    before_text: str = ""

    @property
    def open(self) -> Question:
        return self.questions[0]

    @property
    def turn(self) -> str:
        """Names the open question on buttons."""
        return f"{self.persona}/{self.id}/{self.number}"

    @property
    def until(self) -> datetime:
        return self.asked_at + OPEN_FOR

    def went_on(self, said_at: datetime) -> bool:
        """Written before the open question was asked: it still belongs to the one before."""
        return self.before is not None and said_at < self.asked_at


def begin(id: str, persona: str, chat: str, lang: str, questions: tuple[Question, ...], now: datetime) -> Sitting:
    return Sitting(id, persona, chat, lang, questions, of=len(questions), asked_at=now)


def answered(sitting: Sitting, text: str, now: datetime) -> Sitting | None:
    """The next question's turn; None after the last."""
    return _next(sitting, now, kept=sitting.kept + 1, before=sitting.open, before_text=text)


def skipped(sitting: Sitting, now: datetime) -> Sitting | None:
    return _next(sitting, now, kept=sitting.kept, before=None, before_text="")


def _next(
    sitting: Sitting, now: datetime, *, kept: int, before: Question | None, before_text: str
) -> Sitting | None:
    if len(sitting.questions) == 1:
        return None
    return structs.replace(
        sitting,
        questions=sitting.questions[1:],
        number=sitting.number + 1,
        asked_at=now,
        kept=kept,
        before=before,
        before_text=before_text,
    )
