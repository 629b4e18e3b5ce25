"""One event → one Batch. Reads what is known around it, routes, and calls whose business it is."""

from __future__ import annotations

from msgspec import structs

from adapters.model import Button, Card, Gone, Inbound, Joined, Message, Opened, Person, Post, Press, Thread
from bots import cards, choosing, escalation, keys, routing
from bots.agent.language import language_of
from bots.commands import Commands
from bots.desk import Desk
from bots.inbox import reply_thread
from bots.outbox import queue
from bots.people import language, profile
from bots.pipeline import Asked, Pipeline
from bots.presses import Presses
from bots.records import KEPT, Outcome, Pending, ThreadState
from bots.services import Services
from bots.settling import Settling
from bots.wording import say
from persona_store.protocols import Batch, Put

MAX_QUESTION = 4000


class Handling:
    def __init__(
        self,
        services: Services,
        desk: Desk,
        settling: Settling,
        pipeline: Pipeline,
        commands: Commands,
        presses: Presses,
    ) -> None:
        self._s = services
        self._desk = desk
        self._settling = settling
        self._pipeline = pipeline
        self._commands = commands
        self._presses = presses

    async def handle(self, event: Inbound) -> Batch:
        if isinstance(event, (Message, Press, Opened)):
            event = structs.replace(event, author=await profile(self._s, event.author))
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
                return await self._commands.uninstalled(event.platform, event.tenant)

    async def _message(self, message: Message) -> Batch:
        thread = reply_thread(message)
        id = keys.short(message.key)
        lang = await self._language(message)
        if message.author.external:
            if not message.addressed:
                return Batch()
            return self._say(id, say(lang, "refused.external"), lang, thread, message.author)
        known = await self._known(message, thread)
        match routing.route(message, known):
            case routing.Ignore():
                return Batch()
            case routing.Command("ask", args):
                return await self._ask(message, thread, args, lang, id)
            case routing.Command() as command:
                return await self._commands.run(command, message, thread, lang, id)
            case routing.OwnerReply() as reply:
                return await self._owner_reply(reply, message, thread, lang, id, known)
            case routing.Ask(text):
                return await self._ask(message, thread, text, lang, id)

    async def _ask(self, message: Message, thread: Thread, text: str, lang: str, id: str) -> Batch:
        if not text.strip():
            key = "refused.only_files" if message.files else "refused.empty"
            return self._say(id, say(lang, key), lang, thread, message.author)
        if len(text) > MAX_QUESTION:
            return self._say(
                id, say(lang, "refused.too_long", most=str(MAX_QUESTION)), lang, thread, message.author
            )
        everyone = await self._s.personas.all()
        here = [p for p in everyone if p.state != "erased" and self._commands.serves(p, thread)]
        state = await self._s.read(keys.thread(thread), ThreadState)
        default = await self._s.store.get(keys.chat_default(thread.chat_key))
        choice = choosing.choose(
            text, here, everyone, thread=state.persona if state else "", default=default.decode() if default else ""
        )
        match choice:
            case choosing.Chosen(persona, words):
                asked = Asked(id, persona, words, lang, message.author, thread, private=message.command)
                return await self._pipeline.answer(asked)
            case choosing.Retired(name):
                return self._say(id, say(lang, "refused.retired", name=name), lang, thread, message.author)
            case choosing.Unknown(name):
                known = ", ".join(p.display_name for p in here if p.state == "live") or say(
                    lang, "personas.none_short"
                )
                text = say(lang, "refused.unknown", name=name, known=known)
                return self._say(id, text, lang, thread, message.author)
            case choosing.Ambiguous(personas):
                return self._pending(id, text, message.author, thread, lang).plus(
                    queue(
                        self._s, Post(f"{id}:pick", cards.picker(list(personas), lang=lang, pending=id)), to=thread
                    )
                )
            case _:
                return self._say(id, say(lang, "refused.nobody"), lang, thread, message.author)

    async def _owner_reply(
        self, reply: routing.OwnerReply, message: Message, thread: Thread, lang: str, id: str, known: routing.Known
    ) -> Batch:
        if reply.sure and reply.escalation:
            record = await self._desk.load(reply.escalation)
            if record is not None and await self._settling.entitled(record, message.author):
                in_thread = reply.escalation == known.asked_here
                return await self._settling.words(record, reply.text, message.author, in_thread=in_thread)
            return await self._ask(message, thread, reply.text, lang, id)
        return await self._which(known.asked_open, reply.text, message, thread, lang, id)

    async def _which(
        self, open_ids: tuple[str, ...], text: str, message: Message, thread: Thread, lang: str, id: str
    ) -> Batch:
        """Several questions wait for this human, or the words read like a question: ask, never guess."""
        buttons: list[Button] = []
        lines: list[str] = []
        for escalation_id in open_ids[:8]:
            record = await self._desk.load(escalation_id)
            if record is None or (escalation.is_settled(record) and record.state != "expired"):
                continue
            lines.append(f"{len(lines) + 1}. {' '.join(record.question.split())[:200]}")
            label = say(lang, "button.answers_number", number=str(len(lines)))
            buttons.append(Button(f"answers:{record.id}", label, id))
        if not buttons:
            return await self._ask(message, thread, text, lang, id)
        buttons.append(Button("new_question", say(lang, "button.new_question"), id))
        card = Card(
            label=say(lang, "label.bot"),
            text=say(lang, "which.text") + "\n\n" + "\n".join(lines),
            buttons=tuple(buttons),
            tone="owner",
        )
        return self._pending(id, text, message.author, thread, lang).plus(
            queue(self._s, Post(f"{id}:which", card), to=thread)
        )

    async def _known(self, message: Message, thread: Thread) -> routing.Known:
        """Gather what routing needs; each of it is one or two small reads."""
        author = message.author
        state = await self._s.read(keys.thread(thread), ThreadState)
        asked_reply = ""
        if message.thread.root:
            ref = await self._s.store.get(keys.placed(message.thread, message.thread.root)) or b""
            kind, _, id = ref.decode().partition(":")
            asked_reply = id if kind == "escalation" else ""
        open_ids = tuple(await self._desk.asked_of(author)) if message.thread.direct else ()
        here = ""
        if state is not None and not message.thread.direct and not message.addressed:
            outcome = await self._s.read(keys.outcome(state.outcome), Outcome)
            record = await self._desk.load(outcome.escalation) if outcome and outcome.escalation else None
            if record and not escalation.is_settled(record) and await self._settling.entitled(record, author):
                here = record.id
        mine = await self._s.directory.identities(author.key)
        return routing.Known(
            in_thread=state is not None,
            asker_here=state is not None and bool(mine & set(state.askers)),
            asked_reply=asked_reply,
            asked_open=open_ids,
            asked_here=here,
        )

    async def _language(self, message: Message) -> str:
        return await language(self._s, message.author, language_of(message.text) if message.text.strip() else "")

    async def _gone(self, event: Gone) -> Batch:
        """What was cited from a deleted message is dropped from every persona (rights.md WHK-13)."""
        ids = [f"{event.thread.chat}/{event.message_id}", event.message_id]
        for persona in await self._s.personas.all():
            if persona.state in ("live", "suspended"):
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
            if p.state == "live" and self._commands.serves(p, event.thread)
        ]
        text = say(lang, "notice.welcome", names=", ".join(here) or say(lang, "personas.none_short"))
        post = Post(f"welcome:{keys.short(event.key)}", cards.notice(text, lang=lang))
        return Batch(puts=(Put(key, b"", self._s.clock.now() + KEPT),)).plus(queue(self._s, post, to=event.thread))

    def _pending(self, id: str, text: str, author: Person, thread: Thread, lang: str) -> Batch:
        key = keys.DRAFTED + id
        pending = Pending(text, author, thread, lang, self._s.clock.now())
        return Batch(puts=(Put(key, self._s.seal(pending, key), self._s.clock.now() + KEPT),))

    def _say(self, id: str, text: str, lang: str, thread: Thread, to: Person) -> Batch:
        return queue(self._s, Post(f"{id}:said", cards.notice(text, lang=lang)), to=thread)
