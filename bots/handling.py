"""One event → one Batch. Reads what is known around it, routes, and calls whose business it is."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Button, Card, Gone, Inbound, Joined, Message, Opened, Person, Post, Press, Thread
from bots import cards, escalation, gate, keys, rations, register, routing, uninstalling
from bots.addressing import Addressing, keep
from bots.agent.language import language_of
from bots.commands import Commands
from bots.inbox import reply_thread
from bots.interview.chat import Interviews
from bots.objecting import Objecting
from bots.outbox import queue
from bots.people import language, profile
from bots.presses import INTERVIEW, Presses
from bots.records import KEPT, Outcome, Pending
from bots.said import conversation_in
from bots.services import Services
from bots.settling import Settling
from bots.wording import say
from persona_store.hidden_text import reveal
from persona_store.model import GONE
from persona_store.protocols import Batch, Put

MOST_CHOICES = 8


class Handling:
    def __init__(
        self,
        services: Services,
        settling: Settling,
        addressing: Addressing,
        commands: Commands,
        presses: Presses,
        objecting: Objecting,
    ) -> None:
        self._s = services
        self._settling = settling
        self._addressing = addressing
        self._commands = commands
        self._presses = presses
        self._interviews = Interviews(services)
        self._objecting = objecting

    async def handle(self, event: Inbound) -> Batch:
        if isinstance(event, (Message, Press, Opened)):
            event = structs.replace(event, author=await profile(self._s, event.author))
        if isinstance(event, Message):
            event = structs.replace(event, text=reveal(event.text)[0])  # as people see it (rights.md T03)
        elif isinstance(event, Press) and event.fields:
            event = structs.replace(event, fields={name: reveal(text)[0] for name, text in event.fields.items()})
        match event:
            case Message():
                return await self._message(event)
            case Press():
                return await self._presses.press(event)
            case Gone():
                return await self._gone(event)
            case Joined():
                return self._introduce(event)
            case Opened():
                return await self._welcome(event)
            case _:
                return await uninstalling.forget(self._s, event.platform, event.tenant)

    async def _message(self, message: Message) -> Batch:
        thread = reply_thread(message)
        id = keys.short(message.key)
        spoken = _spoken(message)
        lang = await language(self._s, message.author, spoken)
        words = Pending(message.text, message.author, thread, lang, self._s.clock.now(), private=message.command)
        if message.author.external and not await self._is_subjects_right(message):
            if not message.addressed:
                return Batch()
            over = await self._over(words, id)
            return self._said(words, id, say(lang, "refused.external")) if over is None else over
        known = await self._known(message, thread)
        route = routing.route(message, known)
        if routing.is_rationed(route) and (over := await self._over(words, id)) is not None:
            return over
        if isinstance(route, routing.Objection):
            objected = await self._objected(message, thread)
            if objected is not None:
                return objected
            route = routing.Ask(route.text) if message.addressed else routing.Ignore("not_a_question")
        match route:
            case routing.Ignore():
                return Batch()
            case routing.Command("ask", text) | routing.Ask(text):
                asked = structs.replace(words, text=text)
                done = await self._addressing.ask(asked, id, files=bool(message.files))
            case routing.Command() as command:
                return await self._commands.run(command, message, thread, lang, id)
            case routing.Interviewed(text, sure):
                done = await self._interviewed(structs.replace(message, text=text), words, id, known, sure=sure)
            case routing.OwnerReply() as reply:
                done = await self._owner_reply(reply, structs.replace(words, text=reply.text), id, known)
        return done.plus(await self._note_language(message.author, spoken))

    async def _objected(self, message: Message, thread: Thread) -> Batch | None:
        """None if there is no answer above it that everybody here has seen."""
        state = await conversation_in(self._s, thread)
        key = keys.outcome(state.outcome) if state else ""
        outcome, raw = await self._s.read_raw(key, Outcome) if key else (None, None)
        if outcome is None or outcome.private:
            return None
        return await self._objecting.said(outcome, raw, message)

    async def _over(self, words: Pending, id: str) -> Batch | None:
        """None while somebody may ask. Then one polite notice, then nothing (rights.md T40)."""
        asker = words.author.key
        used = await rations.take(self._s, keys.asks(asker), rations.of_asker(self._s.limits), id, asker)
        if not used.over:
            return None
        self._s.metrics.denials.labels(f"asker_{used.over}").inc()
        return self._said(words, id, say(words.lang, f"refused.asker_{used.over}")) if used.tell else Batch()

    def _said(self, words: Pending, id: str, text: str) -> Batch:
        post = Post(f"{id}:said", cards.notice(text, lang=words.lang), only_for=words.alone)
        return queue(self._s, post, to=words.thread)

    async def _note_language(self, author: Person, spoken: str) -> Batch:
        """Whoever is asked something later is asked in the language they write in."""
        key = keys.spoke(author.key)
        if not spoken or await self._s.store.get(key) == spoken.encode():
            return Batch()
        return Batch(puts=(Put(key, spoken.encode()),))

    async def _owner_reply(self, reply: routing.OwnerReply, words: Pending, id: str, known: routing.Known) -> Batch:
        if not reply.escalation:
            return await self._which(known.asked_open, words, id)
        record = await register.load(self._s, reply.escalation)
        if record is None or not await self._settling.entitled(record, words.author):
            return await self._addressing.ask(words, id)
        if not reply.sure:
            return await self._which((record.id,), words, id)
        said_in = words.thread if reply.escalation == known.asked_here else None
        return await self._settling.words(record, words.text, words.author, id, said_in=said_in)

    async def _interviewed(
        self, message: Message, words: Pending, id: str, known: routing.Known, *, sure: bool
    ) -> Batch:
        sitting = await self._interviews.open_to(message.author, words.thread)
        if sitting is None:
            return await self._addressing.ask(words, id)
        if not sure and not message.unsigned:
            return await self._which(known.asked_open, words, id, interview=True)
        return await self._interviews.words(sitting, message, words.thread, id)

    async def _which(self, open_ids: tuple[str, ...], words: Pending, id: str, *, interview: bool = False) -> Batch:
        """Several questions wait for this human, or the words read like a question: ask, never guess."""
        buttons: list[Button] = []
        lines: list[str] = []
        for escalation_id in open_ids[:MOST_CHOICES]:
            record = await register.load(self._s, escalation_id)
            if record is None or not escalation.may_answer(record):
                continue
            lines.append(f"{len(lines) + 1}. {' '.join(record.question.split())[:200]}")
            label = say(words.lang, "button.answers_number", number=str(len(lines)))
            buttons.append(Button(f"answers:{record.id}", label, id))
        if interview:
            buttons.insert(0, Button(f"answers:{INTERVIEW}", say(words.lang, "button.answers_interview"), id))
        if not buttons:
            return await self._addressing.ask(words, id)
        buttons.append(Button("new_question", say(words.lang, "button.new_question"), id))
        card = Card(
            label=say(words.lang, "label.bot"),
            text="\n\n".join((say(words.lang, "which.text"), *filter(None, ["\n".join(lines)]))),
            buttons=tuple(buttons),
            tone="owner",
        )
        post = Post(f"{id}:which", card, only_for=None if words.thread.direct else words.author)
        return keep(self._s, words, id).plus(queue(self._s, post, to=words.thread))

    async def _known(self, message: Message, thread: Thread) -> routing.Known:
        """Gather what routing needs; each of it is one or two small reads."""
        author = message.author
        state = await conversation_in(self._s, thread)
        asked_reply = ""
        if message.thread.root:
            ref = await self._s.store.get(keys.placed(message.thread, message.thread.root)) or b""
            kind, _, id = ref.decode().partition(":")
            asked_reply = id if kind == "escalation" else ""
        open_ids = tuple(await register.asked_of(self._s, author)) if message.thread.direct else ()
        here = ""
        if state is not None and not message.thread.direct:
            outcome = await self._s.read(keys.outcome(state.outcome), Outcome)
            record = await register.load(self._s, outcome.escalation) if outcome and outcome.escalation else None
            if record and not escalation.is_settled(record) and await self._settling.entitled(record, author):
                here = record.id
        mine = await self._s.directory.identities(author.key)
        return routing.Known(
            in_thread=state is not None,
            asker_here=state is not None and bool(mine & set(state.askers)),
            asked_reply=asked_reply,
            asked_open=open_ids,
            asked_here=here,
            interviewed=await self._interviews.open_to(author, thread) is not None,
            said_enough=state is not None and state.said_enough(self._s.clock.now()),
        )

    async def _is_subjects_right(self, message: Message) -> bool:
        """Whoever it is about may see what is held and end it, also as a guest (rights.md L05)."""
        command = routing.parse_command(message.text.strip(), native=message.command, addressed=message.addressed)
        if command is not None and command.verb == "leave-me-out":
            return True  # anybody's, about their own words (rights.md L07)
        if command is None or command.verb not in ("withdraw", "mine"):
            return False
        everyone = await self._s.personas.all()
        return any(["subject" in await self._s.directory.roles(message.author, p) for p in everyone])

    async def _gone(self, event: Gone) -> Batch:
        """What was cited from a deleted message is dropped from every persona (rights.md WHK-13)."""
        ids = [f"{event.thread.chat}/{event.message_id}", event.message_id]
        for persona in await self._s.personas.all():
            if persona.state not in GONE and self._s.vault.has_key(persona.name):
                if event.said_at is not None:
                    ids += await self._s.library.said_at(persona.name, event.thread.chat, event.said_at)
                await (await self._s.library.file(persona.name)).remove(ids)
        return Batch()

    def _introduce(self, event: Joined) -> Batch:
        lang = self._s.lang
        card = cards.notice(say(lang, "notice.joined"), lang=lang)
        return queue(self._s, Post(f"joined:{keys.short(event.key)}", card), to=event.thread)

    async def _welcome(self, event: Opened) -> Batch:
        """Once a month at most, however often the chat is opened."""
        key = keys.greeted(event.thread.chat_key, event.author.key)
        if await self._s.store.get(key) is not None or event.author.external:
            return Batch()
        lang = await language(self._s, event.author)
        here = [
            p.display_name
            for p in await self._s.personas.all()
            if p.state == "live" and gate.serves(p, event.thread)
        ]
        names = say(lang, "list.between").join(here) or say(lang, "personas.none_short")
        text = say(lang, "notice.welcome", names=names)
        post = Post(f"welcome:{keys.short(event.key)}", cards.notice(text, lang=lang))
        return Batch(puts=(Put(key, b"", self._s.clock.now() + KEPT),)).plus(queue(self._s, post, to=event.thread))


def _spoken(message: Message) -> str:
    """The language of a message; "" if it tells none: a command in Latin letters is the same in every language, and
    most are chosen from a menu."""
    text = message.text.strip()
    command = routing.parse_command(text, native=message.command, addressed=message.addressed)
    silent = not text or (text.isascii() and command is not None and command.verb != "ask")
    return "" if silent else language_of(text)
