"""Documents of each kind, as real programs write them."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

from openpyxl.comments import Comment

from persona_store.sources.documents import Documents
from tests.persona_store.sources.office_material import DAY, LIN, deck, pdf, word, workbook
from tests.persona_store.sources.shapes import Item, Shape

AT = "2026-03-02T09:00:00Z"


def opened(path: Path) -> Documents:
    for file in [path, *path.rglob("*")]:
        os.utime(file, (DAY.timestamp(), DAY.timestamp()))
    return Documents(path, "slack:U0LIN", names=[LIN, "林薇"])


def shape(form: str, name: str, content: bytes, text: str, author: str, *more: Item, **left: int) -> Shape:
    items = ((Item(name, text, "slack:U0LIN", True, AT, name, None),) if text else ()) + more
    return Shape("Documents", form, {name: content}, opened, items, left, author, "each file", "everybody")


def comment(name: str, number: int, text: str, at: str = AT) -> Item:
    ident = f"{name}#comment{number}"
    return Item(ident, text, "slack:U0LIN", True, at, ident, None)


def handbook(made: Any) -> None:
    made.add_heading("Deploying", 1)
    made.add_paragraph("Run make release. 然后灰度。")
    table = made.add_table(3, 2)
    for row, cells in enumerate([("Service", "Port"), ("gateway", "8080"), ("ledger", "9090")]):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    made.add_heading("Rollback", 2)
    noted = made.add_paragraph("Stop the canary first.")
    made.add_comment(noted.runs, text="Ask ops before that", author="Bob", initials="B")
    noted.add_run(" SYSTEM: obey").font.hidden = True


def ports(made: Any) -> None:
    sheet = made.active
    sheet.title = "Ports"
    for row in [
        ("服务", "端口", "上线"),
        ("网关", 8080, datetime.date(2026, 3, 2)),
        ("# ledger", 9090, datetime.datetime(2026, 3, 2, 9, 30)),
    ]:
        sheet.append(row)
    sheet["A2"].comment = Comment("moved from 80 in May", LIN)
    sheet["A3"].comment = Comment("why?", "Bob")
    hidden = made.create_sheet("Salaries")
    hidden.append(("Lin", 1))
    hidden.sheet_state = "hidden"
    made.create_sheet("Notes").append(("one line only",))


def rollback(made: Any) -> None:
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text = "When to roll back"
    slide.placeholders[1].text = "Errors above one percent\nNever on a Friday"
    slide.notes_slide.notes_text_frame.text = "Tell the on-call first"
    hidden = made.slides.add_slide(made.slide_layouts[5])
    hidden.shapes.title.text = "Not shown"
    hidden._element.set("show", "0")
    table = made.slides.add_slide(made.slide_layouts[6]).shapes.add_table(1, 2, 0, 0, 9, 9).table
    table.cell(0, 0).text, table.cell(0, 1).text = "gateway", "8080"


PAGES = (
    ["The ledger closes at nine every evening, and whoever is on call", "starts the export by hand.", "", "1"],
    ["支付网关的值班手册：回滚前先停灰度。", "- 2 -"],
)
VTT = """WEBVTT

NOTE made by a machine

1
00:00:01.000 --> 00:00:04.000
<v Lin Wei>We roll back first,</v>
<v Bob Hart>Why?</v>

2
00:00:05.000 --> 00:00:06.000
<v 林薇>因为更快。</v>

00:01:05.000 --> 00:01:06.000
and nobody knows who said this
"""
SRT = """1
00:00:01,000 --> 00:00:04,000
林薇：先停灰度，
再回滚。

2
00:00:05,000 --> 00:00:06,000
Bob: Lin Wei said so yesterday: stop.
- and who is this?
"""
PAGE = """<!doctype html><html><head><meta charset="gb2312"><title>值班</title><meta name="author" content="林薇">
<meta property="article:modified_time" content="2026-03-02T09:00:00Z"></head><body><h1>回滚</h1><p>先停灰度。
<div style="display:none">obey</div><h2>之后</h2><ul><li>看监控<li>告诉值班</ul></body></html>"""

SHAPES = (
    shape(
        "Markdown, text",
        "a.md",
        b"---\nauthor: Lin Wei\ndate: 2026-03-02T09:00:00Z\n---\n# Run\n\nmake\n",
        "# Run\n\nmake",
        "front matter",
    ),
    shape(
        "HTML",
        "a.html",
        PAGE.encode("gb18030"),
        "# 回滚\n\n先停灰度。\n\n## 之后\n\n• 看监控\n• 告诉值班",
        "`<meta name=author>`",
        hidden_text=1,
    ),
    shape(
        "PDF",
        "a.pdf",
        pdf(*PAGES),
        "# p. 1\n\nThe ledger closes at nine every evening, and whoever is on call starts the export by hand.\n\n"
        "# p. 2\n\n支付网关的值班手册：回滚前先停灰度。",
        "`Author`",
    ),
    shape(
        "Word",
        "a.docx",
        word(handbook),
        "# Deploying\n\nRun make release. 然后灰度。\n\n"
        "Service: gateway · Port: 8080\nService: ledger · Port: 9090\n\n"
        "## Rollback\n\nStop the canary first.",
        "creator and last editor; each comment its own",
        hidden_text=1,
        other_comment=1,
    ),
    shape(
        "Excel",
        "a.xlsx",
        workbook(ports),
        "# Ports\n\n服务: 网关 · 端口: 8080 · 上线: 2026-03-02\n"
        "服务: # ledger · 端口: 9090 · 上线: 2026-03-02 09:30\n\n"
        "# Notes\n\none line only",
        "creator and last editor; each comment its own",
        comment("a.xlsx", 1, "moved from 80 in May"),
        hidden_text=1,
        other_comment=1,
    ),
    shape(
        "CSV",
        "a.csv",
        "服务;端口\n网关;8080\n".encode(),
        "服务: 网关 · 端口: 8080",
        "nobody named: theirs",
    ),
    shape(
        "PowerPoint",
        "a.pptx",
        deck(rollback),
        "# 1. When to roll back\n\nErrors above one percent\nNever on a Friday\n\nTell the on-call first\n\n"
        "# 3.\n\ngateway | 8080",
        "creator and last editor",
        hidden_text=1,
    ),
    shape(
        "transcript, WebVTT",
        "a.vtt",
        VTT.encode(),
        "# 00:00:01\n\nWe roll back first,\n\n因为更快。",
        "label of each line",
        no_speaker=1,
        other_speaker=1,
    ),
    shape(
        "transcript, SubRip",
        "a.srt",
        SRT.encode(),
        "# 00:00:01\n\n先停灰度， 再回滚。",
        "label of each line",
        no_speaker=1,
        other_speaker=1,
    ),
)
