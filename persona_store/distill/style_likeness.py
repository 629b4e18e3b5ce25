"""How alike two styles are, by their measures: the evidence that one person wrote both.

Each measure is brought to a scale on which chance is the same everywhere: a share p to 2·asin(√p), whose
deviation in n messages is 1/√n whatever p is (Freeman and Tukey, 1950), a size to its logarithm. The evidence is
then the log-likelihood ratio of the two-covariance model of speaker recognition (Brümmer and de Villiers, 2010):
how likely the two values are if one person stands behind both, against two people. What people differ by is given
in constants, or better told from the styles of a community (`usual`), since agreeing in what is rare there says
more, as in Burrows's Delta (2002). Measures that go together count less than one each, hence DAMPING.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import asin, exp, log, log1p, sqrt
from typing import NamedTuple


class Spread(NamedTuple):
    """By how much one person varies from time to time, and people differ, on the scale of the measure."""

    within: float
    between: float


SIZE = Spread(0.4, 0.45)
SHARE = Spread(0.08, 0.25)
WORD = Spread(0.015, 0.03)
ITEM = Spread(0.05, 0.12)  # one opening, phrase or emoji
DAMPING = 0.25

_SIZES = ("chars_", "sentences_", "first_chars", "reply_chars", "row_median", "switches")
_COUNTS = ("messages", "words", "replies")
_ONE_SIZE = 1.1  # the deviation of the logarithm of one message's length, about
PRIOR = 12.0  # people whom the constants weigh as much as

Measures = Mapping[str, float]


class Usual(NamedTuple):
    """What a measure is in a community, on its scale: the mean over people, and the variance between them."""

    mean: float
    between: float


Community = Mapping[str, Usual]


def likeness(a: Measures, b: Measures, usual: Community | None = None) -> float:
    """0 to 1: the chance that one person wrote both, if that was even before. Symmetric. `a` and `b` are measures
    by name, of one aspect or of several; each says in `messages` (and `words`, `replies`) what it rests on. 0.5 if
    they have nothing to compare."""
    return 1 / (1 + exp(-max(-50.0, min(50.0, DAMPING * evidence(a, b, usual)))))


def evidence(a: Measures, b: Measures, usual: Community | None = None) -> float:
    """The sum of the measures' log-likelihood ratios, in nats: above 0 it speaks for one person."""
    if a.get("messages", 0) <= 0 or b.get("messages", 0) <= 0:
        return 0.0
    return sum(_ratio(name, a, b, usual or {}) for name in _compared(a, b))


def usual_of(styles: Sequence[Measures]) -> Community:
    """What is usual among these people. A variance told from few is drawn towards the constants."""
    found: dict[str, Usual] = {}
    for name in sorted({name for each in styles for name in each} - set(_COUNTS)):
        values = [
            (_scaled(name, each.get(name, 0.0)), _chance(name, each)) for each in styles if _rests_on(name, each)
        ]
        if len(values) < 2:
            continue
        middle = sum(value for value, _ in values) / len(values)
        spread = sum((value - middle) ** 2 - chance for value, chance in values)
        between = (max(0.0, spread) + PRIOR * _spread(name).between ** 2) / (len(values) - 1 + PRIOR)
        found[name] = Usual(middle, between)
    return found


def _compared(a: Measures, b: Measures) -> list[str]:
    """Every measure of either; of openings, phrases and signs those of the one that rests on more, since a few
    messages have any number of them by chance."""
    more = a if (a["messages"], sorted(a)) >= (b["messages"], sorted(b)) else b
    return sorted(
        name for name in a.keys() | b.keys() if name not in _COUNTS and (_spread(name) is not ITEM or name in more)
    )


def _ratio(name: str, a: Measures, b: Measures, usual: Community) -> float:
    if not _rests_on(name, a) or not _rests_on(name, b):
        return 0.0
    spread = _spread(name)
    x, y = _scaled(name, a.get(name, 0.0)), _scaled(name, b.get(name, 0.0))
    v, w = (_chance(name, each) + spread.within**2 for each in (a, b))
    if name not in usual:
        return _normal(x - y, v + w) - _normal(x - y, v + w + 2 * spread.between**2)
    mean, between = usual[name]
    x, y, v, w = x - mean, y - mean, v + between, w + between
    left = v * w - between * between  # the determinant of their covariance, if one person wrote both
    joint = -0.5 * (log(left) + (w * x * x - 2 * between * x * y + v * y * y) / left)
    return joint - _normal(x, v) - _normal(y, w)


def _normal(apart: float, variance: float) -> float:
    """The logarithm of its density, but for the constant."""
    return -0.5 * (log(variance) + apart * apart / variance)


def _rests_on(name: str, style: Measures) -> float:
    """How many messages, words or replies; 0 = it says nothing about this measure."""
    return style.get(_unit(name), 0.0)


def _chance(name: str, style: Measures) -> float:
    """The variance of a measure by chance alone."""
    return (_ONE_SIZE**2 if name.startswith(_SIZES) else 1.0) / style[_unit(name)]


def _scaled(name: str, value: float) -> float:
    return log1p(max(0.0, value)) if name.startswith(_SIZES) else 2 * asin(sqrt(min(1.0, max(0.0, value))))


def _spread(name: str) -> Spread:
    if name.startswith(_SIZES):
        return SIZE
    if name.startswith("word:"):
        return WORD
    return ITEM if ":" in name else SHARE


def _unit(name: str) -> str:
    if name.startswith("word:"):
        return "words"
    return "replies" if name.startswith("reply_") else "messages"
