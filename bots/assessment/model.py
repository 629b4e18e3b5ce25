"""The frozen data of an assessment: what was found, what could go wrong, what a human answered, and the
signature."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from bots.assessment.configuration import Configuration

SCHEMA = "understudy.assessment/1"
TYP = "understudy-assessment+jws"

Template = Literal["prc", "eu"]
Part = Literal["lawful", "necessary", "effect", "protection"]
"""PIPL 56(1) twice (lawful; necessary), 56(2), 56(3); GDPR 35(7)(a), (b), (c), (d)."""
Grade = Literal["good", "note", "act"]
"""In order; to be weighed by whoever assesses; to be changed, or accepted with a reason."""
Severity = Literal["low", "medium", "high"]

Value = str | int


class Finding(Struct, frozen=True):
    """One thing the live configuration shows. `code` names its sentence, `values` fill it in."""

    part: Part
    code: str
    grade: Grade
    values: dict[str, Value] = {}


class Measure(Struct, frozen=True):
    """What is done against a risk, by which rows of the documentation it is told and tested, and whether it is in
    force here and now."""

    code: str
    rows: tuple[str, ...]
    in_force: bool


class Risk(Struct, frozen=True):
    """`before` is without any measure; `after` with those that are in force. Open where one of them is not."""

    code: str
    before: Severity
    after: Severity
    measures: tuple[Measure, ...]

    @property
    def open(self) -> bool:
        return not all(measure.in_force for measure in self.measures)


class Assessment(Struct, frozen=True):
    """The draft, as the program writes it. `digest` is that of `configuration.reach`."""

    assessment_id: str
    template: Template
    digest: str
    configuration: Configuration
    findings: tuple[Finding, ...]
    risks: tuple[Risk, ...]
    questions: tuple[str, ...]


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """A human's, in their own words. Nothing is answered by default."""

    answer: Literal["yes", "no"]
    why: Annotated[str, Meta(min_length=3, max_length=2000)]


class Opinion(Struct, frozen=True):
    """What the assessor adds. `draft` is the hash of the draft they read."""

    assessor: str  # person key
    draft: str
    answers: dict[str, Answer]
    verdict: Literal["approved", "rejected"]
    signed_at: datetime


class Assessed(Struct, frozen=True):
    """Both, as they are signed."""

    schema_version: str
    assessment: Assessment
    opinion: Opinion


class Signed(Struct, frozen=True):
    """The bytes that were signed, never written anew, and what is needed to check them without us."""

    raw: bytes
    signature: str
    public_key: bytes

    @property
    def assessed(self) -> Assessed:
        return msgspec.json.decode(self.raw, type=Assessed)


class Proof(Struct, frozen=True):
    """What outlives the persona: codes, grades, hashes and the signature; nobody's name and nobody's words."""

    schema_version: str
    assessment_id: str
    persona: str
    template: Template
    digest: str
    document: str  # sha256 of the signed bytes, as the audit log and `assessment_ref` have it
    verdict: str
    answers: dict[str, str]
    findings: tuple[tuple[str, str], ...]  # (code, grade)
    risks: tuple[tuple[str, str, str], ...]  # (code, before, after)
    signed_at: datetime
    signature: str
    public_key: bytes
