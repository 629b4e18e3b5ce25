"""Drawing with words: the few parts of SVG that a chart is made of. Colours and type come from the page's style
sheet by class, so that one drawing serves light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT = 380, 264
LEFT, RIGHT, TOP, BOTTOM = 54, 16, 16, 44


def clean(text: str) -> str:
    """For a page: escaped, and without what steers a reader's screen instead of being read."""
    return escape(
        "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    )


class Axes:
    """A field with x from 0 to `right` and y from 0 to `top`, in the units of what is drawn."""

    def __init__(self, right: float, top: float) -> None:
        self._right, self._top = right, top

    def x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self._right

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, self._top) / self._top

    def grid(
        self, xs: Iterable[tuple[float, str]], ys: Iterable[tuple[float, str]], labels: tuple[str, str]
    ) -> str:
        """Lines and what they stand for; `labels` are those of x and y."""
        parts = [text(self.x(at), HEIGHT - BOTTOM + 16, said, "tick", "middle") for at, said in xs]
        for at, said in ys:
            parts.append(line(LEFT, self.y(at), WIDTH - RIGHT, self.y(at), "grid"))
            parts.append(text(LEFT - 6, self.y(at) + 4, said, "tick", "end"))
        middle = (TOP + HEIGHT - BOTTOM) / 2
        parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, labels[0], "axis", "middle"))
        parts.append(
            f'<text class="axis" text-anchor="middle" transform="translate(10 {middle:.1f}) rotate(-90)">'
            f"{clean(labels[1])}</text>"
        )
        return "".join(parts)

    def path(self, points: Sequence[tuple[float, float]], kind: str) -> str:
        steps = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        return f'<polyline class="{kind}" points="{steps}"/>'


def drawing(name: str, parts: Iterable[str], height: float = HEIGHT) -> str:
    """A whole drawing; `name` is read to those who do not see it."""
    return (
        f'<svg role="img" aria-label="{clean(name)}" viewBox="0 0 {WIDTH} {height:.0f}">'
        f"<title>{clean(name)}</title>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, said: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{clean(said)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}"/>'


def dot(x: float, y: float, radius: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
