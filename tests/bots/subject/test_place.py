"""The subject's own place: see what is theirs, strike, correct, freeze, take away, withdraw; by a link alone."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from adapters.scripted import Posted
from bots import accountability, distilling
from bots.assessment import filing
from bots.operator import found, import_into, switch
from bots.subject import changing
from persona_store import jws
from persona_store.certificate import SignedCertificate, verify
from persona_store.consent import receipt, signing
from persona_store.errors import Conflict, Refused
from persona_store.model import Document, Persona
from persona_store.personas import BY_SUBJECT
from persona_store.protocols import Batch
from tests.bots.assessment.stage import assessed
from tests.bots.subject.stage import Visitor, asked, fresh, known, token_in, visiting
from tests.scenarios.world import World, passages

SOON = {"cooling_off_days": 7}


class Material:
    """A source with what somebody wrote, once more."""

    kind = "slack_export"
    problems: tuple[str, ...] = ()
    progress = (0, 0)

    def __init__(self, world: World) -> None:
        self.dropped: Counter[str] = Counter()
        self._documents = [
            Document(
                id=p.id, source=p.source, container=p.container, container_name=p.container_name, thread=p.thread,
                author=p.author, author_name=p.author_name, by_subject=p.by_subject, at=p.at, text=p.text,
                readers=p.readers,
            )
            for p in passages("chat", world.clock.now())
        ]  # fmt: skip

    async def documents(self) -> Any:
        for document in self._documents:
            yield document


async def signed(w: World, lin: Visitor, **more: Any) -> Persona:
    lin.token = await asked(w, await fresh(w), **more)
    await lin.sign(SOON)
    await known(w)
    return await found(w.app, "lin")


async def accepted(w: World) -> None:
    """Owner and deputy press the button they were sent."""
    for person in (w.owner, w.deputy):
        card = next(p for p in reversed(w.to(person)) if any(b.action == "accept" for b in p.post.card.buttons))
        await w.press(person, card, "accept")


def answered(posts: list[Posted]) -> str:
    """What was quoted where everybody reads; what goes to the owner alone is no answer."""
    return " ".join(q.text for p in posts if p.thread.chat == "general" for q in p.post.card.quotes)


async def live(w: World, lin: Visitor, *, switched: bool = True) -> Persona:
    persona = await signed(w, lin)
    await accepted(w)
    await lin.do("approve")
    await assessed(w.app)
    w.clock.advance(timedelta(days=8).total_seconds())
    if switched:
        await switch(w.app, await found(w.app, persona.name), "live")
    return await found(w.app, persona.name)


async def test_it_shows_what_is_the_subjects_and_counts_what_is_others(w: World) -> None:
    """Own words with place, day and link; of others' words only how many there are."""
    async with visiting(w) as lin:
        await signed(w, lin)
        told = (await lin.do("open"))["place"]
        page = await lin.do("held")
        mine = [p for p in passages("chat", w.clock.now()) if p.by_subject]
        assert [item["text"] for item in page["items"]] == [p.text for p in mine]
        assert all(item["place"] and item["when"] for item in page["items"])
        assert (told["own"], told["context"]) == (len(mine), 5)


async def test_pages_follow_each_other_without_gap_or_repeat(w: World) -> None:
    async with visiting(w) as lin:
        await signed(w, lin)
        one = passages("chat", w.clock.now())[1]
        file = await w.app.services.library.file("lin")
        await file.add([msgspec.structs.replace(one, id=f"m{n}", text=f"word {n}") for n in range(45)])
        seen: list[str] = []
        after = 0
        while True:
            page = await lin.do("held", after=after)
            assert len(page["items"]) <= 20
            seen += [item["id"] for item in page["items"]]
            if not (after := page["next"]):
                break
        assert len(seen) == len(set(seen)) == 50


async def test_what_is_kept_back_is_gone_and_stays_out_of_the_next_import(w: World) -> None:
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        await lin.do("withhold", ids=["a1"])
        await import_into(w.app, persona, Material(w))  # type: ignore[arg-type]  # has what run_import uses
        ids = [p.id for p in await (await w.app.services.library.file("lin")).all()]
        assert "a1" not in ids
        assert "a2" in ids


