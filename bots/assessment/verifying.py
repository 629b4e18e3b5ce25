"""A signed assessment checked by somebody who has nothing but its files."""

from __future__ import annotations

import msgspec

from bots.assessment.footprint import digest
from bots.assessment.model import SCHEMA, TYP, Assessed, Signed
from persona_store import jws
from persona_store.errors import Refused


def verified(signed: Signed) -> Assessed:
    """What it says. Raises Refused ASSESSMENT_INVALID unless that key signed exactly these bytes, and they are an
    assessment whose digest is that of the configuration it tells."""
    try:
        jws.verify(signed.raw, signed.signature, signed.public_key, TYP)
        assessed = signed.assessed
    except (jws.BadSignature, msgspec.MsgspecError) as error:
        told = str(error) if isinstance(error, jws.BadSignature) else "it is no assessment"
        raise _invalid(told) from None
    if assessed.schema_version != SCHEMA:
        raise _invalid(f"it is of another form than {SCHEMA}")
    if digest(assessed.assessment.configuration.reach) != assessed.assessment.digest:
        raise _invalid("its digest is not that of its configuration")
    return assessed


def _invalid(why: str) -> Refused:
    return Refused(
        "ASSESSMENT_INVALID", f"the assessment was not accepted: {why}", "ask whoever signed it for theirs"
    )
