"""What may be done with a pass: one small method a verb, and which verbs each kind of pass opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Literal

from bots.audit import line
from bots.licence import page, payee, paying, showing
from bots.licence.stating import orgs_of
from bots.people import person_of
from bots.retiring import Retiring
from bots.services import Services
from bots.subject import (
    changing,
    choosing,
    death,
    export,
    licences,
    passes,
    place,
    proving,
    requests,
    signing,
    takeover,
    telling,
)
from bots.subject.passes import Opened
from bots.subject.wanted import Wanted
from persona_store import proof
from persona_store.errors import Refused
from persona_store.licence.book import LedgerBook
from persona_store.licence.calendar import checked
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch

ALLOWED: dict[str, frozenset[str]] = {
    "sign": frozenset(("open", "draft", "sign", "decline")),
    "takeover": frozenset(("open", "draft", "sign")),
    "kin": frozenset(
        ("open", "held", "answers", "statements", "withhold", "correct", "strike", "export", "erase", "certificate")
    ),
    "preview": frozenset(("open", "page", "statements", "strike")),
    "place": frozenset(
        (
            *("open", "held", "answers", "statements", "page", "boxes", "receipts", "certificate", "export"),
            *("withhold", "correct", "strike", "approve", "restrict", "lift", "resume", "withdraw"),
            *("draft", "sign", "close", "takeover", "alive", "licence", "stated", "not_received", "payee"),
            *("kinds", "before_after", "keep_back", "release"),
            *licences.VERBS,
        )
    ),
}
Role = Literal["subject", "owner", "kin"]
ROLES: dict[str, Role] = {"preview": "owner", "kin": "kin"}
AFTERWARDS = frozenset(("open", "receipts", "certificate", "licence", "stated", "not_received", "export"))
"""What a place still has once its persona is being erased."""


class Deeds:
    def __init__(self, services: Services, retiring: Retiring) -> None:
        self._s = services
        self._retiring = retiring

    async def do(self, verb: str, held: Opened, wanted: Wanted) -> Any:
        """What the page is answered; None where there is nothing. Raises Refused, Conflict. The caller has looked
        whether the pass opens this verb."""
        persona = await self._s.personas.get(held.held.persona)
        if persona is None or (persona.state in GONE and verb not in AFTERWARDS):
            return None
        if held.held.purpose == "sign":
            return await self._signing(verb, held, wanted)
        if held.held.purpose == "takeover":
            return await self._taking_over(verb, held, wanted)
        if verb in licences.VERBS:
            return await licences.VERBS[verb](self._s, persona, wanted, _actor(persona, held))
        do: Callable[[Persona, Opened, Wanted], Awaitable[Any]] = getattr(self, f"_{verb}")
        return await do(persona, held, wanted)

    async def prove(self, verb: str, wanted: Wanted) -> dict[str, str] | None:
        key = wanted.key
        if verb == "challenge":
            return {"challenge": proving.challenge(self._s, key)}
        token = await proving.prove(self._s, wanted.challenge, wanted.signature, key)
        return None if token is None else {"token": token}

    async def export(self, held: Opened, wanted: Wanted) -> tuple[Persona | None, AsyncIterator[bytes]]:
        persona = await self._s.personas.get(held.held.persona)
        gone = persona is not None and persona.state in GONE
        owed = gone and held.held.purpose != "kin" and await orgs_of(self._s, held.held.persona)
        if persona is None or (gone and not owed):
            return None, _nothing()
        if gone:
            return persona, export.afterwards(self._s, persona, wanted.lang)
        who, actor = held.held.who, _actor(persona, held)
        return persona, export.archive(self._s, persona, who, wanted.lang, actor)

    # ------------------------------------------------------------------ being asked

    async def _signing(self, verb: str, held: Opened, wanted: Wanted) -> Any:
        if verb == "open":
            return await telling.offer(self._s, held, wanted.lang)
        if verb == "draft":
            return await signing.to_give(self._s, held, wanted.chosen, wanted.lang)
        if verb == "sign":
            return await signing.give(self._s, held, wanted.signature, wanted.key, wanted.address)
        request = await requests.load(self._s, held.held.persona)
        if request is None or request.status != "open":
            raise Refused("REQUEST_CLOSED", "this request is closed")
        await self._s.store.commit((await requests.decline(self._s, request)).plus(held.spent))
        return {"closed": True}

    async def _taking_over(self, verb: str, held: Opened, wanted: Wanted) -> Any:
        if verb == "open":
            return await takeover.offer(self._s, held, wanted.lang)
        if verb == "draft":
            return await takeover.to_sign(self._s, held, wanted.chosen, wanted.lang)
        return await takeover.sign(self._s, held, wanted.signature, wanted.key, wanted.address)

    # ------------------------------------------------------------------ looking

    async def _open(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        role = _role(held)
        done = await self._retiring.certificate(persona.name) if role != "owner" else None
        id = done.certificate.cert_id if done else ""
        told = await place.overview(self._s, persona, role, wanted.lang, id)
        return {"view": "preview" if role == "owner" else "place", "place": told}

    async def _held(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await place.held(self._s, persona, held.held.who, wanted.lang, wanted.after)

    async def _answers(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await place.answers(self._s, persona, wanted.lang, wanted.page)

    async def _statements(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        role = "owner" if _role(held) == "owner" else "subject"
        return await place.statements(self._s, persona, role, held.held.who, wanted.lang)

    async def _page(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return {"html": await place.preview(self._s, persona, _role(held), held.held.who, wanted.lang)}

    async def _boxes(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        proposal = await signing.narrowest(self._s, persona.name)
        if proposal is None:
            return None
        offered = telling.boxes(proposal, wanted.lang)
        return {"boxes": offered, **telling.shown_notice(wanted.lang)}

    async def _receipts(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await place.receipts(self._s, persona.name)

    async def _certificate(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        done = await self._retiring.certificate(persona.name)
        if done is None:
            return None
        return proof.make(done, self._s.vault.signing_key(signing.RECEIPTS))

    # ------------------------------------------------------------------ what it earns

    async def _licence(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await showing.overview(self._s, persona, wanted.lang)

    async def _stated(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """One statement: the bytes that were signed, the signature, and the page."""
        signed = await LedgerBook(self._s.store).statement(persona.name, wanted.org, checked(wanted.month))
        if signed is None:
            return None
        files = page.files(signed, persona, wanted.lang)
        return [{"name": each.name, "kind": each.kind, "text": each.content.decode()} for each in files]

    async def _not_received(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        actor, month = _actor(persona, held), checked(wanted.month)
        await self._s.store.commit(await paying.contested(self._s, persona, wanted.org, month, actor))
        return {"done": True}

    async def _payee(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await payee.keep(self._s, persona.name, wanted.text, _actor(persona, held))
        return {"done": True}

    # ------------------------------------------------------------------ changing

    async def _withhold(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return {"count": await changing.keep_back(self._s, persona, wanted.ids, _actor(persona, held))}

    async def _kinds(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await choosing.kinds(self._s, persona, wanted.lang)

    async def _before_after(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await choosing.look(self._s, persona, wanted.categories, wanted.level, wanted.lang)

    async def _keep_back(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        actor = _actor(persona, held)
        return await choosing.keep_back(self._s, persona, wanted.categories, wanted.level, actor)

    async def _release(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await choosing.release(self._s, persona, wanted.categories, _actor(persona, held))
        return {"done": True}

    async def _correct(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        id = wanted.ids[0] if len(wanted.ids) == 1 else ""
        return {"id": await changing.correct(self._s, persona, id, wanted.text, _actor(persona, held))}

    async def _strike(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        strike = changing.strike_preview if _role(held) == "owner" else changing.strike
        return {"count": await strike(self._s, persona, wanted.ids, _actor(persona, held))}

    async def _approve(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await self._s.store.commit(await changing.approve(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _restrict(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await self._s.store.commit(await changing.restrict(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _lift(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await self._s.store.commit(await changing.lift(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _resume(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        await self._s.store.commit(await changing.resume(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _draft(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await signing.to_narrow(self._s, held, wanted.chosen, wanted.lang)

    async def _sign(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        return await signing.narrow(self._s, held, wanted.signature, wanted.key)

    async def _takeover(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """The link goes to the private address, and nowhere else."""
        await self._s.store.commit(await takeover.ask(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _alive(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """A report of their death is undone (rights.md L13)."""
        await self._s.store.commit(await death.undo(self._s, persona, _actor(persona, held)))
        return {"done": True}

    async def _erase(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """Relatives have it deleted: the same erasure, and its certificate behind the same link."""
        if persona.state != "deceased":
            return None
        by = person_of(_actor(persona, held))
        await self._s.store.commit(await self._retiring.begin(persona, by, death.TRIGGER, None, wanted.lang))
        return {"done": True}

    async def _close(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """A link went astray: from now on only this one opens, and the key."""
        closed = await passes.close(self._s, persona.name, held.key)
        audited = line(self._s, persona.name, "links.closed", _actor(persona, held))
        await self._s.store.commit(closed.plus(Batch(log=(audited,))))
        return {"count": len(closed.deletes)}

    async def _withdraw(self, persona: Persona, held: Opened, wanted: Wanted) -> Any:
        """One step, no reason, nobody's leave: the same commit as by a word in the chat (rights.md L05)."""
        by = person_of(_actor(persona, held))
        await self._s.store.commit(await self._retiring.begin(persona, by, "withdraw", None, wanted.lang))
        return {"done": True}


def _role(held: Opened) -> Role:
    """Relatives act in the Subject's place, as far as their verbs go."""
    return ROLES.get(held.held.purpose, "subject")


def _actor(persona: Persona, held: Opened) -> str:
    """Whose deed it is, for the log; who proved themselves by the key alone is the Subject."""
    return held.held.who or persona.subject or "subject:key"


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
