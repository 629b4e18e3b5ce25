"""Skills made elsewhere: whatever comes in, nothing of it is the subject's own words, and nobody is defamed."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.evidence import EvidenceFile
from persona_store.importing import ImportReport, run_import
from persona_store.model import Document, Passage
from persona_store.sources.colleague_skill import ColleagueSkill
from persona_store.sources.members import Limits
from tests.persona_store.sources.exports import NOW, code_of, consent_for, write_folder, write_zip
from tests.persona_store.sources.skill_shapes import SKILLS, material

DIALECTS = sorted(path.name for path in SKILLS.iterdir())
WORK = "# 林薇 — Work Skill\n\n- 重试任务每 15 分钟跑一次\n".encode()


def read(path: Path, **more: str) -> tuple[list[Document], dict[str, int]]:
    source = ColleagueSkill(path, **more)
    return list(source.read()), dict(source.dropped)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_the_subjects(dialect: str) -> None:
    """Described, by nobody with an account, whole team; and what judges or orders is in none of it."""
    documents, _ = read(SKILLS / dialect)
    for document in documents:
        assert (document.source, document.by_subject, document.described) == ("imported_skill", False, True)
        assert (document.author, document.readers, document.direct) == ("", None, False)
        assert document.id.startswith(f"skill:{document.container}/")
    said = "\n".join(document.text for document in documents)
    for word in ("甩锅", "阴阳怪气", "INTJ", "冷暴力", "Layer 0", "心情", "不是 AI", "secret plan", "Bob's own"):
        assert word not in said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_zip_is_read_as_its_folder(dialect: str, tmp_path: Path) -> None:
    """But for the time of the files, which a zip keeps by itself."""
    files = {f"{dialect}/{name}": raw for name, raw in material(dialect).items()}
    folder, zipped = read(write_folder(tmp_path / "f", files)), read(write_zip(tmp_path / "s.zip", files))
    assert [(d.id, d.text, d.facet) for d in folder[0]] == [(d.id, d.text, d.facet) for d in zipped[0]]
    assert folder[1] == zipped[1]


def test_one_file_is_a_skill_too(tmp_path: Path) -> None:
    path = tmp_path / "SKILL.md"
    path.write_bytes(material("legacy")["colleagues/lin/SKILL.md"])
    documents, _ = read(path)
    assert {document.facet for document in documents} == {"work_knowledge", "communication_style"}
    assert {document.author_name for document in documents} == {"Mei"}


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"\xef\xbb\xbf" + WORK, ""),
        (WORK.replace(b"\n", b"\r\n"), ""),
        (WORK.decode().encode("utf-16"), ""),
        (WORK.decode().encode("gb18030"), "gb18030"),
    ],
    ids=["bom", "crlf", "utf-16", "gbk"],
)
def test_encodings_and_line_ends(raw: bytes, encoding: str, tmp_path: Path) -> None:
    documents, left = read(write_folder(tmp_path / "li", {"work.md": raw}), encoding=encoding)
    assert [document.text for document in documents] == [WORK.decode().strip()]
    assert left == {}


def test_one_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    files = {
        "work.md": WORK,
        "persona.md": "短句".encode("gbk"),
        "meta.json": b'{"slug": ',
        "manifest.json": b"[" * 10_000,
        "references/a.md": b"\x00\x01",
        "references/b.md": b"x" * (2 << 20) + b"xx",
        "references/empty.md": b"",
    }
    source = ColleagueSkill(write_folder(tmp_path / "li", files))
    documents = list(source.read())
    assert [document.id for document in documents] == ["skill:li/work.md"]
    assert source.dropped == {
        "ENCODING": 1,
        "JSON_BROKEN": 1,
        "JSON_DEPTH": 1,
        "TYPE_MISMATCH": 1,
        "MEMBER_SIZE": 1,
        "empty": 1,
    }
    assert len(source.problems) == 5
    assert not any("\n" in problem or "短" in problem for problem in source.problems)


@pytest.mark.parametrize(
    "meta",
    [
        {
            "slug": ["a"],
            "tags": 5,
            "profile": [],
            "lifecycle": "x",
            "artifacts": {"work_doc": 1},
            "impression": None,
        },
        {"slug": "../../etc/passwd", "updated_at": "yesterday", "name": {"a": 1}},
        {"slug": "a b\nc:d#e", "updated_at": "9999-99-99", "created_at": "2026-03-02"},
        [],
        "x",
        None,
    ],
)
def test_metadata_of_any_type(meta: object, tmp_path: Path) -> None:
    """A slug never becomes a path, and a time that is none is not taken for one."""
    folder = write_folder(tmp_path / "li", {"work.md": WORK, "meta.json": json.dumps(meta).encode()})
    [document], _ = read(folder)
    assert not set(document.container) & set("/\\:# \n")
    assert not document.container.startswith(".")
    assert 2020 < document.at.year < 2100


def test_files_called_otherwise_are_found_by_their_metadata(tmp_path: Path) -> None:
    meta = {"slug": "li", "artifacts": {"work_doc": "craft.md", "persona_doc": "voice.md"}}
    files = {
        "SKILL.md": b"## PART A: Work\n\n## PART B: Persona\n",
        "craft.md": WORK,
        "voice.md": "## Layer 2\n\n短句\n".encode(),
        "meta.json": json.dumps(meta).encode(),
    }
    documents, _ = read(write_folder(tmp_path / "x", files))
    assert [document.id for document in documents] == ["skill:li/craft.md", "skill:li/voice.md/communication_style"]


def test_an_id_is_never_that_of_an_imported_document(tmp_path: Path) -> None:
    """`work.md` may have been imported as the subject's own; a description must not take its place."""
    [document], _ = read(write_folder(tmp_path / "li", {"work.md": WORK}))
    assert document.id == "skill:li/work.md"


