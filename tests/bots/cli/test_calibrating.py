"""`persona calibration`: what a team's feedback made of a persona, in numbers and with what is promised."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bots.agent.confidence import calibration, calibrator
from bots.agent.label import RIGHT, WRONG, Label
from bots.app import open_app
from bots.cli.calibrating import WIDTH, drawn
from bots.settings import load
from tests.bots.cli.shell import Shell

TODAY = date(2026, 6, 2)


def labelled(sh: Shell, *labels: Label) -> None:
    """As if a running bot had kept these."""

    async def keep() -> None:
        async with open_app(load()) as app:
            today = app.services.clock.now().date()
            for n, label in enumerate(labels):
                dated = Label(label.chance, label.calibrator, today, label.shown, owner=label.owner, up=label.up)
                await app.services.store.commit(app.services.labels.keep("lin", f"o{n}", dated, None))

    asyncio.run(keep())


def judged(chance: float, verdict: str, *, of: str = "") -> Label:
    return Label(chance, of or calibrator(), TODAY, owner=verdict)


def test_on_the_first_day_it_is_as_shipped(sh: Shell) -> None:
    sh.live()
    told = sh.done("persona", "calibration", "lin")
    assert "slope 1.000, offset +0.000" in told.out
    assert "at most 10 % of its answers are wrong" in told.out
    facts = sh.done("persona", "calibration", "lin", "--json").json
    assert (facts["standing"], facts["bands"]) == ("none", [])
    assert facts["threshold"] == facts["shipped_threshold"] == calibration().threshold(0.10)


def test_the_numbers_are_those_of_the_labels_and_come_out_the_same_again(sh: Shell) -> None:
    sh.live()
    labelled(
        sh, *(judged(0.5 + n / 100, RIGHT if n % 3 else WRONG) for n in range(30)), judged(0.7, RIGHT, of="old")
    )
    facts = sh.done("persona", "calibration", "lin", "--json").json
    assert facts == sh.done("persona", "calibration", "lin", "--json").json
    assert facts["owner"] == {"right": 20, "edited": 0, "wrong": 10}
    assert (facts["earlier"], facts["standing"]) == (1, "kept")
    assert [(band["above"], band["judged"], band["right"]) for band in facts["bands"]] == [
        (0.5, 10, 6),
        (0.6, 10, 7),
        (0.7, 10, 7),
    ]
    told = sh.done("persona", "calibration", "lin").out
    assert "30 drafts judged" in told
    assert "50–60 %" in told
    assert "█" in told


def test_few_labels_promise_no_more_than_before(sh: Shell) -> None:
    sh.live()
    labelled(sh, *(judged(0.7, RIGHT) for _ in range(5)))
    facts = sh.done("persona", "calibration", "lin", "--json").json
    assert facts["standing"] == "careful"
    assert facts["answers_from"] >= facts["shipped_threshold"]


def test_what_owners_found_right_is_answered_from_lower(sh: Shell) -> None:
    sh.live()
    shipped = calibration().threshold(0.10)
    labelled(sh, *(judged(shipped * (0.9 + n / 1000), RIGHT) for n in range(90)))
    facts = sh.done("persona", "calibration", "lin", "--json").json
    assert facts["standing"] == "lower"
    assert 0.85 * shipped < facts["answers_from"] < shipped


def test_reset_goes_back_to_the_first_day_and_says_so_in_the_log(sh: Shell) -> None:
    sh.live()
    labelled(sh, *(judged(0.7, WRONG) for _ in range(30)))
    assert sh("persona", "calibration", "lin", "--reset").refused("NOT_AGREED")
    assert sh.done("persona", "calibration", "lin", "--json").json["slope"] != 1.0
    facts = sh.done("persona", "calibration", "lin", "--reset", "--yes", "--json").json
    assert (facts["slope"], facts["offset"], facts["standing"]) == (1.0, 0.0, "none")


def test_an_unknown_persona_is_one_line(sh: Shell) -> None:
    sh.live()
    assert sh("persona", "calibration", "nobody").status == 2


@pytest.mark.parametrize(
    ("share", "shipped", "own", "bar"),
    [(0.5, 0.0, 1.0, "s█████████··········o"), (0.0, 0.5, 0.5, "··········o··········")],
)
def test_a_bar_is_as_long_as_what_was_right(share: float, shipped: float, own: float, bar: str) -> None:
    assert drawn(share, shipped, own) == bar
    assert len(bar) == WIDTH + 1
