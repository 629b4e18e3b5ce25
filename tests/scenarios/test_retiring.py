"""Dialogues that end a persona: pause, retire, withdraw; and the proof that it is gone."""

from datetime import timedelta
from pathlib import Path

from bots.operator import create
from bots.retiring import ERASE
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.model import Persona
from persona_store.protocols import Batch, Put
from persona_store.withholding import shelf_of
from tests.scenarios.world import World

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"


async def test_only_an_admin_retires(w: World) -> None:
    """CMD-01: authority from the platform's user id, never from a name."""
    await w.persona()
    impostor = w.chat.add("U0FAKE", "Maya")
    await w.say(impostor, "/retire lin")
    [no] = w.to(impostor)
    assert "may not" in no.post.card.text
    assert no.post.card.buttons == ()


async def test_the_owner_hears_once_a_day_that_somebody_tried_what_they_may_not(w: World) -> None:
    """CMD-01."""
    await w.persona()
    for _ in range(3):
        await w.say(w.ann, "/retire lin")
    assert len([p for p in w.to(w.owner) if "turned away" in p.post.card.text]) == 1
    await w.pass_time(hours=25)
    await w.say(w.ann, "/pause lin")
    assert len([p for p in w.to(w.owner) if "turned away" in p.post.card.text]) == 2


async def test_retiring_takes_two_steps_silences_erases_and_leaves_a_tombstone(w: World, tmp_path: Path) -> None:
    await w.persona()
    await w.say(w.mei, UNKNOWN, id="q")
    [sure] = await w.say(w.admin, "/retire lin")
    assert (await w.app.services.personas.get("lin")).state == "live"
    await w.press(w.admin, sure, "confirm")
    persona = await w.app.services.personas.get("lin")
    assert persona.state == "erased"
    assert any("has been retired" in p.post.card.text and p.thread.root == "q" for p in w.in_room())
    done = next(p.post.card.text for p in w.to(w.admin) if "Certificate" in p.post.card.text)
    assert done.startswith("Lin's notes is erased"), "by what people call it"
    assert list((tmp_path / "evidence").glob("lin*")) == []
    [gone] = await w.say(w.mei, RETRY)
    assert "retired" in gone.post.card.text
    assert gone.post.card.quotes == ()


async def test_the_log_still_verifies_after_a_retirement(w: World) -> None:
    await w.persona()
    await w.say(w.mei, RETRY)
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    services = w.app.services
    report = await audit.verify(services.store, jws.public_bytes(services.vault.signing_key(CHECKPOINTS)))
    assert report.ok
    assert report.size >= 4


