"""An assessor who is not concerned, and what they do: read the draft, answer every question, sign."""

from __future__ import annotations

from bots.app import App
from bots.assessment import making, watching
from bots.assessment.model import Answer, Signed, Template
from bots.operator import OPERATOR, found
from persona_store.consent import signing

ASSESSOR = "chat:U0CMP"
KEY = signing.generate_key()
YES = Answer("yes", "asked the people themselves, and looked at the settings")
NO = Answer("no", "nobody could tell me what it is for")


async def drafted(app: App, name: str = "lin", template: Template | None = None) -> tuple[str, ...]:
    """The questions that wait for a human."""
    assessment, batch = await making.write(app.services, await found(app, name), template, OPERATOR)
    await app.services.store.commit(batch)
    return assessment.questions


async def assessed(app: App, name: str = "lin", by: str = ASSESSOR, **answers: Answer) -> Signed:
    """Drafted and signed; every question that is not among `answers` is answered yes."""
    questions = await drafted(app, name)
    given = {question: answers.get(question, YES) for question in questions}
    signed, batch = await making.sign(app.services, await found(app, name), by, given, KEY)
    await app.services.store.commit(batch)
    return signed


async def looked(app: App) -> None:
    """What the bot does when it starts, and every hour."""
    await watching.watch(app.services)
