"""What commands write is whole or not there, nobody else's to read, and over nothing that is not theirs."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bots.cli import files
from persona_store.errors import Refused


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def held(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), stat.S_IMODE(each.stat().st_mode)) for each in folder.iterdir()}


def test_a_file_is_never_written_over_another(tmp_path: Path) -> None:
    files.write(tmp_path / "a", b"first")
    with pytest.raises(Refused, match="FILE_EXISTS"):
        files.write(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert names(tmp_path) == ["a"], "nothing is left of what was not kept"


def test_a_folder_of_its_own_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        files.put(tmp_path / "skill", {"a": b"x", "a/b": b"y"})
    assert names(tmp_path) == []
    files.put(tmp_path / "skill", {"a": b"x", "b/c": b"y"})
    assert (tmp_path / "skill" / "b" / "c").read_bytes() == b"y"
    with pytest.raises(Refused, match="FILE_EXISTS"):
        files.put(tmp_path / "skill", {"a": b"z"})


async def test_what_breaks_off_leaves_the_file_of_the_earlier_run(tmp_path: Path) -> None:
    async def lines(*, whole: bool) -> AsyncIterator[bytes]:
        yield b"1"
        if not whole:
            raise KeyError
        yield b"2"

    folder = files.Folder(tmp_path / "deep" / "out")
    assert folder.write("x", b"other") == str(tmp_path / "deep" / "out" / "x")
    await folder.stream("ledger", lines(whole=True))
    with pytest.raises(KeyError):
        await folder.stream("ledger", lines(whole=False))
    assert held(folder.path) == {"x": (b"other", 0o600), "ledger": (b"1\n2\n", 0o600)}
    folder.write("ledger", b"anew")
    assert held(folder.path) == {"x": (b"other", 0o600), "ledger": (b"anew", 0o600)}


def test_where_nothing_can_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="FOLDER"):
        files.Folder(tmp_path / "file" / "out")
    (tmp_path / "taken").mkdir()
    with pytest.raises(Refused, match="FOLDER"):
        files.Folder(tmp_path).write("taken", b"")
    assert names(tmp_path) == ["file", "taken"]
