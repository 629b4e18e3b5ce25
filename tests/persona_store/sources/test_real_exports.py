"""Exports of real communities, where the development data lies beside the repository; none of it is copied here."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from persona_store.evidence import EvidenceFile
from persona_store.importing import run_import
from persona_store.sources.slack_export import SlackExport
from tests.persona_store.sources.exports import NOW, consent_for

DATA = Path(__file__).parents[4] / "shared" / "eval"

pytestmark = pytest.mark.skipif(
    not (DATA / "convert_export.py").exists(), reason="the development data is not at ../shared/eval"
)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return iter([json.loads(line) for line in file])


@pytest.fixture(params=["slack-elm", "slack-racket", "egret-zh"])
def community(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, dict[str, str]]]:
    """(the export as a zip, each author's texts by id)."""
    documents = DATA / "data" / request.param / "docs.jsonl.gz"
    convert = [sys.executable, str(DATA / "convert_export.py"), str(documents), str(tmp_path / "export")]
    subprocess.run([*convert, "--slack", "--zip", "--noise"], check=True, stdout=subprocess.DEVNULL)
    texts: dict[str, dict[str, str]] = {}
    for line in lines(documents):
        texts.setdefault(line["author"], {})[line["id"]] = line["text"]
    return tmp_path / "export.zip", texts


async def test_every_word_of_a_person_is_imported_and_no_other_is_taken_for_theirs(
    tmp_path: Path, community: tuple[Path, dict[str, dict[str, str]]]
) -> None:
    """With joins, bots, tombstones and broken messages mixed in. What somebody only quoted is not their word."""
    path, texts = community
    with zipfile.ZipFile(path) as archive:
        users = {user.get("real_name"): user["id"] for user in json.loads(archive.read("users.json"))}
    name = max(texts, key=lambda author: len(texts[author]))
    evidence = EvidenceFile.open(tmp_path / "lin.db", bytes(32))
    source = SlackExport(path, users[name])
    consent = consent_for("slack_export", first=date(1980, 1, 1))
    report = await run_import(source, persona="lin", consent=consent, evidence=evidence, now=NOW)
    own = {passage.id for passage in await evidence.all() if passage.by_subject}
    evidence.close()
    missing = texts[name].keys() - own
    assert all(texts[name][ident].startswith(">") or len(texts[name][ident]) < 4 for ident in missing)
    assert not own & {ident for author in texts if author != name for ident in texts[author]}
    assert not report.problems
