"""May this be done under this consent? The one place that decides; importer, retriever, answerer, poster ask here.

Deny by default: a permission exists only where the record grants it and nothing in it excludes it, and what is not
known (no place, no origin, no recipient where one is needed) is denied. Every denial carries a code and what would
lift it. Deleting any condition in this file fails a test.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime

from msgspec import Struct

from persona_store.consent.record import DIRECT, EVERY, AudienceGrant, Consent, SourceGrant
from persona_store.model import DESCRIBED


class Origin(Struct, frozen=True):
    """Where an item stood. `private`: not everyone in the team could read it; `direct`: one-to-one. `text` is
    looked at for excluded keywords only."""

    kind: str
    container: str
    at: datetime
    by_subject: bool
    private: bool = False
    direct: bool = False
    author: str = ""
    text: str = ""


class Place(Struct, frozen=True):
    """Where something would be said. `direct`: a one-to-one chat with the bot."""

    platform: str
    chat: str
    direct: bool


class Ask(Struct, frozen=True):
    """What somebody wants to do. `role` is the asker's, for `preview` (the Subject or the Owner looks at what was
    built while the cooling-off runs). `recipient` is who outside the installation would get content; for `license`
    the organisation at which the persona would run, and `released` whether the controller let its papers go there
    in writing."""

    action: str  # import | retrieve | distil | answer | post | learn | export | license | preview
    now: datetime
    facet: str = "work_knowledge"
    purpose: str = "handover_qa"
    origin: Origin | None = None
    place: Place | None = None
    recipient: str = ""
    role: str = ""
    released: bool = False


class Decision(Struct, frozen=True):
    """`context_only`: it may be kept to understand the Subject's words, and is never quoted or attributed."""

    ok: bool
    code: str = ""
    fix: str = ""
    context_only: bool = False


# What an action cannot be decided without. An action that is not listed does not exist.
NEEDS: dict[str, tuple[str, ...]] = {
    "import": ("origin",),
    "retrieve": (),
    "preview": ("role",),
    "answer": ("place",),
    "post": ("place",),
    "learn": (),
    "distil": (),
    "export": ("recipient",),
    "license": ("recipient",),
}
WHILE_COOLING = ("import", "preview", "distil")
READING = ("import", "retrieve", "preview", "distil")  # what words of others may be context for
LICENSABLE = ("self_written", "interview", "doc", "mail")
"""What may go to another organisation: never a chat, which is the workspace's and everybody's in it, and nobody's
words but the Subject's (rights.md P3, P8)."""
RELEASED = ("doc", "mail")  # written in somebody's employ: the controller lets it go, or it stays
SAID_AS_THEIRS = ("correction", *DESCRIBED)  # the Owner's words, or a describer's, and never said as the Subject's

FIXES = {
    "CONSENT_MISSING": "the subject signs a record: `understudy consent sign NAME …`",
    "CONSENT_DECLINED": "the subject declined; nothing lifts it but their own new record",
    "CONSENT_WITHDRAWN": "the subject withdrew; nothing lifts it but their own new record",
    "CONSENT_EXPIRED": "the subject may sign a new record with a later end",
    "CONSENT_NOT_YET": "wait until the record's `term.start`",
    "CONSENT_COOLING": "wait until the cooling-off is over; the subject and the owner may preview meanwhile",
    "CONSENT_ACTION": "there is no such action",
    "CONSENT_UNKNOWN": "what is not known is denied: say where it comes from, where it goes and who asks",
    "CONSENT_PREVIEW": "only the subject and the owner preview",
    "CONSENT_FACET": "the subject may amend the record's `facets`",
    "CONSENT_PURPOSE": "the subject may amend the record's `purposes`",
    "CONSENT_AUDIENCE": "the subject may amend the record's `audiences` (one-to-one chats are the chat 'dm')",
    "CONSENT_RECIPIENT": "the subject may amend the record's `recipients`",
    "CONSENT_ORGANISATION": "the subject may sign a record for this organisation: `understudy consent licence`",
    "ORIGIN_NOT_LICENSABLE": "nothing lifts it: only the subject's own writing, documents and mail are licensed",
    "ORIGIN_NOT_RELEASED": "the controller releases its documents and mail in writing: `--release FILE`",
    "CONSENT_SOURCE": "the subject may add this kind to the record's `scope.sources`",
    "CONSENT_CONTAINER": "the subject may add this container to the record's `scope.sources`",
    "CONSENT_PRIVATE": "'*' is what the whole team could read; a private or one-to-one chat is listed by its id",
    "CONSENT_DATES": "it lies outside the days in the record's `scope.sources`",
    "CONSENT_EXCLUDED": "the subject excluded this container, person or keyword",
    "CONSENT_AUTHOR": "only the subject's own words may be said in their name",
}


