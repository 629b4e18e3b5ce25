"""Files that travel: only who they are for opens them, and nothing of the key is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from persona_store import envelope
from persona_store.envelope import Identity
from persona_store.errors import Refused


@pytest.fixture
def ours(tmp_path: Path) -> Identity:
    return Identity.kept_in(tmp_path / "keys" / "receiving.age")


def test_who_it_is_for_opens_it(ours: Identity) -> None:
    sealed = envelope.seal(b"kanarienvogel", ours.address)
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert b"kanarienvogel" not in sealed
    assert ours.open(sealed) == b"kanarienvogel"


def test_the_identity_is_made_once_and_kept_from_others(tmp_path: Path, ours: Identity) -> None:
    path = tmp_path / "keys" / "receiving.age"
    assert Identity.kept_in(path).address == ours.address
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(Refused, match="KEY_MODE"):
        Identity.kept_in(path)


def test_nothing_of_the_secret_is_told(tmp_path: Path, ours: Identity) -> None:
    secret = (tmp_path / "keys" / "receiving.age").read_text().strip()
    assert secret not in repr(ours)
    assert ours.address in repr(ours)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b"", bytes.upper]
)
def test_what_was_cut_or_altered_does_not_open(ours: Identity, damage: object) -> None:
    with pytest.raises(Refused, match="NOT_FOR_US"):
        ours.open(damage(envelope.seal(b"x" * 100_000, ours.address)))


def test_somebody_else_does_not_open_it(tmp_path: Path, ours: Identity) -> None:
    other = Identity.kept_in(tmp_path / "other.age")
    with pytest.raises(Refused, match=f"NOT_FOR_US.*{other.address}"):
        other.open(envelope.seal(b"x", ours.address))


@pytest.mark.parametrize("address", ["", "age1", "age1xyz", "AGE-SECRET-KEY-1QQ", "lin@corp.test", "x" * 5000])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="ADDRESS") as caught:
        envelope.seal(b"x", address)
    assert len(str(caught.value)) < 300


def test_a_file_that_holds_no_identity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text("nonsense")
    with pytest.raises(Refused, match="KEY_BROKEN") as caught:
        Identity.kept_in(path)
    assert "nonsense" not in str(caught.value)
