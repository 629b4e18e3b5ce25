"""One message for all the questions that would have been a flood."""

from __future__ import annotations

from adapters.model import Button, Card, Post
from bots import keys
from bots.desk import Desk
from bots.outbox import queue
from bots.people import language
from bots.services import Services
from bots.wording import say
from persona_store.protocols import Batch

MOST_BUTTONS = 20  # a card takes 50 blocks on Slack; the questions beyond are answered by a plain reply


class Digest:
    def __init__(self, services: Services, desk: Desk) -> None:
        self._s = services
        self._desk = desk

    async def write(self, assignee_key: str) -> Batch:
        """What waits for one human, each question with its own button, and everyone of them asked by it."""
        prefix = keys.digest(assignee_key, "")
        lines: list[str] = []
        buttons: list[Button] = []
        batch = Batch()
        person, persona_name, lang = None, "", self._s.lang
        async for key, name in self._s.store.scan(prefix):
            batch = batch.plus(Batch(deletes=(key,)))
            record = await self._desk.load(key.removeprefix(prefix))
            persona = await self._s.personas.get(name.decode())
            if record is None or persona is None or persona.state != "live" or record.state != "open":
                continue
            record, asked = await self._desk.ask_in_digest(persona, record)
            batch = batch.plus(asked)
            person, persona_name = record.assignee, persona.name
            lang = await language(self._s, person, record.lang)
            lines.append(f"{len(lines) + 1}. {' '.join(record.question.split())[:300]}")
            if len(buttons) < MOST_BUTTONS:
                label = say(lang, "button.answer_number", number=str(len(lines)))
                buttons.append(Button("mine", label, record.id, opens_form=True))
        if person is None:
            return batch
        card = Card(
            label=say(lang, "label.bot"),
            title=say(lang, "digest.title", count=str(len(lines))),
            text="\n".join(lines),
            buttons=tuple(buttons),
            tone="owner",
        )
        key = f"digest:{assignee_key}:{keys.short(*lines, self._s.clock.now().isoformat())}"
        return batch.plus(queue(self._s, Post(key, card), to=person, persona=persona_name))
