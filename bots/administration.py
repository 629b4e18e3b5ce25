"""The verbs of admins and owners: authorised by platform user id, denied alike whether a thing exists or not."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from adapters import ADAPTERS
from adapters.model import Button, Post
from bots import accountability, cards, choosing, confirm, gate, keys, reconsent, register
from bots.assessment.keeping import papers_of
from bots.audit import line
from bots.licence import showing
from bots.outbox import queue
from bots.people import own_language, reach, shown
from bots.said import Said
from bots.services import Services
from bots.subject import death, entering
from bots.wording import say
from persona_store import audit
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.personas import BY_SUBJECT, transition
from persona_store.protocols import Batch, Put

ALLOWED = {
    "status": {"admin", "owner", "deputy", "subject"},
    "pause": {"admin", "owner", "subject"},
    "resume": {"admin", "owner", "subject"},
    "retire": {"admin"},
    "owner": {"admin"},
    "preview": {"owner", "subject"},
}
VERBS = (*ALLOWED, "bind")
PAPERS = ("ASSESSMENT_REQUIRED", "FILING_REQUIRED", "LIA_REQUIRED", "WORKERS_NOTICE_REQUIRED")


class Administration:
    def __init__(self, services: Services) -> None:
        self._s = services

    async def run(self, verb: str, said: Said) -> Batch:
        if verb == "bind":
            return await self._bind(said)
        name, _, rest = said.args.partition(" ")
        everyone = await self._s.personas.all()
        found = [p for p in everyone if choosing.fold(name) in map(choosing.fold, choosing.called(p))]
        if not name and len(everyone) == 1:
            found = everyone
        if len(found) != 1:
            # The same words whether there is none or it is not theirs to know (rights.md CMD-03, WEB-03).
            if not await self._s.directory.is_admin(said.author):
                return said.tell(self._s, say(said.lang, "refused.admin_only"))
            key = "refused.no_such" if name else "refused.which"
            return said.tell(self._s, say(said.lang, key, name=" ".join(name.split())[:40], verb=verb))
        persona = found[0]
        roles = await self._s.directory.roles(said.author, persona)
        if not roles & ALLOWED[verb]:
            return (await self._denied(verb, persona, said)).plus(
                said.tell(self._s, say(said.lang, "refused.admin_only"))
            )
        if verb != "status" and persona.state in GONE:
            return said.tell(self._s, say(said.lang, "refused.retired", name=persona.display_name))
        match verb:
            case "status":
                return said.tell(self._s, await self._status(persona, said))
            case "retire":
                return self._retire(persona, said)
            case "owner":
                return await self._owner(persona, rest, said)
            case "preview":
                entry = await entering.for_preview(self._s, persona, roles, said)
                return entry.issued.plus(said.tell(self._s, entry.text, links=entry.links))
            case _:
                return await self._switch(persona, verb, roles, said)

    async def _denied(self, verb: str, persona: Persona, said: Said) -> Batch:
        """Noted, and the owner hears of it once a day (rights.md CMD-01); a tombstone has nobody to be told."""
        self._s.metrics.denials.labels("admin_only").inc()
        if persona.state in GONE:
            return Batch()
        denied = line(self._s, persona.name, verb, said.author.key, decision="denied", code="NOT_ALLOWED")
        told = keys.denied(persona.name)
        owner = await reach(self._s, persona.owner) if persona.owner else None
        if verb == "status" or owner is None or await self._s.store.get(told) is not None:
            return Batch(log=(denied,))
        lang = await own_language(self._s, owner)
        text = say(lang, "owner.denied", who=shown(said.author), verb=verb, name=persona.display_name)
        post = Post(f"{said.id}:denied", cards.notice(text, lang=lang, tone="admin"))
        until = self._s.clock.now() + timedelta(days=1)
        return Batch(log=(denied,), puts=(Put(told, b"", until),)).plus(queue(self._s, post, to=owner))

    def _retire(self, persona: Persona, said: Said) -> Batch:
        """The first of two steps."""
        deed = confirm.Deed(
            "retire", persona.name, said.author.key, said.thread.chat_key, self._s.clock.now() + confirm.GOOD_FOR
        )
        nonce = keys.short(said.id, "confirm")
        text = say(said.lang, "retire.sure", name=persona.display_name)
        buttons = (
            Button("confirm", say(said.lang, "button.retire"), nonce, style="danger"),
            Button("cancel", say(said.lang, "button.cancel"), nonce),
        )
        return confirm.ask(self._s, nonce, deed).plus(said.tell(self._s, text, buttons=buttons, what="sure"))

    async def _switch(self, persona: Persona, verb: str, roles: frozenset[str], said: Said) -> Batch:
        """pause and resume: quickly done and quickly undone, so one step. What the subject paused nobody else
        resumes (PIPL 44, GDPR 18)."""
        consent = await self._s.consent(persona.name)
        if verb == "resume" and persona.reason == BY_SUBJECT and "subject" not in roles:
            return said.tell(self._s, say(said.lang, "switch.by_subject", name=persona.display_name))
        if verb == "resume" and persona.state == "deceased" and "subject" in roles:
            return await self._alive(persona, said)
        event = "suspend" if verb == "pause" else verb
        reason = BY_SUBJECT if verb == "pause" and "subject" in roles else ""
        try:
            papers = await papers_of(self._s, persona, consent)
            after = transition(persona, event, self._s.clock.now(), reason, consent=consent, papers=papers)
        except Refused as refused:
            key = f"switch.already_{verb}" if refused.code == "ILLEGAL_STATE" else "refused.not_live"
            if refused.code in PAPERS:
                return said.tell(self._s, say(said.lang, f"switch.{refused.code}", name=persona.display_name))
            return said.tell(self._s, say(said.lang, key, name=persona.display_name))
        return Batch(
            puts=(self._s.personas.put(after),),
            unchanged=(await self._s.personas.unchanged(persona),),
            log=(line(self._s, persona.name, verb, said.author.key, decision="done"),),
        ).plus(said.tell(self._s, say(said.lang, f"switch.{verb}", name=persona.display_name)))

    async def _alive(self, persona: Persona, said: Said) -> Batch:
        """A report of the Subject's death, undone by whom it is about (rights.md L13)."""
        try:
            undone = await death.undo(self._s, persona, said.author.key)
        except Refused:
            return said.tell(self._s, say(said.lang, "switch.too_late", name=persona.display_name))
        return undone.plus(said.tell(self._s, say(said.lang, "switch.alive", name=persona.display_name)))

    async def _owner(self, persona: Persona, rest: str, said: Said) -> Batch:
        key = said.mentions[0].key if said.mentions else rest.strip()
        person = await reach(self._s, key) if ":" in key else None
        if person is None or person.external:
            return said.tell(self._s, say(said.lang, "owner.usage", name=persona.name))
        after = structs.replace(persona, owner=person.key)
        changed = Batch(
            puts=(self._s.personas.put(after),),
            unchanged=(await self._s.personas.unchanged(persona),),
            log=(line(self._s, persona.name, "owner", said.author.key, decision="done", refs=(person.key,)),),
        ).plus(said.tell(self._s, say(said.lang, "owner.set", name=persona.display_name, owner=shown(person))))
        # Where people were asked properly, whoever comes after them is asked, too (rights.md L18).
        asked = persona.accepted or persona.state in ("requested", "cooling", "assessed")
        return changed.plus(await accountability.ask(self._s, after)) if asked else changed

    async def _bind(self, said: Said) -> Batch:
        """`bind NAME`: this chat's persona. `bind @person slack:U1`: two accounts of one human."""
        if not await self._s.directory.is_admin(said.author):
            self._s.metrics.denials.labels("admin_only").inc()
            return said.tell(self._s, say(said.lang, "refused.admin_only"))
        accounts = [p.key for p in said.mentions] + [word for word in said.args.split() if _is_key(word, self._s)]
        if len(accounts) == 2:
            now = self._s.clock.now()
            audited = audit.entry(at=now, actor="", action="bind.people", persona="", decision="done")
            bound = (await self._s.directory.bind(*accounts)).plus(Batch(log=(audited,)))
            return bound.plus(said.tell(self._s, say(said.lang, "bind.people", one=accounts[0], other=accounts[1])))
        found = [
            p
            for p in await self._s.personas.all()
            if p.state not in GONE and choosing.fold(said.args) in map(choosing.fold, choosing.called(p))
        ]
        # A direct chat is nobody's to bind: serving one would mean serving everybody's.
        if len(found) != 1 or said.thread.direct:
            return said.tell(self._s, say(said.lang, "bind.usage"))
        persona, chat = found[0], said.thread.chat_key
        batch = Batch(puts=(Put(keys.chat_default(chat), persona.name.encode()),))
        if not gate.serves(persona, said.thread):
            put = self._s.personas.put(structs.replace(persona, chats=(*persona.chats, chat)))
            batch = batch.plus(Batch(puts=(put,), unchanged=(await self._s.personas.unchanged(persona),)))
        audited = line(self._s, persona.name, "bind", said.author.key, decision="done", refs=(chat,))
        return batch.plus(Batch(log=(audited,))).plus(
            said.tell(self._s, say(said.lang, "bind.chat", name=persona.display_name))
        )

    async def _status(self, persona: Persona, said: Said) -> str:
        """What an admin wants to see at a glance; numbers, never content."""
        if persona.state in GONE:
            return say(said.lang, "refused.retired", name=persona.display_name)
        consent = await self._s.consent(persona.name)
        waiting = await register.unsettled(self._s, persona.name)
        late = [r for r in waiting if r.due_at < self._s.clock.now()]
        owner, deputy = await reach(self._s, persona.owner), await reach(self._s, persona.deputy)
        dead = [key async for key, _ in self._s.store.scan(keys.DEAD)]
        return say(
            said.lang,
            "status.text",
            name=persona.display_name,
            state=say(said.lang, f"state.{persona.state}"),
            owner=shown(owner),
            deputy=shown(deputy),
            passages=str(await (await self._s.library.file(persona.name)).count()),
            consent=consent.term.end.isoformat() if consent else say(said.lang, "status.no_consent"),
            open=str(len(waiting)),
            late=str(len(late)),
            dead=str(len(dead)),
        ) + "".join([await each.status(self._s, persona, said.lang) for each in (showing, reconsent)])


def _is_key(word: str, services: Services) -> bool:
    platform, colon, id = word.partition(":")
    # `mail` is no platform of ours, but who may read a mail is known by address (docs/sources.md).
    return bool(colon and id) and platform in (*ADAPTERS, *services.adapters, "mail")
