"""What a button does. Whoever presses is authorised anew; a second press gets a polite answer and no effect."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Press
from bots import confirm, keys, learning
from bots.audit import line
from bots.commands import Commands
from bots.desk import Desk
from bots.model import Draft, Escalation
from bots.people import language
from bots.pipeline import Asked, Pipeline
from bots.records import KEPT, Outcome, Pending
from bots.replies import alone
from bots.retiring import Retiring
from bots.services import Services
from bots.settling import Settling
from bots.wording import say
from persona_store.protocols import Batch, Put


class Presses:
    def __init__(
        self,
        services: Services,
        desk: Desk,
        settling: Settling,
        pipeline: Pipeline,
        commands: Commands,
        retiring: Retiring,
    ) -> None:
        self._s = services
        self._desk = desk
        self._settling = settling
        self._pipeline = pipeline
        self._commands = commands
        self._retiring = retiring

    async def press(self, press: Press) -> Batch:
        if press.author.external:
            return Batch()
        action, _, argument = press.action.partition(":")
        match action:
            case "up" | "down" | "human" | "why" | "private":
                return await self._on_outcome(action, press)
            case "send" | "answered" | "decline" | "delegated" | "unlearn" | "share" | "takeback":
                return await self._on_escalation(action, press)
            case "pick":
                return await self._pick(argument, press)
            case "answers":
                return await self._answers(argument, press)
            case "new_question":
                return await self._new_question(press)
            case "confirm":
                return await self._confirm(press)
            case "cancel":
                lang = await language(self._s, press.author)
                _, why, used = await confirm.take(self._s, press)
                return used.plus(self._reply(press, say(lang, why or "confirm.cancelled"), lang))
            case _:
                return Batch()

    # ------------------------------------------------------------------ below an answer

    async def _on_outcome(self, action: str, press: Press) -> Batch:
        id = press.value or await self._placed_outcome(press)
        outcome = await self._s.read(keys.outcome(id), Outcome) if id else None
        if outcome is None:
            # A stray reaction on one of our posts is nobody's request; a pressed button deserves a word.
            lang = await language(self._s, press.author)
            return self._reply(press, say(lang, "button.too_old"), lang) if press.value else Batch()
        if not await self._may_see(outcome, press):
            return Batch()
        if action == "why":
            return await self._commands.explain(outcome, press.author, press.thread, press.id)
        if action == "up":
            return await self._voted(outcome, press, "up")
        if action == "private":
            return await self._private(outcome, press)
        voted = await self._voted(outcome, press, "down") if action == "down" else Batch()
        if outcome.escalation:
            lang = await language(self._s, press.author, outcome.lang)
            return voted.plus(self._reply(press, say(lang, "asked.already"), lang))
        return voted.plus(
            await self._to_human(outcome, press, "thumbs_down" if action == "down" else "asked_for_human")
        )

    async def _placed_outcome(self, press: Press) -> str:
        ref = await self._s.store.get(keys.placed(press.thread, press.message_id)) or b""
        kind, _, id = ref.decode().partition(":")
        return id if kind == "outcome" else ""

    async def _may_see(self, outcome: Outcome, press: Press) -> bool:
        """A button works where its card stands, or for the person it was made for."""
        same_place = press.thread.chat_key == outcome.thread.chat_key
        return same_place or await self._s.directory.same(press.author.key, outcome.asker.key)

    async def _voted(self, outcome: Outcome, press: Press, vote: str) -> Batch:
        if outcome.feedback.get(press.author.key) == vote:
            return Batch()
        key = keys.outcome(outcome.id)
        before = await self._s.store.get(key)
        outcome = structs.replace(outcome, feedback={**outcome.feedback, press.author.key: vote})
        put = Put(key, self._s.seal(outcome, key), outcome.at + KEPT)
        audited = line(self._s, outcome.persona, "feedback", press.author.key, decision=vote, refs=(outcome.id,))
        batch = Batch(puts=(put,), unchanged=((key, before),), log=(audited,))
        if vote == "down":
            return batch
        lang = await language(self._s, press.author, outcome.lang)
        return batch.plus(self._reply(press, say(lang, "feedback.thanks"), lang))

    async def _to_human(self, outcome: Outcome, press: Press, reason: str) -> Batch:
        persona = await self._s.personas.get(outcome.persona)
        if persona is None or persona.state != "live":
            lang = await language(self._s, press.author, outcome.lang)
            return self._reply(press, say(lang, "refused.retired", name=outcome.persona), lang)
        asked = Asked(outcome.id, persona, outcome.question, outcome.lang, press.author, outcome.thread)
        file = await self._s.library.file(persona.name)
        passages = await file.get(outcome.evidence_ids)
        draft = Draft(
            evidence=tuple(learning.as_evidence(p) for p in passages),
            quotes=(outcome.draft,) if outcome.draft else (),
            confidence=outcome.confidence,
            why=outcome.why,
        )
        state = await self._pipeline.thread_state(asked)
        return await self._pipeline.escalate(asked, draft, reason, state)

    async def _private(self, outcome: Outcome, press: Press) -> Batch:
        """The asker takes the private answer in their direct chat."""
        persona = await self._s.personas.get(outcome.persona)
        adapter = self._s.adapters.get(press.author.platform)
        if (
            persona is None
            or adapter is None
            or not await self._s.directory.same(press.author.key, outcome.asker.key)
        ):
            return Batch()
        thread = await adapter.direct(press.author)
        asked = Asked(
            keys.short(outcome.id, "private"), persona, outcome.question, outcome.lang, press.author, thread
        )
        return await self._pipeline.answer(asked)

    # ------------------------------------------------------------------ below a question to a human

    async def _on_escalation(self, action: str, press: Press) -> Batch:
        record = await self._desk.load(press.value)
        if record is None:
            return Batch()
        if action == "takeback":
            return await self._settling.take_back(record, press.author)
        if not await self._settling.entitled(record, press.author):
            lang = await language(self._s, press.author, record.lang)
            return self._reply(press, say(lang, "owner.not_yours"), lang)
        match action:
            case "send":
                return await self._settling.words(record, record.draft, press.author)
            case "answered":
                return await self._settling.words(record, press.fields.get("text", ""), press.author)
            case "decline":
                return await self._settling.decline(record, press.author)
            case "delegated":
                to = press.fields.get("person", "").strip()
                key = to if ":" in to else f"{press.author.platform}:{to}"
                return await self._settling.delegate(record, key, press.author)
            case _:
                return await self._kept_words(action, record, press)

    async def _kept_words(self, action: str, record: Escalation, press: Press) -> Batch:
        """The owner takes a learned answer out again, or lets everyone have it."""
        lang = await language(self._s, press.author, record.lang)
        await (learning.unlearn if action == "unlearn" else learning.share)(self._s, record)
        audited = line(self._s, record.persona, f"correction.{action}", press.author.key, refs=(record.id,))
        return Batch(log=(audited,)).plus(self._reply(press, say(lang, f"owner.{action}ed"), lang))

    # ------------------------------------------------------------------ "which one did you mean?"

    async def _pick(self, name: str, press: Press) -> Batch:
        pending, used = await self._pending(press)
        persona = await self._s.personas.get(name)
        if pending is None or persona is None:
            return Batch()
        asked = Asked(
            keys.short(press.value, name), persona, pending.text, pending.lang, pending.author, pending.thread
        )
        return used.plus(await self._pipeline.answer(asked))

    async def _answers(self, escalation_id: str, press: Press) -> Batch:
        pending, used = await self._pending(press)
        record = await self._desk.load(escalation_id)
        if pending is None or record is None or not await self._settling.entitled(record, press.author):
            return Batch()
        return used.plus(await self._settling.words(record, pending.text, press.author))

    async def _new_question(self, press: Press) -> Batch:
        pending, used = await self._pending(press)
        if pending is None:
            return Batch()
        return used.plus(await self._commands.ask_again(pending, keys.short(press.value, "question")))

    async def _pending(self, press: Press) -> tuple[Pending | None, Batch]:
        """The kept words, for the person who wrote them, once."""
        key = keys.DRAFTED + press.value
        pending = await self._s.read(key, Pending)
        if pending is None or not await self._s.directory.same(pending.author.key, press.author.key):
            return None, Batch()
        return pending, Batch(deletes=(key,), unchanged=((key, await self._s.store.get(key)),))

    # ------------------------------------------------------------------ the second step

    async def _confirm(self, press: Press) -> Batch:
        lang = await language(self._s, press.author)
        deed, why, used = await confirm.take(self._s, press)
        if deed is None:
            return used.plus(self._reply(press, say(lang, why), lang))
        persona = await self._s.personas.get(deed.persona)
        if persona is None or not await self._s.directory.is_admin(press.author):
            return used.plus(self._reply(press, say(lang, "refused.admin_only"), lang))
        return used.plus(await self._retiring.begin(persona, press.author, "retire", press.thread, lang))

    def _reply(self, press: Press, text: str, lang: str) -> Batch:
        """To the presser alone."""
        return alone(self._s, press.author, press.thread, text, lang=lang, key=f"press:{keys.short(press.key)}")
