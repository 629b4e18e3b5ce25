"""The table of levels: monotone, honest about what it leaves alone, and the same for facets as for sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.withheld.levels import ASPECTS, CATEGORIES, LEAST, LEVELS, Category, Level, Rule, at

STRENGTHS = st.sampled_from((0.0, 0.35, 0.5, 0.7, 1.0))


@given(st.sampled_from(CATEGORIES), STRENGTHS, st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_t04_a_higher_level_keeps_back_at_least_as_much(
    category: Category, strength: float, one: Level, other: Level
) -> None:
    low, high = sorted((one, other), key=LEVELS.index)
    if Rule({category: low}).keeps_back(category, strength):
        assert Rule({category: high}).keeps_back(category, strength)


def test_t04_the_table_is_the_one_of_the_field() -> None:
    """sources.md §4, row by row: what `light`, `medium` and `heavy` take out of each category."""
    assert at("light") == ("pitfall", "incident")
    assert at("medium") == ("pitfall", "incident", "judgement", "people", "context")
    assert at("heavy") == CATEGORIES


def test_nothing_is_kept_back_before_somebody_chose() -> None:
    assert not any(Rule().keeps_back(category, 1.0) for category in CATEGORIES)
    assert not any(Rule().keeps_aspect(aspect) for aspect in ASPECTS)


def test_a_level_that_would_keep_nothing_back_is_refused_and_not_believed() -> None:
    """Whoever says `people` and `light` would think their network was safe."""
    with pytest.raises(Refused) as refused:
        Rule().with_(("people",), "light")
    assert refused.value.code == "LEVEL"
    assert "'medium'" in str(refused.value)


def test_a_category_is_widened_and_narrowed_while_the_others_stay() -> None:
    rule = Rule(told=True).with_(("pitfall", "people"), "medium").with_(("people",), "heavy")
    assert dict(rule.levels) == {"pitfall": "medium", "people": "heavy"}
    assert dict(rule.without(("people",)).levels) == {"pitfall": "medium"}
    assert rule.without(("people",)).told


@pytest.mark.parametrize("aspect", sorted(ASPECTS))
def test_facets_go_with_the_category_they_are_of(aspect: str) -> None:
    category = ASPECTS[aspect]
    least = next(level for level in LEVELS if category in LEAST[level])
    assert Rule({category: least}).keeps_aspect(aspect) == category
    below = LEVELS[: LEVELS.index(least)]
    assert not any(Rule({category: level}).keeps_aspect(aspect) for level in below)
