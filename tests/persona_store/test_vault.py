"""L16: a key for each persona, wrapped by the installation's, and gone for good once it is shredded."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.errors import Refused, StoreBroken
from persona_store.vault import Vault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def vault(folder: Path) -> Vault:
    return Vault.open(folder)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return Vault.open(tmp_path_factory.mktemp("keys"))


@given(plaintext=st.binary(max_size=2000), aad=st.text(max_size=50))
def test_what_is_sealed_opens_in_its_place_only(shared: Vault, plaintext: bytes, aad: str) -> None:
    sealed = shared.seal(plaintext, aad=aad)
    assert shared.unseal(sealed, aad=aad) == plaintext
    with pytest.raises(StoreBroken):
        shared.unseal(sealed, aad=aad + "x")


@given(at=st.integers(0, 60), bit=st.integers(0, 7))
def test_every_flipped_bit_is_noticed(shared: Vault, at: int, bit: int) -> None:
    """Format byte, nonce, ciphertext and tag alike."""
    sealed = bytearray(shared.seal(b"x" * 32, aad="k"))
    assert len(sealed) == 61
    sealed[at] ^= 1 << bit
    with pytest.raises(StoreBroken):
        shared.unseal(bytes(sealed), aad="k")


@given(st.integers(0, 60))
def test_what_is_cut_short_does_not_open(shared: Vault, length: int) -> None:
    with pytest.raises(StoreBroken):
        shared.unseal(shared.seal(b"x" * 32, aad="k")[:length], aad="k")


def test_the_same_words_sealed_twice_look_different(vault: Vault) -> None:
    assert vault.seal(b"hello", aad="k") != vault.seal(b"hello", aad="k")


def test_a_vault_opened_again_reads_what_was_sealed(folder: Path, vault: Vault) -> None:
    sealed = vault.seal(b"hello", aad="k")
    assert Vault.open(folder).unseal(sealed, aad="k") == b"hello"


def test_another_installations_key_opens_nothing(tmp_path: Path, vault: Vault) -> None:
    with pytest.raises(StoreBroken, match="another key"):
        Vault.open(tmp_path / "other").unseal(vault.seal(b"hello", aad="k"), aad="k")


def test_the_installations_key_lies_in_a_private_file(folder: Path, vault: Vault) -> None:
    assert (folder / "kek").stat().st_mode & 0o777 == 0o600
    (folder / "kek").chmod(0o644)
    assert refusal(lambda: Vault.open(folder)) == "KEY_MODE"


def test_a_key_file_of_another_length_is_refused(folder: Path, vault: Vault) -> None:
    (folder / "kek").write_bytes(b"short")
    assert refusal(lambda: Vault.open(folder)) == "KEY_BROKEN"


def test_every_persona_has_its_own_key_and_keeps_it(vault: Vault) -> None:
    vault.create_key("one")
    vault.create_key("two")
    first = vault.key("one")
    vault.create_key("one")
    assert vault.key("one") == first
    assert len(first) == 32
    assert vault.key("two") != first


def test_the_key_is_not_on_disk_in_clear(folder: Path, vault: Vault) -> None:
    vault.create_key("one")
    assert all(vault.key("one") not in file.read_bytes() for file in folder.iterdir())


def test_a_wrapped_key_moved_to_another_persona_does_not_open(folder: Path, vault: Vault) -> None:
    vault.create_key("one")
    (folder / "two.dek").write_bytes((folder / "one.dek").read_bytes())
    assert refusal(lambda: vault.key("two")) == "KEY_GONE"


def test_a_shredded_key_is_gone_for_every_process_at_once(folder: Path, vault: Vault) -> None:
    other = Vault.open(folder)
    vault.create_key("one")
    other.key("one")
    assert vault.shred("one")
    assert refusal(lambda: other.key("one")) == "KEY_GONE"
    assert not vault.shred("one")
    assert not other.has_key("one")


def test_shredding_spares_personas_whose_name_begins_alike(vault: Vault) -> None:
    for name in ("lin", "lin-2", "lina"):
        vault.create_key(name)
    vault.shred("lin")
    assert [vault.has_key(name) for name in ("lin", "lin-2", "lina")] == [False, True, True]


def test_shredding_takes_half_written_drafts_of_the_key_along(folder: Path, vault: Vault) -> None:
    """A crash between writing and naming leaves a draft that holds the wrapped key."""
    vault.create_key("one")
    (folder / "one.dek.0123456789abcdef").write_bytes((folder / "one.dek").read_bytes())
    vault.shred("one")
    assert [file.name for file in folder.iterdir()] == ["kek"]


@pytest.mark.parametrize("name", ["../one", "", "One", "one/../two", "*", "kek\0"])
def test_no_persona_name_climbs_out_of_the_folder(vault: Vault, name: str) -> None:
    for call in (vault.create_key, vault.key, vault.shred, vault.has_key, vault.key_id):
        assert refusal(lambda call=call: call(name)) == "PERSONA_NAME"


def test_pseudonyms_are_stable_for_one_persona_and_differ_between_two(vault: Vault) -> None:
    vault.create_key("one")
    vault.create_key("two")
    assert vault.pseudonym("one", "slack:U1") == vault.pseudonym("one", "slack:U1")
    assert vault.pseudonym("one", "slack:U1") != vault.pseudonym("one", "slack:U2")
    assert vault.pseudonym("one", "slack:U1") != vault.pseudonym("two", "slack:U1")
    assert "U1" not in vault.pseudonym("one", "slack:U1")


def test_nobody_can_recompute_a_pseudonym_after_the_key_is_shredded(vault: Vault) -> None:
    vault.create_key("one")
    before = vault.pseudonym("one", "slack:U1")
    vault.shred("one")
    assert refusal(lambda: vault.pseudonym("one", "slack:U1")) == "KEY_GONE"
    vault.create_key("one")
    assert vault.pseudonym("one", "slack:U1") != before


def test_each_purpose_has_its_own_signing_key_that_survives_a_restart(folder: Path, vault: Vault) -> None:
    def public(vault: Vault, purpose: str) -> bytes:
        return vault.signing_key(purpose).public_key().public_bytes_raw()

    assert public(vault, "certificates") == public(Vault.open(folder), "certificates")
    assert public(vault, "certificates") != public(vault, "checkpoints")


def test_neither_repr_nor_error_tells_a_key(folder: Path, vault: Vault) -> None:
    vault.create_key("one")
    kek = (folder / "kek").read_bytes()
    assert kek.hex() not in repr(vault)
    assert repr(kek) not in repr(vault)