# ------------------------------------------------------------------ what its owner said


@pytest.mark.parametrize("tier", ["human_only", "no_commercial_distill", "research_ok", "", "whatever"])
@pytest.mark.parametrize("place", ["", "li/", "li/references/"])
def test_a_declaration_that_forbids_is_honoured(tier: str, place: str, tmp_path: Path) -> None:
    text = f"# 蒸馏协议 · Distill Protocol\n\n**所有者**：李\n**档位**：{tier}\n".encode()
    folder = write_folder(tmp_path / "x", {"li/work.md": WORK, f"{place}LICENSE-DISTILL.md": text})
    assert code_of(lambda: read(folder)) == "SKILL_LICENCE"


@pytest.mark.parametrize(
    ("allowed", "commercial", "code"),
    [
        (False, False, "SKILL_LICENCE"),
        (True, False, "SKILL_LICENCE"),
        ("true", True, "SKILL_LICENCE"),
        (True, True, ""),
    ],
)
def test_a_manifest_decides(allowed: object, commercial: object, code: str, tmp_path: Path) -> None:
    """A declaration for humans beside one that allows it does not forbid it."""
    manifest = {
        "schema": "distill-protocol-manifest/1",
        "tier": "x\ny",
        "allow_distillation": allowed,
        "commercial": commercial,
    }
    files = {"work.md": WORK, "manifest.json": json.dumps(manifest).encode()}
    for more in ({}, {"LICENSE-DISTILL.md": b"**tier**: open"}):
        folder = write_folder(tmp_path / f"li{len(more)}", files | more)
        if code:
            assert code_of(lambda at=folder: read(at)) == code
        else:
            assert len(read(folder)[0]) == 1


def test_a_consent_that_was_revoked_elsewhere_is_revoked_here(tmp_path: Path) -> None:
    files = material("hybridclaw") | {"coworker-maya/consent.json": b'{"revokedAt": "2026-02-01T00:00:00Z"}'}
    assert code_of(lambda: read(write_folder(tmp_path / "x", files))) == "SKILL_REVOKED"


def test_rendered_files_are_read_where_the_claims_are_missing(tmp_path: Path) -> None:
    files = material("hybridclaw")
    del files["coworker-maya/state.json"]
    documents, _ = read(write_folder(tmp_path / "x", files))
    soul = next(document for document in documents if "SOUL" in document.id)
    assert (soul.facet, "customer impact" in soul.text) == ("decision_patterns", True)


# ------------------------------------------------------------------ hostile archives


