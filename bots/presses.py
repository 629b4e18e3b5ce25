"""What a button does. Whoever presses is authorised anew; a second press gets a polite answer and no effect."""

from __future__ import annotations

from adapters.model import Press
from bots import accountability, confirm, escalation, gate, keys, learning, leaving, linking, register, withholding
from bots.addressing import Addressing
from bots.audit import line
from bots.commands import Commands
from bots.interview.chat import Interviews
from bots.licence import paying
from bots.model import Escalation
from bots.objecting import Objecting
from bots.people import language
from bots.pipeline import Asked, Pipeline
from bots.records import Outcome, Pending
from bots.replies import alone
from bots.retiring import Retiring
from bots.services import Services
from bots.settling import Settling
from bots.subject import kin
from bots.wording import say
from persona_store.model import GONE
from persona_store.protocols import Batch

INTERVIEW = "interview"  # what words may answer, besides an escalation
HARMLESS = frozenset(
    ("up", "down", "human", "why", "private", "takeback", "pick", "answers", "new_question", "cancel")
    + ("edit", "mine", "delegate", "send", "decline")
)
"""What a press may do that comes in a way in which anybody could have made it: nothing that confirms, publishes or
erases. A new action is not among them until somebody says so (rights.md T17)."""


class Presses:
    def __init__(
        self,
        services: Services,
        settling: Settling,
        pipeline: Pipeline,
        addressing: Addressing,
        commands: Commands,
        retiring: Retiring,
    ) -> None:
        self._s = services
        self._settling = settling
        self._pipeline = pipeline
        self._addressing = addressing
        self._commands = commands
        self._retiring = retiring
        self._interviews = Interviews(services)
        self._objecting = Objecting(services, pipeline)

    async def press(self, press: Press) -> Batch:
        lang = await language(self._s, press.author)
        action, _, argument = press.action.partition(":")
        # What they were asked to confirm is bound to them, and is only ever asked about a right of their own.
        if press.author.external and action not in ("confirm", "cancel"):
            return self._reply(press, say(lang, "refused.external"), lang)
        if press.unsigned and action not in HARMLESS:
            return self._reply(press, say(lang, "refused.unsigned"), lang)
        match action:
            case "up" | "down" | "human" | "why" | "private":
                return await self._on_outcome(action, press)
            case "takeback" | "unlearn" | "share" | "send" | "answered" | "decline" | "delegated":
                return await self._on_escalation(action, press)
            case "pass":
                return await self._on_escalation(action, press, argument)
            case "edit" | "mine" | "delegate":  # pressed plainly: there was no form, or no place to show it
                return await self._on_escalation("explain", press)
            case "pick" | "answers" | "new_question":
                return await self._on_pending(action, argument, press)
            case "reply" | "replied" | "skip" | "stop":
                return await self._interviews.press(action, press)
            case "confirm":
                return await self._confirm(press)
            case "accept":
                text, done = await accountability.pressed(self._s, press, lang)
                return done.plus(self._reply(press, text, lang))
            case "not_received":
                text, done = await paying.pressed(self._s, press, lang)
                return done.plus(self._reply(press, text, lang))
            case "kin":
                text, done = await kin.pressed(self._s, press, lang)
                return done.plus(self._reply(press, text, lang))
            case "cancel":
                _, why, used = await confirm.take(self._s, press)
                return used.plus(self._reply(press, say(lang, why or "confirm.cancelled"), lang))
            case _:
                return await self._too_old(press)

    # ------------------------------------------------------------------ below an answer

    async def _on_outcome(self, action: str, press: Press) -> Batch:
        id = press.value or await self._placed_outcome(press)
        outcome, raw = await self._s.read_raw(keys.outcome(id), Outcome) if id else (None, None)
        if outcome is None or not await self._may_see(outcome, press):
            # A stray reaction on one of our posts is nobody's request; a pressed button deserves a word.
            return await self._too_old(press) if press.value else Batch()
        if action == "why":
            return await self._commands.explain(outcome, press.author, press.thread, press.id)
        if action == "private":
            return await self._private(outcome, press)
        lang = await language(self._s, press.author, outcome.lang)
        unchanged = Batch(unchanged=((keys.outcome(id), raw),))
        vote = action if action in ("up", "down") else ""
        if vote and outcome.feedback.get(press.author.key) != vote:
            voted = await self._objecting.voted(outcome, press.author, vote, vouched=not press.unsigned)
            if voted is None:
                return self._reply(press, say(lang, "refused.retired", name=outcome.persona), lang)
            outcome, counted = voted
            unchanged = unchanged.plus(counted)
        elif action == "up":
            return Batch()
        if action == "up":
            return unchanged.plus(Batch(puts=(self._objecting.kept(outcome),))).plus(
                self._reply(press, say(lang, "feedback.thanks"), lang)
            )
        if await self._objecting.is_asked(outcome):
            kept = Batch(puts=(self._objecting.kept(outcome),)) if vote else Batch()
            return unchanged.plus(kept).plus(self._reply(press, say(lang, "asked.already"), lang))
        reason = "thumbs_down" if action == "down" else "asked_for_human"
        handed = await self._objecting.to_human(outcome, press.author, reason)
        if isinstance(handed, Batch):
            return unchanged.plus(handed)
        persona = await self._s.personas.get(outcome.persona)
        lang = await language(self._s, press.author, outcome.lang)
        name = persona.display_name if persona else outcome.persona
        return self._reply(press, say(lang, gate.wording(handed), name=name, known="–"), lang)

    async def _placed_outcome(self, press: Press) -> str:
        ref = await self._s.store.get(keys.placed(press.thread, press.message_id)) or b""
        kind, _, id = ref.decode().partition(":")
        return id if kind == "outcome" else ""

    async def _may_see(self, outcome: Outcome, press: Press) -> bool:
        """A button works where its card stands, or for the person it was made for."""
        same_place = press.thread.chat_key == outcome.thread.chat_key and not outcome.private
        return same_place or await self._s.directory.same(press.author.key, outcome.asker.key)

    async def _private(self, outcome: Outcome, press: Press) -> Batch:
        """The asker takes the private answer in their direct chat; once, however often they press."""
        persona = await self._s.personas.get(outcome.persona)
        adapter = self._s.adapters.get(press.author.platform)
        id = keys.short(outcome.id, "private")
        if persona is None or adapter is None:
            return await self._too_old(press)
        if await self._s.store.get(keys.outcome(id)) is not None:
            lang = await language(self._s, press.author, outcome.lang)
            return self._reply(press, say(lang, "private.sent"), lang)
        thread = await adapter.direct(press.author)
        asked = Asked(id, persona, outcome.question, outcome.lang, press.author, thread)
        return await self._pipeline.answer(asked)

    # ------------------------------------------------------------------ below a question to a human

    async def _on_escalation(self, action: str, press: Press, argument: str = "") -> Batch:
        record, id = await register.load(self._s, press.value), f"press:{keys.short(press.key)}"
        if record is None:
            return await self._too_old(press)
        if action == "takeback":
            return await self._settling.take_back(record, press.author, id)
        lang = await language(self._s, press.author, record.lang)
        if not await self._settling.entitled(record, press.author):
            return self._reply(press, say(lang, "owner.not_yours"), lang)
        match action:
            case "send" if record.draft:
                return await self._settling.words(record, record.draft, press.author, id)
            case "answered":
                return await self._settling.words(record, press.fields.get("text", ""), press.author, id)
            case "decline":
                return await self._settling.decline(record, press.author, id)
            case "delegated":
                to = press.fields.get("person", "").strip()
                key = to if ":" in to else f"{press.author.platform}:{to}"
                return await self._settling.delegate(record, key, press.author, id)
            case "pass" if argument in map(str, range(len(record.may_know))):
                knower = record.may_know[int(argument)]
                return await self._settling.delegate(record, knower.key, press.author, id)
            case "unlearn" | "share":
                return await self._kept_words(action, record, press)
            case _:
                key = "owner.plainly" if escalation.may_answer(record) else f"already.{record.state}"
                return self._reply(press, say(lang, key), lang)

    async def _kept_words(self, action: str, record: Escalation, press: Press) -> Batch:
        """The owner takes a learned answer out again, or lets everyone have it."""
        lang = await language(self._s, press.author, record.lang)
        persona = await self._s.personas.get(record.persona)
        if persona is None or persona.state in GONE:
            return self._reply(press, say(lang, "refused.retired", name=record.persona), lang)
        await (learning.unlearn if action == "unlearn" else learning.share)(self._s, record)
        audited = line(self._s, record.persona, f"correction.{action}", press.author.key, refs=(record.id,))
        cancel = (learning.job_id(record.id),) if action == "unlearn" else ()
        return Batch(log=(audited,), cancel=cancel).plus(self._reply(press, say(lang, f"owner.{action}ed"), lang))

    # ------------------------------------------------------------------ "which one did you mean?"

    async def _on_pending(self, action: str, argument: str, press: Press) -> Batch:
        """Words that waited for a choice: good once, and only for the person who wrote them."""
        key = keys.DRAFTED + press.value
        pending, raw = await self._s.read_raw(key, Pending)
        if pending is None:
            return await self._too_old(press)
        if not await self._s.directory.same(pending.author.key, press.author.key):
            lang = await language(self._s, press.author, pending.lang)
            return self._reply(press, say(lang, "picker.not_yours"), lang)
        used = Batch(deletes=(key,), unchanged=((key, raw),))
        match action:
            case "pick":
                return used.plus(await self._pick(argument, pending, press))
            case "answers":
                return used.plus(await self._answers(argument, pending, press))
            case _:
                return used.plus(await self._addressing.ask(pending, keys.short(press.value, "question")))

    async def _pick(self, name: str, pending: Pending, press: Press) -> Batch:
        persona = await self._s.personas.get(name)
        if persona is None:
            return await self._too_old(press)
        id = keys.short(press.value, name)
        return await self._pipeline.answer(
            Asked(id, persona, pending.text, pending.lang, pending.author, pending.thread, private=pending.private)
        )

    async def _answers(self, escalation_id: str, pending: Pending, press: Press) -> Batch:
        if escalation_id == INTERVIEW:
            sitting = await self._interviews.open_to(pending.author, pending.thread)
            if sitting is None:
                return await self._too_old(press)
            id, words = f"press:{keys.short(press.key)}", pending.text
            return await self._interviews.answer(sitting, words, press.author, pending.thread, press.at, id)
        record = await register.load(self._s, escalation_id)
        if record is None or not await self._settling.entitled(record, press.author):
            return await self._too_old(press)
        return await self._settling.words(record, pending.text, press.author, f"press:{keys.short(press.key)}")

    # ------------------------------------------------------------------ the second step

    async def _confirm(self, press: Press) -> Batch:
        lang = await language(self._s, press.author)
        deed, why, used = await confirm.take(self._s, press)
        if deed is None:
            return used.plus(self._reply(press, say(lang, why), lang))
        if deed.action == "link":
            return used.plus(await linking.join(self._s, deed.about, press, lang))
        if deed.action == leaving.ACTION:
            return used.plus(await leaving.confirmed(self._s, press, lang))
        if deed.action == withholding.ACTION:
            return used.plus(await withholding.confirmed(self._s, deed.about, press, lang))
        persona = await self._s.personas.get(deed.about)
        if persona is None or not await self._s.directory.is_admin(press.author):
            return used.plus(self._reply(press, say(lang, "refused.admin_only"), lang))
        return used.plus(await self._retiring.begin(persona, press.author, "retire", press.thread, lang))

    async def _too_old(self, press: Press) -> Batch:
        lang = await language(self._s, press.author)
        return self._reply(press, say(lang, "button.too_old"), lang)

    def _reply(self, press: Press, text: str, lang: str) -> Batch:
        """To the presser alone."""
        return alone(self._s, press.author, press.thread, text, lang=lang, key=f"press:{keys.short(press.key)}")
