"""What texts mean, in vectors: asked of an embedder that the settings name, and only for whom the consent lets it.

Nothing in here holds a search up: a question whose vector does not come in time is answered by its words alone.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence

from persona_store.consent.book import ConsentBook
from persona_store.consent.policy import Ask, allow
from persona_store.consent.record import Consent
from persona_store.consented import covered
from persona_store.errors import ModelError
from persona_store.model import Passage
from persona_store.nearness import Ground, background
from persona_store.protocols import Clock, Embedder
from persona_store.redaction import redact

PATIENCE = 2.0  # seconds that a question waits for its vector
OPENING = 8.0  # … that the first one does besides, while a model is loaded
LONGEST = 1000  # characters of a text: the models read some 500 tokens, and a passage is seldom longer
REMEMBERED = 32  # questions: one is looked up several times while it is answered

Count = Callable[[str], None]
"""Told what became of each question: found, late, failed, unnamed or refused."""


class Meaning:
    """One for the whole process. `may_leave`: whether a question may be handed to somebody at all."""

    def __init__(
        self,
        embedder: Embedder,
        consents: ConsentBook,
        clock: Clock,
        *,
        count: Count = lambda result: None,
        may_leave: Callable[[str], bool] = lambda text: True,
        patience: float = PATIENCE,
    ) -> None:
        self.embedder = embedder
        self._consents = consents
        self._clock = clock
        self._count = count
        self._may_leave = may_leave
        self._patience = patience
        self._around: tuple[Sequence[float], ...] = ()
        self._opening = asyncio.Lock()
        self._known: OrderedDict[bytes, Sequence[float]] = OrderedDict()

    @property
    def space(self) -> str:
        """What vectors of ours are kept under; "" until the embedder was asked for the first time. Another model, a
        model of another size and other sentences to compare with make another space."""
        if not self._around:
            return ""
        about = hashlib.sha256("\n".join(background()).encode()).hexdigest()[:8]
        return f"{self.embedder.name} {len(self._around[0])} {LONGEST} {about}"

    async def ready(self) -> bool:
        """Asks for the background's vectors, once: nobody's words. False if they cannot be had now."""
        async with self._opening:
            if not self._around:
                try:
                    made = await self.embedder.embed(background(), question=False)
                except ModelError:
                    return False
                self._around = tuple(made)
        return True

    async def soon(self) -> bool:
        """`ready`, or not within the time a first question may wait."""
        if self._around:
            return True
        try:
            async with asyncio.timeout(OPENING):
                return await self.ready()
        except TimeoutError:
            return False

    def ground(self) -> Ground:
        """An empty one. Only once `ready`."""
        return Ground(self._around, measured=self.embedder.measured)

    async def of_question(self, persona: str, text: str, context: str = "") -> Sequence[float] | None:
        """Its vector; None if it may not be asked for, and an empty one if it does not come in time.

        `context`: what a question that says nothing alone leans on. It does not leave one's own network, and then
        the question does not, either."""
        if context and not self.embedder.private:
            return None
        if not await self._is_named(persona):
            self._count("unnamed")
            return None
        if self.embedder.recipient and not self._may_leave(text):
            self._count("refused")
            return None
        whole = "\n".join(filter(None, (context.rpartition("\n")[2], text)))
        asked = shown(redact(whole).text if self.embedder.recipient else whole)
        key = hashlib.sha256(asked.encode()).digest()
        if key in self._known:
            return self._known[key]
        try:
            async with asyncio.timeout(self._patience):
                (vector,) = await self.embedder.embed((asked,), question=True)
        except (TimeoutError, ModelError) as error:
            self._count("failed" if isinstance(error, ModelError) else "late")
            return ()
        self._known[key] = vector
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        self._count("found")
        return vector

    async def of_passages(self, passages: Sequence[Passage]) -> list[Sequence[float]]:
        """Of those that `may_have`. Raises ModelError."""
        return await self.embedder.embed([shown(words_of(passage)) for passage in passages], question=False)

    async def consent(self, persona: str) -> Consent | None:
        return await self._consents.current(persona)

    def may_have(self, consent: Consent | None, passage: Passage) -> bool:
        """Whether this passage may be embedded: consent covers it and names the recipient, and words of others stay
        with us (rights.md L07, L15)."""
        ask = Ask("retrieve", self._clock.now(), recipient=self.embedder.recipient)
        return (self.embedder.private or passage.by_subject) and covered(consent, passage, ask)

    async def _is_named(self, persona: str) -> bool:
        ask = Ask("retrieve", self._clock.now(), recipient=self.embedder.recipient)
        return allow(await self._consents.current(persona), ask).ok


def words_of(passage: Passage) -> str:
    """With the heading it stands under, or the question it answers."""
    return "\n".join(filter(None, (passage.title, passage.question, passage.text)))


def shown(text: str) -> str:
    """As much of it as counts, and never nothing: what is no text (a lone surrogate, a zero byte) is a gap."""
    clean = text[:LONGEST].encode(errors="replace").decode().replace("\0", " ")
    return clean if clean.strip() else "."
