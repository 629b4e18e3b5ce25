"""The ethics review as a page: lawful authorisation, necessity of scope, protection of labour rights.

The three checks are those that were publicly asked for when people began to be distilled (合法授权、范围必要、
劳动权益保障; rights.md L14). Each is told by what the configuration shows, and by what a human answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from bots.assessment import report
from bots.assessment.model import Assessment, Finding, Opinion, Signed
from bots.assessment.sheet import page, section, text
from bots.wording import say


class Check(Struct, frozen=True):
    """Which findings (by part, or by code), risks and questions one check is made of."""

    parts: tuple[str, ...]
    codes: tuple[str, ...]
    risks: tuple[str, ...]
    questions: tuple[str, ...]


CHECKS: Mapping[str, Check] = {
    "authorised": Check(
        ("lawful",),
        ("approved", "not_approved", "withdrawal", "subject_known", "subject_unknown"),
        ("secretly", "outside"),
        ("heard", "transfer", "officer"),
    ),
    "scope": Check(
        ("necessary",),
        ("others_kept", "private_kept", "kept_back"),
        ("others", "sensitive", "too_long"),
        ("purpose", "less", "others", "offer"),
    ),
    "labour": Check(
        (),
        ("cooling", "cooling_short", "cooling_none", "employment_unknown", "employment_ended", "employment_ends",
         "alone", "represented", "facet_decision_patterns", "facet_communication_style", "facet_name_avatar",
         "no_deputy", "deputy_there"),
        ("pressed", "replaced", "impersonated", "companion"),
        ("free", "labour", "representatives", "risks"),
    ),
}  # fmt: skip


class Result(Struct, frozen=True):
    """`open`: something is to be changed, or was answered no, or not answered yet."""

    findings: tuple[Finding, ...]
    risks: tuple[str, ...]
    questions: tuple[str, ...]
    state: str  # open | waits | passed


def results(assessment: Assessment, opinion: Opinion | None) -> dict[str, Result]:
    return {name: _result(check, assessment, opinion) for name, check in CHECKS.items()}


def _result(check: Check, assessment: Assessment, opinion: Opinion | None) -> Result:
    findings = tuple(f for f in assessment.findings if f.part in check.parts or f.code in check.codes)
    asked = tuple(id for id in check.questions if id in assessment.questions)
    if opinion is None:
        state = "waits"
    elif all(opinion.answers[id].answer == "yes" for id in asked):
        state = "passed"
    else:
        state = "open"
    return Result(findings, tuple(r.code for r in assessment.risks if r.code in check.risks), asked, state)


def review(assessment: Assessment, lang: str, signed: Signed | None = None) -> str:
    opinion = signed.assessed.opinion if signed else None
    body = []
    for name, result in results(assessment, opinion).items():
        acts = sum(each.grade == "act" for each in result.findings)
        told = say(lang, f"assessment.check_{result.state}", act=acts)
        kind = {"passed": "good", "open": "act", "waits": "note"}[result.state]
        risks = [risk for risk in assessment.risks if risk.code in result.risks]
        body.append(
            section(
                say(lang, f"assessment.check_{name}"),
                f'<p class="banner {kind}">{text(told)}</p>',
                report.found(result.findings, lang),
                report.risks(risks, lang),
                report.answers(result.questions, opinion, lang),
                lead=say(lang, f"assessment.check_{name}_lead"),
            )
        )
    body.append(section(say(lang, "assessment.signature"), report.signature(assessment, signed, lang)))
    body.append(report.rows([r for r in assessment.risks if any(r.code in c.risks for c in CHECKS.values())], lang))
    title = say(lang, "assessment.title_ethics", name=assessment.configuration.persona.display_name)
    made = report.made(assessment, lang)
    return page(title, lang, made, body, banner=report.banner(assessment, opinion, lang))
