"""What belongs where, as far as a quotation can tell."""

from __future__ import annotations

import pytest

from adapters.dingtalk import quoting
from adapters.dingtalk.quoting import Quoting


def test_a_card_is_known_by_either_of_its_names() -> None:
    known = Quoting()
    known.call("carrier-1", "u0f")
    known.stands_in("u0f", "u:staff_ana")
    assert known.id("carrier-1") == "u0f"
    assert known.root("carrier-1") == known.root("u0f") == "u:staff_ana"


def test_what_nobody_told_is_not_known() -> None:
    known = Quoting()
    known.stands_in("u0f", "")
    known.call("", "u0f")
    assert (known.id("x"), known.root("x"), known.root("u0f"), known.root("")) == ("x", "", "", "")


def test_it_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quoting, "MOST", 3)
    known = Quoting()
    for n in range(5):
        known.stands_in(f"m{n}", "u:staff_ana")
    assert [known.root(f"m{n}") != "" for n in range(5)] == [False, False, True, True, True]
