"""T37, §2A, §2D: nothing is built, goes live or ends without its Subject hearing of it, with a proof to keep."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import msgspec
import pytest

from adapters.scripted import Posted
from bots.importing import bring_in
from bots.operator import found, switch
from bots.people import person_of
from bots.subject import requests
from bots.witness import CHECKPOINTS
from persona_store import audit, jws
from persona_store.audit import Report
from persona_store.certificate import SignedCertificate, verify
from persona_store.checkpoint import clipped
from persona_store.consent import draft, receipt, signing
from persona_store.errors import Refused
from persona_store.protocols import Batch
from persona_store.sources.slack_export import SlackExport
from tests.bots.letters.postbox import LIN, Postbox
from tests.bots.letters.stage import at_home, files_of, running, text_of
from tests.bots.subject.stage import BASE, asked, fresh, proposal, token_in, visiting
from tests.persona_store.sources.exports import export, said, write_zip
from tests.scenarios.world import World

Both = tuple[World, Postbox]


async def verified(w: World, text: str) -> Report:
    """What `audit verify --against` says to a letter, or a message, that was saved as it is."""
    services = w.app.services
    public = jws.public_bytes(services.vault.signing_key(CHECKPOINTS))
    return await audit.verify(services.store, public, clipped(text.encode()))


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    async with running() as them:
        yield them


async def set_live(w: World) -> None:
    """As when the cooling-off is over and somebody types `persona live`."""
    cooling = msgspec.structs.replace(await found(w.app, "lin"), state="cooling")
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(cooling),)))
    await switch(w.app, cooling, "live")
    await w.settle()


async def imported(w: World, folder: Path, *texts: str, name: str = "a") -> None:
    messages = [said("U0LIN", text, 60 * n, client_msg_id=f"{name}{n}") for n, text in enumerate(texts)]
    source = SlackExport(write_zip(folder / f"{name}.zip", export({"payments": messages})), "U0LIN", "")
    await bring_in(w.app.services, await found(w.app, "lin"), source, "operator:cli")


# ------------------------------------------------------------------ the receipt


async def test_the_receipt_comes_home_with_the_very_bytes_that_were_signed(both: Both) -> None:
    """§2A: record, notice, both signatures, who is responsible and how to withdraw, at an address of one's own."""
    w, post = both
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        signed = await lin.sign(address=LIN)
    await w.settle()
    (mail,) = post.mails
    assert post.recipients == [LIN]
    files = files_of(mail)
    assert set(files) == {"receipt.json", "record.json", "record.json.jws", "notice.md"}
    assert receipt.check(files["receipt.json"]).record_id in signed["receipt"]["record"]
    assert files["record.json"].decode() == signed["receipt"]["record"]
    signing.verify(files["record.json"], files["record.json.jws"].decode().strip(), signing.public_key(lin.key))
    text = text_of(mail)
    assert "withdraw" in text
    assert "dpo@acme.example" in text
    assert "chat:U0OWN" in text


async def test_every_letter_leads_to_the_configured_host_and_to_no_other(both: Both) -> None:
    """WEB-07: and the link in it opens the Subject's own place."""
    w, post = both
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        await lin.sign(address=LIN)
        await w.settle()
        links = re.findall(r"https?://[^\s\"<>]+", text_of(post.mails[0]))
        assert links
        assert all(link.startswith(f"{BASE}/subject#t=") for link in links)
        lin.token = token_in(text_of(post.mails[0]))
        assert (await lin.do("open"))["view"] == "place"


async def test_a_record_in_chinese_is_written_about_in_chinese(both: Both) -> None:
    w, post = both
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        shown = await lin.do(
            "draft",
            lang="zh-CN",
            ticks={"sources": [0, 1], "facets": [0], "audiences": [0, 1], "recipients": [], "days": 90,
                   "cooling_off_days": 7},
        )  # fmt: skip
        signature = signing.sign(shown["record"].encode(), lin.key)
        await lin.do("sign", signature=signature, public_key=lin.public, address=LIN)
    await w.settle()
    assert "回执" in str(post.mails[0]["Subject"])
    assert "撤回" in text_of(post.mails[0])