async def test_words_of_others_are_not_the_subjects_to_take(w: World) -> None:
    async with visiting(w) as lin:
        await signed(w, lin)
        assert await lin.refused("withhold", ids=["q2"]) == "ITEM_UNKNOWN"
        assert await lin.refused("correct", ids=["q2"], text="I never said that") == "ITEM_UNKNOWN"


async def test_a_correction_replaces_what_was_said_and_survives_an_import(w: World) -> None:
    """The old words are nowhere, the new ones say that they were corrected and link to nothing else."""
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        id = (await lin.do("correct", ids=["a1"], text="The retry job runs every 20 minutes."))["id"]
        secret = "The retry job runs every 30 minutes; key AKIAIOSFODNN7EXAMPLE"
        id = (await lin.do("correct", ids=[id], text=secret))["id"]
        await import_into(w.app, persona, Material(w))  # type: ignore[arg-type]  # as above
        everything = await (await w.app.services.library.file("lin")).all()
        texts = [p.text for p in everything]
        assert not any("15 minutes" in text or "20 minutes" in text for text in texts)
        new = next(p for p in everything if p.id == id)
        assert "30 minutes" in new.text
        assert "AKIA" not in new.text
        assert (new.url, new.container) == ("", "C0PAY")
        assert "✎" in new.container_name
        assert await lin.refused("correct", ids=[id], text="  ") == "ITEM_EMPTY"


async def test_a_correction_is_what_is_quoted_from_then_on(w: World) -> None:
    async with visiting(w) as lin:
        await live(w, lin)
        await lin.do(
            "correct", ids=["a2"], text="Refunds go to the refund-fast queue since the bank's new gateway."
        )
        said = answered(await w.say(w.mei, "Which queue do refunds go to?"))
        assert "refund-fast" in said
        assert "refund-slow" not in said


async def test_nobody_is_answered_before_the_subject_approved(w: World) -> None:
    """The days to think it over are past, owner and deputy have accepted: without a look it stays shut."""
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        await accepted(w)
        w.clock.advance(timedelta(days=8).total_seconds())
        with pytest.raises(Refused) as refused:
            await switch(w.app, await found(w.app, persona.name), "live")
        assert refused.value.code == "NOT_APPROVED"
        await lin.do("approve")
        await assessed(w.app)
        await switch(w.app, await found(w.app, persona.name), "live")


async def test_nobody_approves_what_is_not_there_yet(w: World) -> None:
    """A yes to an empty page would be one to whatever is imported afterwards."""
    async with visiting(w) as lin:
        lin.token = await asked(w, await fresh(w))
        await lin.sign(SOON)
        assert await lin.refused("approve") == "CONSENT_PREVIEW"
        await known(w)
        await lin.do("approve")


async def test_approval_does_not_cut_the_days_to_think_it_over_short(w: World) -> None:
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        await accepted(w)
        await lin.do("approve")
        with pytest.raises(Refused) as refused:
            await switch(w.app, await found(w.app, persona.name), "live")
        assert refused.value.code == "CONSENT_COOLING"


async def distilled(w: World, persona: Persona) -> None:
    await distilling.distil_by_rules(w.app.services, persona, "operator:cli", progress=lambda *_: None)


async def test_while_it_cools_off_subject_and_owner_look_and_strike_and_nobody_else(w: World) -> None:
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        await distilled(w, persona)
        html = (await lin.do("page", lang="zh-CN"))["html"]
        assert "AI" in html
        facets = await lin.do("statements")
        assert facets
        said = await w.say(w.owner, "/understudy preview lin", chat=f"dm-{w.owner.id}", direct=True)
        owner = Visitor(lin.session, lin.url, token_in(said[-1].post.card.text))
        assert (await owner.do("open"))["view"] == "preview"
        assert "river behind" not in (await owner.do("page"))["html"]
        await owner.do("strike", ids=[(await owner.do("statements"))[0]["id"]])
        assert len(await lin.do("statements")) < len(facets)
        for verb in ("held", "answers", "export", "withdraw", "approve", "receipts", "restrict", "correct"):
            assert (await owner.raw(verb))[0] == 404, verb
        said = await w.say(w.admin, "/understudy preview lin", chat=f"dm-{w.admin.id}", direct=True)
        assert "#t=" not in said[-1].post.card.text


