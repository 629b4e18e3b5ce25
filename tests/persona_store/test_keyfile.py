from pathlib import Path

import pytest

from persona_store import keyfile
from persona_store.errors import Refused


def test_a_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kek"
    assert keyfile.create(path, b"first")
    assert not keyfile.create(path, b"second")
    assert keyfile.read(path) == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["kek"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o610])
def test_a_key_file_that_others_may_read_is_refused_in_one_line(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "kek"
    keyfile.create(path, b"secret")
    path.chmod(mode)
    with pytest.raises(Refused, match=f"chmod 600 {path}") as refused:
        keyfile.read(path)
    assert refused.value.code == "KEY_MODE"
    assert "\n" not in str(refused.value)


def test_a_link_in_the_place_of_a_key_is_not_followed(tmp_path: Path) -> None:
    keyfile.create(tmp_path / "real", b"secret")
    (tmp_path / "kek").symlink_to(tmp_path / "real")
    with pytest.raises(Refused) as refused:
        keyfile.read(tmp_path / "kek")
    assert refused.value.code == "KEY_MISSING"


def test_what_is_destroyed_is_overwritten_before_it_is_unlinked(tmp_path: Path) -> None:
    """Seen through a second name of the same file, which a hard link is."""
    path, witness = tmp_path / "kek", tmp_path / "witness"
    keyfile.create(path, b"secret" * 10)
    witness.hardlink_to(path)
    keyfile.destroy(path)
    assert not path.exists()
    assert b"secret" not in witness.read_bytes()
    keyfile.destroy(path)  # the second time there is nothing to do
