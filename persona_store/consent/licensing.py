"""The record between a Subject and another organisation: a consent of its own, and what makes it one.

The Subject is the licensor and signs with their own key; the organisation is the controller, with its own owner,
audiences and term. It hangs on no record of an employer and ends apart from it (rights.md §2A). What it may never
grant is refused before anybody signs it.
"""

from __future__ import annotations

from msgspec import structs

from persona_store.consent.draft import Choices
from persona_store.consent.policy import LICENSABLE
from persona_store.consent.record import Consent
from persona_store.errors import Refused
from persona_store.licence.terms import ORG

LEARNT = "correction"  # what the organisation's own owner answers; nothing of it comes from elsewhere
REVOCATION = "signed revocation"
WAYS = (REVOCATION, "cli")  # by no word in a chat: no account there is known to be the Subject's


def organisation(name: str) -> str:
    """What a licence calls an organisation. Raises Refused ORGANISATION for what could be no part of a key."""
    if ORG.fullmatch(name) is None:
        what = f"{name[:60]!r} is no name of an organisation"
        raise Refused("ORGANISATION", what, "use a-z, 0-9, '.' and '-', as in globex or globex.example")
    return name


def choices(wanted: Choices, org: str, addresses: tuple[str, ...] = ()) -> Choices:
    """What was chosen, for this organisation alone. `addresses` are the ways of withdrawing by which it can look
    whether the licence stands."""
    return structs.replace(
        wanted,
        licence=structs.replace(wanted.licence, orgs=(organisation(org),), sublicense=False),
        withdrawal=(*WAYS, *addresses),
    )


def apart(record: Consent) -> bool:
    """Whether it is a licence, and no record of an employer: what its Subject signs elsewhere can end it."""
    return REVOCATION in record.withdrawal.methods


def kept_there(record: Consent | None, what: str) -> None:
    """Raises Refused LICENCE_SUBLICENSE for what would pass a licensed persona on, whoever the record names as a
    recipient: that lets them see content, and no more."""
    if record is not None and apart(record) and not record.licence.sublicense:
        fix = "the subject licenses it to others themselves: `understudy consent licence`"
        raise Refused("LICENCE_SUBLICENSE", f"{what} runs here by a licence that is not to be passed on", fix)


def checked(record: Consent, org: str) -> None:
    """Raises Refused LICENCE_RECORD unless it is a licence for this organisation alone, ORIGIN_NOT_LICENSABLE if it
    lists what nobody may license."""
    for grant in record.scope.sources:
        if grant.kind not in (*LICENSABLE, LEARNT):
            what = f"a licence cannot cover {grant.kind!r}: that is not the subject's alone to give"
            raise Refused("ORIGIN_NOT_LICENSABLE", what, f"choose from {', '.join(LICENSABLE)}")
    wrong = (
        (not apart(record), "it cannot be ended apart from where the persona is"),
        (record.licence.orgs != (org,), f"it is not for {org!r} alone"),
        (record.licence.sublicense, "it lets the organisation pass it on"),
        (record.event.method == "paper", "it is on paper, and only the subject's own key signs a licence"),
    )
    for is_so, problem in wrong:
        if is_so:
            raise Refused("LICENCE_RECORD", f"this is no licence: {problem}", "the subject signs another one")
