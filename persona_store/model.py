"""The frozen data of the remembering side: what was imported, what was found, and who a persona is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Moment = Annotated[datetime, Meta(tz=True)]
"""One that is decoded without a zone is refused where it comes in: nobody could say what is before it."""

# ------------------------------------------------------------------ imported material


class Reading(Struct, frozen=True):
    """How a machine read words off a picture: how sure it is of them (0 to 1), and where they stand, as
    (left, top, right, bottom) in pixels of the picture."""

    confidence: float
    region: tuple[int, int, int, int]

    @property
    def percent(self) -> int:
        """To be shown. Never 100: a machine that reads off a picture is not certain, whatever it says of itself."""
        return min(99, int(self.confidence * 100))


DESCRIBED = ("description", "imported_skill")
"""Sources in which others say something about the Subject: never the Subject's words, and never above evidence."""


class Document(Struct, frozen=True):
    """One message, mail or file as a source yields it, before consent and redaction have had their say.

    `readers` are the person keys (`slack:U1`) who could read it where it stood; None means the whole team.
    `thread` groups an episode inside its container; a document alone is its own thread.
    """

    id: str  # the source's own id: client_msg_id | channel/ts | relative path
    source: str  # "slack_export" | "doc" | "self_written" | "correction" …
    container: str  # channel id or folder
    container_name: str
    thread: str
    author: str  # person key, "" if unknown
    author_name: str
    by_subject: bool
    at: datetime
    text: str
    title: str = ""
    url: str = ""
    readers: tuple[str, ...] | None = None
    direct: bool = False  # said in a conversation of few, not in a room
    question_id: str = ""  # corrections: the escalation this answers
    question: str = ""  # corrections and interviews: what was asked
    reading: Reading | None = None  # read off a picture by a machine
    whole: bool = False  # one piece, however long: it is quoted by others that name it
    facet: str = "work_knowledge"  # what it would be kept for: a description of somebody's style needs that yes

    @property
    def described(self) -> bool:
        """Said by others about the Subject."""
        return self.source in DESCRIBED and not self.by_subject


class Passage(Struct, frozen=True, omit_defaults=True):
    """The piece of a Document that is indexed and quoted. One chat message is one passage; a longer document
    is split and its pieces are `id#1`, `id#2` …. Words of others are kept as context and never quoted; what an
    owner answered and what others describe is quoted as theirs."""

    id: str
    source: str
    container: str
    container_name: str
    thread: str
    author: str
    author_name: str
    by_subject: bool
    at: Moment
    text: str
    title: str = ""
    url: str = ""
    readers: tuple[str, ...] | None = None
    question: str = ""  # corrections and interviews: what was asked, so that paraphrases find it
    reading: Reading | None = None
    facet: str = "work_knowledge"
    corrects: tuple[str, ...] = ()  # corrections: passages that were quoted and are wrong, as the owner says

    @property
    def described(self) -> bool:
        """Said by others about the Subject."""
        return self.source in DESCRIBED and not self.by_subject

    @property
    def quotable(self) -> bool:
        return self.by_subject or self.source == "correction" or self.described


class Evidence(Struct, frozen=True):
    """A passage found for a question, best first."""

    passage: Passage
    score: float


class Findings(Struct, frozen=True):
    """What a search found: ranked evidence (quotable passages first within a thread) and the numbers that
    tell how good it looks (their names and meaning live in persona_store/index.py)."""

    evidence: tuple[Evidence, ...]
    signals: Mapping[str, float]
    ranked_ids: tuple[str, ...] = ()  # up to 20 source ids, best first, for evaluation and `why`
    weights: Mapping[str, float] = {}  # what each term of the question weighs here; 0 = it stands nowhere


# ------------------------------------------------------------------ who may read


Readers = tuple[frozenset[str], ...] | None
"""Those who will read the reply: one set of person keys (all identities of that human) per reader, or None for
the whole team. A passage may be used iff its `readers` is None, or every reader has an identity in it."""


def may_read(passage_readers: tuple[str, ...] | None, readers: Readers) -> bool:
    """Deny unless everybody who will read the reply could read the source (rights.md T06)."""
    if passage_readers is None:
        return True
    if readers is None or not readers:
        return False
    allowed = frozenset(passage_readers)
    return all(identities & allowed for identities in readers)


# ------------------------------------------------------------------ persona


class PersonaRules(Struct, frozen=True):
    """What an admin may set per persona."""

    risk_budget: float = 0.10  # the share of wrong answers that is accepted
    answer_within_hours: float = 4.0  # working time the asker is told
    remind_after_hours: float = 2.0
    deputy_after_hours: float = 4.0
    expire_after_hours: float = 72.0
    quiet_from: str = "19:00"  # owner's local time
    quiet_to: str = "09:00"
    timezone: str = ""  # owner's; "" = what the platform says, else UTC
    digest_after: int = 4  # more open questions than this within an hour go into one digest


STATES = (
    *("draft", "requested", "cooling", "assessed", "live", "suspended", "restricted", "deceased"),
    *("erasing", "erased"),
)
GONE = ("erasing", "erased")
"""Nothing is said, learnt or told of it any more, and no way leads back."""
UNBORN = ("draft", "requested", "cooling", "assessed")
"""Before it went live for the first time: nobody who might ask it is told that there is one."""


Offered = Literal["internal", "licensed_org", "public"]
"""Whom it is offered to: the team that runs it, another organisation under a licence, or anybody."""
FilingKind = Literal["algorithm", "service", "security"]
"""算法备案; 生成式人工智能服务备案 or 登记; 安全评估."""


class Filing(Struct, frozen=True):
    """One filing as the authority confirmed it. `number` is the authority's own; it is kept, not checked."""

    kind: FilingKind
    number: str
    authority: str
    on: date


class Stood(Struct, frozen=True):
    """Where a persona stood before it was frozen or reported dead: where the way back ends."""

    state: str
    reason: str = ""


class Persona(Struct, frozen=True):
    """What may be said from a Subject's material, and by whose leave. Names are `[a-z0-9][a-z0-9-]{0,39}`."""

    name: str
    display_name: str
    state: str
    created_at: datetime
    state_at: datetime
    subject: str = ""  # person key
    owner: str = ""  # person key
    deputy: str = ""
    chats: tuple[str, ...] = ()  # `slack:*`, `slack:C123`, `local:*`: where it may answer; DMs follow the platform
    aliases: tuple[str, ...] = ()  # further names people may call it by
    rules: PersonaRules = field(default_factory=PersonaRules)
    reason: str = ""  # why suspended, restricted or erased, as a code
    approved: str = ""  # id of the consent record under which the Subject approved the preview
    accepted: dict[str, str] = field(default_factory=dict)  # person key → hash of what owner and deputy accepted
    made_by: str = ""  # person key of the admin who made it, where that was said
    asked_by: str = ""  # who asked the Subject for it: a person key, or the operator; "" if nobody did
    offered_to: Offered = "internal"
    filings: tuple[Filing, ...] = ()  # oldest first
    stood: tuple[Stood, ...] = ()  # newest last: one for each stop that is not taken back yet
    stands_until: datetime | None = None  # it runs by a licence that has to be seen to stand: silent from then on
