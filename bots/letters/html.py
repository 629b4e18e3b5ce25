"""The same letter as HTML: styles in its head and its elements, nothing fetched, no picture, no script. Pure.

Every word is escaped, and no word becomes a link: the only links are the parts that are one, and those lead to this
installation (rights.md WEB-07, T26).
"""

from __future__ import annotations

import re
from html import escape

from bots.letters.model import Copy, Facts, Letter, Link, Part, Points, Words

BODY = (
    "margin:0;padding:32px 16px;background:#f4f4f1;color:#20201e;"
    "font:16px/1.6 -apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Roboto,sans-serif"
)
SHEET = (
    "max-width:600px;margin:0 auto;background:#fff;border:1px solid #e2e2dc;border-radius:12px;padding:28px 32px"
)
TITLE = "margin:0 0 20px;font-size:22px;line-height:1.3"
TEXT = "margin:0 0 16px"
TABLE = "border-collapse:collapse;margin:0 0 20px;width:100%"
NAME = (
    "padding:8px 16px 8px 0;border-top:1px solid #ecece6;color:#66665f;text-align:left;vertical-align:top;"
    "font-weight:400;width:30%"
)
VALUE = "padding:8px 0;border-top:1px solid #ecece6;vertical-align:top;overflow-wrap:anywhere"
BUTTON = (
    "display:inline-block;background:#1f4e79;color:#fff;text-decoration:none;border-radius:8px;padding:11px 20px"
)
COPY = (
    "margin:0 0 20px;padding:14px 16px;background:#f4f4f1;border-radius:8px;white-space:pre-wrap;"
    "overflow-wrap:anywhere;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace"
)
TYPED = "background:#f4f4f1;border-radius:4px;padding:1px 5px;font:14px ui-monospace,Menlo,Consolas,monospace"
_TYPED = re.compile(r"`([^`\n]{1,200})`")


def html(letter: Letter) -> str:
    parts = "\n".join(map(_part, letter.parts))
    return (
        f'<!doctype html>\n<html lang="{escape(letter.lang)}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(letter.subject)}</title></head>\n'
        f'<body style="{BODY}">\n<div style="{SHEET}">\n<h1 style="{TITLE}">{escape(letter.subject)}</h1>\n'
        f"{parts}\n</div>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    match part:
        case Words(text):
            return f'<p style="{TEXT}">{_lines(text)}</p>'
        case Facts(rows):
            return f'<table style="{TABLE}">{"".join(_row(*row) for row in rows)}</table>'
        case Points(lines):
            points = "".join(f'<li style="margin:0 0 6px">{_lines(line)}</li>' for line in lines)
            return f'<ul style="margin:0 0 20px;padding:0 0 0 22px">{points}</ul>'
        case Link(words, url):
            return (
                f'<p style="margin:0 0 20px"><a href="{escape(url)}" style="{BUTTON}">{escape(words)}</a><br>'
                f'<span style="font-size:13px;color:#66665f;overflow-wrap:anywhere">{escape(url)}</span></p>'
            )
        case Copy(text):
            return f'<pre style="{COPY}">{escape(text.rstrip(chr(10)))}</pre>'


def _row(name: str, value: str) -> str:
    return f'<tr><th style="{NAME}">{escape(name)}</th><td style="{VALUE}">{_lines(value)}</td></tr>'


def _lines(text: str) -> str:
    """`typed` words stand out; they are what somebody types, and never an address."""
    marked = _TYPED.sub(rf'<code style="{TYPED}">\1</code>', escape(text))
    return marked.replace("\n", "<br>")
