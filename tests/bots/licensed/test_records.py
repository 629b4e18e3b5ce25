"""The records by which a persona runs elsewhere, beside its own and apart from it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from bots.licensed import records
from bots.operator import found
from bots.subject import export
from persona_store.consent import draft, licensing, signing
from persona_store.consent.draft import Choices
from persona_store.errors import Conflict, Refused
from persona_store.protocols import Batch
from tests.bots.services import idle
from tests.scenarios.world import KEY, World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


def drafted(w: World, org: str = "globex", previous: bytes | None = None, **more: Any) -> bytes:
    fields: dict[str, Any] = {"owner": "slack:W1", "sources": ("doc",), "audiences": ("slack:*",)}
    wishes = Choices(**(fields | {"cooling_off_days": 0} | more))
    return draft.draft(licensing.choices(wishes, org), w.clock.now(), previous=previous)


def employers(w: World) -> bytes:
    """What pays for use where the subject works, and is ended with the persona there."""
    wishes = Choices(owner="slack:W1", sources=("doc",), audiences=("slack:*",), cooling_off_days=0)
    licence = licensing.choices(wishes, "globex").licence
    return draft.draft(structs.replace(wishes, licence=licence), w.clock.now())


async def license_(w: World, raw: bytes, org: str = "globex", key: Ed25519PrivateKey = KEY) -> None:
    signature, public = signing.sign(raw, key), signing.public_key(key)
    persona = await found(w.app, "lin")
    await w.app.services.store.commit(await records.keep(w.app.services, persona, org, raw, signature, public))


async def test_one_for_each_organisation_and_none_of_them_the_personas_own(w: World) -> None:
    await w.persona()
    services = w.app.services
    own = await services.consents.history("lin")
    await license_(w, drafted(w))
    await license_(w, drafted(w, "initech.example"), "initech.example")
    assert [org for org, _ in await records.all_of(services, "lin")] == ["globex", "initech.example"]
    assert await records.standing(services, "lin") == ("globex", "initech.example")
    assert await services.consents.history("lin") == own
    await services.store.commit(await records.revoked(services, "lin", "globex", w.subject.key))
    assert await records.standing(services, "lin") == ("initech.example",)


async def test_it_is_amended_in_a_chain_of_its_own(w: World) -> None:
    await w.persona()
    services = w.app.services
    first = drafted(w)
    await license_(w, first)
    await license_(w, drafted(w, previous=first, days=30))
    held = await records.of(services, "lin", "globex")
    assert held is not None
    assert len(held.records) == 2
    with pytest.raises(Refused, match="CONSENT_INVALID"):
        await license_(w, drafted(w))  # one that follows nothing, while there is one


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (lambda w: drafted(w, "initech"), "LICENCE_RECORD"),
        (lambda w: drafted(w, sources=("slack",)), "ORIGIN_NOT_LICENSABLE"),
        (lambda w: drafted(w, sources=("doc", "description")), "ORIGIN_NOT_LICENSABLE"),
        (lambda w: drafted(w, method="paper"), "LICENCE_RECORD"),
        (lambda w: employers(w), "LICENCE_RECORD"),
    ],
)
async def test_what_is_no_licence_for_it_is_refused(w: World, raw: Any, code: str) -> None:
    await w.persona()
    with pytest.raises(Refused, match=code):
        await license_(w, raw(w))
    assert await records.all_of(w.app.services, "lin") == []


async def test_nobody_but_the_subject_signs_one(w: World) -> None:
    await w.persona()
    with pytest.raises(Refused, match="LICENCE_KEY"):
        await license_(w, drafted(w), key=signing.generate_key())


async def test_the_personas_own_record_is_no_licence(w: World) -> None:
    """Whatever it says about organisations: it is one that the employer's ends with."""
    await w.persona()
    services = w.app.services
    newest = await services.consents.newest("lin")
    assert newest is not None
    with pytest.raises(Refused, match=r"LICENCE_RECORD.*no record apart"):
        await license_(w, drafted(w, previous=newest))


async def test_it_goes_with_the_persona_and_with_the_subject(w: World) -> None:
    await w.persona()
    services = w.app.services
    raw = drafted(w)
    await license_(w, raw)
    persona = await found(w.app, "lin")
    pieces = [piece async for piece in export.archive(services, persona, persona.subject, "en", "test:1")]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as zipped:
        taken = records.read(zipped.read("licences/globex.json"))
    assert (taken.raw, taken.key) == (raw, signing.public_key(KEY))
    await services.store.commit(await w.app.retiring.begin(persona, w.subject, "withdraw", None, "en"))
    await w.app.retiring.erase_now("lin", "withdraw", w.clock.now())
    assert await records.all_of(services, "lin") == []


async def test_t36_with_its_file_nobody_puts_a_revoked_licence_in_force_again(w: World) -> None:
    """Whoever runs the persona was given it, with `consent licence --signed`. Only a new signature begins anew."""
    await w.persona()
    services = w.app.services
    first = drafted(w)
    second = drafted(w, previous=first, days=30)
    for raw in (first, second):
        await license_(w, raw)
    await services.store.commit(await records.revoked(services, "lin", "globex", w.subject.key))
    for raw in (first, second):
        with pytest.raises(Refused, match=r"LICENCE_RECORD.*nobody undoes"):
            await license_(w, raw)
    await license_(w, anew := drafted(w))
    await services.store.commit(await records.revoked(services, "lin", "globex", w.subject.key))
    for raw in (first, anew):
        with pytest.raises(Refused, match=r"LICENCE_RECORD.*nobody undoes"):
            await license_(w, raw)


@pytest.mark.parametrize(("state", "code"), [("deceased", "ILLEGAL_STATE"), ("erasing", "RETIRED")])
async def test_l13_where_nobody_is_left_who_signs_nothing_is_signed(w: World, state: Any, code: str) -> None:
    """Also with the key: whoever has it now may be somebody else."""
    await w.persona()
    gone = structs.replace(await found(w.app, "lin"), state=state)
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(gone),)))
    with pytest.raises(Refused, match=code):
        await license_(w, drafted(w))


@pytest.mark.parametrize("what", ["the persona", "the key that signs"])
async def test_what_was_looked_at_is_so_still_when_it_counts(w: World, what: str) -> None:
    await w.persona()
    services, raw = w.app.services, drafted(w)
    persona = await found(w.app, "lin")
    kept = await records.keep(services, persona, "globex", raw, signing.sign(raw, KEY), signing.public_key(KEY))
    if what == "the persona":
        frozen = structs.replace(persona, state="erasing")
        await services.store.commit(Batch(puts=(services.personas.put(frozen),)))
    else:
        await services.store.commit(await services.consents.withdraw("lin", w.subject.key, w.clock.now()))
    with pytest.raises(Conflict):
        await services.store.commit(kept)


@pytest.mark.parametrize("change", ["record", "signature", "public_key", "form", "nothing"])
async def test_a_licence_file_that_was_changed_is_none(w: World, change: str) -> None:
    raw = drafted(w)
    good = records.file(raw, signing.sign(raw, KEY), signing.public_key(KEY))
    assert records.read(good).raw == raw
    field = f'"{change}": "'.encode()
    bad = b"{}" if change == "nothing" else good.replace(field, field + b"A", 1)
    with pytest.raises(Refused, match="LICENCE_FILE"):
        records.read(bad)
