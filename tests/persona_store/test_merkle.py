"""The tree hash agrees with the reference roots of Certificate Transparency, however it is grown."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.merkle import Tree, leaf_hash, node_hash, root

# The leaves and roots of certificate-transparency's reference tests (merkletree/tree_test).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "expected"), ROOTS.items())
def test_the_reference_roots_come_out(size: int, expected: str) -> None:
    assert root(LEAVES[:size]).hex() == expected


def _by_definition(lines: list[bytes]) -> bytes:
    """RFC 6962 §2.1, written as it stands there."""
    if not lines:
        return hashlib.sha256(b"").digest()
    if len(lines) == 1:
        return leaf_hash(lines[0])
    half = 1
    while half * 2 < len(lines):
        half *= 2
    return node_hash(_by_definition(lines[:half]), _by_definition(lines[half:]))


@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_growing_by_one_is_the_recursive_definition_even_when_put_aside(lines: list[bytes], at: int) -> None:
    """At any moment a tree can be kept as (size, peaks) and continued by somebody else."""
    tree = Tree()
    for line in lines[:at]:
        tree.add(line)
    tree = Tree(tree.size, tree.peaks)
    for line in lines[at:]:
        tree.add(line)
    assert tree.root() == _by_definition(lines)
    assert tree.size == len(lines)


def test_peaks_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves has 2 peaks, not 1"):
        Tree(3, [bytes(32)])
