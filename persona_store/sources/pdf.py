"""PDF files: the text of each page under its number. Scripts, forms, attachments and links are not looked at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from persona_store.errors import Refused
from persona_store.sources import pdf_worker
from persona_store.sources.paper import Handed, Paper, named, place, plain

SECONDS = 20.0
MOST_OUTPUT = 64 << 20  # bytes: the text, escaped


def read_pdf(handed: Handed, *, seconds: float = SECONDS) -> Paper:
    """Raises Refused PDF_LIBRARY, PDF_LOCKED, PDF_BROKEN, PDF_LIMITS; NO_TEXT_LAYER for pages that are pictures."""
    told = _told(handed, seconds)
    said = told[0].get("said", {})
    left: Counter[str] = Counter()
    blocks: list[str] = []
    for page in told[1:]:
        if page.get("broken"):
            left["broken_page"] += 1
        elif text := paragraphs(page.get("text", "")):
            where = place(f"p. {page['page']}")
            blocks.append(f"{where}\n\n{plain(text)}")
    if not blocks:
        what = f"{handed.name!r} has no text: its pages are pictures"
        raise Refused("NO_TEXT_LAYER", what, "run it through a program that recognises text")
    date = _date(said.get("ModDate", "")) or _date(said.get("CreationDate", ""))
    authors = named(*said.get("Author", "").split(";"))
    return Paper("\n\n".join(blocks), said.get("Title", "").strip()[:200], authors, date, left=dict(left))


def _told(handed: Handed, seconds: float) -> list[dict[str, Any]]:
    """What the worker printed. It gets our import path and nothing else of our environment: no credentials."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and file; the PDF is on its standard input
        [sys.executable, "-P", str(Path(pdf_worker.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Timer(seconds, process.kill)
    late.start()
    try:
        with process, process.stdin as given:
            try:
                given.write(handed.raw)
                given.close()
            except OSError:
                pass  # it ended before it had read everything: its exit status says why
            output = process.stdout.read(MOST_OUTPUT)
            if len(output) == MOST_OUTPUT:
                process.kill()
    finally:
        late.cancel()
    _check(process.returncode, handed.name)
    return [json.loads(line) for line in output.splitlines()]


def _check(status: int, name: str) -> None:
    if status == pdf_worker.NO_LIBRARY:
        raise Refused("PDF_LIBRARY", f"{name!r} cannot be read", "pip install 'understudy[documents]'")
    if status == pdf_worker.LOCKED:
        raise Refused("PDF_LOCKED", f"{name!r} is locked by a password", "save it without one")
    if status == pdf_worker.BROKEN:
        raise Refused("PDF_BROKEN", f"{name!r} is damaged or no PDF", "export it again")
    if status:
        raise Refused("PDF_LIMITS", f"reading {name!r} took too long or too much memory", "print it to PDF anew")


# ------------------------------------------------------------------ lines of a page

_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page|seite|第)?\s*\d{1,4}\s*(?:页|/\s*\d{1,4}|of\s+\d{1,4})?[-–—\s]*", re.I)
_ENDS = re.compile(r"[.!?。！？；;:：]['\"”’)）]?$")
_BEGINS = re.compile(r"(?:[-•‣▪●*]|\(?\d{1,2}[.)、]|[一二三四五六七八九十]{1,3}、|第.{1,4}[章节条])\s?")
_WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def paragraphs(page: str) -> str:
    """A page keeps its lines as they were printed; those that go on in the next one are joined."""
    lines = [
        line.strip() for line in page.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    ]
    while lines and (not lines[0] or _PAGE_NUMBER.fullmatch(lines[0])):
        lines.pop(0)
    while lines and (not lines[-1] or _PAGE_NUMBER.fullmatch(lines[-1])):
        lines.pop()
    widest = max((_width(line) for line in lines), default=0)
    out: list[str] = []
    full = False
    for line in lines:
        if full and line and not _BEGINS.match(line):
            out[-1] = _joined(out[-1], line)
        else:
            out.append(line)
        full = bool(line) and _width(line) > 0.7 * widest and widest > 30 and not _ENDS.search(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def _width(line: str) -> int:
    return len(line) + len(_WIDE.findall(line))


def _joined(above: str, below: str) -> str:
    if above.endswith(("\ufffe", "\u00ad")):  # a hyphen PDFium knows to be only the line's
        return above[:-1] + below
    return above + below if _WIDE.match(above[-1]) and _WIDE.match(below[0]) else f"{above} {below}"


_MOMENT = re.compile(r"D?:?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:Z|([+-])(\d\d)'?(\d\d)?)?")


def _date(written: str) -> datetime | None:
    """`D:20260302091500+08'00'` (ISO 32000-1, 7.9.4)."""
    found = _MOMENT.match(written.strip())
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    shift = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(shift)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
