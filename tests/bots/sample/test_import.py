"""The sample through the real importer: what consent covers is kept, and what must not surface is not there."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots import sample
from bots.sample.source import sample_sources
from persona_store.consent.parsing import parse
from persona_store.evidence import EvidenceFile
from persona_store.importing import ImportReport, run_import
from persona_store.model import Passage, may_read
from persona_store.protocols import Source
from tests.bots.sample.planted import INJECTION, PERSONAL, PRIVATE, SECRETS

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PAGE = "http://127.0.0.1:8765"


async def run(evidence: EvidenceFile, source: Source) -> ImportReport:
    consent = parse(sample.consent().raw)
    return await run_import(source, persona=sample.persona().name, consent=consent, evidence=evidence, now=NOW)


async def imported(path: Path) -> tuple[ImportReport, ImportReport, list[Passage]]:
    """(report on the chat, report on the documents, everything that was kept)."""
    evidence = EvidenceFile.open(path / "lin-zhou.db", secrets.token_bytes(32))
    try:
        chat, documents = [await run(evidence, source) for source in sample_sources(PAGE)]
        return chat, documents, await evidence.all()
    finally:
        evidence.close()


async def test_what_is_kept_and_what_is_dropped_adds_up(tmp_path: Path) -> None:
    chat, documents, passages = await imported(tmp_path)
    days = [day.read_text(encoding="utf-8") for day in sample.export_path().glob("*/*")]
    said = sum(day.count('\n  "type": "message",\n') for day in days)
    assert chat.kept + chat.context + sum(chat.dropped.values()) == said
    assert chat.kept > 150
    assert chat.dropped["CONSENT_PRIVATE"] == 22, "the two direct chats"
    assert chat.dropped["CONSENT_EXCLUDED"] == 1, "the bonus"
    assert chat.problems == documents.problems == ()
    assert documents.kept == len(list(sample.documents_path().iterdir()))
    assert len(passages) == chat.new + documents.new


async def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    evidence = EvidenceFile.open(tmp_path / "lin-zhou.db", secrets.token_bytes(32))
    try:
        first = [await run(evidence, source) for source in sample_sources(PAGE)]
        again = [await run(evidence, source) for source in sample_sources(PAGE)]
    finally:
        evidence.close()
    assert [(0, 0, report.new) for report in first] == [(r.new, r.changed, r.same) for r in again]


@pytest.mark.parametrize("planted", [SECRETS, PERSONAL, PRIVATE], ids=["secrets", "personal", "private"])
async def test_nothing_that_was_planted_is_kept(tmp_path: Path, planted: dict[str, str]) -> None:
    _, _, passages = await imported(tmp_path)
    kept = "\n".join(f"{passage.title}\n{passage.text}" for passage in passages)
    assert [what for what, value in planted.items() if value in kept] == []


async def test_an_injected_order_stays_what_it_is_a_quotation(tmp_path: Path) -> None:
    """It is kept as the words Lin warned of, in one message of his; the words of the warning are there too."""
    _, _, passages = await imported(tmp_path)
    holding = [passage for passage in passages if INJECTION in passage.text]
    assert len(holding) == 1
    assert "警惕" in holding[0].text


async def test_the_private_room_is_read_by_its_members_alone(tmp_path: Path) -> None:
    _, _, passages = await imported(tmp_path)
    private = [passage for passage in passages if passage.container == "G0PAYVENDORS"]
    assert len(private) > 20
    members, outsider = [{f"slack:U0{name}"} for name in ("ZHOULAN", "MAYA")], {"slack:U0PRIYA"}
    for passage in private:
        assert may_read(passage.readers, tuple(map(frozenset, members)))
        assert not may_read(passage.readers, (frozenset(outsider),))
        assert not may_read(passage.readers, (*map(frozenset, members), frozenset(outsider)))
        assert not may_read(passage.readers, None)
    assert all(passage.readers is None for passage in passages if passage.container != "G0PAYVENDORS")


async def test_every_answer_the_questions_count_on_is_there_to_be_quoted(tmp_path: Path) -> None:
    """The evidence of each question survives consent and redaction, in Lin's own words, with what is expected."""
    _, _, passages = await imported(tmp_path)
    for question in sample.questions():
        for id in question.evidence:
            found = [p for p in passages if p.id.partition("#")[0] == id and p.quotable]
            assert found, (question.id, id)
        said = "\n".join(p.text for p in passages if p.id.partition("#")[0] in question.evidence)
        assert all(part in said for part in question.expect), question.id


async def test_a_citation_leads_to_the_message_on_the_local_page(tmp_path: Path) -> None:
    _, _, passages = await imported(tmp_path)
    chat = [passage for passage in passages if passage.source == "slack_export"]
    for passage in chat:
        assert passage.url.startswith(f"{PAGE}/archives/{passage.container}/p")