def test_archives_that_do_harm_are_refused(tmp_path: Path) -> None:
    assert code_of(lambda: read(write_zip(tmp_path / "a.zip", {"../work.md": WORK}))) == "ARCHIVE_PATH"
    bomb = write_zip(tmp_path / "b.zip", {"work.md": b" " * (64 << 20)})
    assert code_of(lambda: read(bomb)) == "ARCHIVE_RATIO"
    many = write_zip(tmp_path / "c.zip", {f"references/{n}.md": b"x" for n in range(60)} | {"work.md": WORK})
    assert code_of(lambda: list(ColleagueSkill(many, limits=Limits(members=50)).read())) == "ARCHIVE_COUNT"
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04 not really")
    assert code_of(lambda: read(tmp_path / "d.zip")) == "ARCHIVE_BROKEN"
    (tmp_path / "e.skill").write_bytes(os.urandom(300))
    assert code_of(lambda: read(tmp_path / "e.skill")) == "TYPE_MISMATCH"
    assert code_of(lambda: read(tmp_path / "nothing")) == "NOT_FOUND"
    inside = write_zip(tmp_path / "f.zip", {"work.md": WORK, "versions.zip": b"PK\x03\x04"})
    assert read(inside)[1] == {"unsupported_type": 1}


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# secret", encoding="utf-8")
    folder = write_folder(tmp_path / "li", {"work.md": WORK})
    (folder / "persona.md").symlink_to(secret)
    (folder / "references").symlink_to(tmp_path)
    documents, left = read(folder)
    assert [document.id for document in documents] == ["skill:li/work.md"]
    assert left == {"ARCHIVE_LINK": 2}


PIECES = st.sampled_from(
    [
        b"# ",
        b"## PART A",
        b"## Layer 2\n",
        b"\n",
        b"---\n",
        b"name: x",
        "甩锅高手".encode(),
        b"- ",
        b"<!--",
        b"\xff",
        b"{",
        b'"a":',
        b"[",
        b"\x00",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(
        st.sampled_from(
            [
                "work.md",
                "persona.md",
                "SKILL.md",
                "meta.json",
                "state.json",
                "subject.json",
                "corpus/documents.jsonl",
            ]
        ),
        st.lists(PIECES, max_size=12).map(b"".join),
        min_size=1,
    )
)
def test_rubbish_is_refused_or_counted_and_never_the_subjects(files: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    documents: list[Document] = []
    with suppress(Refused):
        documents, _ = read(path)
    assert all(document.described and "甩锅" not in document.text for document in documents)


# ------------------------------------------------------------------ under a consent


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[EvidenceFile]:
    file = EvidenceFile.open(tmp_path / "evidence" / "lin.db", os.urandom(32))
    yield file
    file.close()


async def imported(
    shelf: EvidenceFile, *facets: str, sources: str = "imported_skill", **more: object
) -> tuple[ImportReport, list[Passage]]:
    source = ColleagueSkill(SKILLS / "colleague")
    consent = consent_for(sources, facets=("work_knowledge", *facets), **more)
    report = await run_import(source, persona="lin", consent=consent, evidence=shelf, now=NOW)
    return report, await shelf.all()


async def test_of_the_person_only_what_consent_names_is_kept(shelf: EvidenceFile) -> None:
    report, kept = await imported(shelf)
    assert (report.kept, report.context, report.described) == (0, 0, 1)
    assert report.dropped["CONSENT_FACET"] == 2
    assert {passage.facet for passage in kept} == {"work_knowledge"}
    report, kept = await imported(shelf, "communication_style", "decision_patterns")
    assert (report.described, "CONSENT_FACET" in report.dropped) == (3, False)
    assert {passage.facet for passage in kept} == {"work_knowledge", "communication_style", "decision_patterns"}
    assert all(passage.described and passage.quotable and not passage.by_subject for passage in kept)


async def test_consent_must_list_skills_and_may_name_the_slug(shelf: EvidenceFile) -> None:
    with pytest.raises(Refused) as caught:
        await imported(shelf, sources="doc")
    assert caught.value.code == "CONSENT_SOURCE"
    report, _ = await imported(shelf, containers=("linwei",))
    assert report.described == 1
    report, _ = await imported(shelf, containers=("somebody-else",))
    assert (report.described, report.dropped["CONSENT_CONTAINER"]) == (
        0,
        1,
    )  # nor the two others, for another reason


async def test_passages_are_numbered_and_titled_by_their_headings(shelf: EvidenceFile) -> None:
    _, kept = await imported(shelf)
    assert [passage.id for passage in kept] == [f"skill:linwei/work.md#{n}" for n in (1, 2, 3)]
    assert kept[1].title == "林薇 — Work Skill › 技术规范 › 接口设计"
