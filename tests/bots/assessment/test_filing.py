"""L24: offered beyond the organisation it waits for what has to be filed, and the pack holds what is live."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bots.assessment import filing
from bots.assessment.pack import pack
from bots.operator import OPERATOR, create, found
from persona_store import jws
from persona_store.errors import Refused
from persona_store.model import Persona
from tests.bots.assessment.stage import assessed
from tests.bots.assessment.test_making import signed_for
from tests.bots.services import idle
from tests.scenarios.world import World

ON = date(2026, 5, 1)


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[World]:
    async with idle(tmp_path) as world:
        yield world


async def offered(w: World, to: str = "public") -> None:
    persona = await found(w.app, "lin")
    await w.app.services.store.commit(await filing.offer(w.app.services, persona, to, OPERATOR))


async def filed(w: World, kind: str | None = None, number: str = "N-1", on: date = ON) -> None:
    persona = await found(w.app, "lin")
    batch = await filing.record(w.app.services, persona, kind, number, "the office", on, OPERATOR)
    await w.app.services.store.commit(batch)


async def state(w: World) -> dict[str, str]:
    listed = filing.checklist(await found(w.app, "lin"))
    return {item.kind: item.filing.number if item.filing else "" for item in listed}


async def test_l24_inside_the_organisation_nothing_has_to_be_filed(w: World) -> None:
    await signed_for(w)
    assert await state(w) == {}
    with pytest.raises(Refused) as error:
        await filed(w)
    assert error.value.code == "FILING"


@pytest.mark.parametrize("to", ["licensed_org", "public"])
async def test_l24_the_checklist_names_each_duty_with_its_article(w: World, to: str) -> None:
    await signed_for(w)
    await offered(w, to)
    assert await state(w) == {"algorithm": "", "service": "", "security": ""}
    articles = {item.kind: " ".join(item.articles) for item in filing.checklist(await found(w.app, "lin"))}
    assert "算法推荐管理规定 24" in articles["algorithm"]
    assert "深度合成管理规定 19" in articles["algorithm"]
    assert "生成式人工智能服务管理暂行办法 17" in articles["service"]
    assert "深度合成管理规定 20" in articles["security"]


async def test_l24_one_kind_is_recorded_by_name_and_without_one_all_that_are_open(w: World) -> None:
    await signed_for(w)
    await offered(w)
    await filed(w, "algorithm", "A-7")
    assert await state(w) == {"algorithm": "A-7", "service": "", "security": ""}
    await filed(w, None, "S-9")
    assert await state(w) == {"algorithm": "A-7", "service": "S-9", "security": "S-9"}
    await filed(w, "algorithm", "A-8")  # renewed: the newest counts, the old one stays
    assert (await state(w))["algorithm"] == "A-8"
    assert len((await found(w.app, "lin")).filings) == 4


@pytest.mark.parametrize(("number", "on"), [
    ("", ON), ("x" * 200, ON), ("N\n1", ON), ("N-1", date(2027, 1, 1)),
])  # fmt: skip
async def test_l24_what_is_no_filing_is_refused_and_nothing_is_kept(w: World, number: str, on: date) -> None:
    await signed_for(w)
    await offered(w)
    with pytest.raises(Refused) as error:
        await filed(w, None, number, on)
    assert error.value.code == "FILING"
    assert "\n" not in str(error.value)
    assert set((await state(w)).values()) == {""}


async def test_l24_the_pack_holds_the_signed_assessment_and_this_persona_alone(w: World) -> None:
    await signed_for(w)
    now = w.clock.now() - timedelta(days=1)
    await create(w.app, Persona("mei", "Mei Wang", "draft", now, now, owner="chat:U0OWN"))
    await offered(w)
    signed = await assessed(w.app)
    await filed(w)
    files = await pack(w.app.services, await found(w.app, "lin"), "zh-CN")
    assert set(files) == {
        "filing.html", "filing.json", "impact-assessment.html", "ethics-review.html", "assessment.json",
        "assessment.json.jws", "assessor.pub", "processing.html", "processing.json",
    }  # fmt: skip
    jws.verify(
        files["assessment.json"], files["assessment.json.jws"].decode(), files["assessor.pub"],
        "understudy-assessment+jws",
    )  # fmt: skip
    assert files["assessment.json"] == signed.raw
    told = json.loads(files["filing.json"])
    assert [item["filing"]["number"] for item in told["checklist"]] == ["N-1"] * 3
    assert told["labels"][0].startswith("[AI")
    assert told["metadata"]["Label"] == "1"
    assert [each["persona"] for each in json.loads(files["processing.json"])["activities"]] == ["lin"]
    assert "Mei Wang" not in "".join(content.decode(errors="replace") for content in files.values())


async def test_l24_an_assessment_that_does_not_hold_goes_in_as_a_draft_that_says_so(w: World) -> None:
    await signed_for(w)
    await assessed(w.app)
    await offered(w)  # wider than what was signed
    files = await pack(w.app.services, await found(w.app, "lin"), "en")
    assert "assessment.json.jws" not in files
    assert b"Draft." in files["impact-assessment.html"]
    assert json.loads(files["filing.json"])["assessment_ref"] == ""
