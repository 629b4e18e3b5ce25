"""The report as one HTML file: no script, nothing fetched, and whatever others wrote escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

import msgspec

from bots.evaluation import drawings
from bots.evaluation.escalated import Handed
from bots.evaluation.model import Comparison, Id, Report
from bots.evaluation.svg import clean
from bots.evaluation.words import (
    FATES,
    MEANINGS,
    because,
    changed,
    handed_headline,
    headline,
    percent,
    value,
    verdict,
)
from bots.portrait.model import Aigc
from bots.wording import say

MOST_LISTED = 50  # questions won or lost; report.json has them all
AIGC = msgspec.json.encode(Aigc("understudy").fields()).decode()  # it quotes what an AI answered (rights.md L21)
LONGEST = 300  # characters of a question


def page(report: Report, lang: str) -> str:
    made = say(
        lang,
        "report.made",
        persona=report.persona,
        questions=value("questions", report.figures["questions"]),
        answerable=value("answerable", report.figures["answerable"]),
        when=f"{report.made_at:%Y-%m-%d %H:%M} UTC",
        version=report.version,
    )
    if report.missing:
        made += " · " + say(lang, "report.missing", count=report.missing)
    told = verdict(report, lang)
    body = [
        f'<header><p class="made">{clean(made)}</p><h1>{_sentence(headline(report, lang))}</h1>',
        f"<p>{_sentence(told)}</p></header>" if told else "</header>",
        *([_against(report.against, lang)] if report.against else []),
        '<div class="drawings">',
        _figure(
            say(lang, "report.risk_coverage"), drawings.risk_coverage(report, lang), say(lang, "report.risk_more")
        ),
        _figure(
            say(lang, "report.reliability"),
            drawings.reliability(report, lang),
            say(lang, "report.reliability_more"),
        ),
        _figure(
            say(lang, "report.kinds"), _legend(lang) + drawings.kinds(report, lang), say(lang, "report.kinds_more")
        ),
        _figure(say(lang, "report.hits"), drawings.hits(report, lang), say(lang, "report.hits_more")),
        "</div>",
        _section(say(lang, "report.figures"), _figures(report, lang)),
    ]
    if report.wrong:
        body.append(_section(say(lang, "report.wrong_answers"), _wrong(report, lang)))
    return _whole(say(lang, "report.title", persona=report.persona), body, lang)


def handed_page(handed: Handed, lang: str, *, when: str, version: str) -> str:
    """What came of the questions that went to a human."""
    made = say(
        lang,
        "report.made_handed",
        persona=handed.persona,
        answered=handed.answered,
        unsettled=handed.unsettled,
        when=when,
        version=version,
    )
    fates = [(say(lang, FATES[name]), str(count)) for name, count in handed.fates.items()]
    reasons = [
        (because(reason, lang), str(asked), str(needless)) for reason, (asked, needless) in handed.reasons.items()
    ]
    sure = [(f"{round(each.above * 100)}–{round(each.above * 100) + 10} %", str(each.drafts), str(each.as_it_was))
            for each in handed.confidence]  # fmt: skip
    body = [
        f'<header><p class="made">{clean(made)}</p><h1>{_sentence(handed_headline(handed, lang))}</h1></header>',
        _section(say(lang, "report.fates"), _table((say(lang, "report.fate"), say(lang, "report.count")), fates)),
        _section(
            say(lang, "report.reasons"),
            _table((say(lang, "report.reason"), say(lang, "report.count"), say(lang, "report.needless")), reasons),
        ),
        _section(
            say(lang, "report.sureness"),
            _table(
                (say(lang, "report.axis_confidence"), say(lang, "report.drafts"), say(lang, "report.as_it_was")),
                sure,
            ),
        ),
    ]
    return _whole(say(lang, "report.title", persona=handed.persona), body, lang)


# ------------------------------------------------------------------ parts


def _sentence(said: str) -> str:
    """In which no line ends between a number and its sign."""
    return clean(said).replace(" %", "&nbsp;%")


def _figures(report: Report, lang: str) -> str:
    rows = [(name, value(name, report.figures[name]), say(lang, key)) for name, key in MEANINGS.items()]
    return _table((say(lang, "report.figure"), say(lang, "report.value"), say(lang, "report.meaning")), rows)


def _wrong(report: Report, lang: str) -> str:
    rows = [
        (percent(each.confidence) + "%", each.kind, each.text[:LONGEST] + ("…" if len(each.text) > LONGEST else ""))
        for each in report.wrong
    ]
    heads = (say(lang, "report.axis_confidence"), say(lang, "report.kind"), say(lang, "report.question"))
    return _table(heads, rows)


def _against(compared: Comparison, lang: str) -> str:
    rows = [(*changed(each), say(lang, "report.worse") if each.worse else "") for each in compared.differences]
    heads = (
        say(lang, "report.figure"),
        say(lang, "report.before"),
        say(lang, "report.now"),
        say(lang, "report.difference"),
        "",
    )
    lists = [
        f"<details><summary>{clean(title)}</summary><p>{clean(_listed(ids))}</p></details>"
        for title, ids in (
            (say(lang, "report.won", count=len(compared.won)), compared.won),
            (say(lang, "report.lost", count=len(compared.lost)), compared.lost),
        )
    ]
    return _section(say(lang, "report.against"), _table(heads, rows) + "".join(lists))


def _listed(ids: Sequence[Id]) -> str:
    return ", ".join(map(str, ids[:MOST_LISTED])) + (" …" if len(ids) > MOST_LISTED else "")


def _legend(lang: str) -> str:
    names = (
        ("right", say(lang, "report.right")),
        ("wrong", say(lang, "report.wrong_short")),
        ("handed", say(lang, "report.handed_over")),
    )
    return '<p class="legend">' + "".join(f'<span><i class="{c}"></i>{clean(n)}</span>' for c, n in names) + "</p>"


def _figure(title: str, drawn: str, more: str) -> str:
    return f"<figure><h2>{clean(title)}</h2>{drawn}<figcaption>{clean(more)}</figcaption></figure>"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{clean(title)}</h2>{body}</section>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{clean(each)}</th>' for each in heads)
    body = "".join("<tr>" + "".join(f'<td dir="auto">{clean(cell)}</td>' for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _whole(title: str, body: Iterable[str], lang: str) -> str:
    style = files("bots.evaluation").joinpath("report.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f'<meta name="AIGC" content="{clean(AIGC)}">'
        f"<title>{clean(title)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )
