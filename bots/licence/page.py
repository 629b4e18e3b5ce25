"""A statement to be read: the figures of the signed file as a page, and the files that go along.

It is no content that an AI made, so it has no AI label. What is signed is the JSON beside it; the page says so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from importlib.resources import files as resources

from bots.letters.model import Attachment
from bots.wording import say
from persona_store.licence import money
from persona_store.licence.statement import Day, SignedStatement, Statement, Total
from persona_store.model import Persona

_CODE, _AS_CODE = re.compile(r"`([^`]+)`"), r"<code>\1</code>"


def files(signed: SignedStatement, persona: Persona, lang: str) -> tuple[Attachment, ...]:
    """The bytes that were signed, the signature, and the page. Their names are made of checked ones."""
    said = signed.statement
    name = f"{said.persona}-{said.org}-{said.month}"
    return (
        Attachment(f"{name}.json", "application/json", signed.raw),
        Attachment(f"{name}.json.jws", "text/plain", signed.signature.encode() + b"\n"),
        Attachment(f"{name}.html", "text/html", html(signed, persona, lang).encode()),
    )


def facts(said: Statement, lang: str) -> tuple[tuple[str, str], ...]:
    """What somebody wants to know first."""
    calls = sum(day.count for day in said.days if day.kind == "call")
    owed = ", ".join(each.month for each in said.owed)
    return (
        (say(lang, "licence.total"), amounts(said.totals, lang)),
        (say(lang, "licence.org"), said.org),
        (say(lang, "licence.month"), said.month),
        (say(lang, "licence.answers"), str(calls)),
        (say(lang, "licence.owed"), owed or say(lang, "licence.nothing")),
    )


def amounts(totals: tuple[Total, ...], lang: str) -> str:
    told = [money.shown(each.total_minor, each.currency) for each in totals]
    return say(lang, "list.between").join(told) or say(lang, "licence.nothing")


def html(signed: SignedStatement, persona: Persona, lang: str) -> str:
    said = signed.statement
    style = resources("bots.licence").joinpath("statement.css").read_text(encoding="utf-8")
    proof = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{proof}'; base-uri 'none'; form-action 'none'"
    title = say(lang, "licence.title", name=persona.display_name, month=said.month)
    shown = "".join(
        f"<div{' class=total' if number == 0 else ''}><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>"
        for number, (name, value) in enumerate(facts(said, lang))
    )
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>{_text(title)}</title>\n<style>{style}</style></head>\n"
        f'<body><main><h1 dir="auto">{_text(title)}</h1><dl class="facts">{shown}</dl>'
        f"{_days(said, lang)}{_owed(said, lang)}{_proof(signed, said, lang)}</main></body></html>\n"
    )


def _days(said: Statement, lang: str) -> str:
    if not said.days:
        return f"<h2>{_say(lang, 'by_day')}</h2><p>{_say(lang, 'no_lines')}</p>"
    rows = "".join(
        f"<tr><td>{each.day}</td><td>{_text(_what(each, lang))}</td><td class=figure>{each.count}</td>"
        f"<td class=figure>{_text(money.shown(each.price_minor, each.currency))}</td>"
        f"<td class=figure>{_text(money.shown(each.count * each.price_minor, each.currency))}</td></tr>"
        for each in said.days
    )
    heads = "".join(f"<th>{_say(lang, name)}</th>" for name in ("day", "what"))
    heads += "".join(f"<th class=figure>{_say(lang, name)}</th>" for name in ("count", "price", "sum"))
    total = f"<td colspan=4>{_say(lang, 'total')}</td><td class=figure>{_text(amounts(said.totals, lang))}</td>"
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody><tfoot><tr>{total}</tr></tfoot></table>"
    return f"<h2>{_say(lang, 'by_day')}</h2>{table}"


def _what(day: Day, lang: str) -> str:
    return say(lang, f"licence.kind_{day.kind}", of=day.of)


def _owed(said: Statement, lang: str) -> str:
    heading = f"<h2>{_say(lang, 'owed')}</h2>"
    if not said.owed:
        return f"{heading}<p>{_say(lang, 'owed_none')}</p>"
    rows = "".join(
        f"<tr><td>{each.month}</td><td>{_text(say(lang, 'licence.since', day=each.since.isoformat()))}</td>"
        f"<td>{_say(lang, f'why_{each.why}')}</td><td class=figure>{_text(amounts(each.totals, lang))}</td></tr>"
        for each in said.owed
    )
    return f'{heading}<table class="owed"><tbody>{rows}</tbody></table>'


def _proof(signed: SignedStatement, said: Statement, lang: str) -> str:
    """How somebody checks it who trusts neither us nor this page."""
    file = f"{said.persona}-{said.org}-{said.month}.json"
    steps = (
        say(lang, "licence.check_file", file=file),
        say(lang, "licence.check_lines", first=str(said.first), last=str(said.last)),
        say(lang, "licence.check_contest"),
    )
    items = "".join(f"<li>{_CODE.sub(_AS_CODE, _text(step))}</li>" for step in steps)
    digest = hashlib.sha256(signed.raw).hexdigest()
    rows = "".join(
        f"<div><dt>{_say(lang, name)}</dt><dd><code>{_text(value)}</code></dd></div>"
        for name, value in (("head", said.head), ("file_hash", digest))
    )
    made = _text(say(lang, "licence.made", at=f"{said.made_at:%Y-%m-%d %H:%M} UTC"))
    return f"<h2>{_say(lang, 'check')}</h2><ol>{items}</ol><dl class=facts>{rows}</dl><p class=soft>{made}</p>"


def _say(lang: str, key: str) -> str:
    return _text(say(lang, f"licence.{key}"))


def _text(words: str) -> str:
    return escape(words)
