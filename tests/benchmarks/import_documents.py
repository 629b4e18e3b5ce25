"""A synthetic folder of documents as a zip, for the benchmarks: Markdown, web pages and Word files, one by one."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

from tests.benchmarks.import_messages import WORDS

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FOLDER = 500  # files in one


def make_documents(path: Path, files: int) -> None:
    """The same bytes for the same number: nothing depends on the clock or the machine."""
    dice = random.Random(7)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(files):
            paragraphs = [" ".join(dice.choices(WORDS, k=dice.randint(10, 80))) for _ in range(dice.randint(3, 12))]
            ending, content = _file(dice.random(), number, paragraphs)
            name = f"folder-{number // FOLDER:04}/page-{number:06}.{ending}"
            info = zipfile.ZipInfo(name, date_time=(2025, 1 + number % 12, 1 + number % 28, 9, 0, 0))
            archive.writestr(info, content, zipfile.ZIP_DEFLATED, 1)


def _file(roll: float, number: int, paragraphs: list[str]) -> tuple[str, bytes]:
    if roll < 0.7:
        return "md", (f"# Page {number}\n\n" + "\n\n".join(paragraphs)).encode()
    if roll < 0.9:
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        return "html", f"<html><head><title>Page {number}</title></head><body>{body}</body></html>".encode()
    packed = io.BytesIO()
    body = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", '<?xml version="1.0" encoding="UTF-8"?>' + document)
    return "docx", packed.getvalue()
