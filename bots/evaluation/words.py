"""The sentences of a report: what each figure means, and the one sentence on top."""

from __future__ import annotations

from bots.evaluation.escalated import Handed
from bots.evaluation.measures import likely
from bots.evaluation.model import Difference, Report
from bots.wording import say

MEANINGS = {
    "coverage": "report.coverage",
    "selective_accuracy": "report.selective_accuracy",
    "useful": "report.useful",
    "wrong": "report.wrong",
    "escalated": "report.escalated",
    "hit@1": "report.hit_1",
    "hit@5": "report.hit_5",
    "hit@20": "report.hit_20",
    "MRR": "report.mrr",
    "AURC": "report.aurc",
    "AUROC": "report.auroc",
    "AUROC_correct": "report.auroc_correct",
    "useful@5": "report.useful_5",
    "useful@10": "report.useful_10",
    "useful@20": "report.useful_20",
    "ECE": "report.ece",
}
"""Figure → the key of the sentence that explains it, in the order in which they are shown."""

FATES = {
    "as_it_was": "report.as_it_was",
    "edited": "report.edited",
    "otherwise": "report.otherwise",
    "no_draft": "report.no_draft",
}
REASONS = {
    "no_evidence": "report.because_no_evidence",
    "unconfirmed": "report.because_unconfirmed",
    "low_confidence": "report.because_low_confidence",
    "thumbs_down": "report.because_thumbs_down",
    "disputed": "report.because_disputed",
    "reported": "report.because_reported",
    "asked_for_human": "report.because_asked_for_human",
    "closed_topic": "report.because_closed_topic",
    "in_danger": "report.because_in_danger",
    "conflict": "report.because_conflict",
    "withheld": "report.because_withheld",
}


def because(reason: str, lang: str) -> str:
    """An Escalation's reason in words; one nobody wrote words for is shown as it is."""
    reason = "withheld" if reason.startswith("withheld_") else reason  # of which category does not matter here
    return say(lang, REASONS[reason]) if reason in REASONS else reason


def handed_headline(handed: Handed, lang: str) -> str:
    """How often the human was needed."""
    if handed.needless is None:
        return say(lang, "report.handed_none")
    return say(
        lang,
        "report.handed",
        answered=handed.answered,
        needless=percent(handed.needless),
        edited=percent(handed.fates["edited"] / handed.answered),
        otherwise=percent(handed.fates["otherwise"] / handed.answered),
    )


def headline(report: Report, lang: str) -> str:
    """What a reader in a hurry takes away."""
    coverage, accuracy = report.figures["coverage"], report.figures["selective_accuracy"]
    budget, questions = percent(report.budget), int(report.figures["questions"] or 0)
    if not coverage or accuracy is None:
        return say(lang, "report.headline_none", budget=budget, questions=questions)
    return say(lang, "report.headline", budget=budget, coverage=percent(coverage), risk=percent(1 - accuracy))


def verdict(report: Report, lang: str) -> str:
    """Whether the budget was kept, and how far so many answers can tell."""
    right, wrong = (sum(getattr(kind, name) for kind in report.kinds) for name in ("right", "wrong"))
    answered = right + wrong
    if not answered:
        return ""
    low, high = likely(wrong, answered)
    if high <= report.budget:
        key = "report.kept"
    elif wrong <= report.budget * answered:
        key = "report.within"
    elif low <= report.budget:
        key = "report.above"
    else:
        key = "report.exceeded"
    told = say(lang, "report.likely", wrong=wrong, answered=answered, low=percent(low), high=percent(high))
    return told + ("" if lang == "zh-CN" else " ") + say(lang, key)


def changed(difference: Difference) -> tuple[str, str, str, str]:
    """A row: the figure, before, now, and the difference with what luck alone could make of it."""
    each = difference
    moved = f"{each.now - each.before:+.3f} ({each.low:+.3f} … {each.high:+.3f})"
    return each.figure, f"{each.before:.3f}", f"{each.now:.3f}", moved


def value(name: str, figure: float | None) -> str:
    """As people read it: a share that is a share of questions, a number otherwise."""
    if figure is None:
        return "–"
    return f"{figure:.0f}" if name in ("questions", "answerable") else f"{figure:.3f}"


def percent(share: float) -> str:
    """Without the sign, which each language sets in its own way; little is not nothing."""
    rounded = round(share * 100)
    return f"{share * 100:.1f}" if rounded != share * 100 and (rounded == 0 or share > 0.995) else str(rounded)
