"""A licence for another organisation, read, narrowed, signed and declined on the subject's own page."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bots.licensed import laying, offering, records
from bots.operator import found
from bots.subject import passes
from persona_store import jws
from persona_store.consent import notice, receipt, signing
from persona_store.consent.draft import digest
from persona_store.errors import Conflict
from persona_store.licence import terms
from persona_store.licensed import standing
from persona_store.protocols import Batch, Put
from tests.bots.subject.licensing import (
    ALL,
    TOLD_AT,
    at_home,
    drafted,
    laid,
    licensed,
    offers,
    signatures,
    wishes,
)
from tests.bots.subject.stage import visiting
from tests.scenarios.world import KEY, World

PUBLIC = signing.public_key(KEY)


async def log(w: World) -> list[Any]:
    return [msgspec.json.decode(entry.body) async for entry in w.app.services.store.log()]


# ------------------------------------------------------------------ reading and signing


async def test_an_offer_is_read_in_words_box_by_box(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(
            w, licence=terms.terms("per_call", price="0.50", orgs=("globex",)), excluded_keywords=("Falcon",)
        )
        [waiting] = await offers(lin)
        assert (waiting["org"], waiting["declined"], waiting["brought"]) == ("globex", False, False)
        read = await lin.do("offer_read", offer=waiting["id"])
        assert any("Never part of it: chats" in line for line in read["about"])
        assert (read["owner"], read["deputy"], read["contact"]) == (
            "slack:W0GIL",
            "slack:W0DEP",
            "dpo@globex.example",
        )
        assert [box["grant"]["kind"] for box in read["boxes"]["sources"]] == ["doc", "interview"]
        assert "0.50 CNY, paid to you by globex" in read["boxes"]["licence"][0]
        assert read["leaves_out"] == ["Falcon"]
        assert read["notice"] == notice.text("en").decode()
        assert "授权给 globex" in (await lin.do("offer_read", offer=waiting["id"], lang="zh-CN"))["about"][0]


async def test_what_was_signed_is_a_licence_as_from_the_command_line(w: World) -> None:
    """In force, with the key of the consent, and what they take home holds without us."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        taken = await licensed(lin)
        [file, held] = taken["files"]
        mine = records.read(file["text"].encode())
        assert mine.key == PUBLIC
        assert mine.consent.licence.orgs == ("globex",)
        assert mine.consent.event.method == "web_device_key"
        assert mine.consent.withdrawal.methods == ("signed revocation", "cli")
        assert mine.consent.pii_controllers[0].party == "globex"
        assert (file["name"], held["name"]) == ("licence-globex.json", "licence-globex-receipt.json")
        assert receipt.check(held["text"].encode()).record == digest(mine.raw)
        chain = await records.of(w.app.services, "lin", "globex")
        assert chain is not None
        assert [each.raw for each in chain.records] == [mine.raw]
        assert taken["key"] == "ed25519:" + jws.key_id(PUBLIC)
        told = await lin.do("licences")
        assert (told["offers"], told["ended"], told["may"]) == ([], [], "sign")
        [given] = told["given"]
        assert (given["org"], given["state"], given["addresses"]) == ("globex", "cooling", [])
        assert await lin.do("licence_files", org="globex") == taken["files"]
        w.clock.advance(timedelta(days=7).total_seconds())
        assert (await lin.do("licences"))["given"][0]["state"] == "stands"
        w.clock.advance(timedelta(days=90).total_seconds())
        assert (await lin.do("licences"))["given"][0]["state"] == "over"
    assert [line["action"] for line in await log(w) if line["action"].startswith("licence.")] == [
        "licence.offered",
        "licence.given",
    ]


