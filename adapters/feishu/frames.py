"""The frames of Feishu's long connection. Pure.

Protobuf, one message with one nested in it, as all of Feishu's SDKs carry it (`pbbp2.proto`, field numbers
below). A hundred lines here, where the SDK has a protobuf runtime of its own in Python.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

CONTROL, DATA = 0, 1  # Frame.method
SEQ_ID, LOG_ID, SERVICE, METHOD, HEADERS, ENCODING, TYPE, PAYLOAD, LOG_ID_NEW = range(1, 10)
KEY, VALUE = 1, 2  # in a header
LARGEST = 8 * 1024 * 1024  # bytes of one field; Feishu's are far below


class Frame(Struct, frozen=True):
    """`headers` in their order; of their `type`s, ping and pong are control, event and card data."""

    method: int
    service: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    payload: bytes = b""
    seq_id: int = 0
    log_id: int = 0
    encoding: str = ""
    kind: str = ""
    log_id_new: str = ""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


def encode(frame: Frame) -> bytes:
    """The four numbers are required, and so are written when they are 0."""
    wire = bytearray()
    for field, number in ((SEQ_ID, frame.seq_id), (LOG_ID, frame.log_id), (SERVICE, frame.service)):
        _put_number(wire, field, number)
    _put_number(wire, METHOD, frame.method)
    for name, value in frame.headers:
        pair = bytearray()
        _put_bytes(pair, KEY, name.encode())
        _put_bytes(pair, VALUE, value.encode())
        _put_bytes(wire, HEADERS, bytes(pair))
    for field, text in ((ENCODING, frame.encoding), (TYPE, frame.kind)):
        if text:
            _put_bytes(wire, field, text.encode())
    if frame.payload:
        _put_bytes(wire, PAYLOAD, frame.payload)
    if frame.log_id_new:
        _put_bytes(wire, LOG_ID_NEW, frame.log_id_new.encode())
    return bytes(wire)


def decode(wire: bytes) -> Frame:
    """Raises ValueError for what is no frame. Fields nobody knows are passed over, as protobuf has it."""
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    headers: list[tuple[str, str]] = []
    for field, value in _fields(wire):
        if isinstance(value, int):
            numbers[field] = value
        elif field == HEADERS:
            pair = {key: text for key, text in _fields(value) if isinstance(text, bytes)}
            headers.append((pair.get(KEY, b"").decode(), pair.get(VALUE, b"").decode()))
        else:
            texts[field] = value
    if METHOD not in numbers or SERVICE not in numbers:
        raise ValueError("a frame without method or service")
    return Frame(
        method=numbers[METHOD],
        service=numbers[SERVICE],
        headers=tuple(headers),
        payload=texts.get(PAYLOAD, b""),
        seq_id=numbers.get(SEQ_ID, 0),
        log_id=numbers.get(LOG_ID, 0),
        encoding=texts.get(ENCODING, b"").decode(),
        kind=texts.get(TYPE, b"").decode(),
        log_id_new=texts.get(LOG_ID_NEW, b"").decode(),
    )


def acknowledgement(kept: bool, answer: Mapping[str, Any] | None) -> bytes:
    """The payload of the frame that answers an event: 200 once it was kept and 500 if it was not, with what a
    callback is answered."""
    data = None
    if answer is not None:
        data = base64.b64encode(json.dumps(answer, ensure_ascii=False).encode()).decode()
    return json.dumps({"code": 200 if kept else 500, "headers": None, "data": data}).encode()


def ping(service: int) -> bytes:
    return encode(Frame(CONTROL, service, (("type", "ping"),)))


def _fields(wire: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(wire):
        key, at = _number_at(wire, at)
        field, form = key >> 3, key & 7
        if form == 0:
            number, at = _number_at(wire, at)
            yield field, number
            continue
        if form == 2:
            size, at = _number_at(wire, at)
        elif form in (1, 5):  # fixed 64 and 32 bits: none of ours
            size = 8 if form == 1 else 4
        else:
            raise ValueError("a field of no known form")
        if size > LARGEST or at + size > len(wire):
            raise ValueError("a field that ends too early")
        if form == 2:
            yield field, wire[at : at + size]
        at += size


def _number_at(wire: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(wire):
            break
        byte = wire[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at
    raise ValueError("a number that does not end")


def _put_number(wire: bytearray, field: int, number: int) -> None:
    wire.append(field << 3)
    _put_varint(wire, number & 0xFFFF_FFFF_FFFF_FFFF)


def _put_bytes(wire: bytearray, field: int, value: bytes) -> None:
    wire.append(field << 3 | 2)
    _put_varint(wire, len(value))
    wire += value


def _put_varint(wire: bytearray, number: int) -> None:
    while number > 0x7F:
        wire.append(number & 0x7F | 0x80)
        number >>= 7
    wire.append(number)
