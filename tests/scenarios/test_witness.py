"""§2D: who does not run the server holds a checkpoint, and notices a log that was rewritten or cut off."""

import re
from pathlib import Path

import apsw
from msgspec import structs

from bots.operator import found, switch
from bots.subject import death
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.audit import Report
from persona_store.protocols import Batch
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"


def note_in(text: str) -> bytes:
    found = re.search(r"```\n(.*?)\n```", text, re.DOTALL)
    assert found
    return found[1].encode() + b"\n"


async def verified(w: World, held: bytes) -> Report:
    services = w.app.services
    return await audit.verify(services.store, jws.public_bytes(services.vault.signing_key(CHECKPOINTS)), held)


async def test_who_it_is_about_and_who_answers_for_it_get_one_on_request(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY)
    for person in (w.subject, w.owner, w.deputy, w.admin):
        await w.say(person, "checkpoint", direct=True)
        assert (await verified(w, note_in(w.to(person)[-1].post.card.text))).ok
    await w.say(w.mei, "checkpoint", direct=True)
    assert "```" not in w.to(w.mei)[-1].post.card.text


async def test_nobody_is_sent_one_for_every_day(w: World) -> None:
    """Once a month, and with what ends or begins (tests/bots/test_informing.py); never more."""
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.pass_time(hours=30)
    assert "understudy/" not in str([p.post.card.text for p in w.posts])


async def test_the_end_of_a_persona_comes_with_one_that_shows_a_cut_off_tail(w: World, tmp_path: Path) -> None:
    """The erasure itself is the last entry: who cuts it off is found out by whoever was told."""
    await w.persona()
    await w.say(w.subject, "withdraw", direct=True)
    told = next(p for p in reversed(w.to(w.subject)) if "```" in p.post.card.text)
    held = note_in(told.post.card.text)
    assert (await verified(w, held)).ok
    database = apsw.Connection(str(tmp_path / "understudy.db"))
    database.execute("DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)")
    database.execute("DELETE FROM pair WHERE key LIKE 'checkpoint%'")
    database.close()
    report = await verified(w, held)
    assert (report.ok, report.problem) == (False, "TRUNCATED")


async def test_t37_the_going_live_is_told_to_owner_and_subject_with_one(w: World) -> None:
    """On every platform, by the bot itself, to the two whom it concerns and to nobody else."""
    persona = structs.replace(await w.persona(), state="cooling")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(persona),)))
    await switch(w.app, persona, "live")
    await w.settle()
    for person in (w.owner, w.subject):
        (told,) = w.to(person)
        assert (await verified(w, note_in(told.post.card.text))).ok
    assert w.to(w.mei) == w.to(w.admin) == w.in_room() == []


async def test_l13_a_reported_death_silences_and_whom_it_is_about_undoes_it(w: World) -> None:
    await w.persona()
    services, evidence = w.app.services, "ab" * 32
    batch = await death.report(services, await found(w.app, "lin"), "HR", evidence, "operator:cli")
    await services.store.commit(batch)
    await w.settle()
    assert not [p for p in await w.say(w.mei, RETRY) if p.post.card.quotes]
    assert "resume lin" in w.to(w.subject)[-1].post.card.text
    for person in (w.owner, w.admin, w.subject):
        await w.say(person, "/understudy resume lin", direct=True)
        assert (await found(w.app, "lin")).state == ("suspended" if person == w.subject else "deceased")
