"""L03, L02: what is set up and not granted is left unused and told once; a new notice stops what is new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from bots import doctor
from bots.app import open_app
from bots.distilling import distil_by_rules
from bots.importing import bring_in
from bots.interview import keeping
from bots.operator import found
from bots.options import Answer, Data, Embedding, Llm, Settings, Store
from bots.reconsent import Wanted, beyond
from persona_store.consent import draft, notice, proposal, signing
from persona_store.consent.parsing import parse
from persona_store.consent.record import Consent, Recipient
from persona_store.distill.book import FacetBook
from persona_store.distill.model import Citation, Facet
from persona_store.errors import Refused
from persona_store.protocols import Batch
from persona_store.sources.slack_export import SlackExport
from tests.persona_store.sources.exports import export, said, write_zip
from tests.scenarios.world import KEY, World, folder, world

NOW = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
QUESTION = "How often does the payment retry job run?"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    with folder() as path:
        async with world(Path(path)) as it:
            yield it


def granting(audiences: tuple[str, ...], *recipients: str) -> Consent:
    named = tuple(Recipient(each, "processor", "CN", 0, trains=False) for each in recipients)
    choices = draft.Choices(owner="slack:U1", sources=("doc",), audiences=audiences, recipients=named)
    return parse(draft.draft(choices, NOW))


@pytest.mark.parametrize(
    ("audiences", "chats", "left"),
    [
        (("slack:*",), ("slack:*", "slack:C1"), ()),
        (("slack:C1",), ("slack:C1",), ()),
        (("slack:C1",), ("slack:*",), ()),  # the setting serves what is granted of the platform
        (("slack:C1",), ("slack:C1", "slack:C2"), ("slack:C2",)),
        (("slack:*",), ("feishu:oc_1", "feishu:*"), ("feishu:oc_1", "feishu:*")),
        (("slack:dm",), ("slack:*",), ("slack:*",)),  # one-to-one is no group chat
    ],
)
def test_l03_a_chat_that_is_not_granted(
    audiences: tuple[str, ...], chats: tuple[str, ...], left: tuple[str, ...]
) -> None:
    found = beyond(granting(audiences), chats, (), frozenset())
    assert found == tuple(Wanted("chat", each) for each in left)


def test_l03_a_provider_and_a_kind_that_are_not_granted() -> None:
    consent = granting(("slack:*",), "api.named.example")
    kinds = frozenset(("work_knowledge", "communication_style"))
    assert beyond(consent, (), ("api.named.example",), frozenset()) == ()
    assert beyond(consent, (), ("api.named.example", "api.other.example"), kinds) == (
        Wanted("recipient", "api.other.example"),
        Wanted("facet", "communication_style"),
    )


@pytest.mark.parametrize(
    ("more", "recipients"),
    [
        ({}, ("localhost", "vectors.example")),
        ({"answer": Answer(with_model=False)}, ("vectors.example",)),
        ({"embedding": Embedding(model="local")}, ("localhost",)),
    ],
)
async def test_l03_who_is_given_content_is_whoever_answers_are_found_or_worded_with(
    tmp_path: Path, more: dict[str, Any], recipients: tuple[str, ...]
) -> None:
    """A model on this machine as well: a record that does not name it lets it have nothing."""
    settings = Settings(
        data=Data(dir=tmp_path),
        store=Store(url=f"sqlite:///{tmp_path / 'understudy.db'}"),
        llm=Llm(base_url="http://127.0.0.1:9/v1", model="m"),
        embedding=Embedding(base_url="https://vectors.example/v1", model="e"),
    )
    async with open_app(replace(settings, **more), adapters={}, answering=False) as app:
        assert app.services.recipients == recipients


async def wanted(w: World) -> None:
    """A chat on another platform, a model, and a kind of statement, none of which the record grants."""
    services = w.app.services
    persona = replace(await found(w.app, "lin"), chats=("chat:*", "feishu:oc_1"))
    await services.store.commit(Batch(puts=(services.personas.put(persona),)))
    object.__setattr__(services, "recipients", ("api.other.example",))
    book = FacetBook((await services.library.file("lin")).sealed)
    at = w.clock.now()
    words = Citation("a1", "The payment retry job runs every 15 minutes", at)
    facet = Facet("s1", "phrases", "", "short sentences", (words,), 0.9, at, at)
    await book.keep([facet], w.clock.now(), "rules")


async def test_l03_it_is_ignored_and_the_owner_is_told_once(w: World) -> None:
    await w.persona()
    await w.pass_time(minutes=20)
    assert "needs_reconsent" not in str([p.post.card.text for p in w.posts])
    await wanted(w)
    await w.pass_time(hours=3)
    told = [p.post.card.text for p in w.to(w.owner) if "needs_reconsent" in p.post.card.text]
    assert len(told) == 1
    for each in ("feishu:oc_1", "api.other.example", "communication_style"):
        assert each in told[0]
    (status,) = await w.say(w.owner, "/understudy status lin", direct=True)
    assert "feishu:oc_1" in status.post.card.text
    findings = await doctor.examine(w.app.services, Settings())
    assert any("needs_reconsent" in each.what and not each.ok for each in findings)


async def test_l03_what_is_granted_goes_on_beside_it(w: World) -> None:
    await w.persona()
    await wanted(w)
    assert any(p.post.card.quotes for p in await w.say(w.mei, QUESTION))


# ------------------------------------------------------------------ the notice


def other_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more, as with the next release."""
    kept = notice.text
    monkeypatch.setattr(notice, "text", lambda language, version="": kept(language) + b"\n")


async def test_l02_new_builds_are_refused_and_the_old_scope_goes_on_answering(
    w: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await w.persona()
    source = SlackExport(
        write_zip(tmp_path / "a.zip", export({"payments": [said("U0LIN", "Vendors are paid on Fridays.", 0)]})),
        "U0LIN",
        "",
    )
    persona = await found(w.app, "lin")
    other_notice(monkeypatch)
    with pytest.raises(Refused, match="NOTICE_CHANGED") as refused:
        await bring_in(w.app.services, persona, source, "operator:cli")
    assert "amend" in refused.value.fix
    assert source.progress == (0, 0)  # nothing was opened
    with pytest.raises(Refused, match="NOTICE_CHANGED"):
        await distil_by_rules(w.app.services, persona, "operator:cli", progress=lambda done, total: None)
    with pytest.raises(Refused, match="NOTICE_CHANGED"):
        await keeping.check(w.app.services, persona)
    assert await keeping.may_interview(w.app.services, persona) == "NOTICE_CHANGED"
    assert any(p.post.card.quotes for p in await w.say(w.mei, QUESTION))
    findings = await doctor.examine(w.app.services, Settings())
    assert any("NOTICE_CHANGED" in each.what for each in findings)


async def test_l02_who_amends_reads_the_new_one_and_it_goes_on(
    w: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await w.persona()
    other_notice(monkeypatch)
    services = w.app.services
    before = await services.consents.newest("lin")
    assert before is not None
    offered = proposal.proposed(parse(before), w.clock.now().date())
    raw = proposal.narrowed(before, proposal.everything(offered), w.clock.now(), language="zh-CN")
    await services.store.commit(
        await services.consents.add("lin", raw, signing.sign(raw, KEY), signing.public_key(KEY))
    )
    persona = await found(w.app, "lin")
    await distil_by_rules(services, persona, "operator:cli", progress=lambda done, total: None)
    assert msgspec.json.decode(raw)["privacy_notice"]["sha256"] == notice.sha256("zh-CN")
