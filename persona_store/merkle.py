"""The Merkle tree hash of RFC 6962 §2.1, one leaf at a time: a log of any length needs a few hashes of memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(line: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Holds only the `peaks`: the roots of the full subtrees, largest first, whose sizes are the ones in the
    binary form of `size`. With both, a tree can be put aside and continued."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(self.peaks)}")

    def add(self, line: bytes) -> None:
        node = leaf_hash(line)
        size = self.size
        while size & 1:  # a full subtree as large as this one stands to the left
            node = node_hash(self.peaks.pop(), node)
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root(lines: Iterable[bytes]) -> bytes:
    tree = Tree()
    for line in lines:
        tree.add(line)
    return tree.root()
