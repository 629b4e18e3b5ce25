"""Grounding: what was not said cannot be shown as said."""

from __future__ import annotations

import pytest

from bots.agent.grounding import grounded
from tests.persona_store.passages import correction, passage

SAID = passage("m", "First check the log.\nThen restart one consumer … at a time. Never all three.")


@pytest.mark.parametrize(
    ("quote", "true"),
    [
        ("First check the log. Then restart one consumer", True),
        ("… First check the log. … Never all three.", True),
        ("Then restart one consumer … at a time.", True),
        ("Never all three. … First check the log.", False),  # turned round
        ("First check the log. Never all three.", False),  # stitched without a gap
        ("First delete the log.", False),
        ("", False),
        ("… …", False),
    ],
)
def test_a_quote_stands_in_its_passage_in_order(quote: str, true: bool) -> None:
    assert grounded(quote, SAID) is true


def test_only_the_subject_and_the_owner_are_quoted() -> None:
    assert not grounded("words", passage("m", "words", own=False))
    assert grounded("words", correction("c", "q", "words"))
