"""What was measured, as a page of tables and as pictures. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bots.evaluation.curves import hits, reliability, risk_coverage
from bots.evaluation.measures import figures, likely
from bots.evaluation.model import Judged
from bots.evaluation.svg import HEIGHT, LEFT, Axes, box, dot, drawing, text
from tests.benchmarks.confidence_sets import FITTED, GROUPS

COLUMNS = ("hit@1", "hit@5", "MRR", "AURC", "AUROC_correct", "useful@5", "useful@10", "useful@20", "ECE")
SHIPPED = ("coverage", "useful", "selective_accuracy", "escalated")
REFERENCES = {
    "BM25, threshold": (None, None, 0.784, 0.392, 0.710, 0.000, 0.009, 0.012, None),
    "BM25 + LR of 14 features, set not seen": (None, None, 0.784, 0.270, 0.860, 0.136, 0.281, 0.601, 0.050),
    "BM25 + LR of 14 features, set seen": (None, None, 0.784, 0.256, 0.875, 0.288, 0.441, 0.609, 0.052),
    "stronger lexical reference, set not seen": (None, None, 0.794, 0.251, 0.874, 0.304, 0.420, 0.620, 0.037),
    "stronger lexical reference, set seen": (None, None, 0.794, 0.242, 0.890, 0.324, 0.489, 0.658, 0.034),
}
"""As they were handed to us, measured on the other halves of these sets."""
ALONE = {"across languages": ("xling",)}
INK = ("#1f5fa8", "#7a9bc4", "#2f7d5b", "#b26a00", "#c0452c", "#1d2433", "#8a5bb5")
TALL = HEIGHT + 60  # with the names below
STYLE = (
    "<style>svg{background:#fff}text{font:11px system-ui,sans-serif;fill:#1d2433}.tick,.axis{fill:#5d6678}"
    ".grid{stroke:#e2e0d8}.diagonal{fill:none;stroke:#5d6678;stroke-dasharray:3 4}.quoted{fill:#1f5fa8}"
    + "".join(
        f".c{n}{{fill:none;stroke:{ink};stroke-width:1.8}}.d{n}{{fill:{ink};fill-opacity:.75}}"
        for n, ink in enumerate(INK)
    )
    + "</style>"
)

Rows = Mapping[str, Sequence[Judged]]


def groups(rows: Rows) -> dict[str, list[Judged]]:
    """The sets of each group, together; of a run over some sets only, what there is."""
    found = {name: [row for each in sets for row in rows.get(each, ())] for name, sets in (GROUPS | ALONE).items()}
    return {name: together for name, together in found.items() if together}


def page(shipped: Rows, without: Mapping[str, Rows], *, sample: int = 0) -> str:
    grouped = groups(shipped)
    parts = [
        "# Measured",
        "Written by `python -m tests.benchmarks.evaluation DATA --out docs`; every number is from one run of what "
        "ships. [Evaluation](evaluation.md) says what each figure means, [the card](calibration.md) what the "
        "calibrator was fitted on and how it does on sets it has not seen.",
    ]
    if sample:
        parts.append(f"**A sample only**: at most {sample} questions of each persona.")
    parts += [
        "## By kind of material",
        _table(
            ("group", "questions", *COLUMNS), ((n, str(len(rows)), *_cells(rows)) for n, rows in grouped.items())
        ),
        _seen(shipped),
        "![Risk against coverage, by kind of material](images/measured-risk.svg)",
        "![What a confidence is worth, by kind of material](images/measured-reliability.svg)",
        "![Where the right source is found](images/measured-hits.svg)",
        "## Beside the references",
        _table(("pooled", *COLUMNS), (*_references(), ("**this**", *_cells(grouped["pooled"])))),
        "## As it ships",
        "At a risk budget of 10 %. *between* holds the true share of wrong answers with 95 % certainty (Wilson).",
        _table(
            ("set", "questions", *SHIPPED, "wrong of answered", "between"),
            ((name, *_standing(rows)) for name, rows in (*shipped.items(), *grouped.items())),
        ),
        "## Set by set",
        _table(("set", "questions", *COLUMNS), ((n, str(len(rows)), *_cells(rows)) for n, rows in shipped.items())),
    ]
    if without:
        parts += [
            "## What each part brings",
            "Each row is everything as it ships but for one part, pooled over the same sets. The calibrator was "
            "fitted with all of them in place, so a row loses a little more than the part is worth.",
            _table(("without", *COLUMNS, "useful"), _ablated(grouped["pooled"], without)),
        ]
    return "\n\n".join(parts) + "\n"


def _seen(shipped: Rows) -> str:
    if fitted := [name for name in FITTED if name in shipped]:
        return (
            f"The calibrator was fitted on the questions of {', '.join(fitted)}: their rows, and what they are "
            "pooled in, are kinder than the truth. It has seen nothing of the other sets."
        )
    return "The calibrator has seen nothing of these sets."


def _ablated(pooled: Sequence[Judged], without: Mapping[str, Rows]) -> Iterable[tuple[str, ...]]:
    yield "nothing", *_cells(pooled), _value(figures(pooled)["useful"])
    for what, rows in without.items():
        if together := groups(rows).get("pooled"):
            yield what, *_cells(together), _value(figures(together)["useful"])


def _references() -> Iterable[tuple[str, ...]]:
    return ((name, *map(_value, values)) for name, values in REFERENCES.items())


def _cells(rows: Sequence[Judged]) -> tuple[str, ...]:
    found = figures(rows)
    return tuple(_value(found[name]) for name in COLUMNS)


def _standing(rows: Sequence[Judged]) -> tuple[str, ...]:
    found = figures(rows)
    answered = sum(row.answered for row in rows)
    wrong = sum(row.answered and not row.right for row in rows)
    low, high = likely(wrong, answered)
    shares = tuple(_value(found[name]) for name in SHIPPED)
    return (str(len(rows)), *shares, f"{wrong} of {answered}", f"{low:.1%} – {high:.1%}" if answered else "–")


def _value(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join((*lines, *("| " + " | ".join(row) + " |" for row in rows)))


# ------------------------------------------------------------------ pictures
def pictures(shipped: Rows) -> dict[str, str]:
    """File name → SVG."""
    grouped = groups(shipped)
    return {
        "measured-risk.svg": _styled(_risk(grouped)),
        "measured-reliability.svg": _styled(_reliability(grouped)),
        "measured-hits.svg": _styled(_hits(grouped)),
    }


def _styled(drawn: str) -> str:
    start = drawn.index(">") + 1
    named = drawn[:start].replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return f"{named}{STYLE}{drawn[start:]}\n"


def _shares(step: float) -> list[tuple[float, str]]:
    return [(n * step, f"{round(n * step * 100)}%") for n in range(round(1 / step) + 1)]


def _risk(grouped: Mapping[str, Sequence[Judged]]) -> str:
    axes = Axes(1.0, 0.8)
    risks = [(n / 10, f"{n * 10}%") for n in range(0, 9, 2)]
    parts = [
        axes.grid(_shares(0.25), risks, ("share of the questions that is answered", "wrong")),
        axes.path(((0.0, 0.1), (1.0, 0.1)), "diagonal"),
    ]
    for number, (name, rows) in enumerate(grouped.items()):
        ink = number % len(INK)
        points = [(coverage, min(risk, 0.8)) for coverage, risk in risk_coverage(rows) if coverage > 0.01]
        parts += [axes.path(points, f"c{ink}"), _named(name, number, ink)]
        answered = [row for row in rows if row.answered]
        if answered:
            wrong = sum(not row.right for row in answered) / len(answered)
            parts.append(dot(axes.x(len(answered) / len(rows)), axes.y(wrong), 4, f"d{ink}"))
    return drawing("Risk against coverage; the dots are where it stands at a budget of 10 %", parts, TALL)


def _reliability(grouped: Mapping[str, Sequence[Judged]]) -> str:
    axes = Axes(1.0, 1.0)
    parts = [
        axes.grid(_shares(0.2), _shares(0.2), ("confidence", "share that is right")),
        axes.path(((0.0, 0.0), (1.0, 1.0)), "diagonal"),
    ]
    for number, (name, rows) in enumerate(grouped.items()):
        ink = number % len(INK)
        points = [(each.confidence, each.right) for each in reliability(rows)]
        parts += [axes.path(points, f"c{ink}"), _named(name, number, ink)]
        parts += [dot(axes.x(x), axes.y(y), 2.5, f"d{ink}") for x, y in points]
    return drawing("What a confidence is worth", parts, TALL)


def _hits(grouped: Mapping[str, Sequence[Judged]]) -> str:
    axes = Axes(20.5, 1.0)
    ranks = [(n, str(n)) for n in (1, 3, 5, 10, 15, 20)]
    parts = [axes.grid(ranks, _shares(0.2), ("among the first so many", "of the answerable questions"))]
    for number, (name, rows) in enumerate(grouped.items()):
        ink = number % len(INK)
        points = [(float(n), share) for n, share in enumerate(hits(rows), 1)]
        parts += [axes.path(points, f"c{ink}"), _named(name, number, ink)]
    return drawing("Where the right source is found", parts, TALL)


def _named(name: str, number: int, ink: int) -> str:
    """Below the field, two side by side."""
    x, y = LEFT + 160 * (number % 2), HEIGHT + 14 * (number // 2)
    return box(x, y + 3, 10, 3, f"d{ink}") + text(x + 15, y + 8, name, "name")