async def test_what_the_subject_strikes_does_not_come_back(w: World) -> None:
    async with visiting(w) as lin:
        persona = await signed(w, lin)
        await distilled(w, persona)
        struck = (await lin.do("statements"))[0]
        await lin.do("strike", ids=[struck["id"]])
        for _ in range(3):
            await distilled(w, persona)
            assert struck["id"] not in {each["id"] for each in await lin.do("statements")}


async def test_freezing_stops_everything_and_deletes_nothing(w: World) -> None:
    """L32: no answer, no import, no distilling, and only the subject lifts it."""
    async with visiting(w) as lin:
        persona = await live(w, lin)
        count = await (await w.app.services.library.file("lin")).count()
        await lin.do("restrict")
        said = await w.say(w.mei, "Which queue do refunds go to?")
        assert not answered(said)
        frozen = await found(w.app, "lin")
        assert (frozen.state, frozen.reason) == ("restricted", BY_SUBJECT)
        with pytest.raises(Refused) as refused:
            await import_into(w.app, frozen, Material(w))  # type: ignore[arg-type]  # as above
        assert refused.value.code == "RESTRICTED"
        with pytest.raises(Refused) as refused:
            await distilled(w, frozen)
        assert refused.value.code == "RESTRICTED"
        with pytest.raises(Refused) as refused:
            await switch(w.app, frozen, "resume")
        assert refused.value.code == "ILLEGAL_STATE"
        assert await (await w.app.services.library.file("lin")).count() == count
        await lin.do("lift")
        assert (await found(w.app, persona.name)).state == "live"
        said = await w.say(w.mei, "Which queue do refunds go to?")
        assert "refund-slow" in answered(said)


async def test_lifting_a_freeze_is_no_way_round_the_days_to_think_it_over(w: World) -> None:
    async with visiting(w) as lin:
        await signed(w, lin)
        await lin.do("restrict")
        w.clock.advance(timedelta(days=8).total_seconds())
        await lin.do("lift")
        assert (await found(w.app, "lin")).state == "cooling", "it was never live, and is not now"
        with pytest.raises(Refused, match="NOT_APPROVED"):
            await switch(w.app, await found(w.app, "lin"), "live")


async def test_l32_what_was_ready_and_never_set_live_is_not_set_live_by_a_freeze(w: World) -> None:
    """All it needs is there; but nobody has set it live, and lifting a freeze is not that."""
    async with visiting(w) as lin:
        await live(w, lin, switched=False)
        await lin.do("restrict")
        await lin.do("lift")
        assert (await found(w.app, "lin")).state == "assessed"
        assert not answered(await w.say(w.mei, "Which queue do refunds go to?"))


async def test_l32_what_somebody_paused_stays_paused_for_their_reason(w: World) -> None:
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.admin, "/pause lin")
        await lin.do("restrict")
        await lin.do("lift")
        assert ((await found(w.app, "lin")).state, (await found(w.app, "lin")).reason) == ("suspended", "")
        assert not answered(await w.say(w.mei, "Which queue do refunds go to?"))


async def test_l32_what_they_paused_they_alone_let_answer_again_also_without_an_account(w: World) -> None:
    """Neither a chat nor whoever types at the installation does it in their place."""
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.subject, "/pause lin", direct=True)
        assert (await lin.do("open"))["place"]["own_pause"]
        await w.say(w.admin, "/resume lin")
        with pytest.raises(Refused, match="PAUSED_BY_SUBJECT"):
            await switch(w.app, await found(w.app, "lin"), "resume")
        await lin.do("restrict")
        await lin.do("lift")
        assert (await found(w.app, "lin")).state == "suspended"
        await lin.do("resume")
        assert answered(await w.say(w.mei, "Which queue do refunds go to?"))
        await w.say(w.admin, "/pause lin")
        assert not (await lin.do("open"))["place"]["own_pause"]
        assert await lin.refused("resume") == "NOT_YOURS"


async def test_what_is_being_erased_of_somebody_else_keeps_nobody_from_looking(w: World) -> None:
    """Their key is gone before their records are."""
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.mei, "lin: which queue do refunds go to?")
        await w.persona("bob", "Bob's notes")
        await w.say(w.ann, "bob: which vendor prints the badge in Lisbon?")
        w.app.services.vault.shred("bob")
        assert (await lin.do("answers"))["total"] == 1


