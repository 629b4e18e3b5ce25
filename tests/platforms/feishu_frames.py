"""The frames of Feishu's long connection: protobuf message `pbbp2.Frame`, as the SDKs of four languages carry it.

    message Header { required string key = 1; required string value = 2; }
    message Frame {
        required uint64 SeqID = 1;  required uint64 LogID = 2;
        required int32 service = 3; required int32 method = 4;     // 0 control, 1 data
        repeated Header headers = 5;
        optional string payload_encoding = 6; optional string payload_type = 7;
        optional bytes payload = 8; optional string LogIDNew = 9;
    }

Written from that description and not from the SDK, so that the two check each other.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

CONTROL, DATA = 0, 1
VARINT, BYTES = 0, 2


class Frame(Struct, frozen=True):
    """One frame. `headers` keep their order; of their `type`s, ping and pong are control, event and card data."""

    method: int
    headers: dict[str, str] = field(default_factory=dict)
    payload: bytes = b""
    service: int = 0
    seq_id: int = 0
    log_id: int = 0

    @property
    def type(self) -> str:
        return self.headers.get("type", "")


def encode(frame: Frame) -> bytes:
    """The frame on the wire."""
    parts = [
        _number(1, frame.seq_id),
        _number(2, frame.log_id),
        _number(3, frame.service),
        _number(4, frame.method),
        *(_bytes(5, _bytes(1, k.encode()) + _bytes(2, v.encode())) for k, v in frame.headers.items()),
    ]
    if frame.payload:
        parts.append(_bytes(8, frame.payload))
    return b"".join(parts)


def decode(wire: bytes) -> Frame:
    """ValueError for anything that is not a frame. Unknown fields are passed over, as protobuf wants it."""
    numbers: dict[int, int] = {}
    headers: dict[str, str] = {}
    payload = b""
    for tag, value in _fields(wire):
        if isinstance(value, int):
            numbers[tag] = value
        elif tag == 5:
            pair = {key: text for key, text in _fields(value) if isinstance(text, bytes)}
            headers[pair.get(1, b"").decode()] = pair.get(2, b"").decode()
        elif tag == 8:
            payload = value
    if not {1, 2, 3, 4} <= numbers.keys():
        raise ValueError("a frame without its required fields")
    return Frame(numbers[4], headers, payload, numbers[3], numbers[1], numbers[2])


def _fields(wire: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(wire):
        key, at = _varint(wire, at)
        if key & 7 == VARINT:
            number, at = _varint(wire, at)
            yield key >> 3, number
        elif key & 7 == BYTES:
            size, at = _varint(wire, at)
            if at + size > len(wire):
                raise ValueError("a frame that ends too early")
            yield key >> 3, wire[at : at + size]
            at += size
        else:
            raise ValueError("a field no frame has")


def _varint(wire: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while at < len(wire):
        byte = wire[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            break
    raise ValueError("a number that does not end")


def _number(tag: int, number: int) -> bytes:
    return _packed(tag << 3 | VARINT) + _packed(number)


def _bytes(tag: int, value: bytes) -> bytes:
    return _packed(tag << 3 | BYTES) + _packed(len(value)) + value


def _packed(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
