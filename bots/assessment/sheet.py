"""The parts of a printed page: no script, nothing fetched, and whatever others wrote escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from persona_store.hidden_text import reveal


def text(words: object) -> str:
    """Without what steers a screen instead of being read."""
    return escape(reveal(str(words))[0])


def mark(kind: str, words: str) -> str:
    """A small word in a frame; it is told by its word, and its colour only repeats it."""
    return f'<span class="mark {kind}">{text(words)}</span>'


def section(title: str, *body: str, lead: str = "") -> str:
    told = f'<p class="lead">{text(lead)}</p>' if lead else ""
    return f"<section><h2>{text(title)}</h2>{told}{''.join(body)}</section>\n"


def stacked(values: Iterable[str]) -> str:
    """Below each other, without what is empty."""
    return "".join(f'<div dir="auto">{text(value)}</div>' for value in values if value)


def facts(rows: Iterable[tuple[str, str | Sequence[str]]]) -> str:
    """Name and value; several values stand below each other. What has no value is left out."""
    told = [(name, (value,) if isinstance(value, str) else tuple(value)) for name, value in rows]
    return (
        '<table class="facts"><tbody>'
        + "".join(
            f'<tr><th scope="row">{text(name)}</th><td>{stacked(values)}</td></tr>'
            for name, values in told
            if any(values)
        )
        + "</tbody></table>"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """Cells are markup that was made here."""
    head = "".join(f'<th scope="col">{text(each)}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f'<td dir="auto">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f'<table class="grid {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def listed(items: Iterable[str], kind: str = "") -> str:
    """Items are markup that was made here."""
    return f'<ul class="{kind}">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def page(title: str, lang: str, made: str, body: Iterable[str], *, banner: str = "", shape: str = "") -> str:
    """`shape`: landscape for a table that needs the width."""
    style = files("bots.assessment").joinpath("paper.css").read_text(encoding="utf-8")
    proof = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{proof}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light"><meta name="referrer" content="no-referrer">'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style></head>\n"
        f'<body><main class="{shape}"><header><h1 dir="auto">{text(title)}</h1>'
        f'<p class="made">{text(made)}</p>{banner}</header>\n'
        f"{''.join(body)}</main></body></html>\n"
    )
