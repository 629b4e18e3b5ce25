"""How long the program keeps what, read from the constants it works with, so that no page can say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bots import inbox, outbox, records
from bots.subject import passes
from persona_store import retirement

PERIODS: Mapping[str, timedelta] = {
    "conversations": records.KEPT,
    "events": inbox.REMEMBERED,
    "places": outbox.KEPT,
    "links": passes.TO_PLACE,
    "proofs": retirement.PROOF_KEPT,
}
"""What → until it is deleted. The material itself is not among them: it ends with the consent's term."""


def hours() -> dict[str, int]:
    return {what: int(period.total_seconds() // 3600) for what, period in PERIODS.items()}
