"""A screenshot of a direct chat with given words in it, drawn as a phone shows one."""

from __future__ import annotations

import io
from datetime import date

from PIL import Image, ImageDraw, ImageFont

DAY = date(2026, 3, 5)  # it was taken
WIDE, HIGH = 750, 900
PAGE, MINE, THEIRS, INK, FACE = (237, 237, 237), (149, 236, 105), (255, 255, 255), (20, 20, 20), (120, 150, 200)


def pictured(asked: str, said: str, also: str) -> bytes:
    """A PNG: Mei asks, Lin Wei says two things."""
    image = Image.new("RGB", (WIDE, HIGH), PAGE)
    draw = ImageDraw.Draw(image)
    draw.text((WIDE / 2, 60), "Lin Wei", font=ImageFont.load_default(34), fill=INK, anchor="mm")
    draw.text((WIDE / 2, 150), "2026-03-04 14:03", font=ImageFont.load_default(22), fill=FACE, anchor="mm")
    top = _bubble(draw, 200, f"What is the {asked}\nservice for?", mine=True)
    top = _bubble(draw, top, f"The {said} job\nruns every 15 minutes.")
    _bubble(draw, top, f"It gives up after {also}\nand then waits.")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _bubble(draw: ImageDraw.ImageDraw, top: float, text: str, *, mine: bool = False) -> float:
    """Returns where the next one begins."""
    font = ImageFont.load_default(30)
    _, _, right, bottom = draw.multiline_textbbox((0, 0), text, font=font, spacing=10)
    wide, high = right + 48, bottom + 40
    left, face = (WIDE - 110 - wide, WIDE - 96) if mine else (110, 14)
    draw.rounded_rectangle((left, top, left + wide, top + high), 16, fill=MINE if mine else THEIRS)
    draw.multiline_text((left + 24, top + 18), text, font=font, fill=INK, spacing=10)
    draw.rounded_rectangle((face, top, face + 76, top + 76), 8, fill=FACE)
    return top + high + 40