async def test_less_than_what_was_offered(w: World) -> None:
    """Fewer boxes, a shorter term, more days to think it over, more left out than the offer leaves out itself."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w, excluded_keywords=("Falcon",), excluded_people=("slack:U9",))
        less = {"sources": [1], "audiences": [0], "days": 5, "cooling_off_days": 9, "keywords": ["salary"]}
        taken = await licensed(lin, **less)
        record = records.read(taken["files"][0]["text"].encode()).consent
        assert [each.kind for each in record.scope.sources] == ["interview"]
        assert [each.chat for each in record.audiences] == ["*"]
        assert record.scope.excluded.keywords == ("Falcon", "salary")
        assert record.scope.excluded.people == ("slack:U9",)
        assert record.voluntariness.cooling_off_days == 9
        assert record.term.end == (w.clock.now() + timedelta(days=5)).date()


@pytest.mark.parametrize(
    ("ticks", "code"),
    [
        ({"sources": []}, "CONSENT_NOTHING"),
        ({"audiences": []}, "CONSENT_NOTHING"),
        ({"sources": [2]}, "CONSENT_TICKS"),
        ({"days": 91}, "CONSENT_TICKS"),
        ({"cooling_off_days": 6}, "CONSENT_TICKS"),
    ],
)
async def test_l01_nothing_blank_and_nothing_beyond_what_was_offered(
    w: World, ticks: dict[str, Any], code: str
) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        [waiting] = await offers(lin)
        read = await lin.do("offer_read", offer=waiting["id"])
        which = {"offer": read["id"], "version": read["version"]}
        assert await lin.refused("offer_draft", **which, ticks={**ALL, **ticks}) == code
        assert await lin.refused("offer_draft", **which) == "CONSENT_TICKS"


async def test_t36_with_an_address_there_is_a_statement_to_publish(w: World) -> None:
    """Drafted with the record, signed with the same key, and read by the other side as any."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin, TOLD_AT)
        assert any(TOLD_AT in line for line in shown["lines"])
        signed = signatures(lin, shown)
        other = {
            **signed,
            "standing": signing.sign(shown["standing"].encode(), lin.key),
        }  # as a record, not as this
        assert await lin.refused("offer_sign", **which, **other) == "STANDING"
        assert await lin.refused("offer_sign", **which, **{**signed, "standing": ""}) == "STANDING"
        taken = await lin.do("offer_sign", **which, **signed)
        assert taken["addresses"] == [TOLD_AT]
        mine = records.read(taken["files"][0]["text"].encode())
        assert mine.consent.withdrawal.methods[-1] == f"revoked:{TOLD_AT}"
        text = taken["files"][2]["text"]
        names = {digest(mine.raw): mine.consent.event.time}
        assert standing.read(text, PUBLIC, names).standing == "stands"
        assert "The licence for globex stands." in text


@pytest.mark.parametrize(
    "address", ["http://lin.example/x", "https://10.0.0.1/x", "https://lin.example:8443/", "lin"]
)
async def test_an_address_nobody_can_look_up_is_none(w: World, address: str) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        read = await lin.do("offer_read", offer=(await offers(lin))[0]["id"])
        wanted = {"offer": read["id"], "version": read["version"], "ticks": ALL, "told_at": address}
        assert await lin.refused("offer_draft", **wanted) == "ADDRESS_UNSAFE"


