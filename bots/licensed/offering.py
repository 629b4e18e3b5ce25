"""What an organisation would like a licence to say, as a file: nothing of it counts before the Subject signed it.

It is somebody else's file. It can only fill in what could be typed; for whom it is, how it is signed and how it
ends is not for it to say, and what comes of it is read, shown and checked as if it had been typed.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct, structs

from persona_store.consent import draft, licensing, parsing
from persona_store.consent.draft import Choices
from persona_store.errors import Refused
from persona_store.model import Moment

FORM: Literal["understudy.offer/1"] = "understudy.offer/1"


class Offer(Struct, frozen=True, forbid_unknown_fields=True):
    form: Literal["understudy.offer/1"]
    organisation: str
    made_at: Moment
    wishes: Choices


def written(wishes: Choices, org: str, now: Moment) -> bytes:
    """The file. Raises Refused for what no licence could say, before anybody is bothered with it."""
    wanted = licensing.choices(wishes, org)
    licensing.checked(parsing.parse(draft.draft(wanted, now)), org)
    return msgspec.json.format(msgspec.json.encode(Offer(FORM, org, now.replace(microsecond=0), wanted)), indent=2)


def read(raw: bytes) -> tuple[str, Choices]:
    """(the organisation, its wishes). Raises Refused OFFER for what is none."""
    try:
        offer = msgspec.json.decode(raw, type=Offer)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        what = f"this is no offer of a licence: {str(error)[:80]}"
        raise Refused("OFFER", what, "the organisation writes one with `understudy consent offer`") from None
    wishes = structs.replace(offer.wishes, method="cli", proof="", assessment_ref=None)
    return licensing.organisation(offer.organisation), wishes