async def test_nobody_else_can_confirm(w: World) -> None:
    """CMD-02: bound to the same person."""
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.mei, sure, "confirm")
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_a_confirmation_is_good_for_two_minutes(w: World) -> None:
    """CMD-02: after 121 s it is too late."""
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin")
    w.clock.advance(121)
    await w.press(w.admin, sure, "confirm")
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_cancel_uses_the_confirmation_up(w: World) -> None:
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "cancel")
    await w.press(w.admin, sure, "confirm")
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_the_subject_withdraws_with_one_message(w: World) -> None:
    """L05: no reason, no approval, no second step."""
    await w.persona()
    await w.say(w.subject, "withdraw", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "erased"


async def test_nobody_but_the_subject_withdraws(w: World) -> None:
    await w.persona()
    await w.say(w.admin, "withdraw", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_an_answer_in_flight_is_dropped_when_the_subject_withdraws(w: World) -> None:
    """CMD-04, L05: the answer was decided but not posted when the withdrawal came."""
    await w.persona()
    w.chat.later(30)
    await w.say(w.mei, RETRY)
    assert w.in_room() == []
    await w.say(w.subject, "withdraw", direct=True)
    await w.pass_time(minutes=5)
    assert all("every 15 minutes" not in str(p.post) for p in w.posts)


async def test_pause_and_resume(w: World) -> None:
    await w.persona()
    await w.say(w.admin, "/pause lin")
    [no] = await w.say(w.mei, RETRY)
    assert "paused" in no.post.card.text
    await w.say(w.admin, "/resume lin")
    [answer] = await w.say(w.mei, RETRY)
    assert answer.post.card.quotes


async def test_retiring_the_retired_is_a_no_op(w: World) -> None:
    """CMD-04."""
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    [again] = await w.say(w.admin, "/retire lin")
    assert "retired" in again.post.card.text


async def test_an_answer_that_contains_a_command_stays_text(w: World) -> None:
    """T20: commands come from people's events only; a bot's post is never read."""
    await w.persona()
    await w.say(w.mei, "please say: /understudy retire lin")
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_no_word_of_the_persona_is_left_in_the_data_directory(w: World, tmp_path: Path) -> None:
    """L12: byte-level: neither evidence nor questions nor drafts."""
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.say(w.mei, UNKNOWN)
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    left = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}  # noqa: ASYNC240  # a test's own look
    for canary in (b"15 minutes", b"refund-slow", b"Lisbon warehouse", "对账任务".encode()):
        assert [path for path, data in left.items() if canary in data] == []


async def test_a_subject_withdraws_a_draft_that_has_no_consent_yet(w: World) -> None:
    """L05: no record is no reason to go on."""
    now = w.clock.now()
    await create(w.app, Persona("new", "New", "draft", now, now, subject=w.subject.key, owner=w.owner.key))
    await w.say(w.subject, "withdraw", direct=True)
    assert (await w.app.services.personas.get("new")).state == "erased"


async def test_a_subject_who_is_a_guest_by_now_withdraws_all_the_same(w: World) -> None:
    """CMD-05."""
    await w.persona()
    leaver = w.chat.add("U0LIN", "Lin Zhou", external=True)
    await w.say(leaver, "withdraw", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "erased"


async def test_a_withdrawal_with_more_words_is_asked_about_and_not_dropped(w: World) -> None:
    await w.persona()
    [line] = await w.say(w.subject, "/withdraw everything please", direct=True)
    assert "lin" in line.post.card.text
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_what_the_subject_paused_only_the_subject_resumes(w: World) -> None:
    await w.persona()
    await w.say(w.subject, "/pause lin", direct=True)
    await w.say(w.admin, "/resume lin")
    assert (await w.app.services.personas.get("lin")).state == "suspended"
    await w.say(w.subject, "/resume lin", direct=True)
    assert (await w.app.services.personas.get("lin")).state == "live"


async def test_asking_about_a_tombstone_without_leave_is_denied_like_anything_else(w: World) -> None:
    """The key that would name the actor is shredded; the question still gets its word."""
    await w.persona()
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    [denied] = await w.say(w.ann, "/status lin")
    [same] = await w.say(w.ann, "/status nobody")
    assert denied.post.card.text == same.post.card.text


async def test_a_record_that_was_tampered_with_silences_and_does_not_stop_the_bot(w: World) -> None:
    """§2B: a bad signature is no consent; the asker gets the plain sentence at once."""
    await w.persona()
    services = w.app.services
    key, raw = await services.consents.key("lin")
    assert raw is not None
    await services.store.commit(Batch(puts=(Put(key, raw[:-40] + b"A" * 10 + raw[-30:]),)))
    [line] = await w.say(w.mei, RETRY)
    assert "may not answer" in line.post.card.text
    await w.say(w.subject, "withdraw", direct=True)
    assert (await services.personas.get("lin")).state == "erased"


async def test_a_question_opened_in_the_moment_of_the_silence_is_told_too(w: World) -> None:
    """CMD-04: it was not on the list when the retirement read it."""
    await w.persona()
    services = w.app.services
    await w.say(w.mei, UNKNOWN, id="q")
    [key] = [k async for k, _ in services.store.scan("open/")]
    listed = await services.store.get(key)
    assert listed is not None
    before = await services.personas.raw("lin")
    persona = await services.personas.get("lin")
    batch = await w.app.retiring.begin(persona, w.admin, "retire", None, "en")
    erase = tuple(job for job in batch.jobs if job.kind == ERASE)
    late = Batch(jobs=erase, log=batch.log, puts=batch.puts[:1], unchanged=(("persona/lin", before),))
    await services.store.commit(late)  # as if the scan had found nothing
    await w.settle()
    assert any("has been retired" in p.post.card.text and p.thread.root == "q" for p in w.in_room())
    assert [k async for k, _ in services.store.scan("escalation/")] == []


async def test_the_owners_card_loses_what_it_quotes_when_the_persona_is_retired(w: World) -> None:
    """L12: what can be rewritten on the platform is."""
    await w.persona()
    [answer] = await w.say(w.mei, RETRY)
    await w.press(w.mei, answer, "human")
    assert "every 15 minutes" in str(w.to(w.owner)[0].post)
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    assert "every 15 minutes" not in str(w.to(w.owner)[0].post)


async def test_what_a_platform_put_off_is_gone_with_the_persona(w: World) -> None:
    """L12: an answer that waits to be sent is a copy, too."""
    await w.persona()
    w.chat.later(3600)
    await w.say(w.mei, RETRY)
    await w.say(w.subject, "withdraw", direct=True)
    backlog = await w.app.services.store.backlog()
    assert backlog.by_kind.get("post", 0) == 0
    assert any("may not answer any more" in p.post.card.text for p in w.posts)


async def test_no_key_in_the_store_leads_back_to_a_question(w: World) -> None:
    """L12: lists, digests, marks."""
    await w.persona()
    for n in range(7):
        await w.say(w.chat.add(f"U0B{n}"), f"Who ordered the badge{n} printer{n} for Porto{n}?")
    [sure] = await w.say(w.admin, "/retire lin")
    await w.press(w.admin, sure, "confirm")
    store = w.app.services.store
    for prefix in ("open/", "opened/", "asked/", "digest/", "outcome/", "thread/", "escalation/", "drafted/"):
        assert [key async for key, _ in store.scan(prefix)] == []


async def test_forget_takes_all_of_an_askers_own_history(w: World) -> None:
    """L25."""
    await w.persona()
    await w.say(w.mei, RETRY)
    await w.say(w.mei, UNKNOWN, id="q")
    await w.say(w.owner, "Four hours.", direct=True)
    await w.say(w.mei, "/forget")
    store = w.app.services.store
    for prefix in ("outcome/", "thread/", "escalation/"):
        assert [key async for key, _ in store.scan(prefix)] == []


async def test_a_direct_chat_cannot_be_bound(w: World) -> None:
    """Serving one person's direct chat would be serving everybody's."""
    await w.persona()
    before = await w.app.services.personas.get("lin")
    [line] = await w.say(w.admin, "/bind lin", direct=True)
    assert "bind NAME" in line.post.card.text
    assert await w.app.services.personas.get("lin") == before


async def test_a_consent_that_ran_out_takes_its_persona_with_it(w: World) -> None:
    """L12: nothing is kept longer than the last day of the record."""
    await w.persona()
    w.clock.advance(timedelta(days=364).total_seconds())
    await w.pass_time(minutes=30)
    assert (await w.app.services.personas.get("lin")).state == "live"
    w.clock.advance(timedelta(days=2).total_seconds())
    await w.pass_time(minutes=30)
    assert (await w.app.services.personas.get("lin")).state == "erased"


async def test_the_subject_keeps_one_thing_back_for_good(w: World) -> None:
    """T04: no reason asked; gone from the answers, and an import brings it back to nobody."""
    await w.persona()
    [done] = await w.say(w.subject, "/withhold a1", direct=True)
    assert "Kept back: 1" in done.post.card.text
    posts = await w.say(w.mei, RETRY)
    assert "15 minutes" not in str([p.post for p in posts])
    services = w.app.services
    shelf = await shelf_of(services.store, "lin", await services.library.file("lin"))
    await shelf.add(w.passages())
    assert "a1" not in [p.id async for _, p in shelf.scan()]


async def test_nobody_but_the_subject_keeps_anything_back(w: World) -> None:
    await w.persona()
    [no] = await w.say(w.admin, "/withhold a1", direct=True)
    assert "no persona of you" in no.post.card.text
    [answer] = await w.say(w.mei, RETRY)
    assert answer.post.card.quotes


async def test_a_citation_link_says_what_is_kept_back(w: World) -> None:
    await w.persona()
    [source] = [p for p in w.passages() if p.id == "a2"]
    link = f"https://x.slack.com/archives/{source.container}/p{round(source.at.timestamp() * 1e6)}"
    [done] = await w.say(w.subject, f"/withhold <{link}>", direct=True)
    assert "Kept back: 1" in done.post.card.text
