"""What people type: one small method per verb. Authorised by platform user id, never by name."""

from __future__ import annotations

from functools import reduce

from adapters.model import Message, Person, Thread
from bots import administration, asked, cards, choosing, gate, keys, linking, witness
from bots.administration import Administration
from bots.agent.why import Reason
from bots.interview.chat import Interviews
from bots.leaving import leave
from bots.licence import showing
from bots.people import reach, shown
from bots.pipeline import Asked, Pipeline
from bots.records import Outcome
from bots.replies import alone, alone_card
from bots.reporting import report
from bots.retiring import Retiring
from bots.routing import Command
from bots.said import Said
from bots.services import Services
from bots.subject import entering
from bots.withholding import withhold
from bots.wording import LANGUAGES, say
from persona_store.model import GONE, UNBORN, Persona
from persona_store.protocols import Batch, Put

OLD_MONTHS = 3  # from then on `why` says how old the best source is
IN_YEARS = 2  # … and from then on in years
READING = frozenset(("ask", "why", "personas", "topics", "status", "help", "unknown"))
"""Verbs that change nothing: they may come in a way in which anybody could have written them (rights.md T17)."""


class Commands:
    def __init__(self, services: Services, pipeline: Pipeline, retiring: Retiring) -> None:
        self._s = services
        self._pipeline = pipeline
        self._retiring = retiring
        self._administration = Administration(services)
        self._interviews = Interviews(services)

    async def run(self, command: Command, message: Message, thread: Thread, lang: str, id: str) -> Batch:
        said = Said(message, thread, lang, id, command.args)
        if message.unsigned and command.verb not in READING:
            return said.tell(self._s, say(lang, "refused.unsigned"))
        match command.verb:
            case "why":
                return await self._why(said)
            case "personas":
                return await self._personas(said)
            case "topics":
                return await self._topics(said)
            case "lang":
                return self._lang(said)
            case "link":
                return await linking.link(self._s, said)
            case "unlink":
                return await linking.unlink(self._s, said)
            case "checkpoint":
                return await witness.checkpoint(self._s, said)
            case "leave-me-out":
                return await leave(self._s, said)
            case "forget":
                return await asked.forget(self._s, said)
            case "my-questions":
                return await asked.show(self._s, said)
            case "report":
                return await report(self._s, self._pipeline, said)
            case "mine" | "withdraw" | "withhold" | "interview":
                return await self._for_subject(command.verb, said)
            case verb if verb in administration.VERBS:
                return await self._administration.run(verb, said)
            case "help":
                return said.tell(self._s, await self._help(said))
            case _:
                return said.tell(self._s, say(lang, "refused.unknown_verb", verb=command.args[:40]))

    # ------------------------------------------------------------------ for everyone

    async def _help(self, said: Said) -> str:
        parts = [say(said.lang, "help.everyone")]
        if await self._s.directory.is_admin(said.author):
            parts.append(say(said.lang, "help.admin"))
        if any(["subject" in await self._s.directory.roles(said.author, p) for p in await self._s.personas.all()]):
            parts.append(say(said.lang, "help.subject"))
        return "\n\n".join(parts)

    async def _why(self, said: Said) -> Batch:
        state = await said.conversation(self._s)
        outcome = await self._s.read(keys.outcome(state.outcome), Outcome) if state else None
        # What was found for one person alone is not even hinted at to others (rights.md T09).
        theirs = outcome and await self._s.directory.same(said.author.key, outcome.asker.key)
        if outcome is None or (outcome.private and not theirs):
            return said.tell(self._s, say(said.lang, "why.nothing_here"))
        return await self.explain(outcome, said.author, said.thread, said.id)

    async def explain(self, outcome: Outcome, person: Person, thread: Thread, id: str) -> Batch:
        """How an answer was found and why it was trusted, or why a human was asked instead."""
        persona, key = await self._s.personas.get(outcome.persona), f"why:{outcome.id}:{keys.short(person.key, id)}"
        consent = await self._s.consent(outcome.persona)
        reason = gate.check(persona, consent, thread, "answer", self._s.clock.now())
        if persona is None or reason is not None:
            name = persona.display_name if persona else outcome.persona
            text = say(outcome.lang, gate.wording(reason or gate.UNKNOWN), name=name, known="–")
            return alone(self._s, person, thread, text, lang=outcome.lang, key=key)
        why = (*outcome.why, *await self._age(outcome))
        card = cards.why(why, lang=outcome.lang, persona=persona, percent=round(outcome.confidence * 100))
        return alone_card(self._s, person, thread, card, key=key, persona=persona.name)

    async def _age(self, outcome: Outcome) -> tuple[Reason, ...]:
        """How old the best source is by now, once that is worth a word."""
        ids = outcome.evidence_ids[:1]
        found = await (await self._s.library.file(outcome.persona)).get(ids) if ids else []
        days = (self._s.clock.now() - found[0].at).days if found else 0
        if days >= IN_YEARS * 365:
            return (("why.age_years", {"years": str(days // 365)}),)
        return (("why.age", {"months": str(days // 30)}),) if days >= OLD_MONTHS * 30 else ()

    async def _personas(self, said: Said) -> Batch:
        here = [p for p in await self._s.personas.all() if p.state not in UNBORN and gate.serves(p, said.thread)]
        if not here:
            return said.tell(self._s, say(said.lang, "personas.none"))
        lines = []
        for persona in here:
            owner = await reach(self._s, persona.owner) if persona.state == "live" else None
            key = f"personas.{persona.state}"
            lines.append(
                "- "
                + say(
                    said.lang,
                    key,
                    name=persona.display_name,
                    id=persona.name,
                    owner=shown(owner) if owner else persona.owner,
                )
            )
        return said.tell(self._s, say(said.lang, "personas.title") + "\n" + "\n".join(lines))

    async def _topics(self, said: Said) -> Batch:
        """What it knows about, as far as those who read this may know."""
        everyone = [p for p in await self._s.personas.all() if p.state not in UNBORN]
        here = [p for p in everyone if p.state == "live" and gate.serves(p, said.thread)]
        state = await said.conversation(self._s)
        default = await self._s.store.get(keys.chat_default(said.thread.chat_key)) or b""
        choice = choosing.choose(
            said.args or "?", here, everyone, thread=state.persona if state else "", default=default.decode()
        )
        if isinstance(choice, choosing.Ambiguous):
            return await self._personas(said)
        if not isinstance(choice, choosing.Chosen):
            return said.tell(self._s, say(said.lang, "refused.nobody"))
        persona = choice.persona
        consent = await self._s.consent(persona.name)
        if (reason := gate.check(persona, consent, said.thread, "answer", self._s.clock.now())) is not None:
            return self._pipeline.refuse(_asked(said, persona), reason)
        readers = await self._pipeline.readers(_asked(said, persona))
        topics = await self._s.library.topics(persona.name, readers, 12)
        if not topics:
            return said.tell(self._s, say(said.lang, "topics.none", name=persona.display_name))
        lines = [
            say(
                said.lang,
                "topics.line",
                words=" · ".join(t.words),
                count=str(t.passages),
                date=t.latest.date().isoformat(),
            )
            for t in topics
        ]
        text = say(said.lang, "topics.title", name=persona.display_name) + "\n" + "\n".join(f"- {x}" for x in lines)
        card = cards.notice(text, lang=said.lang, persona=persona)
        return alone_card(self._s, said.author, said.thread, card, key=f"{said.id}:topics", persona=persona.name)

    def _lang(self, said: Said) -> Batch:
        wanted = {"zh": "zh-CN", "zh-cn": "zh-CN", "中文": "zh-CN", "en": "en", "english": "en", "英文": "en"}
        lang = wanted.get(said.args.lower())
        if lang is None:
            return said.tell(self._s, say(said.lang, "lang.which", known=", ".join(LANGUAGES)))
        return Batch(puts=(Put(keys.language(said.author.key), lang.encode()),)).plus(
            alone(self._s, said.author, said.thread, say(lang, "lang.set"), lang=lang, key=f"{said.id}:lang")
        )

    # ------------------------------------------------------------------ for the subject

    async def _for_subject(self, verb: str, said: Said) -> Batch:
        mine = [
            p
            for p in await self._s.personas.all()
            if p.state not in GONE and "subject" in await self._s.directory.roles(said.author, p)
        ]
        if not mine:
            return said.tell(self._s, say(said.lang, "subject.none"))
        if verb == "withhold":
            return await withhold(self._s, mine, said)
        if verb == "interview":
            return await self._interviews.start(said, mine)
        named = [p for p in mine if choosing.fold(said.args) in map(choosing.fold, choosing.called(p))]
        if said.args and not named:
            known = ", ".join(p.name for p in mine)
            return said.tell(self._s, say(said.lang, "subject.which", verb=verb, known=known))
        mine = named or mine
        if verb == "mine":
            lines = [
                say(
                    said.lang,
                    "subject.holds",
                    name=p.display_name,
                    state=say(said.lang, f"state.{p.state}"),
                    count=str(await (await self._s.library.file(p.name)).count()),
                )
                for p in mine
            ]
            lines += [line for p in mine for line in await showing.mine(self._s, p, said.lang)]
            entries = [await entering.for_subject(self._s, p, said) for p in mine]
            lines += [entry.text for entry in entries if entry.text]
            links = tuple(link for entry in entries for link in entry.links)
            told = said.tell(self._s, "\n".join(lines), links=links)
            return reduce(Batch.plus, (entry.issued for entry in entries), told)
        batch = Batch()
        for persona in mine:  # one message withdraws, without a reason and without anybody's leave (rights.md L05)
            if persona.state == "requested":  # there is no yes yet: it is a no, and nobody's business
                batch = batch.plus(await entering.declined(self._s, persona, said))
                continue
            batch = batch.plus(await self._retiring.begin(persona, said.author, "withdraw", said.thread, said.lang))
        return batch


def _asked(said: Said, persona: Persona) -> Asked:
    return Asked(said.id, persona, said.args, said.lang, said.author, said.thread, private=said.private)