async def test_an_address_that_is_none_signs_nothing(both: Both) -> None:
    """The link is not spent on it: the Subject corrects it and goes on."""
    w, post = both
    token = await asked(w, await fresh(w))
    async with visiting(w, token) as lin:
        shown = await lin.do(
            "draft",
            ticks={"sources": [0], "facets": [0], "audiences": [0], "recipients": [], "days": 90,
                   "cooling_off_days": 7},
        )  # fmt: skip
        signature = signing.sign(shown["record"].encode(), lin.key)
        wanted = {"signature": signature, "public_key": lin.public}
        assert await lin.refused("sign", **wanted, address='"x"@home.example') == "ADDRESS"
        await lin.do("sign", **wanted, address=LIN)


# ------------------------------------------------------------------ being asked


async def test_a_request_can_come_by_letter_and_the_subject_is_told_where_it_went(both: Both) -> None:
    w, post = both
    persona = await fresh(w)
    offered = proposal(w.clock.now())
    batch = await requests.ask(
        w.app.services, persona, person_of("chat:U0LIN"), offered, by="operator:cli", about="Acme", address=LIN
    )
    await w.app.services.store.commit(batch)
    await w.settle()
    (mail,) = post.mails
    assert "Acme" in str(mail["Subject"])
    async with visiting(w, token_in(text_of(mail))) as lin:
        offer = await lin.do("open")
        assert (offer["view"], offer["address"]) == ("request", LIN)
    told = w.to(w.subject)[-1].post.card.text
    assert "l…@h…" in told
    assert token_in(told) != token_in(text_of(mail))


# ------------------------------------------------------------------ built, and live


async def test_t37_what_is_built_is_told_at_home_once_for_what_was_done_together(
    both: Both, tmp_path: Path
) -> None:
    """No admin builds a persona of somebody without their private mailbox knowing."""
    w, post = both
    await at_home(w)
    await imported(w, tmp_path, "The ledger job runs at four.", "It writes to the vault bucket.", name="a")
    await imported(w, tmp_path, "Vendors are paid on Fridays.", name="b")
    await w.settle()
    assert post.box == []
    await w.pass_time(minutes=11)
    (mail,) = post.mails
    assert "段落: 3\n" in text_of(mail)
    for word in ("ledger", "vault", "Vendors", "Fridays"):
        assert word not in post.box[0].decode()  # no word of any chat
        assert word not in text_of(mail)
    await w.pass_time(hours=2)
    assert len(post.box) == 1
    await imported(w, tmp_path, "Refunds take a week.", name="c")
    await w.pass_time(minutes=11)
    assert len(post.box) == 2


async def test_t37_without_a_mailbox_it_is_told_in_the_chat(both: Both, tmp_path: Path) -> None:
    w, post = both
    await w.persona()
    await imported(w, tmp_path, "The ledger job runs at four.")
    await w.pass_time(minutes=11)
    assert post.box == []
    assert "brought into" in w.to(w.subject)[-1].post.card.text


async def test_t37_going_live_is_told_at_home_with_a_checkpoint(both: Both) -> None:
    w, post = both
    await at_home(w)
    await set_live(w)
    (mail,) = post.mails
    assert str(mail["Subject"]) == "Lin's notes 已上线"  # the record is in Chinese
    assert (await verified(w, text_of(mail))).ok
    told = w.to(w.owner)[-1].post.card.text
    assert (await verified(w, told)).ok
    assert w.to(w.subject) == []  # by letter or by message, not by both


async def test_t37_an_admin_who_signs_for_somebody_is_refused(both: Both) -> None:
    """The insider's own key is not the first record's."""
    w, _ = both
    await at_home(w)
    services = w.app.services
    before = await services.consents.newest("lin")
    wishes = draft.Choices(owner="chat:U0OWN", sources=("mail",), audiences=("chat:*",), cooling_off_days=0)
    raw = draft.draft(wishes, w.clock.now(), previous=before)
    insider = signing.generate_key()
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        await services.consents.add("lin", raw, signing.sign(raw, insider), signing.public_key(insider))


# ------------------------------------------------------------------ the end


