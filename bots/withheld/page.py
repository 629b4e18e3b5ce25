"""The preview as one HTML file in the look of the portrait: no script, nothing fetched, all words escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files

import msgspec

from bots import cards
from bots.portrait.model import Aigc
from bots.withheld import words
from bots.withheld.preview import Pair, Preview, Side
from bots.wording import say
from persona_store.model import Persona
from persona_store.withheld.sweep import Change


def html(shown: Preview, persona: Persona, lang: str) -> str:
    style = "".join(
        files(package).joinpath(name).read_text(encoding="utf-8")
        for package, name in (("bots.portrait", "page.css"), ("bots.withheld", "preview.css"))
    )
    proof = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{proof}'; base-uri 'none'; form-action 'none'"
    title = escape(say(lang, "withhold.title", name=persona.display_name))
    aigc = msgspec.json.encode(Aigc("understudy", persona.name).fields()).decode()
    label = f'<p class="label">{escape(cards.label(persona, lang))}</p>'
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="AIGC" content="{escape(aigc)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<meta name="robots" content="noindex, nofollow">\n'
        f"<title>{title}</title>\n<style>{style}</style></head>\n"
        f'<body><div class="page"><header>{label}<h1 dir="auto">{title}</h1>'
        f'<p class="lead">{escape(words.lead(shown.plan, lang))}</p></header><main>\n'
        f"{''.join(_body(shown, lang))}<footer>{label}</footer></main></div></body></html>\n"
    )


def _body(shown: Preview, lang: str) -> Iterator[str]:
    plan = shown.plan
    if plan.counts:
        numbers = "".join(
            f'<div><dt>{escape(words.kind(kind, lang))}</dt><dd class="figure">{count}</dd></div>'
            for kind, count in plan.counts.items()
        )
        title = escape(say(lang, "withhold.counts"))
        yield f'<section class="part"><h2>{title}</h2><dl class="numbers">{numbers}</dl></section>'
    if shown.pairs:
        pairs = "".join(_pair(pair, lang) for pair in sorted(shown.pairs, key=lambda pair: pair.same))
        yield f'<section class="part"><h2>{escape(say(lang, "withhold.answers"))}</h2>{pairs}</section>'
    if shown.examples:
        lead = escape(say(lang, "withhold.passages_lead"))
        cards_ = "".join(_example(change, lang) for change in shown.examples)
        title = escape(say(lang, "withhold.passages"))
        yield f'<section class="part"><h2>{title}</h2><p class="lead">{lead}</p>{cards_}</section>'


def _pair(pair: Pair, lang: str) -> str:
    same = f'<ul class="marks"><li class="mark">{escape(say(lang, "withhold.same"))}</li></ul>' if pair.same else ""
    return (
        f'<article class="card pair"><h4 dir="auto">{escape(pair.question)} {same}</h4>'
        f"{_half(say(lang, 'withhold.before'), pair.before, lang)}"
        f"{_half(say(lang, 'withhold.after'), pair.after, lang)}</article>"
    )


def _half(when: str, said: Side, lang: str) -> str:
    quotes = "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in said.quotes)
    told = words.side(said, lang)
    kept = " kept" if said.reason.startswith("withheld") else ""
    asks = f'<p class="asks{kept}">{escape(told)}</p>' if told else ""
    return f'<div class="half"><p>{escape(when)}</p>{quotes}{asks}</div>'


def _example(change: Change, lang: str) -> str:
    kinds = dict.fromkeys(held.kind for held in change.cut.held)
    marks = "".join(f'<li class="mark">{escape(words.kind(kind, lang))}</li>' for kind in kinds)
    where = " · ".join(
        filter(None, (change.passage.at.date().isoformat(), change.passage.title or change.passage.container_name))
    )
    return (
        f'<article class="card"><ul class="marks">{marks}</ul>'
        f'<p class="told" dir="auto">{_struck(change)}</p><p class="soft">{escape(where)}</p></article>'
    )


def _struck(change: Change) -> str:
    """The passage as it stands, with what would go struck through."""
    text, parts, place = change.passage.text, [], 0
    for held in change.cut.held:
        start = text.find(held.text, place)
        if start < 0:
            continue
        parts += [escape(text[place:start]), f"<del>{escape(held.text)}</del>"]
        place = start + len(held.text)
    return "".join((*parts, escape(text[place:])))
