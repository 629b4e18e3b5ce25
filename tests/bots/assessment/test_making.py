"""L14: somebody who is not concerned signs what is live, with a key of their own; what outlives it has no words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bots import keys
from bots.assessment import keeping, making, verifying
from bots.assessment.footprint import digest
from bots.assessment.model import Signed
from bots.operator import create, found, keep_consent, switch
from persona_store import jws
from persona_store.audit import Line
from persona_store.consent import draft, parsing, signing
from persona_store.errors import Conflict, Refused
from persona_store.model import Persona
from persona_store.protocols import Batch, Put
from tests.bots.assessment.stage import ASSESSOR, KEY, NO, YES, assessed, drafted
from tests.bots.services import idle
from tests.scenarios.world import World, passages

SUBJECT_KEY = signing.generate_key()


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as world:
        yield world


SEEN: dict[str, Any] = {
    "approved": "urn:uuid:1",
    "accepted": dict.fromkeys(("chat:U0OWN", "chat:U0DEP", ASSESSOR), "sha256:0"),
}
"""By the subject, and by those who answer for it."""


async def signed_for(w: World, name: str = "lin", **more: Any) -> Persona:
    """A draft whose subject signed, at somebody's request."""
    now = w.clock.now()
    roles: dict[str, Any] = {
        "subject": "chat:U0LIN",
        "owner": "chat:U0OWN",
        "deputy": "chat:U0DEP",
        "chats": ("chat:*",),
        "made_by": "chat:U0ADM",
        "asked_by": "chat:U0BOSS",
        **more,
    }
    await create(w.app, Persona(name, "Lin Zhou", "draft", now, now, **roles))
    await consented(w, name)
    return await found(w.app, name)


async def consented(w: World, name: str = "lin", **more: Any) -> None:
    wishes = {
        "owner": "chat:U0OWN",
        "sources": ("slack_export",),
        "audiences": ("chat:*",),
        "cooling_off_days": 0,
        **more,
    }
    before = await w.app.services.consents.newest(name)
    assessment_ref = await keeping.latest_ref(w.app.services, name)
    raw = draft.draft(draft.Choices(**wishes, assessment_ref=assessment_ref), w.clock.now(), previous=before)
    signature = signing.sign(raw, SUBJECT_KEY)
    await keep_consent(w.app, await found(w.app, name), raw, signature, signing.public_key(SUBJECT_KEY))


async def standing(w: World, name: str = "lin") -> str:
    consent = await w.app.services.consents.current(name)
    assert consent is not None
    return (await keeping.stands(w.app.services, await found(w.app, name), consent)).standing


async def refusal(step: Any) -> Refused:
    with pytest.raises(Refused) as error:
        await step
    assert "\n" not in str(error.value)
    return error.value


# ------------------------------------------------------------------ who may, and with what


@pytest.mark.parametrize(
    ("who", "as_what"),
    [
        ("chat:U0LIN", "the person it is about"),
        ("chat:U0OWN", "answer for it"),
        ("chat:U0DEP", "answer for it"),
        ("chat:U0BOSS", "asked for it"),
        ("chat:U0ADM", "made it"),
    ],
)
async def test_l14_nobody_who_is_concerned_assesses(w: World, who: str, as_what: str) -> None:
    await signed_for(w)
    error = await refusal(assessed(w.app, by=who))
    assert error.code == "ASSESSOR_CONCERNED"
    assert as_what in error.what
    assert await standing(w) == "none"


async def test_l14_nor_by_another_account_of_theirs(w: World) -> None:
    await signed_for(w)
    services = w.app.services
    await services.store.commit(await services.directory.bind("chat:U0OWN", "chat:U0OTHER"))
    assert (await refusal(assessed(w.app, by="chat:U0OTHER"))).code == "ASSESSOR_CONCERNED"


async def test_l14_where_it_was_not_said_who_made_it_no_admin_assesses(w: World) -> None:
    await signed_for(w, made_by="")
    assert (await refusal(assessed(w.app, by="chat:U0ADM"))).code == "ASSESSOR_CONCERNED"
    await assessed(w.app)


async def test_l14_the_key_of_the_record_signs_no_assessment_whoever_is_named(w: World) -> None:
    persona = await signed_for(w)
    answers = dict.fromkeys(await drafted(w.app), YES)
    error = await refusal(making.sign(w.app.services, persona, ASSESSOR, answers, SUBJECT_KEY))
    assert error.code == "ASSESSOR_CONCERNED"


async def test_l14_an_assessor_signs_with_the_same_key_for_ever(w: World) -> None:
    await signed_for(w)
    await assessed(w.app)
    answers = dict.fromkeys(await drafted(w.app), YES)
    persona = await found(w.app, "lin")
    error = await refusal(making.sign(w.app.services, persona, ASSESSOR, answers, signing.generate_key()))
    assert error.code == "ASSESSOR_KEY"


async def test_l14_one_who_becomes_its_owner_afterwards_has_approved_themselves(w: World) -> None:
    await signed_for(w, **SEEN)
    await assessed(w.app)
    persona = await found(w.app, "lin")
    changed = w.app.services.personas.put(replace(persona, owner=ASSESSOR))
    await w.app.services.store.commit(Batch(puts=(changed,)))
    assert await standing(w) == "concerned"
    error = await refusal(switch(w.app, await found(w.app, "lin"), "live"))
    assert error.code == "ASSESSMENT_REQUIRED"


# ------------------------------------------------------------------ what it is about


async def test_l14_signed_it_goes_live_and_before_it_does_not(w: World) -> None:
    persona = await signed_for(w, **SEEN)
    assert (await refusal(switch(w.app, persona, "live"))).code == "ASSESSMENT_REQUIRED"
    signed = await assessed(w.app)
    persona = await found(w.app, "lin")
    assert persona.state == "assessed"
    await switch(w.app, persona, "live")
    assert (await found(w.app, "lin")).state == "live"
    document = signed.assessed
    assert document.assessment.digest == digest(document.assessment.configuration.reach)
    assert document.opinion.draft == keeping.draft_hash(document.assessment)


async def test_l14_one_no_is_kept_as_an_opinion_and_keeps_it_silent(w: World) -> None:
    await signed_for(w, **SEEN)
    signed = await assessed(w.app, labour=NO)
    assert signed.assessed.opinion.verdict == "rejected"
    persona = await found(w.app, "lin")
    assert (persona.state, await standing(w)) == ("draft", "rejected")
    assert (await refusal(switch(w.app, persona, "live"))).code == "ASSESSMENT_REQUIRED"
    w.clock.advance(60)
    await assessed(w.app)  # the matter was mended, and looked at again
    assert await standing(w) == "valid"


async def test_l14_what_changed_since_the_draft_was_read_is_not_signed(w: World) -> None:
    persona = await signed_for(w)
    answers = dict.fromkeys(await drafted(w.app), YES)
    await consented(w, facets=("work_knowledge", "communication_style"))
    error = await refusal(making.sign(w.app.services, persona, ASSESSOR, answers, KEY))
    assert error.code == "ASSESSMENT_STALE"
    assert "communication_style" in error.what


async def test_l14_there_is_nothing_to_sign_before_it_was_written(w: World) -> None:
    persona = await signed_for(w)
    assert (await refusal(making.sign(w.app.services, persona, ASSESSOR, {}, KEY))).code == "ASSESSMENT_DRAFT"
    await assessed(w.app)
    again = await refusal(making.sign(w.app.services, await found(w.app, "lin"), ASSESSOR, {}, KEY))
    assert again.code == "ASSESSMENT_DRAFT", "a draft is signed once"


async def test_l14_without_a_consent_there_is_nothing_to_assess(w: World) -> None:
    now = w.clock.now()
    await create(w.app, Persona("lin", "Lin", "draft", now, now, owner="chat:U0OWN"))
    assert (await refusal(drafted(w.app))).code == "NO_CONSENT"


async def test_l14_the_next_record_names_the_newest_assessment(w: World) -> None:
    await signed_for(w)
    signed = await assessed(w.app)
    await consented(w)
    raw = await w.app.services.consents.newest("lin")
    assert raw is not None
    assert parsing.parse(raw).assessment_ref == keeping.document_hash(signed)


async def test_l14_of_two_who_sign_the_same_draft_at_once_one_succeeds(w: World) -> None:
    persona = await signed_for(w)
    answers = dict.fromkeys(await drafted(w.app), YES)
    services = w.app.services
    _, first = await making.sign(services, persona, ASSESSOR, answers, KEY)
    _, second = await making.sign(services, persona, "chat:U0NEXT", answers, signing.generate_key())
    await services.store.commit(first)
    with pytest.raises(Conflict):
        await services.store.commit(second)


# ------------------------------------------------------------------ tampering, and what stays


async def test_l14_an_assessment_that_was_changed_in_the_store_is_none(w: World) -> None:
    await signed_for(w)
    signed = await assessed(w.app)
    services = w.app.services
    [key] = [key async for key, _ in services.store.scan(f"{keys.ASSESSMENT}lin/signed/")]
    other = signing.generate_key()
    raw = signed.raw.replace(b'"answer":"yes"', b'"answer":"no"', 1)
    for forged in (
        replace(signed, raw=raw),
        Signed(raw, jws.sign(raw, other, "understudy-assessment+jws"), jws.public_bytes(other)),
        replace(signed, signature=jws.sign(signed.raw, KEY, "understudy-consent+jws")),
    ):
        await services.store.commit(Batch(puts=(Put(key, services.seal(forged, key)),)))
        assert await standing(w) == "none"
    await services.store.commit(Batch(puts=(Put(key, services.seal(signed, key)),)))
    assert await standing(w) == "valid"


async def test_l14_a_signed_one_is_checked_without_the_installation(w: World) -> None:
    """Byte for byte: whatever is flipped is noticed."""
    await signed_for(w)
    signed = await assessed(w.app)
    assert verifying.verified(signed).opinion.assessor == ASSESSOR
    for at in range(0, len(signed.raw), 97):
        flipped = bytes([*signed.raw[:at], signed.raw[at] ^ 1, *signed.raw[at + 1 :]])
        with pytest.raises(Refused) as error:
            verifying.verified(replace(signed, raw=flipped))
        assert error.value.code == "ASSESSMENT_INVALID"


async def test_l14_one_whose_digest_is_of_another_configuration_is_refused(w: World) -> None:
    """Its own signature does not make it true."""
    await signed_for(w)
    signed = await assessed(w.app)
    raw = signed.raw.replace(b'"digest":"sha256:', b'"digest":"sha256:0', 1)
    with pytest.raises(Refused) as error:
        verifying.verified(Signed(raw, jws.sign(raw, KEY, "understudy-assessment+jws"), signed.public_key))
    assert "digest" in error.value.what


async def test_l14_after_the_erasure_its_proof_is_left_for_three_years_and_no_name_or_word(w: World) -> None:
    """PIPL 56. The log has the document's hash in clear, so that who has the document can prove it was this one."""
    await signed_for(w)
    await (await w.app.services.library.file("lin")).add(passages("chat", w.clock.now()))
    signed = await assessed(w.app)
    store = w.app.services.store
    persona = await found(w.app, "lin")
    by = w.subject
    await store.commit(await w.app.retiring.begin(persona, by, "withdraw", None, "en"))
    certificate = await w.app.retiring.erase_now("lin", "withdraw", w.clock.now())
    assert any("assessed" in kept.what and "PIPL 56" in kept.why for kept in certificate.retained)
    assert [key async for key, _ in store.scan(f"{keys.ASSESSMENT}lin/")] == []
    [proof] = [raw async for _, raw in store.scan(keys.assessed("lin"))]
    for word in (b"U0CMP", b"U0OWN", b"U0LIN", b"U0BOSS", b"Lin Zhou", b"C0PAY", b"asked the people"):
        assert word not in proof
    told = msgspec.json.decode(proof)
    assert told["document"] == keeping.document_hash(signed)
    assert set(told["answers"].values()) == {"yes"}
    logged = [msgspec.json.decode(entry.body, type=Line) async for entry in store.log()]
    [line] = [each for each in logged if each.action == "assessment.signed"]
    assert line.refs == (keeping.document_hash(signed), signed.assessed.assessment.digest)
    w.clock.advance(timedelta(days=3 * 365).total_seconds())
    await store.sweep()
    assert [key async for key, _ in store.scan(keys.assessed("lin"))]
    w.clock.advance(timedelta(days=2).total_seconds())
    await store.sweep()
    assert not [key async for key, _ in store.scan(keys.assessed("lin"))]


async def test_l14_nothing_of_an_assessment_can_be_read_in_the_store(w: World) -> None:
    """It names people and chats; it lies under the persona's own key."""
    await signed_for(w)
    await assessed(w.app)
    await drafted(w.app)
    async for key, raw in w.app.services.store.scan(keys.ASSESSMENT):
        assert w.app.services.vault.whose(raw, aad=key) == "lin", key
    for prefix in (keys.ASSESSMENT, keys.ASSESSED, keys.ASSESSOR):
        async for key, raw in w.app.services.store.scan(prefix):
            for word in (b"chat:U0", b"U0CMP", b"U0OWN", b"asked the people", b"C0PAY"):
                assert word not in raw, key
