"""To whom is paid: an account number or the like, as the Subject tells it.

It is no part of any record, which others read and which is kept for years; it lies under the installation's key and
goes with the persona.
"""

from __future__ import annotations

from bots import keys
from bots.audit import line
from bots.services import Services
from persona_store.errors import Refused
from persona_store.protocols import Batch, Put

LONGEST = 300


async def payee(services: Services, persona: str) -> str:
    """ "" if it was not told."""
    return await services.read(_key(persona), str) or ""


def checked(text: str) -> str:
    """Raises Refused PAYEE for more than a line."""
    text = " ".join(text.split())
    if len(text) > LONGEST or not text.isprintable():
        raise Refused("PAYEE", f"to whom is paid takes one line of {LONGEST} characters", "write it shorter")
    return text


async def keep(services: Services, persona: str, text: str, actor: str) -> None:
    """In place of what was told before; an empty one takes it back. The log has a line of it, as money goes where
    this says. Raises Refused PAYEE."""
    text, key = checked(text), _key(persona)
    kept = Batch(puts=(Put(key, services.seal(text, key)),)) if text else Batch(deletes=(key,))
    audited = line(services, persona, "licence.payee", actor, decision="done")
    await services.store.commit(kept.plus(Batch(log=(audited,))))


def _key(persona: str) -> str:
    return keys.of_subject(persona, "payee")
