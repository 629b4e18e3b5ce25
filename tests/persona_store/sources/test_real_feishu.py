"""Real communities as Feishu pages, where the development data lies beside the repository; none of it is copied."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from persona_store.evidence import EvidenceFile
from persona_store.importing import run_import
from persona_store.sources.chat_export import Told
from persona_store.sources.feishu_export import FeishuExport
from tests.persona_store.sources.exports import NOW, consent_for
from tests.persona_store.sources.test_real_exports import DATA, lines

pytestmark = pytest.mark.skipif(
    not (DATA / "convert_export.py").exists(), reason="the development data is not at ../shared/eval"
)


Texts = dict[str, dict[str, str]]


@pytest.fixture(params=["slack-elm", "egret-zh"])
def community(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Texts]:
    """(the pages as a zip, each author's texts by our own id)."""
    documents = DATA / "data" / request.param / "docs.jsonl.gz"
    convert = [sys.executable, str(DATA / "convert_export.py"), str(documents), str(tmp_path / "pages")]
    subprocess.run([*convert, "--feishu", "--zip"], check=True, stdout=subprocess.DEVNULL)
    texts: Texts = {}
    for line in lines(documents):
        texts.setdefault(line["author"], {})[line["id"]] = line["text"]
    return tmp_path / "pages.zip", texts


async def test_every_word_of_a_person_is_imported_and_no_other_is_taken_for_theirs(
    tmp_path: Path, community: tuple[Path, Texts]
) -> None:
    """What somebody only quoted is not their word."""
    path, texts = community
    author = max(texts, key=lambda each: len(texts[each]))
    with zipfile.ZipFile(path) as archive:
        people = {person["name"]: person["open_id"] for person in json.loads(archive.read("members.json"))}
    written = path.with_suffix(".idmap.jsonl").read_text(encoding="utf-8").splitlines()
    ids = {known["message_id"]: known["id"] for known in map(json.loads, written)}
    evidence = EvidenceFile.open(tmp_path / "lin.db", bytes(32))
    source = FeishuExport(path, people[author], Told(team_chats=("*",)))
    consent = consent_for("feishu_export", first=date(1980, 1, 1))
    report = await run_import(source, persona="lin", consent=consent, evidence=evidence, now=NOW)
    own = {ids[passage.id] for passage in await evidence.all() if passage.by_subject}
    evidence.close()
    missing = [text for ident, text in texts[author].items() if ident not in own]
    assert all(text.startswith((">", "「")) or len(text) < 4 for text in missing)
    assert own <= texts[author].keys()
    assert not report.problems
