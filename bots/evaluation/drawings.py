"""The four drawings of a report: risk against coverage, how far a confidence can be believed, retrieval, kinds."""

from __future__ import annotations

from math import ceil, sqrt

from bots.evaluation.judging import QUOTED
from bots.evaluation.model import KindCount, Report
from bots.evaluation.svg import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, Axes, box, dot, drawing, line, text
from bots.evaluation.words import percent
from bots.wording import say

QUARTERS = tuple((n / 4, f"{n * 25}%") for n in range(5))
FIFTHS = tuple((n / 5, f"{n * 20}%") for n in range(6))
ROW, BAR = 46, 16  # of the drawing by kind


def risk_coverage(report: Report, lang: str) -> str:
    """The curve with the budget across it and a dot where the persona stands."""
    highest = max([report.budget * 2, *(risk for coverage, risk in report.risk_coverage if coverage > 0.02)])
    top = min(1.0, ceil(highest * 10) / 10)
    step = 0.1 if top <= 0.5 else 0.2
    ys = [(n * step, f"{round(n * step * 100)}%") for n in range(int(top / step + 1e-9) + 1)]
    axes = Axes(1.0, top)
    parts = [axes.grid(QUARTERS, ys, (say(lang, "report.axis_coverage"), say(lang, "report.axis_risk")))]
    y = axes.y(report.budget)
    parts.append(line(LEFT, y, WIDTH - RIGHT, y, "budget"))
    budget = say(lang, "report.budget_mark", budget=percent(report.budget))
    parts.append(text(LEFT + 6, y - 5, budget, "budget-label"))
    if report.risk_coverage:
        parts.append(axes.path(report.risk_coverage, "curve"))
    coverage, accuracy = report.figures["coverage"], report.figures["selective_accuracy"]
    if coverage and accuracy is not None:
        parts += _here(axes.x(coverage), axes.y(1 - accuracy), coverage, 1 - accuracy, lang)
    return drawing(say(lang, "report.risk_coverage"), parts)


def _here(x: float, y: float, coverage: float, risk: float, lang: str) -> list[str]:
    """The dot, and its words where they meet neither the edge nor the numbers of the axis."""
    said = say(lang, "report.here", coverage=percent(coverage), risk=percent(risk))
    left, low = coverage > 0.45, y > HEIGHT - BOTTOM - 18
    place = text(x + (-9 if left else 9), y + (-9 if low else 15), said, "here-label", "end" if left else "start")
    return [dot(x, y, 5, "here"), place]


def reliability(report: Report, lang: str) -> str:
    """On the diagonal a confidence means what it says; the area of a dot is how many questions it stands for."""
    axes = Axes(1.0, 1.0)
    parts = [
        axes.grid(FIFTHS, FIFTHS, (say(lang, "report.axis_confidence"), say(lang, "report.axis_right"))),
        axes.path(((0.0, 0.0), (1.0, 1.0)), "diagonal"),
    ]
    if len(report.reliability) > 1:
        parts.append(axes.path([(each.confidence, each.right) for each in report.reliability], "thin"))
    most = max((each.count for each in report.reliability), default=1)
    for each in report.reliability:
        x, y, radius = axes.x(each.confidence), axes.y(each.right), 3 + 9 * sqrt(each.count / most)
        parts.append(dot(x, y, radius, "bin"))
        above = y - radius - 4 > 18
        parts.append(text(x, y - radius - 4 if above else y + radius + 12, str(each.count), "count", "middle"))
    return drawing(say(lang, "report.reliability"), parts)


def hits(report: Report, lang: str) -> str:
    """How deep one has to look for the right thread; what is quoted stands out."""
    count = len(report.hits)
    axes = Axes(count + 0.5, 1.0)
    ranks = [(n, str(n)) for n in range(1, count + 1) if n == 1 or n % 5 == 0 or n == QUOTED]
    parts = [axes.grid(ranks, FIFTHS, (say(lang, "report.axis_rank"), say(lang, "report.axis_found")))]
    width = (WIDTH - LEFT - RIGHT) / (count + 0.5) * 0.7
    for rank, share in enumerate(report.hits, 1):
        x, y = axes.x(rank) - width / 2, axes.y(share)
        parts.append(box(x, y, width, axes.y(0) - y, "quoted" if rank <= QUOTED else "deeper"))
        if rank in (1, QUOTED, 5, 10, count):
            parts.append(text(axes.x(rank), y - 4, percent(share), "count", "middle"))
    return drawing(say(lang, "report.hits"), parts)


def kinds(report: Report, lang: str) -> str:
    """Of each kind of question, what came of it; what nobody could have known is set apart by its label."""
    parts: list[str] = []
    for n, kind in enumerate(report.kinds):
        parts += _kind(kind, 8 + n * ROW, lang)
    return drawing(say(lang, "report.kinds"), parts, 8 + len(report.kinds) * ROW)


def _kind(kind: KindCount, y: float, lang: str) -> list[str]:
    total = kind.right + kind.wrong + kind.handed_over
    label = say(lang, "report.kind_answerable" if kind.answerable else "report.kind_unanswerable", kind=kind.kind)
    parts = [text(0, y + 12, label[:60], "kind"), text(WIDTH, y + 12, str(total), "count", "end")]
    x = 0.0
    for name, count in (("right", kind.right), ("wrong", kind.wrong), ("handed", kind.handed_over)):
        width = WIDTH * count / total
        parts.append(box(x, y + 18, width, BAR, name))
        if width > 24:
            parts.append(text(x + width / 2, y + 30, str(count), f"on-{name}", "middle"))
        x += width
    return parts