async def test_l05_who_read_it_before_the_withdrawal_writes_nothing_over_it(w: World) -> None:
    """Between reading and writing lie papers, people and platforms: whatever was decided there is decided anew."""
    async with visiting(w) as lin:
        read = await live(w, lin)
        await lin.do("withdraw")
        services = w.app.services
        for late in (
            switch(w.app, read, "suspend"),
            accountability.typed(services, read, read.owner, "en"),
            filing.offer(services, read, "public", "operator:cli"),
            changing.restrict(services, read, read.subject),
        ):
            with pytest.raises(Conflict):
                await late
        assert await w.app.retiring.begin(read, w.admin, "retire", None, "en") == Batch(), "it is over already"
        assert (await found(w.app, "lin")).state in ("erasing", "erased")


async def test_l32_what_spoke_and_has_run_out_meanwhile_is_paused(w: World) -> None:
    async with visiting(w) as lin:
        await live(w, lin)
        await lin.do("restrict")
        services = w.app.services
        object.__setattr__(services, "installation", replace(services.installation, platforms=("slack",)))
        await lin.do("lift")
        assert (await found(w.app, "lin")).state == "suspended", "it has outgrown what was assessed"


async def test_who_asked_is_a_stand_in_and_private_words_stay_private(w: World) -> None:
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.mei, "How often does the payment retry job run?")
        w.clock.advance(60)
        await w.say(w.mei, "Which queue do refunds go to?")
        w.clock.advance(60)
        await w.say(w.ann, "Can a refund still be stopped by support?", chat=f"dm-{w.ann.id}", direct=True)
        told = await lin.do("answers")
        asked_by = [each["asker"] for each in told["answers"]]
        assert told["total"] == 3
        assert asked_by[1] == asked_by[2] != asked_by[0]
        raw = json.dumps(told)
        assert "Mei" not in raw
        assert "U0MEI" not in raw
        assert "stopped by support?" not in raw
        assert "payment retry job" in raw


async def test_of_what_is_forgotten_the_log_still_knows_how_much_it_was(w: World) -> None:
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.mei, "Which queue do refunds go to?")
        month = f"{w.clock.now():%Y-%m}"
        w.clock.advance(timedelta(days=31).total_seconds())
        await w.app.services.store.sweep()
        told = await lin.do("answers")
        assert (told["total"], told["earlier"]) == (0, [[month, 1]])


async def test_everything_can_be_taken_along(w: World) -> None:
    """L10: JSON and a page, the records with receipts that hold; nothing of others'."""
    async with visiting(w) as lin:
        await live(w, lin)
        await w.say(w.mei, "Which queue do refunds go to?")
        status, raw = await lin.raw("export", lang="zh-CN")
        assert status == 200
        archive = zipfile.ZipFile(io.BytesIO(raw))
        assert archive.testzip() is None
        items = json.loads(archive.read("items.json"))
        assert {item["id"] for item in items} == {"a1", "a2", "a3", "a4", "a5"}
        page = archive.read("lin.html").decode()
        assert "对账任务每天凌晨" in page
        assert "<script" not in page
        assert 'name="AIGC"' in page
        assert "Can a refund still be stopped" not in page  # what a colleague had asked, back then
        assert receipt.check(archive.read("records/1.receipt.json")).persona == "lin"
        assert json.loads(archive.read("answers.json"))["answers"][0]["kind"] == "answered"
        assert json.loads(archive.read("facets.json"))["AIGC"]["Label"] == "1"


