"""How much is kept back: the level says, for each category, how sure a sentence has to show it.

The table is that of anti-distillation as it is practised (sources.md §4), with one difference: what is not kept is
kept back as it stands and said to be kept back. Nothing is blurred, replaced by filler or by decoys, because an
answer that sounds right and is not harms whoever asks.

| category   | light  | medium | heavy |
|------------|--------|--------|-------|
| pitfall    | plain  | plain  | weak  |
| incident   | plain  | plain  | weak  |
| judgement  | –      | plain  | weak  |
| people     | –      | plain  | weak  |
| context    | –      | plain  | weak  |
| unique     | –      | –      | plain |
| generic    | –      | –      | –     |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from persona_store.distill.cues import STRENGTHS
from persona_store.distill.model import Aspect
from persona_store.errors import Refused

Category = Literal["pitfall", "incident", "judgement", "people", "context", "unique"]
Level = Literal["light", "medium", "heavy"]

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""Closed. What shows none of them is generic knowledge, and stays whatever the level."""
LEVELS: tuple[Level, ...] = get_args(Level)

_WEAK, _PLAIN = STRENGTHS["weak"], STRENGTHS["plain"]
LEAST: Mapping[Level, Mapping[Category, float]] = {
    "light": {"pitfall": _PLAIN, "incident": _PLAIN},
    "medium": dict.fromkeys(("pitfall", "incident", "judgement", "people", "context"), _PLAIN),
    "heavy": {**dict.fromkeys(CATEGORIES, _WEAK), "unique": _PLAIN},
}
"""The strength from which on a sentence of the category is kept back; a category that is not named stays."""

ASPECTS: Mapping[Aspect, Category] = {
    "pitfall": "pitfall",
    "decision": "context",
    "whom_to_ask": "people",
    **dict.fromkeys(("priority", "push_back", "condition", "trade_off", "asks_first"), "judgement"),
    **dict.fromkeys(("openings", "phrases", "emoji", "punctuation"), "unique"),
}
"""What distilling finds, by the category that takes it out; other aspects go where their sentences go."""


class Rule(Struct, frozen=True):
    """What the subject chose to keep back, from now on and whenever something is imported. `told`: whether it may
    be said which category an answer would have been of."""

    levels: Mapping[Category, Level] = {}
    told: bool = False

    def keeps_back(self, category: Category, strength: float) -> bool:
        """Whether a sentence that shows the category so strongly is kept back."""
        level = self.levels.get(category)
        least = LEAST[level].get(category) if level else None
        return least is not None and strength >= least

    def keeps_aspect(self, aspect: Aspect) -> Category | None:
        """The category by which nothing of this aspect is said, or None."""
        category = ASPECTS.get(aspect)
        if category is None:
            return None
        level = self.levels.get(category)
        return category if level and category in LEAST[level] else None

    def with_(self, categories: tuple[Category, ...], level: Level) -> Rule:
        """Wider or narrower: these categories at this level, the others as they were. Raises Refused LEVEL for a
        category which that level leaves alone: nothing would be kept back, and the subject would believe it was."""
        if idle := [category for category in categories if category not in LEAST[level]]:
            first = next(other for other in LEVELS if idle[0] in LEAST[other])
            what = f"at level {level!r} nothing of {', '.join(idle)} is kept back"
            raise Refused("LEVEL", what, f"choose {first!r}, or other categories")
        return Rule({**self.levels, **dict.fromkeys(categories, level)}, self.told)

    def without(self, categories: tuple[Category, ...]) -> Rule:
        levels = {category: level for category, level in self.levels.items() if category not in categories}
        return Rule(levels, self.told)


def at(level: Level) -> tuple[Category, ...]:
    """The categories of which this level keeps something back."""
    return tuple(category for category in CATEGORIES if category in LEAST[level])
