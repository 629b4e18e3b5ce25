"""Messages set aside until their chat's turn comes: packed, some 100 bytes each where the objects take a thousand.

In memory and nowhere else: on disk they would be readable.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, field

from persona_store.sources.chat_line import Line

BLOCK = 1 << 16
"""Bytes of one chat that are packed together."""

Key = tuple[str, str]
"""(chat, "") or, for what was passed on in it, ("", forward)."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, Line]).decode
_LENGTH = 4


class _Parcel(Struct):
    packed: list[bytes] = field(default_factory=list)
    open: bytearray = field(default_factory=bytearray)

    def close(self) -> None:
        self.packed.append(zlib.compress(self.open, 1))
        self.open = bytearray()

    def records(self) -> Iterator[bytes]:
        for block in (*map(zlib.decompress, self.packed), bytes(self.open)):
            at = 0
            while at < len(block):
                end = at + _LENGTH + int.from_bytes(block[at : at + _LENGTH], "big")
                yield block[at + _LENGTH : end]
                at = end


class Parcels:
    """Messages by where they stand. Their weights are known even if they were not kept."""

    def __init__(self, at_most: int, *, first: int = 0, held: bool = True) -> None:
        """`at_most` is in bytes before packing: when there are more, all are let go. `first` is the number of the
        first message: messages come back in the order of their numbers."""
        self.weights: Counter[Key] = Counter()
        self.weight = 0
        self.next = first
        self._at_most = at_most
        self._parcels: dict[Key, _Parcel] | None = {} if held else None

    @property
    def held(self) -> bool:
        return self._parcels is not None

    def add(self, line: Line, chat: str | None = None) -> None:
        """`chat` is where it stands in the end, if that is known already."""
        record = _encode((self.next, line))
        key = (chat, "") if chat is not None else ("", line.inside) if line.inside else (line.chat, "")
        self.next += 1
        self._weigh(key, len(record))
        if self._parcels is not None:
            parcel = self._parcels.setdefault(key, _Parcel())
            parcel.open += len(record).to_bytes(_LENGTH, "big") + record
            if len(parcel.open) >= BLOCK:
                parcel.close()

    def _weigh(self, key: Key, weight: int) -> None:
        self.weights[key] += weight
        self.weight += weight
        if self.weight > self._at_most:
            self._parcels = None

    def join(self, later: Parcels) -> None:
        """What another file brought; it began with the number `next`."""
        for key, weight in later.weights.items():
            self._weigh(key, weight)
        self.next = later.next
        if self._parcels is None or later._parcels is None:
            self._parcels = None
            return
        for key, theirs in later._parcels.items():
            parcel = self._parcels.setdefault(key, _Parcel())
            parcel.packed += theirs.packed
            parcel.open += theirs.open
            if len(parcel.open) >= BLOCK:
                parcel.close()

    def take(self, keys: Iterable[Key]) -> list[Line]:
        """The messages, which are let go."""
        parcels = self._parcels or {}
        found = [_decode(record) for key in keys if key in parcels for record in parcels.pop(key).records()]
        return [line for _, line in sorted(found, key=lambda numbered: numbered[0])]
