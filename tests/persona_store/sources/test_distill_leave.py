"""A folder of documents with a declaration of the distill-protocol: obeyed for what it lies beside and below."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from persona_store.errors import Refused
from persona_store.sources.documents import Documents
from tests.persona_store.sources.exports import write_folder, write_zip

NO = b"# LICENSE-DISTILL\n\n**tier**: human_only\n"
SAYS = b"Refunds go to the refund-slow queue."


def manifest(**more: object) -> bytes:
    told = {"schema": "distill-protocol-manifest/1", "tier": "human_only", "allow_distillation": False, **more}
    return json.dumps(told).encode()


def read(path: Path) -> tuple[list[str], Documents]:
    source = Documents(path, "slack:U0LIN")
    return sorted(document.id for document in source.read()), source


@pytest.mark.parametrize("files", [{"LICENSE-DISTILL.md": NO}, {"manifest.json": manifest()}])
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_that_forbids_it_is_not_read_at_all(tmp_path: Path, files: dict[str, bytes], packed: bool) -> None:
    there = {"notes.md": SAYS, "deep/more.md": SAYS, **files}
    path = write_zip(tmp_path / "d.zip", there) if packed else write_folder(tmp_path / "d", there)
    with pytest.raises(Refused) as refused:
        read(Path(path))
    assert refused.value.code == "SKILL_LICENCE"
    assert "human_only" in str(refused.value)


def test_below_a_declaration_everything_is_left_out_and_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    files = {"a.md": SAYS, "private/LICENSE-DISTILL.md": NO, "private/b.md": SAYS, "private/deep/c.md": SAYS}
    ids, source = read(write_folder(tmp_path / "d", {**files, "privateer/d.md": SAYS}))
    assert ids == ["a.md", "privateer/d.md"]
    assert source.dropped["SKILL_LICENCE"] == 2
    assert len([line for line in source.problems if "private/LICENSE-DISTILL.md" in line]) == 1


def test_a_manifest_that_allows_it_is_believed_and_is_nobodys_document(tmp_path: Path) -> None:
    yes = manifest(tier="open", allow_distillation=True, commercial=True)
    files = {"a.md": SAYS, "LICENSE-DISTILL.md": b"**tier**: open", "manifest.json": yes}
    ids, source = read(write_folder(tmp_path / "d", files))
    assert ids == ["a.md"]
    assert source.dropped["SKILL_LICENCE"] == 0


def test_a_declaration_whose_manifest_is_broken_is_a_no(tmp_path: Path) -> None:
    files = {"a.md": SAYS, "LICENSE-DISTILL.md": b"**tier**: open", "manifest.json": b"{"}
    with pytest.raises(Refused):
        read(write_folder(tmp_path / "d", files))


@pytest.mark.parametrize("broken", [manifest()[:-1] + b",}", manifest(notes="x" * 70_000)])
def test_a_manifest_of_the_protocol_that_cannot_be_read_is_a_no(tmp_path: Path, broken: bytes) -> None:
    with pytest.raises(Refused):
        read(write_folder(tmp_path / "d", {"a.md": SAYS, "manifest.json": broken}))


def test_any_other_manifest_says_nothing_about_it(tmp_path: Path) -> None:
    ids, _ = read(write_folder(tmp_path / "d", {"a.md": SAYS, "manifest.json": b'{"name": "web app"}'}))
    assert ids == ["a.md"]


def test_the_names_are_known_in_any_case(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read(write_folder(tmp_path / "d", {"a.md": SAYS, "license-distill.MD": NO}))