async def test_a_second_licence_for_them_amends_the_first(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        first = await licensed(lin, TOLD_AT)
        w.clock.advance(timedelta(days=7).total_seconds())
        assert (await laid(w, days=30)).corrects is False
        read = await lin.do("offer_read", offer=(await offers(lin))[0]["id"])
        assert read["amends"]
        taken = await licensed(lin, days=30)
        record = records.read(taken["files"][0]["text"].encode())
        assert record.consent.event.type == "amended"
        assert record.consent.prev_record == digest(records.read(first["files"][0]["text"].encode()).raw)
        assert len(taken["files"]) == 2, "what was published of the first says nothing of this one"
        assert (await lin.do("licences"))["given"][0]["state"] == "amended"  # the first goes on until then
        w.clock.advance(timedelta(days=7).total_seconds())
        assert (await lin.do("licences"))["given"][0]["state"] == "stands"


# ------------------------------------------------------------------ what is refused


async def test_only_the_key_of_the_consent_signs(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin)
        lin.key = signing.generate_key()
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "LICENCE_KEY"
        mine = {**signatures(lin, shown), "public_key": receipt.encoded(PUBLIC)}
        assert await lin.refused("offer_sign", **which, **mine) == "CONSENT_INVALID"
        assert await records.organisations(w.app.services, "lin") == []


async def test_only_the_very_bytes_that_were_shown(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin)
        other = {**shown, "record": shown["record"].replace('"cooling_off_days": 7', '"cooling_off_days": 0')}
        assert other != shown
        assert await lin.refused("offer_sign", **which, **signatures(lin, other)) == "CONSENT_INVALID"


async def test_nothing_is_signed_unseen_nor_long_after(w: World) -> None:
    """The days to think it over begin with the yes, and not with a look weeks before."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        read = await lin.do("offer_read", offer=(await offers(lin))[0]["id"])
        which = {"offer": read["id"], "version": read["version"]}
        assert (
            await lin.refused("offer_sign", **which, signature="a..b", public_key=lin.public) == "CONSENT_NO_DRAFT"
        )
        which, shown = await drafted(lin)
        w.clock.advance(timedelta(hours=2).total_seconds())
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "CONSENT_NO_DRAFT"
        await licensed(lin)


async def test_an_offer_that_changed_meanwhile_is_read_again(w: World) -> None:
    """Whether they were reading it or about to sign."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin)
        assert (await laid(w, days=60)).corrects
        assert await lin.refused("offer_draft", **which, ticks=ALL) == "OFFER_CHANGED"
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "OFFER_CHANGED"
        await laid(w)  # as it was: but what was on the screen is no draft of this one
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "CONSENT_NO_DRAFT"
        assert await records.organisations(w.app.services, "lin") == []


async def test_no_offer_none_any_more_and_none_twice(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        assert await lin.refused("offer_read", offer="0" * 16) == "OFFER_CLOSED"
        await laid(w)
        which, shown = await drafted(lin)
        signed = signatures(lin, shown)
        await lin.do("offer_sign", **which, **signed)
        assert await lin.refused("offer_sign", **which, **signed) == "OFFER_CLOSED"
        await laid(w, "initech")
        which, shown = await drafted(lin)
        w.clock.advance(laying.OPEN_FOR.total_seconds())
        assert await offers(lin) == []
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "OFFER_CLOSED"


async def test_l02_a_notice_that_was_rewritten_meanwhile_is_read_first(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = notice.text
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin)
        monkeypatch.setattr(notice, "text", lambda language, version="": kept(language) + b"\n")
        assert await lin.refused("offer_sign", **which, **signatures(lin, shown)) == "NOTICE_CHANGED"
        await licensed(lin)


async def test_where_the_persona_is_gone_nothing_is_signed(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        which, shown = await drafted(lin)
        await lin.do("withdraw")
        for verb in ("licences", "offer_read", "offer_sign", "revoke_draft", "offer_bring"):
            assert (await lin.raw(verb, **which, **signatures(lin, shown)))[0] == 404
        await w.settle()
        keys = [key async for key, _ in w.app.services.store.scan("")]
        assert not [key for key in keys if key.startswith(("licensed/lin/", "subject/lin/"))]


@pytest.mark.parametrize("purpose", ["sign", "preview", "kin"])
async def test_no_other_link_opens_it(w: World, purpose: Any) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        until = w.clock.now() + timedelta(days=1)
        lin.token, issued = passes.issue(w.app.services, "lin", purpose, "chat:U0OWN", until)
        await w.app.services.store.commit(issued)
        for verb in ("licences", "licence_files", "offer_read", "offer_sign", "offer_decline", "revoke"):
            assert (await lin.raw(verb, org="globex"))[0] == 404


# ------------------------------------------------------------------ a file they were sent


async def test_the_subject_brings_the_offer_they_were_sent(w: World) -> None:
    """No admin lays it before them, and nobody learns of it before they sign."""
    async with visiting(w) as lin:
        await at_home(w, lin)
        lines, posts = await log(w), len(w.posts)
        file = offering.written(wishes(), "globex", w.clock.now()).decode()
        id = (await lin.do("offer_bring", text=file))["offer"]
        [waiting] = await offers(lin)
        assert (waiting["id"], waiting["brought"]) == (id, True)
        await lin.do("offer_decline", offer=id)
        assert await log(w) == lines
        assert len(w.posts) == posts
        assert not (await laid(w)).corrects, "an admin who lays the same before them does not learn of it either"
        assert {each["brought"] for each in await offers(lin)} == {False, True}


async def test_what_is_brought_is_bounded_and_goes_with_its_month(w: World) -> None:
    services = w.app.services
    async with visiting(w) as lin:
        await at_home(w, lin)
        files = [offering.written(wishes(), f"org-{n}", w.clock.now()).decode() for n in range(laying.MOST + 1)]
        for file in files[:-1]:
            await lin.do("offer_bring", text=file)
        assert await lin.refused("offer_bring", text=files[-1]) == "OFFERS_FULL"
        await lin.do("offer_bring", text=files[0])  # the same once more is no other one
        w.clock.advance(laying.OPEN_FOR.total_seconds())
        assert [key async for key, _ in services.store.scan("subject/lin/offer/")] == []
        await lin.do("offer_bring", text=files[-1])


async def test_nothing_is_brought_to_a_persona_that_was_erased_meanwhile(w: World) -> None:
    services = w.app.services
    async with visiting(w) as lin:
        await at_home(w, lin)
        persona = await found(w.app, "lin")
        _, batch = await laying.bring(services, persona, "globex", wishes())
        await lin.do("withdraw")
        with pytest.raises(Conflict):
            await services.store.commit(batch)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"form": "understudy.offer/9"}, "OFFER"),
        ({"organisation": "../x"}, "ORGANISATION"),
        (
            {"wishes": {"owner": "slack:W", "sources": ["slack"], "audiences": ["slack:*"]}},
            "ORIGIN_NOT_LICENSABLE",
        ),
        ({"wishes": {"owner": "chat:U0LIN", "sources": ["doc"], "audiences": ["slack:*"]}}, "OWNER_SUBJECT"),
    ],
)
async def test_a_file_is_somebody_elses(w: World, change: dict[str, Any], code: str) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        file = json.loads(offering.written(wishes(), "globex", w.clock.now())) | change
        assert await lin.refused("offer_bring", text=json.dumps(file)) == code
        assert await lin.refused("offer_bring", text="hello") == "OFFER"
        assert await offers(lin) == []


