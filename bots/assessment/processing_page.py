"""The record of processing activities as a page: one table over all personas, and what holds for all of them."""

from __future__ import annotations

from datetime import datetime

from bots.assessment import words
from bots.assessment.processing import MEASURES, Activity, Record
from bots.assessment.sheet import facts, listed, mark, page, section, stacked, table, text
from bots.wording import say
from persona_store.consent import summary


def record_page(whole: Record, lang: str, *, at: datetime, version: str) -> str:
    heads = [
        say(lang, key)
        for key in (
            "processing.persona",
            "processing.controller",
            "processing.purpose",
            "processing.data",
            "processing.recipients",
            "processing.term",
            "processing.papers",
        )
    ]
    body = [
        section(
            say(lang, "processing.activities"),
            table(heads, [_row(each, lang) for each in whole.activities], "wide")
            if whole.activities
            else f"<p>{text(say(lang, 'processing.none'))}</p>",
            lead=say(lang, "processing.subjects"),
        ),
        section(
            say(lang, "processing.general"),
            facts(
                [
                    (say(lang, "assessment.platforms"), ", ".join(whole.platforms) or "–"),
                    (say(lang, "assessment.store"), say(lang, "assessment.store_told", store=whole.store)),
                    (say(lang, "assessment.model"), whole.model or say(lang, "assessment.no_model")),
                    (say(lang, "assessment.retention"), words.retention(lang)),
                    (say(lang, "processing.erased"), ", ".join(whole.erased)),
                ]
            ),
        ),
        section(
            say(lang, "processing.measures"),
            listed(text(say(lang, f"assessment.measure_{each}")) for each in MEASURES),
        ),
    ]
    made = say(lang, "processing.made", when=f"{at:%Y-%m-%d}", version=version)
    return page(say(lang, "processing.title"), lang, made, body, shape="landscape")


def _row(each: Activity, lang: str) -> tuple[str, ...]:
    state = say(lang, f"state.{each.state}")
    named = stacked([each.name, f"{each.persona} · {state}"])
    if not each.record:
        return named, text(say(lang, "processing.no_record")), "", "", "", "", ""
    return (
        named,
        stacked([*(f"{party.party} · {party.contact}" for party in each.controllers), each.owner, each.deputy]),
        stacked([*(summary.use(use, lang) for use in each.purposes), *(basis.ref for basis in each.basis)]),
        stacked(
            [
                *(summary.word(facet, lang) for facet in each.facets),
                *dict.fromkeys(summary.word(grant.kind, lang) for grant in each.sources),
            ]
        ),
        _recipients(each, lang),
        stacked([str(each.ends or ""), ", ".join(each.jurisdiction)]),
        _papers(each, lang),
    )


def _recipients(each: Activity, lang: str) -> str:
    """Where it answers, then who outside is given content; one outside the region is marked."""
    lines = [text(summary.audience(grant, lang)) for grant in each.audiences]
    for recipient in each.recipients:
        abroad = " " + mark("act", say(lang, "processing.abroad")) if recipient.name in each.abroad else ""
        lines.append(text(summary.recipient(recipient, lang)) + abroad)
    if not each.recipients:
        lines.append(text(say(lang, "processing.nobody_outside")))
    return "".join(f"<div>{line}</div>" for line in lines)


def _papers(each: Activity, lang: str) -> str:
    """How the assessment stands, and what else is on paper."""
    kind = "good" if each.assessment == "valid" else "act" if each.needed else "note"
    lines = [mark(kind, say(lang, f"assessment.stands_{each.assessment}"))]
    lines += [text(ref) for ref in (each.lia_ref, each.workers_notice_ref) if ref]
    lines.append(text(say(lang, f"assessment.offered_{each.offered_to}")))
    lines += [text(f"{filing.number} · {filing.authority} · {filing.on}") for filing in each.filings]
    return "".join(f"<div>{line}</div>" for line in lines)
