"""The consent record `understudy.consent/1`: what the Subject signed, as frozen data, and its strict reader.

Names follow ISO/IEC TS 27560:2023, the licence part maps to ODRL 2.2. The signed bytes are the record; this is how
they are read. What cannot be read with exactly one meaning is refused: no unknown field, no absent facet, no grant
without limits (PIPL 14, 23, 29; 「不签空白或模糊授权」), no term without an end (Civil Code 1022).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
Hash = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}\Z")]
Platform = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,30}\Z")]
Count = Annotated[int, Meta(ge=0)]

SourceKind = Literal[
    "slack_export",
    "feishu_export",
    "feishu_api",  # fetched from the platform, not handed in: that is another yes
    "dingtalk_export",
    "dingtalk_api",
    "wechat_export",
    "wecom_export",
    "qq_export",
    "telegram_export",
    "mail",
    "doc",
    "screenshot",
    "self_written",
    "interview",
    "description",
    "imported_skill",
    "correction",
]
Facet = Literal["work_knowledge", "decision_patterns", "communication_style", "name_avatar"]
Purpose = Literal["handover_qa"]
AfterDeath = Literal["delete", "keep_until_end"]
Prohibition = Literal[
    "evaluate_people", "impersonate", "emotional_companion", "train_model", "represent_externally"
]

EVERY = "*"
DIRECT = "dm"


class Party(Struct, frozen=True, forbid_unknown_fields=True):
    party: Text
    role: Literal["controller", "joint_controller"]
    contact: Text


class Responsible(Struct, frozen=True, forbid_unknown_fields=True):
    """Owner or deputy by person key; `accepted` is the hash of their written acceptance."""

    id: Id
    accepted: Hash | None


class Recipient(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody outside the installation who gets to see content, such as the operator of a language model."""

    name: Id
    role: Literal["processor"]
    region: Id
    retention_days: Count
    trains: bool


class Notice(Struct, frozen=True, forbid_unknown_fields=True):
    """Which text was shown before signing: the hash of its exact bytes (PIPL 17)."""

    uri: Text
    version: Id
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    shown_at: datetime


class SourceGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """Items of one kind from one container, from the first to the last day (both included, UTC).

    Container `*` is every container of that kind that the whole team could read. A private channel must be listed
    by its id, and so must a one-to-one chat. `correction` are the Owner's own replies, kept so that the same
    question is answered next time.
    """

    kind: SourceKind
    container: Id
    first: date = field(name="from")
    last: date = field(name="to")

    def covers(self, at: datetime) -> bool:
        return self.first <= at.astimezone(UTC).date() <= self.last


class Excluded(Struct, frozen=True, forbid_unknown_fields=True):
    """Wins over every grant. `people` are person keys or the pseudonyms an importer gave them."""

    containers: tuple[Id, ...]
    keywords: tuple[Id, ...]
    people: tuple[Id, ...]


class RecordScope(Struct, frozen=True, forbid_unknown_fields=True):
    sources: tuple[SourceGrant, ...]
    excluded: Excluded
    authored_by_subject_only: bool  # words of others are context at most


class Facets(Struct, frozen=True, forbid_unknown_fields=True):
    """Closed: mood, health, loyalty or productivity do not exist (EU AI Act 5(1)(f))."""

    work_knowledge: bool
    decision_patterns: bool
    communication_style: bool
    name_avatar: bool


class AudienceGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """A chat it may answer in: its id, `*` for every group chat of the platform, `dm` for one-to-one chats with
    the bot there. `*` does not include `dm`."""

    platform: Platform
    chat: Id


class Basis(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["consent", "legitimate_interest"]
    ref: Text


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    start: datetime
    end: date  # the last day, UTC
    employment_end: date | None
    erase_within_days: Annotated[int, Meta(ge=0, le=90)]
    after_death: AfterDeath


class Voluntariness(Struct, frozen=True, forbid_unknown_fields=True):
    no_detriment: bool
    tied_to_severance: bool
    cooling_off_days: Annotated[int, Meta(ge=0, le=90)]
    representation: Literal["none", "counsel", "union"]


class Licence(Struct, frozen=True, forbid_unknown_fields=True):
    """Money is in minor units and shares in basis points: there are no floats in a record."""

    model: Literal["none", "subscription", "per_call", "revenue_share"]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
    amount_minor: Count
    share_bp: Annotated[int, Meta(ge=0, le=10_000)]
    orgs: tuple[Id, ...]
    sublicense: bool
    payee_ref: Id | None
    audit_right: bool
    stop_on_unpaid_days: Count


class Withdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    methods: tuple[Text, ...]
    effect: Literal["suspend_60s_then_erase"]


class Event(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["consent_given", "refused", "withdrawn", "amended", "expired"]
    time: datetime
    method: Literal["web_device_key", "cli", "paper"]
    locale: Id


class Consent(Struct, frozen=True, forbid_unknown_fields=True):
    schema_version: Literal["understudy.consent/1"]
    record_id: Annotated[str, Meta(pattern=r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
    prev_record: Hash | None
    language: Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")]
    jurisdiction: tuple[Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")], ...]
    pii_principal_id: Annotated[str, Meta(pattern=r"^p_[0-9a-f]{8,64}\Z")]
    pii_controllers: tuple[Party, ...]
    owner: Responsible
    deputy: Responsible | None
    recipients: tuple[Recipient, ...]
    privacy_notice: Notice
    scope: RecordScope
    facets: Facets
    purposes: tuple[Purpose, ...]
    prohibited: tuple[Prohibition, ...]
    audiences: tuple[AudienceGrant, ...]
    uses: tuple[Text, ...]
    lawful_basis: tuple[Basis, ...]
    lia_ref: Text | None
    assessment_ref: Hash | None
    workers_notice_ref: Text | None
    term: Term
    voluntariness: Voluntariness
    licence: Licence
    withdrawal: Withdrawal
    event: Event

    @property
    def effective_at(self) -> datetime:
        """When the cooling-off is over; until then only the Subject and the Owner may preview."""
        return self.event.time + timedelta(days=self.voluntariness.cooling_off_days)

    @property
    def last_day(self) -> date:
        """The term's, or earlier: the day by which it is to be erased after the employment ended (PIPL 47)."""
        if self.term.employment_end is None:
            return self.term.end
        return min(self.term.end, self.term.employment_end + timedelta(days=self.term.erase_within_days))

    @property
    def ends_at(self) -> datetime:
        """The first instant it no longer covers (UTC)."""
        return datetime.combine(self.last_day, time(), UTC) + timedelta(days=1)


def encode(consent: Consent) -> bytes:
    """The bytes to be signed; from here on they are the record and are never written again."""
    return msgspec.json.format(msgspec.json.encode(consent), indent=2) + b"\n"
