"""What the Subject answered in the handover interview, as Documents: their own words, written for everyone."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from msgspec import Struct

from persona_store.model import Document
from persona_store.redaction import redact

CONTAINER = "interview"
LONGEST = 20_000
"""Characters of one answer."""


class Given(Struct, frozen=True):
    """One answer. `id` is the question's: what is answered anew replaces what was answered before."""

    id: str
    question: str
    answer: str
    at: datetime


def document_id(question: str) -> str:
    return f"{CONTAINER}/{question}"


class Interview:
    """Implements Source. The question is redacted here, as the importer looks at the answer only."""

    kind = "interview"

    def __init__(self, answers: Sequence[Given], *, subject: str, name: str = "") -> None:
        self._answers = answers
        self._subject = subject
        self._name = name
        self._done = 0
        self.dropped: Counter[str] = Counter()
        self.problems: list[str] = []

    @property
    def progress(self) -> tuple[int, int]:
        return self._done, len(self._answers)

    async def documents(self) -> AsyncIterator[Document]:
        for self._done, given in enumerate(self._answers, 1):  # noqa: B020  # counted as it goes
            if len(given.answer) > LONGEST:
                self.dropped["too_long"] += 1
            question = redact(given.question).text
            yield Document(
                id=document_id(given.id),
                source=self.kind,
                container=CONTAINER,
                container_name="",
                thread=document_id(given.id),
                author=self._subject,
                author_name=self._name,
                by_subject=True,
                at=given.at,
                text=given.answer[:LONGEST],
                title=question,
                question=question,
            )