# ------------------------------------------------------------------ no


async def test_l04_a_no_is_nobodys_business_and_a_change_of_mind_is_theirs(w: World) -> None:
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await w.settle()
        [waiting] = await offers(lin)
        lines, posts = await log(w), len(w.posts)
        await lin.do("offer_decline", offer=waiting["id"])
        [declined] = await offers(lin)
        assert declined["declined"]
        assert (await laid(w, days=60)).corrects
        await w.settle()
        assert [each["declined"] for each in await offers(lin)] == [True]
        assert len(w.posts) == posts
        assert [line["action"] for line in (await log(w))[len(lines) :]] == ["licence.offered"]
        await licensed(lin, days=60)


# ------------------------------------------------------------------ where it runs by a licence itself


async def test_where_the_persona_itself_runs_by_a_licence_there_is_nothing_to_sign(w: World) -> None:
    """Its subject licenses it from where it comes from."""
    services = w.app.services
    async with visiting(w) as lin:
        await at_home(w, lin)
        await laid(w)
        await licensed(lin)
        held = await records.of(services, "lin", "globex")
        key, _ = await services.consents.key("lin")
        await services.store.commit(Batch(puts=(Put(key, msgspec.json.encode(held)),)))  # as after a pack
        assert (await lin.do("licences"))["may"] == "elsewhere"
        file = offering.written(wishes(), "initech", w.clock.now()).decode()
        assert await lin.refused("offer_bring", text=file) == "LICENCE_SUBLICENSE"
