"""Makes documents with the libraries that people's programs use, and hostile ones by hand."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import docx
import openpyxl
import pptx
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIN = "Lin Wei"


def word(fill: Callable[[Any], None], *, author: str = LIN, last: str = "", title: str = "") -> bytes:
    """A .docx by python-docx."""
    made = docx.Document()
    said = made.core_properties
    said.author, said.last_modified_by, said.title, said.modified = author, last, title, DAY
    fill(made)
    return saved(made)


def workbook(fill: Callable[[Any], None], *, author: str = LIN, title: str = "") -> bytes:
    """An .xlsx by openpyxl, which sets the time of saving itself."""
    made = openpyxl.Workbook()
    made.properties.creator, made.properties.title = author, title or None
    fill(made)
    content = saved(made)
    return edited(content, "docProps/core.xml", rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2026-03-02T09:00:00Z")


def deck(fill: Callable[[Any], None], *, author: str = LIN, title: str = "Rollback") -> bytes:
    """A .pptx by python-pptx."""
    made = pptx.Presentation()
    said = made.core_properties
    said.author, said.last_modified_by, said.title, said.modified = author, author, title, DAY
    fill(made)
    return saved(made)


def pdf(*pages: list[str], author: str = LIN, title: str = "Runbook", locked: str = "") -> bytes:
    """A .pdf by ReportLab; Chinese with a font of Adobe's that is not in the file."""
    out = io.BytesIO()
    from reportlab.lib.pdfencrypt import StandardEncryption

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(out, invariant=1, encrypt=StandardEncryption(locked) if locked else None)
    canvas.setAuthor(author)
    canvas.setTitle(title)
    for page in pages:
        for number, line in enumerate(page):
            canvas.setFont("Helvetica" if line.isascii() else "STSong-Light", 12)
            canvas.drawString(72, 800 - 15 * number, line)
        canvas.showPage()
    canvas.save()
    # `invariant` dates it to the year 2000; as long, so that the table of offsets still fits
    return out.getvalue().replace(b"D:20000101000000+00'00'", b"D:20260302090000+00'00'")


def saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def edited(content: bytes, part: str, find: bytes, put: bytes) -> bytes:
    """The same office file with one part changed."""
    return with_parts(content, {part: re.sub(find, put, members(content)[part], count=1, flags=re.S)})


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members(content), **parts}.items():
            archive.writestr(name, data)
    return out.getvalue()
