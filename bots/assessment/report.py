"""The impact assessment as a page: PIPL 55 and 56, or GDPR 35(7), in the order of the law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from bots.assessment import words
from bots.assessment.model import Assessment, Finding, Opinion, Part, Risk, Signed
from bots.assessment.sheet import facts as facts_table
from bots.assessment.sheet import listed, mark, page, section, table, text
from bots.wording import say
from persona_store import jws

PARTS: tuple[Part, ...] = get_args(Part)
DOCUMENTS = {"L": "consent.md", "P": "consent.md", "§": "consent.md", "T": "threat-model.md"}
"""Where a row is explained, by its first letter."""


def report(assessment: Assessment, lang: str, signed: Signed | None = None) -> str:
    opinion = signed.assessed.opinion if signed else None
    law = assessment.template
    body = [
        section(say(lang, "assessment.glance"), _glance(assessment, lang)),
        section(
            say(lang, f"assessment.describe_{law}"),
            facts_table(words.description(assessment.configuration, lang)),
        ),
        *(
            section(say(lang, f"assessment.part_{part}_{law}"), found(assessment.findings, lang, part))
            for part in PARTS
        ),
        section(
            say(lang, "assessment.risks"), risks(assessment.risks, lang), lead=say(lang, "assessment.risks_lead")
        ),
        section(
            say(lang, "assessment.answers"),
            answers(assessment.questions, opinion, lang),
            lead=say(lang, "assessment.answers_lead"),
        ),
        section(say(lang, "assessment.signature"), signature(assessment, signed, lang)),
        rows(assessment.risks, lang),
    ]
    title = say(lang, f"assessment.title_{law}", name=assessment.configuration.persona.display_name)
    return page(title, lang, made(assessment, lang), body, banner=banner(assessment, opinion, lang))


def made(assessment: Assessment, lang: str) -> str:
    c = assessment.configuration
    return say(lang, "assessment.made", when=f"{c.at:%Y-%m-%d %H:%M} UTC", version=c.version, id=c.persona.name)


def banner(assessment: Assessment, opinion: Opinion | None, lang: str) -> str:
    if opinion is None:
        kind, told = "note", say(lang, "assessment.is_draft")
    else:
        kind = "good" if opinion.verdict == "approved" else "act"
        when = opinion.signed_at.date()
        told = say(lang, f"assessment.is_{opinion.verdict}", who=opinion.assessor, when=when)
    return f'<p class="banner {kind}">{text(told)}</p>'


def _glance(assessment: Assessment, lang: str) -> str:
    acts = [each for each in assessment.findings if each.grade == "act"]
    notes = [each for each in assessment.findings if each.grade == "note"]
    still = [each for each in assessment.risks if each.open]
    needs = [say(lang, f"assessment.need_{need}") for need in assessment.configuration.needs]
    told = say(
        lang, "assessment.counted", act=len(acts), note=len(notes), open=len(still), risks=len(assessment.risks)
    )
    why = say(lang, "assessment.why") if needs else say(lang, "assessment.no_need")
    lines = f"<p>{text(told)}</p><p>{text(why)}</p>"
    return lines + (listed(map(text, needs)) if needs else "")


def found(findings: Iterable[Finding], lang: str, part: Part | None = None) -> str:
    """What is to be changed stands first."""
    order = {"act": 0, "note": 1, "good": 2}
    shown = sorted((f for f in findings if part in (None, f.part)), key=lambda each: order[each.grade])
    rows = [(mark(f.grade, say(lang, words.GRADES[f.grade])), text(words.finding(f, lang))) for f in shown]
    return table((say(lang, "assessment.grade"), say(lang, "assessment.finding")), rows, "findings")


def risks(risks: Iterable[Risk], lang: str) -> str:
    heads = (say(lang, "assessment.risk"), say(lang, "assessment.weight"), say(lang, "assessment.measures"))
    rows = []
    for risk in risks:
        before, after = (
            mark(words.SHADES[each], say(lang, words.SEVERITIES[each])) for each in (risk.before, risk.after)
        )
        rows.append((text(words.risk(risk, lang)), f"{before} → {after}", _measures(risk, lang)))
    return table(heads, rows, "risks")


def _measures(risk: Risk, lang: str) -> str:
    """In force with a tick; what is not says that it is open."""
    lines = []
    for measure in risk.measures:
        sign = (
            '<span class="good">✓</span> ' if measure.in_force else mark("act", say(lang, "assessment.open")) + " "
        )
        links = " ".join(f'<a class="row" href="#{text(row)}">{text(row)}</a>' for row in measure.rows)
        lines.append(f"{sign}{text(say(lang, f'assessment.measure_{measure.code}'))} {links}")
    return listed(lines)


def answers(questions: Sequence[str], opinion: Opinion | None, lang: str) -> str:
    parts = []
    for id in questions:
        asked = f"<p><strong>{text(say(lang, f'assessment.ask_{id}'))}</strong></p>"
        given = opinion.answers.get(id) if opinion else None
        if given is None:
            told = f'<p class="empty">{text(say(lang, "assessment.unanswered"))} <span class="line"></span></p>'
        else:
            kind = "good" if given.answer == "yes" else "act"
            told = f"<p>{mark(kind, say(lang, f'assessment.{given.answer}'))} {text(given.why)}</p>"
        parts.append(f'<div class="answer">{asked}{told}</div>')
    return "".join(parts)


def signature(assessment: Assessment, signed: Signed | None, lang: str) -> str:
    rows: list[tuple[str, str]] = [(say(lang, "assessment.digest"), assessment.digest)]
    if signed is None:
        rows += [(say(lang, "assessment.assessor"), "…"), (say(lang, "assessment.date"), "…")]
    else:
        opinion = signed.assessed.opinion
        rows += [
            (say(lang, "assessment.assessor"), opinion.assessor),
            (say(lang, "assessment.date"), f"{opinion.signed_at:%Y-%m-%d %H:%M} UTC"),
            (say(lang, "assessment.verdict"), say(lang, f"assessment.verdict_{opinion.verdict}")),
            (say(lang, "assessment.key"), jws.key_id(signed.public_key)),
            (say(lang, "assessment.signed_bytes"), f"assessment.json · {len(signed.raw)} B · assessment.json.jws"),
        ]
    return facts_table(rows)


def rows(risks: Iterable[Risk], lang: str) -> str:
    """Where the rows that stand beside the measures are explained."""
    named = sorted({row for risk in risks for measure in risk.measures for row in measure.rows})
    lines = (f'<span id="{text(row)}">{text(row)}</span> · docs/{DOCUMENTS[row[0]]}#{anchor(row)}' for row in named)
    return section(say(lang, "assessment.rows"), listed(lines, "columns"), lead=say(lang, "assessment.rows_lead"))


def anchor(row: str) -> str:
    """Where a row stands on its page: `l18`, `2c`."""
    return row.lower().removeprefix("§")