async def test_the_certificate_comes_home_and_the_address_is_forgotten(both: Both) -> None:
    w, post = both
    await at_home(w)
    await w.say(w.subject, "withdraw", direct=True)
    await w.pass_time(minutes=1)
    (mail,) = post.mails
    proof = msgspec.json.decode(files_of(mail)["certificate.json"])
    signed = SignedCertificate(
        proof["certificate"].encode(), proof["signature"], bytes.fromhex(proof["public_key"])
    )
    told = verify(signed, bytes.fromhex(proof["public_key"]))
    assert told.trigger == "withdrawal"
    assert any("mailbox" in each.where for each in told.residuals)
    assert (await verified(w, text_of(mail))).ok
    assert (await verified(w, w.to(w.owner)[-1].post.card.text)).ok
    services = w.app.services
    left = [key async for key, _ in services.store.scan("farewell/")]
    left += [key async for key, _ in services.store.scan("subject/")]
    assert left == []


async def test_what_was_still_to_be_mailed_does_not_outlive_the_persona(both: Both, tmp_path: Path) -> None:
    w, post = both
    await at_home(w)
    await imported(w, tmp_path, "The ledger job runs at four.")
    await w.say(w.subject, "withdraw", direct=True)
    await w.pass_time(hours=1)
    assert [str(mail["Subject"]) for mail in post.mails] == ["Lin's notes 已删除"]


async def test_who_ended_it_is_not_told_twice(both: Both) -> None:
    w, _ = both
    await w.persona()
    await w.say(w.subject, "withdraw", direct=True)
    await w.pass_time(minutes=1)
    erased = [p for p in w.to(w.subject) if "is erased" in p.post.card.text]
    assert len(erased) == 1
    assert len([p for p in w.to(w.owner) if "is erased" in p.post.card.text]) == 1


# ------------------------------------------------------------------ once a month


async def test_2d_a_checkpoint_every_month_and_never_more(both: Both) -> None:
    """§2D: owner by message, subject by letter; one for all the personas somebody answers for."""
    w, post = both
    await at_home(w)
    await w.persona(name="ann", display="Ann's notes")

    def to_owner() -> list[Posted]:
        return [p for p in w.to(w.owner) if "understudy/" in p.post.card.text]

    await w.pass_time(days=29)
    assert (post.box, to_owner()) == ([], [])
    await w.pass_time(days=3)
    assert len(post.box) == 1
    assert len(to_owner()) == 1
    await w.pass_time(days=20)
    assert len(post.box) == 1
    await w.pass_time(days=12)
    assert len(post.box) == 2
    assert len(to_owner()) == 2
    assert (await verified(w, text_of(post.mails[0]))).ok
    assert (await verified(w, to_owner()[0].post.card.text)).ok


async def test_2d_who_was_just_told_of_the_going_live_waits_a_month_from_then(both: Both) -> None:
    w, post = both
    await at_home(w)
    await w.pass_time(days=20)
    await set_live(w)
    assert len(post.box) == 1
    await w.pass_time(days=25)
    assert len(post.box) == 1
    await w.pass_time(days=8)
    assert len(post.box) == 2


@pytest.mark.parametrize("how", ["truncated", "forked"])
async def test_2d_a_log_that_was_cut_or_forked_after_the_letter_is_found_out_with_it(
    how: str, tmp_path: Path
) -> None:
    """By whoever kept the letter as it came, although every checkpoint in the store was made anew."""
    async with running(tmp_path) as (w, post):
        await at_home(w)
        await set_live(w)
        letter = text_of(post.mails[0])
        assert (await verified(w, letter)).ok
        database = apsw.Connection(str(tmp_path / "understudy.db"))
        if how == "truncated":
            database.execute("DELETE FROM log WHERE seq >= (SELECT max(seq) - 1 FROM log)")
        else:
            rows = list(database.execute("SELECT seq, body FROM log ORDER BY seq"))
            previous = bytes(32)
            for seq, body in rows:
                changed = body.replace(b'"live"', b'"qive"') if seq == rows[-1][0] else body
                previous = hashlib.sha256(previous + changed).digest()
                database.execute("UPDATE log SET body = ?, hash = ? WHERE seq = ?", (changed, previous, seq))
        database.execute("DELETE FROM pair WHERE key LIKE 'checkpoint%'")
        database.close()
        report = await verified(w, letter)
    assert not report.ok
    assert report.problem == {"truncated": "TRUNCATED", "forked": "FORK"}[how]
