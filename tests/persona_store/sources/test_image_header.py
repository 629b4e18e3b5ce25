"""A picture is judged by its first bytes, before any decoder sees it."""

from __future__ import annotations

import struct

import pytest

from persona_store.sources.image_header import check_image
from tests.persona_store.sources.exports import code_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def png(width: int, height: int) -> bytes:
    return PNG + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (png(50_000, 50_000), "IMAGE_PIXELS"),
        (png(2**31, 2**31), "IMAGE_PIXELS"),
        (b"BM" + b"\0" * 12 + struct.pack("<Iii", 40, 50_000, -50_000), "IMAGE_PIXELS"),
        (b"GIF89a/*\x01\x00*/=1;alert(1)", "TYPE_MISMATCH"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "TYPE_MISMATCH"),
        (b"%PDF-1.7", "TYPE_MISMATCH"),
        (b"", "TYPE_MISMATCH"),
        (PNG[:8], "IMAGE_BROKEN"),
    ],
)
def test_imp_12_too_many_pixels_and_polyglots_are_refused_by_the_header(raw: bytes, code: str) -> None:
    assert code_of(lambda: check_image(raw, "shot.png")) == code


def test_an_honest_picture_tells_its_size() -> None:
    assert check_image(png(1170, 2532), "shot.png") == (1170, 2532)
