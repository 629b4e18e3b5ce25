"""What is asked is what everybody may know of: question and answer are kept for the whole team."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bots.interview.looking import questions
from bots.operator import keep_consent
from persona_store.consent import draft, signing
from persona_store.distill.book import FacetBook
from persona_store.model import Passage
from tests.persona_store.distill.facets import facet
from tests.scenarios.world import KEY, World, world

SAID = ("The reconciliation-service posts the ledger at night", "restarted the reconciliation-service again") * 3
RESTART = "How do I restart the reconciliation-service?"


def spoken(w: World, id: str, text: str, *, own: bool = True, readers: tuple[str, ...] | None = None) -> Passage:
    author = w.subject if own else w.mei
    return Passage(
        id=id,
        source="slack_export",
        container="C0PAY" if readers is None else "G0SEC",
        container_name="",
        thread=id,
        author=author.key,
        author_name=author.name,
        by_subject=own,
        at=w.clock.now() - timedelta(days=20),
        text=text,
        readers=readers,
    )


async def topics(w: World) -> list[str]:
    persona = await w.app.services.personas.get("lin")
    assert persona is not None
    return [question.topic for question in await questions(w.app.services, persona, 100) if question.topic]


async def add(w: World, *passages: Passage) -> None:
    await (await w.app.services.library.file("lin")).add(passages)


async def test_a_question_nobody_answered_is_asked(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.persona()
        said = [spoken(w, f"s{n}", text) for n, text in enumerate(SAID)]
        await add(w, *said, spoken(w, "q", RESTART, own=False))
        assert any("reconciliation" in topic for topic in await topics(w))


async def test_what_was_asked_in_a_private_room_is_not(tmp_path: Path) -> None:
    """T06: the topic alone would tell what is spoken of there."""
    async with world(tmp_path) as w:
        await w.persona()
        few = (w.subject.key, w.mei.key)
        said = [spoken(w, f"s{n}", text, readers=few) for n, text in enumerate(SAID)]
        asked = spoken(w, "q", RESTART, own=False, readers=few)
        await add(w, *said, asked)
        assert not any("reconciliation" in topic for topic in await topics(w))


async def test_what_consent_no_longer_covers_is_not_looked_at(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        persona = await w.persona()
        said = [spoken(w, f"s{n}", text) for n, text in enumerate(SAID)]
        await add(w, *said, spoken(w, "q", RESTART, own=False))
        choices = draft.Choices(
            owner=persona.owner, sources=("interview",), audiences=persona.chats, cooling_off_days=0
        )
        raw = draft.draft(choices, w.clock.now(), await w.app.services.consents.newest("lin"))
        await keep_consent(w.app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
        assert await topics(w) == []


async def test_of_a_contradiction_both_sides_are_shown_where_everybody_may_read_them(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        persona = await w.persona()
        shown = [spoken(w, "c1", "Retries wait 5 minutes."), spoken(w, "c2", "Retries wait 15 minutes.")]
        hidden = spoken(w, "c3", "Payouts stop at noon.", readers=(w.subject.key,))
        against = spoken(w, "c4", "Payouts stop at six.")
        await add(w, *shown, hidden, against)
        told = {"status": "conflicting"}
        facets = [
            facet("standard", shown[0], id="a", topic="retries", conflicts=("b",), **told),
            facet("standard", shown[1], id="b", topic="retries", conflicts=("a",), **told),
            facet("standard", hidden, id="c", topic="payout hours", conflicts=("d",), **told),
            facet("standard", against, id="d", topic="payouts", conflicts=("c",), **told),
        ]
        file = await w.app.services.library.file("lin")
        await FacetBook(file.sealed).keep(facets, w.clock.now(), "rules")
        asked = {q.topic: q for q in await questions(w.app.services, persona, 100) if q.key.endswith("conflicting")}
        assert asked["retries"].statements == ("Retries wait 5 minutes.", "Retries wait 15 minutes.")
        assert "payout hours" not in asked
        assert asked["payouts"].statements == ()
