"""A pack is made under two records, and neither may be gone once it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bots import exports
from bots.licensed import packing, records
from bots.operator import found
from persona_store import bundle
from persona_store.bundle import Sealed
from persona_store.consent import draft, licensing, signing
from persona_store.consent.policy import LICENSABLE
from persona_store.consent.record import SourceGrant
from persona_store.envelope import Identity
from persona_store.errors import Conflict, Refused
from persona_store.model import Persona
from tests.bots.services import idle
from tests.persona_store.passages import passage
from tests.scenarios.world import KEY, World


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as it:
        yield it


@pytest.fixture
async def persona(w: World) -> Persona:
    """Licensed to globex, with an interview to go there."""
    await w.persona()
    persona, services = await found(w.app, "lin"), w.app.services
    wishes = draft.Choices(owner="chat:U0OWN", sources=("slack_export", "interview"), audiences=("chat:*",),
                           cooling_off_days=0, containers=("*", "G0SEC"))  # fmt: skip
    raw = draft.draft(wishes, w.clock.now(), previous=await services.consents.newest("lin"))
    signed, public = signing.sign(raw, KEY), signing.public_key(KEY)
    await services.store.commit(await services.consents.add("lin", raw, signed, public))
    there = draft.Choices(owner="slack:W1", sources=("interview",), audiences=("slack:*",), cooling_off_days=0)
    raw = draft.draft(licensing.choices(there, "globex"), w.clock.now())
    await services.store.commit(
        await records.keep(services, persona, "globex", raw, signing.sign(raw, KEY), public)
    )
    said = passage("i1", "Freeze the file first.", source="interview", container="interview", at=w.clock.now())
    await (await services.library.file("lin")).add([said])
    return persona


async def packed(w: World, persona: Persona, tmp_path: Path, **more: Any) -> packing.Packed:
    to = Identity.kept_in(tmp_path / "there.age").address
    wanted: dict[str, Any] = {"to": to, "release": "", "days": 30, "actor": "operator:cli"}
    return await packing.pack(w.app.services, persona, "globex", **(wanted | more))


async def test_what_was_packed_is_in_the_log_and_in_the_certificate(
    w: World, persona: Persona, tmp_path: Path
) -> None:
    made = await packed(w, persona, tmp_path)
    assert made.passages == 1
    services = w.app.services
    lines = [entry.body async for entry in services.store.log() if b'"licensed"' in entry.body]
    assert len(lines) == 1
    assert made.pack.encode() in lines[0]
    [left] = await exports.residuals(services, "lin")
    assert (left.where, "globex" in left.why) == ("licensed copy", True)


async def test_p3_of_every_kind_there_is_only_the_subjects_own_papers_go(w: World, tmp_path: Path) -> None:
    """Whatever the record of the employer covers: all kinds, the subject's words and others', open and closed."""
    await w.persona()
    persona, services, now = await found(w.app, "lin"), w.app.services, w.clock.now()
    everywhere = tuple(
        SourceGrant(kind, place, date(2020, 1, 1), now.date()) for kind in draft.KINDS for place in "*G"
    )
    for org, grants in (("", everywhere), ("globex", [grant for grant in everywhere if grant.kind in LICENSABLE])):
        previous = None if org else await services.consents.newest("lin")
        wishes = draft.Choices(owner="chat:U0OWN", sources=(), grants=tuple(grants), audiences=("chat:*",),
                               cooling_off_days=0)  # fmt: skip
        raw = draft.draft(licensing.choices(wishes, org) if org else wishes, now, previous=previous)
        signed, public = signing.sign(raw, KEY), signing.public_key(KEY)
        added = (
            records.keep(services, persona, org, raw, signed, public)
            if org
            else services.consents.add("lin", raw, signed, public)
        )
        await services.store.commit(await added)
    of_all = {
        f"{kind} {whose} {place}": passage(
            f"{kind}-{whose}-{place}", f"{kind} {whose} {place}", own=whose == "own", source=kind, container=place,
            at=now, url="https://acme.test", question="acme?", readers=None if place == "C" else ("slack:U1",),
        )
        for kind in draft.KINDS
        for whose in ("own", "others")
        for place in ("C", "G")
    }  # fmt: skip
    file = await services.library.file("lin")
    before = await file.count()
    await file.add(of_all.values())
    made = await packed(w, persona, tmp_path, release="sha256:" + "0" * 64)
    lines = [*bundle.open_bundle(made.sealed.data, Identity.kept_in(tmp_path / "there.age")).lines()]
    gone = [each.passage for each in lines if isinstance(each, bundle.Told) and each.passage.by_subject]
    assert {each.text for each in gone} == {f"{kind} own {place}" for kind in LICENSABLE for place in "CG"}
    assert not any(each.url or each.question or each.author or each.readers for each in gone)
    assert made.passages == len(gone)
    assert sum(made.left.values()) == len(of_all) + before - len(gone)  # nothing is lost without being counted


async def test_l11_who_was_asked_has_looked_at_it_before_it_goes(
    w: World, persona: Persona, tmp_path: Path
) -> None:
    """Nobody asks them again where it goes to."""
    asked = replace(persona, asked_by="operator:cli")
    with pytest.raises(Refused, match="NOT_APPROVED"):
        await packed(w, asked, tmp_path)
    assert (await packed(w, replace(asked, approved="urn:uuid:1"), tmp_path)).passages == 1


@pytest.mark.parametrize("whose", ["the employer's", "the licence"])
async def test_taken_back_while_it_was_packed_there_is_no_pack(
    w: World, persona: Persona, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    services, seal = w.app.services, bundle.seal

    async def slowly(*args: Any, **more: Any) -> Sealed:
        made = await seal(*args, **more)
        by = w.subject.key
        if whose == "the licence":
            await services.store.commit(await records.revoked(services, "lin", "globex", by))
        else:
            await services.store.commit(await services.consents.withdraw("lin", by, w.clock.now()))
        return made

    monkeypatch.setattr(bundle, "seal", slowly)
    with pytest.raises(Conflict):
        await packed(w, persona, tmp_path)
    assert await exports.noted(services, "lin") == []


async def test_taken_back_right_after_it_was_read_there_is_no_pack(
    w: World, persona: Persona, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, read = w.app.services, records.of

    async def last(*args: Any) -> Any:
        chain = await read(*args)
        monkeypatch.undo()
        await services.store.commit(await records.revoked(services, "lin", "globex", w.subject.key))
        return chain

    monkeypatch.setattr(records, "of", last)
    with pytest.raises(Conflict):
        await packed(w, persona, tmp_path)


@pytest.mark.parametrize("days", [0, -1, 91])
async def test_it_is_taken_in_within_a_bearable_time(w: World, persona: Persona, tmp_path: Path, days: int) -> None:
    with pytest.raises(Refused, match="USAGE"):
        await packed(w, persona, tmp_path, days=days)


async def test_it_never_outlasts_its_record(w: World, persona: Persona, tmp_path: Path) -> None:
    w.clock.advance(80 * 86400)
    made = await packed(w, persona, tmp_path, days=90)
    record = await records.book(w.app.services, "lin").current(records.name("globex"))
    assert record is not None
    assert made.expires == record.ends_at


async def test_what_is_frozen_is_not_packed(w: World, persona: Persona, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="RESTRICTED"):
        await packed(w, replace(persona, state="restricted"), tmp_path)
