"""The interview in the direct chat: one question at a time; the Subject's next plain words there are its answer.

Only the Subject is asked, only while a question is open, and only where consent lists the interview: whatever else
somebody writes to the bot is never learnt (rights.md T05).
"""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from adapters.model import Card, Form, Message, Person, Press, Thread
from bots import cards as notices
from bots import choosing, keys
from bots.interview import cards, keeping
from bots.interview.looking import questions
from bots.interview.plan import Question
from bots.interview.sitting import Sitting, answered, begin, skipped
from bots.people import language
from bots.questions import is_answer
from bots.replies import alone_card
from bots.said import Said
from bots.services import Services
from bots.wording import say
from persona_store.errors import Refused
from persona_store.model import GONE, Persona
from persona_store.protocols import Batch, Put
from persona_store.sources.interview import Given, document_id

SKIP = frozenset(("skip", "next", "-", "跳过", "下一题", "下一个"))
STOP = frozenset(("stop", "enough", "停", "停止", "结束", "先到这里"))


class Interviews:
    def __init__(self, services: Services) -> None:
        self._s = services

    async def open_to(self, person: Person, thread: Thread) -> Sitting | None:
        """The interview whose question waits for this person, here."""
        if not thread.direct:
            return None
        async for key, raw in self._s.store.scan(keys.SITTING):
            if await self._subject_of(keys.persona_of(key, None), person) is None:
                continue  # not theirs, or being erased: then nothing opens it any more
            sitting = self._s.unseal(raw, key, Sitting)
            if sitting.chat == thread.chat_key and self._s.clock.now() <= sitting.until:
                return sitting
        return None

    async def _subject_of(self, name: str, person: Person) -> Persona | None:
        """The persona, if it is of this person and still there; looked up anew each time."""
        persona = await self._s.personas.get(name)
        if persona is None or persona.state in GONE:
            return None
        return persona if "subject" in await self._s.directory.roles(person, persona) else None

    # -------------------------------------------------------------- beginning

    async def start(self, said: Said, mine: list[Persona]) -> Batch:
        """`interview`, typed by the Subject of these personas."""
        if not said.thread.direct:
            return said.tell(self._s, say(said.lang, "interview.direct_only"))
        going_on = await self.open_to(said.author, said.thread)
        named = [p for p in mine if choosing.fold(said.args) in map(choosing.fold, choosing.called(p))]
        if len(named or mine) > 1 or (said.args and not named):
            known = ", ".join(p.name for p in mine)
            return said.tell(self._s, say(said.lang, "subject.which", verb="interview", known=known))
        persona = (named or mine)[0]
        if await keeping.may_interview(self._s, persona):
            return said.tell(self._s, say(said.lang, "interview.no_consent", name=persona.display_name))
        if going_on is not None and going_on.persona == persona.name:
            return self._ask(going_on, persona, said.author, said.thread, f"{said.id}:again")
        asked = await questions(self._s, persona)
        if not asked:
            return said.tell(self._s, say(said.lang, "interview.nothing_open", name=persona.display_name))
        sitting = begin(said.id, persona.name, said.thread.chat_key, said.lang, asked, self._s.clock.now())
        opening = say(said.lang, "interview.opening", name=persona.display_name, count=str(len(asked)))
        before = await self._s.store.get(keys.sitting(persona.name))
        guard = Batch(unchanged=((keys.sitting(persona.name), before),))
        first = self._ask(sitting, persona, said.author, said.thread, f"{said.id}:first", lead=opening)
        return guard.plus(self._put(sitting)).plus(first)

    # -------------------------------------------------------------- words

    async def words(self, sitting: Sitting, message: Message, thread: Thread, id: str) -> Batch:
        """Plain words while a question is open."""
        if message.unsigned:
            return self._tell(message.author, thread, say(sitting.lang, "refused.unsigned"), sitting.lang, id)
        bare = message.text.strip().lower().rstrip(".。!！")
        if bare in SKIP or message.text.strip() in SKIP:
            return await self._skip(sitting, message.author, thread, id)
        if bare in STOP:
            return await self._stop(sitting, message.author, thread, id)
        return await self.answer(sitting, message.text, message.author, thread, message.at, id)

    async def answer(
        self, sitting: Sitting, text: str, by: Person, thread: Thread, said_at: datetime, id: str
    ) -> Batch:
        persona, lang = await self._subject_of(sitting.persona, by), sitting.lang
        if persona is None or await keeping.may_interview(self._s, persona):
            name = persona.display_name if persona else sitting.persona
            ended = Batch(deletes=(keys.sitting(sitting.persona),))
            return ended.plus(self._tell(by, thread, say(lang, "interview.no_consent", name=name), lang, id))
        goes_on = sitting.went_on(said_at)
        if not goes_on and not is_answer(text):
            return self._tell(by, thread, say(lang, "interview.not_yet"), lang, id)
        before = sitting.before if goes_on else None
        question, text = before or sitting.open, text.strip()
        whole = f"{sitting.before_text}\n\n{text}" if before else text
        if problem := await self._kept(persona, question, whole, by, said_at, lang):
            return self._tell(by, thread, problem, lang, id)
        guard = await self._guard(sitting)
        if before:
            return guard.plus(self._added(sitting, whole)).plus(
                self._tell(by, thread, say(lang, "interview.added"), lang, id)
            )
        done = guard.plus(keeping.remembered(persona.name, question, "answered"))
        return done.plus(
            self._next(sitting, answered(sitting, whole, self._s.clock.now()), persona, by, thread, id)
        )

    async def _kept(
        self, persona: Persona, question: Question, text: str, by: Person, said_at: datetime, lang: str
    ) -> str:
        """Why it was not kept, "" if it was. Doing it twice keeps it once: it has the message's own time."""
        given = Given(question.id, question.words(lang), text, said_at)
        try:
            report = await keeping.keep(self._s, persona, [given], by.key, name=by.name)
        except Refused:  # taken back this very moment
            return say(lang, "interview.no_consent", name=persona.display_name)
        if not report.kept:
            return say(lang, "interview.nothing_left")
        return "" if report.new or report.changed or report.same else say(lang, "interview.withheld")

    def _next(
        self, sitting: Sitting, after: Sitting | None, persona: Persona, by: Person, thread: Thread, id: str
    ) -> Batch:
        lang, link = sitting.lang, document_id(sitting.open.id)
        note = say(lang, "interview.take_back", id=link)
        if after is None:
            text = say(lang, "interview.kept") + "\n\n" + self._all(sitting.kept + 1, lang)
            card = notices.notice(text, lang=lang, tone="owner")
            ended = Batch(deletes=(keys.sitting(sitting.persona),))
            return ended.plus(alone_card(self._s, by, thread, card, key=f"{id}:ended"))
        lead = say(lang, "interview.kept")
        return self._put(after).plus(self._ask(after, persona, by, thread, f"{id}:next", lead=lead, note=note))

    def _added(self, sitting: Sitting, whole: str) -> Batch:
        return self._put(structs.replace(sitting, before_text=whole))

    # -------------------------------------------------------------- buttons

    async def press(self, action: str, press: Press) -> Batch:
        lang, id = await language(self._s, press.author), f"press:{keys.short(press.key)}"
        sitting = await self._of(press)
        if sitting is None:
            return self._tell(press.author, press.thread, say(lang, "interview.over"), lang, id)
        if sitting.turn != press.value:
            return self._tell(press.author, press.thread, say(lang, "interview.past"), lang, id)
        match action:
            case "skip":
                return await self._skip(sitting, press.author, press.thread, id)
            case "stop":
                return await self._stop(sitting, press.author, press.thread, id)
            case "replied":
                text = press.fields.get("text", "")
                return await self.answer(sitting, text, press.author, press.thread, press.at, id)
            case _:  # pressed plainly: there was no form, or no place to show it
                return self._tell(press.author, press.thread, say(lang, "interview.plainly"), lang, id)

    async def form(self, press: Press) -> Form | None:
        sitting = await self._of(press)
        return cards.form(sitting) if sitting is not None and sitting.turn == press.value else None

    async def _of(self, press: Press) -> Sitting | None:
        """The sitting a button belongs to, if it is going on and is that of whoever presses."""
        persona, _, rest = press.value.partition("/")
        if await self._subject_of(persona, press.author) is None:
            return None
        key = keys.sitting(persona)
        sitting = await self._s.read(key, Sitting)
        same = sitting is not None and sitting.id == rest.partition("/")[0]
        return sitting if sitting and same and self._s.clock.now() <= sitting.until else None

    async def _skip(self, sitting: Sitting, by: Person, thread: Thread, id: str) -> Batch:
        persona = await self._s.personas.get(sitting.persona)
        batch = (await self._guard(sitting)).plus(keeping.remembered(sitting.persona, sitting.open, "skipped"))
        after = skipped(sitting, self._s.clock.now())
        if persona is None or after is None:
            return batch.plus(self._end(sitting, by, thread, id))
        lead = say(sitting.lang, "interview.skipped")
        return batch.plus(self._put(after)).plus(self._ask(after, persona, by, thread, f"{id}:next", lead=lead))

    async def _stop(self, sitting: Sitting, by: Person, thread: Thread, id: str) -> Batch:
        return (await self._guard(sitting)).plus(self._end(sitting, by, thread, id))

    # -------------------------------------------------------------- what the Subject sees, and what is kept

    def _end(self, sitting: Sitting, by: Person, thread: Thread, id: str) -> Batch:
        ended = Batch(deletes=(keys.sitting(sitting.persona),))
        return ended.plus(self._tell(by, thread, self._all(sitting.kept, sitting.lang), sitting.lang, id))

    def _all(self, kept: int, lang: str) -> str:
        return say(lang, "interview.all" if kept else "interview.none_kept", count=str(kept))

    def _ask(
        self,
        sitting: Sitting,
        persona: Persona,
        by: Person,
        thread: Thread,
        key: str,
        *,
        lead: str = "",
        note: str = "",
    ) -> Batch:
        card: Card = cards.asked(sitting, name=persona.display_name, lead=lead, note=note)
        return alone_card(self._s, by, thread, card, key=key)

    def _put(self, sitting: Sitting) -> Batch:
        key = keys.sitting(sitting.persona)
        return Batch(puts=(Put(key, self._s.seal(sitting, key), sitting.until),))

    async def _guard(self, sitting: Sitting) -> Batch:
        """Two answers at the same moment: the second is looked at again, against the next question."""
        key = keys.sitting(sitting.persona)
        now, raw = await self._s.read_raw(key, Sitting)
        return Batch(unchanged=((key, raw if now == sitting else b""),))

    def _tell(self, to: Person, thread: Thread, text: str, lang: str, id: str) -> Batch:
        return alone_card(self._s, to, thread, notices.notice(text, lang=lang, tone="owner"), key=f"{id}:told")
