"""A record made from simple choices, ready to be shown (persona_store/consent/summary.py) and signed."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, datetime, timedelta
from typing import Literal, TypeVar, get_args

from msgspec import Struct

from persona_store.consent import notice, parsing
from persona_store.consent.record import (
    DIRECT,
    EVERY,
    AfterDeath,
    AudienceGrant,
    Basis,
    Consent,
    Event,
    Excluded,
    Facet,
    Facets,
    Licence,
    Notice,
    Party,
    Prohibition,
    Recipient,
    RecordScope,
    Responsible,
    SourceGrant,
    SourceKind,
    Term,
    Voluntariness,
    Withdrawal,
    encode,
)
from persona_store.errors import Refused
from persona_store.licence import terms

KINDS: tuple[SourceKind, ...] = get_args(SourceKind)
FACETS: tuple[Facet, ...] = get_args(Facet)
CORRECTION: SourceKind = "correction"
LATER: tuple[SourceKind, ...] = ("interview", "description")
"""What is said for the handover, after the record is signed, and in no chat: until its end, unless a last day is
given."""
SPELLINGS = {
    "documents": "doc",
    "screenshots": "screenshot",
    "colleague_skill": "imported_skill",
    **{
        platform: f"{platform}_export"
        for platform in ("slack", "feishu", "dingtalk", "wechat", "wecom", "qq", "telegram")
    },
}

USUAL_CONTROLLER = "The team that runs this installation"
USUAL = "Answer teammates' questions about the work that is handed over, in the chats listed"
"""The purpose that stands in a record unless another is given."""

Word = TypeVar("Word", bound=str)


class Choices(Struct, frozen=True, kw_only=True):
    """What the Subject picks; everything else in a record follows or has the cautious value."""

    owner: str
    deputy: str = ""
    sources: tuple[str, ...]
    containers: tuple[str, ...] = (EVERY,)
    first: date = date(2000, 1, 1)
    last: date | None = None  # None: the day of signing
    facets: tuple[str, ...] = ("work_knowledge",)
    audiences: tuple[str, ...]  # `slack:*`, `slack:C1`, `slack:dm`
    direct: bool = True  # one-to-one chats with the bot too, on every platform in `audiences`
    learn: bool = True  # list `correction` as well
    uses: tuple[str, ...] = (USUAL,)
    days: int = 90
    cooling_off_days: int = 7
    employment_end: date | None = None
    after_death: AfterDeath = "delete"
    excluded_containers: tuple[str, ...] = ()
    excluded_keywords: tuple[str, ...] = ()
    excluded_people: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    controller: str = USUAL_CONTROLLER
    contact: str = ""  # "": the owner
    jurisdiction: tuple[str, ...] = ("CN",)
    lia_ref: str = ""  # where the balancing of interests stands, which the GDPR wants beside an employee's yes
    workers_notice_ref: str = ""  # where the notice to workers and their representatives stands
    assessment_ref: str | None = None  # hash of the impact assessment that was signed before
    language: str = "zh-CN"
    grants: tuple[SourceGrant, ...] = ()  # instead of `sources`, `containers`, `first`, `last` and `learn`
    method: Literal["web_device_key", "cli", "paper"] = "cli"
    proof: str = ""  # what else shows the yes: the hash of a scan, and who saw it signed
    withdrawal: tuple[str, ...] = ("dm:withdraw", "cli")
    licence: Licence = terms.NONE


def draft(choices: Choices, now: datetime, previous: bytes | None = None) -> bytes:
    """The bytes of a record that can be signed as they are. `previous` are those of the record it amends.

    Raises Refused CONSENT_CHOICE for a choice that does not exist, CONSENT_SCHEMA for one no record may hold.
    """
    if not 0 <= choices.days <= parsing.LONGEST.days:
        raise Refused("CONSENT_CHOICE", f"{choices.days} days is no term", f"choose up to {parsing.LONGEST.days}")
    try:
        raw = encode(_build(choices, now.replace(microsecond=0), previous))
    except UnicodeEncodeError:  # bytes of a command line that were no UTF-8
        raise Refused("CONSENT_CHOICE", "a choice holds bytes that are no text", "write it in UTF-8") from None
    parsing.parse(raw)
    return raw


def _build(choices: Choices, now: datetime, previous: bytes | None) -> Consent:
    amended = None if previous is None else parsing.parse(previous)
    end = now.date() + timedelta(days=choices.days)
    return Consent(
        schema_version="understudy.consent/1",
        record_id=f"urn:uuid:{uuid.uuid4()}",
        prev_record=None if previous is None else digest(previous),
        language=choices.language,
        jurisdiction=choices.jurisdiction,
        pii_principal_id=f"p_{uuid.uuid4().hex}" if amended is None else amended.pii_principal_id,
        pii_controllers=(Party(choices.controller, "controller", choices.contact or choices.owner),),
        owner=Responsible(choices.owner, None),
        deputy=Responsible(choices.deputy, None) if choices.deputy else None,
        recipients=choices.recipients,
        privacy_notice=Notice(
            notice.uri(choices.language), notice.VERSION, notice.sha256(choices.language), shown_at=now
        ),
        scope=RecordScope(
            sources=choices.grants or _sources(choices, now.date(), end),
            excluded=Excluded(choices.excluded_containers, choices.excluded_keywords, choices.excluded_people),
            authored_by_subject_only=True,
        ),
        facets=Facets(**{facet: facet in _known(choices.facets, FACETS, "facet") for facet in FACETS}),
        purposes=("handover_qa",),
        prohibited=get_args(Prohibition),
        audiences=_audiences(choices),
        uses=choices.uses,
        lawful_basis=(
            Basis("consent", "PIPL 13(1)"),
            *((Basis("consent", choices.proof),) if choices.proof else ()),
        ),
        lia_ref=choices.lia_ref or None,
        assessment_ref=choices.assessment_ref,
        workers_notice_ref=choices.workers_notice_ref or None,
        term=Term(now, end, choices.employment_end, erase_within_days=90, after_death=choices.after_death),
        voluntariness=Voluntariness(
            no_detriment=True,
            tied_to_severance=False,
            cooling_off_days=choices.cooling_off_days,
            representation="none",
        ),
        licence=choices.licence,
        withdrawal=Withdrawal(choices.withdrawal, "suspend_60s_then_erase"),
        event=Event("consent_given" if amended is None else "amended", now, choices.method, choices.language),
    )


def digest(raw: bytes) -> str:
    """How records name each other."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _sources(choices: Choices, today: date, end: date) -> tuple[SourceGrant, ...]:
    words = tuple(SPELLINGS.get(kind, kind) for kind in (each.replace("-", "_") for each in choices.sources))
    known = _known(words, KINDS, "source")
    grants = [
        SourceGrant(kind, container, choices.first, choices.last or today)
        for kind in known
        if kind != CORRECTION and kind not in LATER
        for container in choices.containers
    ]
    grants += [SourceGrant(kind, EVERY, choices.first, choices.last or end) for kind in known if kind in LATER]
    if choices.learn or CORRECTION in words:
        grants.append(SourceGrant(CORRECTION, EVERY, today, end))
    return tuple(grants)


def _audiences(choices: Choices) -> tuple[AudienceGrant, ...]:
    pairs: dict[tuple[str, str], None] = {}
    for word in choices.audiences:
        platform, colon, chat = word.partition(":")
        if not (platform and colon and chat):
            raise Refused("CONSENT_CHOICE", f"{word!r} is not an audience", "write slack:*, slack:C123 or slack:dm")
        pairs[platform, chat] = None
        if choices.direct:
            pairs[platform, DIRECT] = None
    return tuple(AudienceGrant(platform, chat) for platform, chat in pairs)


def _known(words: tuple[str, ...], known: tuple[Word, ...], what: str) -> tuple[Word, ...]:
    for word in words:
        if word not in known:
            raise Refused("CONSENT_CHOICE", f"there is no {what} {word!r}", "choose from " + ", ".join(known))
    return tuple(word for word in known if word in words)
