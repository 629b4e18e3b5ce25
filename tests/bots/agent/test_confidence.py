"""Confidence: the numbers that ship are sane, and reading them cannot go wrong quietly."""

from __future__ import annotations

import time

from bots.agent.confidence import Calibration, Tree, calibration

STUMP = Tree(feature=(0, -1, -1), split=(0.5, -2.0, 2.0), left=(1, 0, 0), right=(2, 0, 0))
TINY = Calibration(("covered",), 0.0, (STUMP,), 1.0, 0.0, ((0.1, 0.8),))


def test_a_tree_is_walked_by_its_splits() -> None:
    assert TINY.chance({"covered": 0.9}) > 0.85
    assert TINY.chance({"covered": 0.5}) < 0.15
    assert TINY.chance({}) == TINY.chance({"covered": 0.0})


def test_platts_two_numbers_move_the_chance() -> None:
    moved = Calibration(("covered",), 0.0, (STUMP,), 0.5, 1.5, ())
    assert 0.5 < moved.chance({"covered": 0.0}) < moved.chance({"covered": 1.0}) < 1.0


def test_what_ships_tells_a_good_match_from_a_bad_one() -> None:
    good = {
        "bm25": 0.8,
        "cosine": 0.6,
        "covered": 1.0,
        "covered_own": 1.0,
        "covered_one": 1.0,
        "covered_episode": 1.0,
        "covered_three": 1.0,
        "phrases": 0.8,
        "rare": 1.0,
        "unseen": 0.0,
        "agree": 1.0,
        "agree_rank": 1.0,
        "gap_2": 0.7,
        "gap_3": 0.7,
        "gap_5": 0.8,
        "cosine_gap_2": 0.6,
        "fused_gap_2": 0.6,
        "fused_gap_3": 0.7,
        "sharp": 1.0,
        "near": 1.0,
        "bits": 3.5,
        "bits_2": 1.5,
        "stands_out": 5.0,
        "terms": 2.0,
        "typical": 0.7,
        "said": 0.9,
        "own": 1.0,
        "lead": 1.0,
        "length": 3.5,
        "turns": 0.7,
        "quote_length": 4.0,
        "asked_length": 3.5,
        "question_mark": 1.0,
        "fits": 1.0,
    }
    bad = {
        "bm25": 0.1,
        "cosine": 0.1,
        "covered": 0.2,
        "covered_own": 0.1,
        "covered_one": 0.15,
        "covered_three": 0.3,
        "unseen": 0.6,
        "rare": 0.0,
        "terms": 2.5,
        "typical": 0.7,
        "bits": 1.5,
        "bits_2": 1.4,
        "length": 4.5,
        "turns": 1.5,
    }
    assert calibration().chance(good) > 0.8
    assert calibration().chance(bad) < 0.2


def test_what_ships_is_whole() -> None:
    """Every node leads to nodes behind it, so that no walk is endless; every split is on a feature there is."""
    shipped = calibration()
    assert len(shipped.trees) > 10
    for tree in shipped.trees:
        for node, feature in enumerate(tree.feature):
            assert feature < len(shipped.features)
            if feature >= 0:
                assert node < tree.left[node] < len(tree.feature)
                assert node < tree.right[node] < len(tree.feature)


def test_a_smaller_budget_never_asks_for_less() -> None:
    table = calibration().thresholds
    assert [b for b, _ in table] == sorted({b for b, _ in table})
    assert [c for _, c in table] == sorted((c for _, c in table), reverse=True)
    assert any(budget == 0.1 for budget, _ in table), "the default risk budget of a persona"
    assert calibration().threshold(0.0) > 1.0


def test_it_costs_next_to_nothing() -> None:
    features = dict.fromkeys(calibration().features, 0.4)
    begun = time.process_time()
    for _ in range(100):
        calibration().chance(features)
    assert (time.process_time() - begun) / 100 < 0.005