async def test_one_press_withdraws_and_the_certificate_comes_to_the_same_link(w: World) -> None:
    """CMD-05: without account, reason or anybody's leave; the answers stop with the commit."""
    async with visiting(w) as lin:
        await live(w, lin)
        await lin.do("withdraw")
        assert (await found(w.app, "lin")).state in ("erasing", "erased")
        await w.settle()
        said = await w.say(w.mei, "Which queue do refunds go to?")
        assert not answered(said)
        told = await lin.do("open")
        assert told["place"]["state"] == "erased"
        given = await lin.do("certificate")
        signed = SignedCertificate(
            given["certificate"].encode(), given["signature"], bytes.fromhex(given["public_key"])
        )
        assert verify(signed, signed.public_key).cert_id == told["place"]["certificate"]
        assert verify(signed, signed.public_key).trigger == "withdrawal"
        for verb in ("held", "export", "statements", "answers", "approve", "lift"):
            assert (await lin.raw(verb))[0] == 404, verb
        left = [key async for key, _ in w.app.services.store.scan("subject/")]
        assert left == []


async def test_the_key_alone_leads_back_also_after_the_end(w: World) -> None:
    """The work account may be gone, and every link lost."""
    async with visiting(w) as lin:
        await signed(w, lin)
        lin.token = ""
        status, answer = await lin.prove()
        assert status == 200
        lin.token = answer["token"]
        await lin.do("withdraw")
        await w.settle()
        lin.token = ""
        status, answer = await lin.prove()
        lin.token = answer["token"]
        assert (await lin.do("open"))["place"]["certificate"]


async def test_another_key_and_an_old_or_used_challenge_lead_nowhere(w: World) -> None:
    """And it looks the same as for a key nobody knows."""
    async with visiting(w) as lin:
        await signed(w, lin)
        right = lin.key
        lin.key = signing.generate_key()
        stranger = await lin.prove()
        assert stranger[0] == 404
        theirs = (await lin.do("challenge", public_key=lin.public))["challenge"]
        lin.key = right
        signature = jws.sign(theirs.encode(), lin.key, "understudy-login+jws")
        wanted = {"challenge": theirs, "signature": signature, "public_key": lin.public}
        assert await lin.raw("prove", **wanted) == stranger
        challenge = (await lin.do("challenge", public_key=lin.public))["challenge"]

        signature = jws.sign(challenge.encode(), lin.key, "understudy-login+jws")
        wanted = {"challenge": challenge, "signature": signature, "public_key": lin.public}
        assert (await lin.raw("prove", **wanted))[0] == 200
        assert await lin.raw("prove", **wanted) == stranger
        w.clock.advance(60)
        challenge = (await lin.do("challenge", public_key=lin.public))["challenge"]
        signature = jws.sign(challenge.encode(), lin.key, "understudy-login+jws")
        w.clock.advance(121)
        late = {"challenge": challenge, "signature": signature, "public_key": lin.public}
        assert await lin.raw("prove", **late) == stranger


async def test_a_signature_for_a_record_is_none_for_the_door(w: World) -> None:
    """The two kinds of signature cannot pass for each other."""
    async with visiting(w) as lin:
        await signed(w, lin)
        challenge = (await lin.do("challenge", public_key=lin.public))["challenge"]
        signature = signing.sign(challenge.encode(), lin.key)
        assert (await lin.raw("prove", challenge=challenge, signature=signature, public_key=lin.public))[0] == 404


async def test_a_link_that_went_astray_is_closed_and_the_others_purposes_with_it(w: World) -> None:
    """The one in hand goes on; another persona's are not touched."""
    async with visiting(w) as lin:
        await signed(w, lin)
        said = await w.say(w.subject, "mine", direct=True)
        astray = Visitor(lin.session, lin.url, token_in(said[-1].post.card.text))
        other = Visitor(lin.session, lin.url, await asked(w, await fresh(w, "mei"), "chat:U0MEI"))
        assert (await astray.raw("open"))[0] == 200
        assert (await lin.do("close"))["count"] == 1
        assert (await astray.raw("open"))[0] == 404
        assert (await lin.raw("open"))[0] == 200
        assert (await other.raw("open"))[0] == 200


async def test_withdraw_said_to_a_request_is_a_no_like_the_button(w: World) -> None:
    """Erasing the persona would tell whoever looks at the list what they decided."""
    token = await asked(w, await fresh(w))
    before = await w.app.services.personas.raw("lin")
    said = await w.say(w.subject, "withdraw", direct=True)
    assert "Nobody is told" in said[-1].post.card.text
    assert await w.app.services.personas.raw("lin") == before
    async with visiting(w, token) as lin:
        assert await lin.refused("open") == "REQUEST_CLOSED"
