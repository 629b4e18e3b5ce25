"""A persona made of canaries, in use, up to the moment before its subject says no."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bots import exports, logs
from bots.distilling import book_of, distil_by_rules
from bots.operator import create, import_into, keep_consent, switch
from bots.options import Log
from bots.portrait.html import html
from bots.portrait.looking import look
from persona_store.consent import draft, signing
from persona_store.model import Persona, PersonaRules
from persona_store.protocols import Batch
from tests.erasure.giving import FRIEND, given_away
from tests.erasure.planting import SOURCES, Words, sources
from tests.scenarios.world import KEY, World, world

CHATS = ("oc_ops00001", "cidOps+/01=", "12345678901@chatroom", "1500000001", "lin@corp.example", "material")


class Places:
    """Where things lie: the installation's, and what people took out of it."""

    def __init__(self, root: Path) -> None:
        self.data, self.temp, self.log = root / "data", root / "tmp", root / "understudy.log"
        self.material, self.given_away = root / "material", root / "given-away"
        for folder in (self.data, self.temp, self.material, self.given_away):
            folder.mkdir(mode=0o700)

    @property
    def ours(self) -> tuple[Path, ...]:
        return self.data, self.temp, self.log


@asynccontextmanager
async def planted(places: Places, word: Words) -> AsyncIterator[World]:
    """Imported, live, asked, escalated, learnt, distilled, exported."""
    with places.log.open("a", encoding="utf-8") as out:
        logs.setup(Log(level="debug", format="json"), out)
        try:
            async with world(places.data) as w:
                await _made(w, places, word)
                await _used(w, word)
                await _distilled(w, places, word)
                yield w
        finally:
            logging.basicConfig(level=logging.WARNING, force=True)


async def _made(w: World, places: Places, word: Words) -> None:
    now = w.clock.now()
    persona = Persona(
        name="lin",
        display_name="Lin's notes",
        state="draft",
        created_at=now,
        state_at=now,
        subject=w.subject.key,
        owner=w.owner.key,
        deputy=w.deputy.key,
        chats=("chat:*",),
        rules=PersonaRules(quiet_from="00:00", quiet_to="00:00", risk_budget=0.9),  # it shall answer
    )
    await create(w.app, persona)
    wishes = draft.Choices(
        owner=w.owner.key,
        sources=SOURCES,
        containers=("*", *CHATS),
        facets=("work_knowledge", "decision_patterns", "communication_style"),
        audiences=("chat:*",),
        cooling_off_days=0,
        days=365,
        recipients=(FRIEND,),
    )
    raw = draft.draft(wishes, now)
    await keep_consent(w.app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    for source in sources(places.material, word):
        report = await import_into(w.app, persona, source)
        assert report.kept + report.described, (source.kind, report)
    await switch(w.app, persona, "live")


async def _used(w: World, word: Words) -> None:
    """Answered by the material, asked of the owner and learnt, left open, with a draft, and on its way."""
    slack = next(each for each, what in word.used.items() if what == "slack")
    await w.say(w.mei, f"How often does the {slack} job run?")
    await w.say(w.mei, f"And what about {word('a follow-up')}?", direct=True)
    await w.say(w.ann, f"Which vendor prints the {word('escalation, question')} badge in Lisbon?", id="q")
    asked = next(each for each in reversed(w.to(w.owner)) if "Lisbon" in each.post.card.text)
    await w.press(w.owner, asked, "mine", text=f"Ribeiro prints them, as for {word('correction')}.")
    answer = next(
        each for each in await w.say(w.ann, f"How often does the {slack} job run?") if each.post.card.quotes
    )
    await w.press(w.ann, answer, "human")  # its draft lies with the owner
    await w.say(w.mei, f"Which colour has the {word('escalation, left open')} badge?")
    w.chat.later(7200)
    await w.say(w.mei, f"How often does the {slack} job run really, {word('in the outbox')}?")
    file = await w.app.services.library.file("lin")
    said = [passage.text for passage in await file.all()]
    assert any("Ribeiro prints them" in text for text in said)


async def _distilled(w: World, places: Places, word: Words) -> None:
    services, persona = w.app.services, await w.app.services.personas.get("lin")
    assert persona is not None
    await distil_by_rules(services, persona, "operator:cli", progress=lambda done, of: None)
    book = await book_of(services, persona)
    await book.keep_said(f"{word('model, asked')}?", f"it is {word('model, answered')}".encode())
    interview = await w.say(w.subject, "interview", direct=True)
    assert interview[-1].post.card.buttons, interview
    await w.say(w.subject, f"That is the {word('interview')} way of doing it.", direct=True)
    page = html(await look(services, persona, "en"))
    (places.given_away / "lin.html").write_text(page, encoding="utf-8")
    await services.store.commit(Batch(puts=(exports.note(services, "lin", "page", "lin.html"),)))
    await distil_by_rules(services, persona, "operator:cli", progress=lambda done, of: None)  # a further version
    await given_away(w, places.given_away)
    (places.temp / "metrics.txt").write_bytes(services.metrics.text())
    w.clock.advance(timedelta(minutes=1).total_seconds())
    await w.settle()
