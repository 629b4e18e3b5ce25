"""What the page may send: one small form for every verb, and nothing beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from bots.subject import changing
from persona_store.consent.proposal import Ticks
from persona_store.consent.receipt import decoded
from persona_store.errors import Refused
from persona_store.licensed import address
from persona_store.licensed.standing import MOST
from persona_store.withheld.levels import Category, Level

Signature = Annotated[str, Meta(max_length=2000)]


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """All that the page ever sends besides its pass."""

    lang: Literal["en", "zh-CN"] = "en"
    ticks: Ticks | None = None
    signature: Signature = ""
    signatures: Annotated[tuple[Signature, ...], Meta(max_length=MOST)] = ()  # under the statements of a revocation
    public_key: Annotated[str, Meta(max_length=100)] = ""
    challenge: Annotated[str, Meta(max_length=2000)] = ""
    address: Annotated[str, Meta(max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?\Z")] = ""
    after: Annotated[int, Meta(ge=0)] = 0
    page: Annotated[int, Meta(ge=0, lt=100_000)] = 0
    ids: Annotated[tuple[Annotated[str, Meta(max_length=1000)], ...], Meta(max_length=100)] = ()
    text: Annotated[str, Meta(max_length=changing.LONGEST)] = ""
    org: Annotated[str, Meta(max_length=63)] = ""
    month: Annotated[str, Meta(max_length=7)] = ""
    categories: Annotated[tuple[Category, ...], Meta(max_length=6)] = ()
    level: Level = "medium"
    offer: Annotated[str, Meta(max_length=16)] = ""  # its id
    version: Annotated[str, Meta(max_length=64)] = ""  # of the offer, as it was shown
    told_at: Annotated[str, Meta(max_length=address.LONGEST)] = ""  # where the Subject tells whether it stands
    standing: Signature = ""  # under what is published there

    @property
    def chosen(self) -> Ticks:
        """Raises Refused CONSENT_TICKS where there is nothing."""
        if self.ticks is None:
            raise Refused("CONSENT_TICKS", "nothing was ticked", "choose among what the page shows")
        return self.ticks

    @property
    def key(self) -> bytes:
        """The public half of the key that signed. Raises Refused CONSENT_INVALID for what is none."""
        try:
            return decoded(self.public_key)
        except ValueError:
            raise Refused("CONSENT_INVALID", "that is no public key", "sign on the page") from None
