"""What an answer costs, and its line in the ledger: decided with the answer, entered with the receipt of its post.

So an answer that was dropped on its way is not charged, and one that stands is: the line rides on the very commit
that remembers where it stands, under the answer's own id, however often that is tried.
"""

from __future__ import annotations

from adapters.model import Person, Thread
from bots.licence.payers import payer_at
from bots.services import Services
from persona_store.consent.record import Consent
from persona_store.licence.book import LedgerBook
from persona_store.licence.ledger import Charge, of_call
from persona_store.model import Persona
from persona_store.protocols import Batch


async def charge(
    services: Services, persona: Persona, consent: Consent | None, asker: Person, where: Thread
) -> Charge | None:
    """None where it costs nothing: no such licence, or the Subject asks their own persona."""
    if consent is None or consent.licence.model != "per_call":
        return None
    if persona.subject and await services.directory.same(asker.key, persona.subject):
        return None
    org = await payer_at(services, persona.name, consent.licence, where)
    return of_call(consent.licence, persona.name, org, consent.record_id) if org else None


async def entered(services: Services, due: Charge | None, id: str) -> Batch:
    """A Batch that enters it once; empty where there is nothing to charge, or it was entered before."""
    if due is None:
        return Batch()
    return await LedgerBook(services.store).enter_once(due, id, services.clock.now())
