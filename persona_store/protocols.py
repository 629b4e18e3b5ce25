"""The ports of the remembering side. A change and the audit line that records it are one Batch by construction."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from msgspec import Struct, field

from persona_store.completion import Completion, Piece, Prices, Prompt, Usage
from persona_store.distill.model import Facet
from persona_store.model import Document, Findings, Readers

T = TypeVar("T")


class Put(Struct, frozen=True):
    """A key with its value; `expires` lets the sweep remove it (retention, rights.md T42)."""

    key: str
    value: bytes
    expires: datetime | None = None


class NewJob(Struct, frozen=True):
    """Work to be done at or after `due`. Jobs of one lane run one after the other in order of insertion, even
    when the first of them waits for a retry; jobs of different lanes run side by side. A job with a `due` in the
    future joins its lane at that time and holds nobody up before. `id` makes a job unique: a second job with a
    known unfinished id is not added."""

    kind: str
    lane: str
    body: bytes
    due: datetime | None = None
    id: str = ""


class Job(Struct, frozen=True):
    number: int
    kind: str
    lane: str
    body: bytes
    attempts: int  # how often it was claimed, this time included
    id: str = ""


class Claim(Struct, frozen=True):
    """A job in hand until `until`. `token` fences: a worker that was overtaken cannot finish or send."""

    job: Job
    token: int
    until: datetime


class Entry(Struct, frozen=True):
    """One line of a chained log: `hash` = SHA-256(previous hash ‖ body), the first previous being 32 zero bytes."""

    seq: int
    body: bytes
    hash: bytes


class Batch(Struct, frozen=True):
    """One atomic change: all of it happens, durably, or none of it.

    `absent` keys must not exist, `unchanged` keys must have exactly this value (None = not exist), `finish`
    must still be in hand; otherwise Conflict and nothing is written.
    """

    puts: tuple[Put, ...] = ()
    deletes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unchanged: tuple[tuple[str, bytes | None], ...] = ()
    log: tuple[bytes, ...] = ()  # audit lines, appended in order
    jobs: tuple[NewJob, ...] = ()
    cancel: tuple[str, ...] = ()  # ids of unfinished jobs to drop (a claimed one can then no longer finish)
    finish: Claim | None = None

    def plus(self, other: Batch) -> Batch:
        """Both, as one."""
        return Batch(
            puts=self.puts + other.puts,
            deletes=self.deletes + other.deletes,
            absent=self.absent + other.absent,
            unchanged=self.unchanged + other.unchanged,
            log=self.log + other.log,
            jobs=self.jobs + other.jobs,
            cancel=self.cancel + other.cancel,
            finish=self.finish or other.finish,
        )


class Backlog(Struct, frozen=True):
    """What waits, for health and metrics."""

    waiting: int
    claimed: int
    oldest: datetime | None
    by_kind: dict[str, int] = field(default_factory=dict)
    delayed: int = 0  # due later; not among `waiting`


class Store(Protocol):
    async def get(self, key: str) -> bytes | None: ...

    def scan(self, prefix: str) -> AsyncIterator[tuple[str, bytes]]:
        """Keys in order; sees one consistent state or a later one, never half a Batch."""

    async def commit(self, batch: Batch) -> None:
        """Returns once it is durable. Raises Conflict or StoreBroken."""

    async def claim(self, kinds: Sequence[str], *, lease: float) -> Claim | None:
        """The oldest due job of these kinds whose lane has no earlier unfinished job, or None."""

    async def extend(self, claim: Claim, *, lease: float) -> Claim:
        """Keep a job longer. Raises Conflict if it was lost."""

    async def holds(self, claim: Claim) -> bool:
        """Whether the job is still in hand: to be asked right before an effect outside the store (the fence)."""

    async def release(self, claim: Claim, *, due: datetime) -> None:
        """Give a job back, to be tried again at `due`. Raises Conflict if it was lost."""

    async def wait(self, *, seconds: float) -> None:
        """Return when a job may have become claimable, or after so many seconds."""

    def log(self, *, after: int = 0) -> AsyncIterator[Entry]: ...

    async def backlog(self) -> Backlog: ...

    async def sweep(self) -> int:
        """Remove expired keys for good; returns how many."""

    async def close(self) -> None: ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""

    async def sleep(self, seconds: float) -> None: ...


class Source(Protocol):
    """What yields Documents from material somebody handed in. Nothing is opened before the first Document is asked
    for, so that consent can be checked first."""

    kind: str  # what a consent's scope calls it
    dropped: Counter[str]  # what was not yielded, by reason
    problems: list[str]  # one line for each file that could not be read; the others were

    @property
    def progress(self) -> tuple[int, int]:
        """How much was read, of how much, in bytes; (0, 0) before it began. Of what is fetched nobody knows how
        much there is: (pages so far, 0)."""

    def documents(self) -> AsyncIterator[Document]: ...


@runtime_checkable
class Narrowed(Protocol):
    """A Source that asks somebody for what it yields, and need not ask for what would only be left out."""

    def narrow(self, denied: Callable[[str, bool], str]) -> None:
        """`denied(container, private)` is why nothing that stands there could be kept, "" if something could."""


@runtime_checkable
class HasFacets(Protocol):
    """A source whose material was distilled before."""

    @property
    def facets(self) -> list[Facet]:
        """Known once all documents were read; they cite these, by id."""


class Retriever(Protocol):
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
        """Rank the persona's passages for a question. `context` is what was said before in the thread and only
        helps when the question alone is too thin. Only passages with may_read(…) and older than `as_of`."""


class LanguageModel(Protocol):
    """Somebody outside who is given words and answers with words. Before anything is sent, consent must name
    `recipient` (rights.md L15); what comes back is data, never an order. Raises ModelError and nothing else."""

    @property
    def name(self) -> str:
        """Which model, as its endpoint calls it: goes into the key of what is kept of its answers."""

    @property
    def recipient(self) -> str:
        """Who gets what is sent: the name that must stand among a consent's `recipients`."""

    @property
    def prices(self) -> Prices: ...

    def estimate(self, prompt: Prompt, schema: type[object]) -> Usage:
        """What `complete` would use at most, without a repair. Sends nothing."""

    async def complete(self, prompt: Prompt, schema: type[T]) -> Completion[T]:
        """Ask once. `schema` is `str` for plain text, or a Struct that the answer is made to fit."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Plain text as it comes. Close it (contextlib.aclosing) to stop early. An answer that breaks off raises
        ModelUnavailable after its first pieces: what was shown of it then does not stand."""


class Embedder(Protocol):
    """Who makes vectors of texts, such that what means alike lies alike. Raises ModelError and nothing else."""

    @property
    def name(self) -> str:
        """What makes the vectors, and how: those of two names are not compared."""

    @property
    def recipient(self) -> str:
        """Who gets the texts, by the name that must stand among a consent's `recipients`; "" if nobody does,
        because it runs in processes of our own."""

    @property
    def private(self) -> bool:
        """Whether they stay on this machine or in a network of one's own: elsewhere words of others do not go."""

    @property
    def measured(self) -> bool:
        """Whether it is the model that the shipped numbers were fitted on (bots/agent/calibration.local.json)."""

    async def embed(self, texts: Sequence[str], *, question: bool) -> list[Sequence[float]]:
        """One vector for each, all of one length. A question's and a passage's may be made in different ways."""
