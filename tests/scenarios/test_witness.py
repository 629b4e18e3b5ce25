"""§2D: who does not run the server holds a checkpoint, and notices a log that was rewritten or cut off."""

import re
from pathlib import Path

import apsw

from bots.runtime import CHECKPOINTS
from persona_store import audit, jws
from persona_store.audit import Report
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


async def test_nobody_is_sent_one_unasked(w: World) -> None:
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
