"""The last look at words before they leave: what came in was searched for secrets, and so is what goes out (T11).

A quotation is cleaned: the rules may have learnt since it was imported. A human's answer is not changed behind
their back; it is not sent, and they are told why and what to do instead.
"""

from __future__ import annotations

from msgspec.structs import replace

from bots.model import Cited, Draft
from persona_store.redaction import redact

THEIRS_TO_SAY = frozenset(("mobile number", "health", "belief", "hidden text"))
"""What is never kept, but may well be somebody's answer: whom to call, or that they are ill."""


def secret_in(text: str) -> str:
    """What kind of secret a human's answer holds; "" if none that is seen."""
    return next((kind for kind in redact(text).kinds if kind not in THEIRS_TO_SAY), "")


def cleaned(draft: Draft) -> Draft:
    """The same, with what must not be said taken out of it."""
    return replace(
        draft,
        quotes=tuple(redact(quote).text for quote in draft.quotes),
        summary=tuple(Cited(redact(each.text).text, each.cites) for each in draft.summary),
    )
