"""One message for all the questions that would have been a flood."""

from __future__ import annotations

from datetime import timedelta

from adapters.model import Button, Card, Post
from bots import asking, escalation, keys, register
from bots.hours import hours_of
from bots.outbox import queue
from bots.people import own_language
from bots.services import Services
from bots.timers import digest_timer
from bots.wording import say
from persona_store.model import GONE
from persona_store.protocols import Batch

MOST = 20  # questions in one digest: a card takes 50 blocks on Slack, and a human not even these
AGAIN = timedelta(hours=1)


async def write(services: Services, assignee_key: str) -> Batch:
    """What waits for one human, each question with its own button, and everyone of them asked, or reminded of, by
    it. What does not fit, or belongs to a paused persona, stays for the next one."""
    now = services.clock.now()
    mark, prefix = keys.digest_mark(assignee_key), keys.digest(assignee_key, "")
    batch = Batch(unchanged=((mark, await services.store.get(mark)),))
    lines: list[str] = []
    buttons: list[Button] = []
    personas: set[str] = set()
    person, lang, left, next_due = None, services.lang, 0, now + AGAIN
    async for key, name in services.store.scan(prefix):
        persona = await services.personas.get(name.decode())
        gone = persona is None or persona.state in GONE  # and the key of what was asked with it
        record = None if gone else await register.load(services, key.removeprefix(prefix))
        if (
            persona is None
            or record is None
            or escalation.is_settled(record)
            or record.assignee.key != assignee_key
        ):
            batch = batch.plus(Batch(deletes=(key,)))
            continue
        next_due = hours_of(persona.rules, record.assignee.timezone).next_waking(now + AGAIN)
        if persona.state != "live" or len(lines) == MOST:
            left += 1
            continue
        if record.state == "open":
            record, batched = await asking.asked(services, persona, record)
        else:
            batched = await register.save(services, escalation.remind(record, now))
        batch = batch.plus(batched).plus(Batch(deletes=(key,)))
        person = record.assignee
        personas.add(persona.name)
        lang = await own_language(services, person, record.lang)
        lines.append(f"{len(lines) + 1}. {' '.join(record.question.split())[:300]}")
        label = say(lang, "button.answer_number", number=str(len(lines)))
        buttons.append(Button("mine", label, record.id, opens_form=True))
    if left:
        batch = batch.plus(Batch(jobs=(digest_timer(assignee_key, next_due),)))
    if person is None:
        return batch
    card = Card(
        label=say(lang, "label.bot"),
        title=say(lang, "digest.title", count=str(len(lines))),
        text="\n".join(lines),
        notes=(say(lang, "digest.more", count=str(left)),) if left else (),
        buttons=tuple(buttons),
        tone="owner",
    )
    key = f"digest:{assignee_key}:{keys.short(*lines, now.isoformat())}"
    one = personas.pop() if len(personas) == 1 else ""
    return batch.plus(queue(services, Post(key, card), to=person, persona=one))
