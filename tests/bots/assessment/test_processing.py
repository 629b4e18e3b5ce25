"""L33: the record of processing is the live configuration, the same again while that is the same, and says what
changed when it did."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bots.assessment import processing
from bots.assessment.processing_page import record_page
from bots.operator import create, found, keep_consent
from bots.wording import LANGUAGES
from persona_store.consent import draft, parsing, signing
from persona_store.consent.record import Recipient, encode
from persona_store.errors import Refused
from persona_store.model import Filing, Persona
from persona_store.protocols import Batch
from tests.bots.services import idle
from tests.scenarios.world import World

GOLDEN = Path(__file__).parent / "golden"
START = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
KEYS = {name: signing.generate_key() for name in ("lin", "mei")}


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as world:
        services = world.app.services
        here = replace(services.installation, platforms=("feishu", "slack"), model="api.example")
        object.__setattr__(services, "installation", here)
        await everybody(world)
        yield world


async def everybody(w: World) -> None:
    """One at home, one under the GDPR with a recipient abroad, one that signed nothing, one that is gone."""
    now = START
    owner: dict[str, Any] = {"owner": "slack:U0OWN", "deputy": "slack:U0DEP"}
    await create(w.app, Persona("lin", "Lin Zhou 周林", "draft", now, now, **owner, asked_by="operator:cli"))
    await signed(w, "lin", sources=("slack_export", "interview"), audiences=("slack:C1",))
    await create(w.app, Persona("mei", "Mei Wang", "draft", now, now, **owner, offered_to="licensed_org"))
    await signed(
        w,
        "mei",
        sources=("mail",),
        containers=("mei@acme.example",),
        audiences=("feishu:*",),
        facets=("work_knowledge", "decision_patterns"),
        recipients=(Recipient("api.example", "processor", "US", 30, False),),
        jurisdiction=("DE",),
        lia_ref="LIA-2026-7",
        workers_notice_ref="works council 3/26",
        controller="Acme GmbH",
        contact="privacy@acme.example",
    )
    mei = await found(w.app, "mei")
    filings = (Filing("service", "N-1", "the office", date(2026, 5, 1)),)
    await change(w, replace(mei, filings=filings))
    await create(w.app, Persona("new", "Ann", "draft", now, now, **owner))
    await create(w.app, Persona("old", "Bo", "draft", now, now))
    await change(w, replace(await found(w.app, "old"), state="erased"))


async def change(w: World, persona: Persona) -> None:
    await w.app.services.store.commit(Batch(puts=(w.app.services.personas.put(persona),)))


async def signed(w: World, name: str, **more: Any) -> None:
    """With ids that are the same at every run, as a golden file wants them."""
    before = await w.app.services.consents.newest(name)
    wishes = {"owner": "slack:U0OWN", "deputy": "slack:U0DEP", **more}
    record = parsing.parse(draft.draft(draft.Choices(**wishes), START, previous=before))
    number = 1 if before is None else 2
    steady = replace(
        record,
        record_id=f"urn:uuid:00000000-0000-4000-8000-{KEYS_OF[name]}{number:011d}",
        pii_principal_id=f"p_{KEYS_OF[name] * 8}",
    )
    raw = encode(steady)
    key = KEYS[name]
    await keep_consent(w.app, await found(w.app, name), raw, signing.sign(raw, key), signing.public_key(key))


KEYS_OF = {"lin": "1", "mei": "2"}


async def test_l33_the_record_of_a_known_configuration_is_the_one_that_was_kept(w: World) -> None:
    """The golden file: whatever the program says differently shows in its diff. To renew it, delete it and run."""
    kept, made = GOLDEN / "processing.json", processing.encode(await processing.record(w.app.services))
    if not kept.exists():
        kept.write_bytes(made)
        pytest.fail("the golden file was written anew; look at it, and run again")
    assert made.decode() == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_l33_the_page_of_a_known_configuration_is_the_one_that_was_kept(w: World, lang: str) -> None:
    page = record_page(await processing.record(w.app.services), lang, at=START, version="1.2.3")
    shown = re.sub(r"(?s).*<main", "<main", page)  # the style is looked at, not compared
    kept = GOLDEN / f"processing.{lang}.html"
    if not kept.exists():
        kept.write_text(shown, encoding="utf-8")
        pytest.fail("the golden file was written anew; look at it, and run again")
    assert shown == kept.read_text(encoding="utf-8")


async def test_l33_the_same_configuration_is_the_same_record_whenever_it_is_made(w: World) -> None:
    first = await processing.record(w.app.services)
    w.clock.advance(86_400)
    again = await processing.record(w.app.services)
    assert processing.encode(first) == processing.encode(again)
    assert processing.drift(first, again) == ()
    assert processing.read(processing.encode(first)) == first


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("facets", {"facets": ("work_knowledge", "communication_style")}),
        ("audiences", {"audiences": ("slack:C1", "slack:C2")}),
        ("sources", {"sources": ("slack_export", "interview", "doc")}),
        ("recipients", {"recipients": (Recipient("b.example", "processor", "CN", 0, False),)}),
        ("ends", {"employment_end": date(2026, 5, 10)}),
        ("controllers", {"controller": "Acme Holding"}),
        ("jurisdiction", {"jurisdiction": ("CN", "SG")}),
    ],
)
async def test_l33_each_change_of_a_record_is_drift_and_is_named(
    w: World, field: str, more: dict[str, Any]
) -> None:
    before = await processing.record(w.app.services)
    as_before = {"sources": ("slack_export", "interview"), "audiences": ("slack:C1",), "cooling_off_days": 0}
    await signed(w, "lin", **{**as_before, **more})
    changes = processing.drift(before, await processing.record(w.app.services))
    assert {(each.persona, each.field) for each in changes} == {("lin", "record"), ("lin", field)}


async def test_l33_settings_people_and_personas_drift_as_well(w: World) -> None:
    before = await processing.record(w.app.services)
    services = w.app.services
    object.__setattr__(services, "installation", replace(services.installation, platforms=("slack",)))
    await change(w, replace(await found(w.app, "lin"), deputy="slack:U0NEW"))
    await create(w.app, Persona("third", "Third", "draft", START, START))
    changes = {
        (each.persona, each.field): (each.before, each.now)
        for each in processing.drift(before, await processing.record(services))
    }
    assert changes == {
        ("", "platforms"): ('["feishu","slack"]', '["slack"]'),
        ("lin", "deputy"): ("slack:U0DEP", "slack:U0NEW"),
        ("third", ""): ("", "draft"),
    }


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff", b'{"schema_version":"x"}', b"[" * 5000])
def test_what_is_no_record_is_one_line(raw: bytes) -> None:
    with pytest.raises(Refused) as error:
        processing.read(raw)
    assert error.value.code == "PROCESSING_FILE"