def allow(consent: Consent | None, ask: Ask) -> Decision:
    if consent is None:
        return _deny("CONSENT_MISSING")
    if consent.event.type == "refused":
        return _deny("CONSENT_DECLINED")
    if consent.event.type == "withdrawn":
        return _deny("CONSENT_WITHDRAWN")
    if consent.event.type == "expired" or ask.now >= consent.ends_at:
        return _deny("CONSENT_EXPIRED")
    if ask.now < consent.term.start:
        return _deny("CONSENT_NOT_YET")
    if ask.action not in NEEDS:
        return _deny("CONSENT_ACTION")
    if ask.now < consent.effective_at and ask.action not in WHILE_COOLING:
        return _deny("CONSENT_COOLING")
    if not all(getattr(ask, need) for need in NEEDS[ask.action]):
        return _deny("CONSENT_UNKNOWN")
    if ask.action == "preview" and ask.role not in ("subject", "owner"):
        return _deny("CONSENT_PREVIEW")
    if getattr(consent.facets, ask.facet, False) is not True:
        return _deny("CONSENT_FACET")
    if ask.purpose not in consent.purposes:
        return _deny("CONSENT_PURPOSE")
    if ask.place is not None and not any(_serves(grant, ask.place) for grant in consent.audiences):
        return _deny("CONSENT_AUDIENCE")
    if ask.action == "license":
        return _allow_licensing(consent, ask)
    if ask.recipient and all(ask.recipient != recipient.name for recipient in consent.recipients):
        return _deny("CONSENT_RECIPIENT")
    if ask.action == "learn":
        return _allow_learning(consent, ask)
    if ask.origin is not None:
        return _allow_origin(consent, ask.origin, ask.action)
    return Decision(ok=True)


def _allow_learning(consent: Consent, ask: Ask) -> Decision:
    """Only what the Owner replies is learnt, never what somebody says in a chat (rights.md T05)."""
    origin = ask.origin or Origin("correction", EVERY, ask.now, by_subject=False)
    if origin.kind != "correction":
        return _deny("CONSENT_SOURCE")
    return _allow_origin(consent, origin, ask.action)


def _allow_licensing(consent: Consent, ask: Ask) -> Decision:
    """For one organisation the record names, and of the kinds that may leave; without an origin, whether at all."""
    if ask.recipient not in consent.licence.orgs:
        return _deny("CONSENT_ORGANISATION")
    if ask.origin is None:
        return Decision(ok=True)
    if ask.origin.kind not in LICENSABLE:
        return _deny("ORIGIN_NOT_LICENSABLE")
    if ask.origin.kind in RELEASED and not ask.released:
        return _deny("ORIGIN_NOT_RELEASED")
    return _allow_origin(consent, ask.origin, ask.action)


def _allow_origin(consent: Consent, origin: Origin, action: str) -> Decision:
    kind = [grant for grant in consent.scope.sources if grant.kind == origin.kind]
    if not kind:
        return _deny("CONSENT_SOURCE")
    reaching = [grant for grant in kind if _reaches(grant, origin)]
    if not reaching:
        return _deny("CONSENT_PRIVATE" if origin.private or origin.direct else "CONSENT_CONTAINER")
    if not any(grant.covers(origin.at) for grant in reaching):
        return _deny("CONSENT_DATES")
    if _excluded(consent, origin):
        return _deny("CONSENT_EXCLUDED")
    if origin.by_subject or origin.kind in SAID_AS_THEIRS:
        return Decision(ok=True)
    if action in READING:
        return Decision(ok=True, context_only=True)
    return _deny("CONSENT_AUTHOR")


def _serves(grant: AudienceGrant, place: Place) -> bool:
    if grant.platform != place.platform:
        return False
    if place.direct:
        return grant.chat == DIRECT
    return grant.chat == EVERY or (grant.chat == place.chat and grant.chat != DIRECT)


def _reaches(grant: SourceGrant, origin: Origin) -> bool:
    if grant.container == EVERY:
        return not origin.private and not origin.direct
    return grant.container == origin.container


def _excluded(consent: Consent, origin: Origin) -> bool:
    excluded = consent.scope.excluded
    if origin.container in excluded.containers or origin.author in excluded.people:
        return True
    text = fold(origin.text) if excluded.keywords else ""
    return any(fold(word) in text for word in excluded.keywords)


def fold(text: str) -> str:
    """Full-width, half-width and case make no difference to what was excluded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _deny(code: str) -> Decision:
    return Decision(ok=False, code=code, fix=FIXES[code])
