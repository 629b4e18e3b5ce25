"""Confidence: the numbers that ship are sane, and reading them cannot go wrong quietly."""

from __future__ import annotations

import time

from bots.agent.confidence import Calibration, Tree, calibration
from bots.agent.extractive import draft
from bots.model import Question
from persona_store.index import Index
from persona_store.search import find
from tests.persona_store.passages import passage

STUMP = Tree(feature=(0, -1, -1), split=(0.5, -2.0, 2.0), left=(1, 0, 0), right=(2, 0, 0))
TINY = Calibration(("covered",), 0.0, (STUMP,), 1.0, 0.0, ((0.1, 0.8),))


def test_a_tree_is_walked_by_its_splits() -> None:
    assert TINY.chance({"covered": 0.9}) > 0.85
    assert TINY.chance({"covered": 0.5}) < 0.15
    assert TINY.chance({}) == TINY.chance({"covered": 0.0})


def test_platts_two_numbers_move_the_chance() -> None:
    moved = Calibration(("covered",), 0.0, (STUMP,), 0.5, 1.5, ())
    assert 0.5 < moved.chance({"covered": 0.0}) < moved.chance({"covered": 1.0}) < 1.0


TALK = tuple(
    passage(f"{thread}-{n}", text, own=own, thread=thread, minutes=10 * place + n)
    for place, (thread, asked, said) in enumerate(
        (
            ("retry", "How many times do we retry a failed charge?", "At most 3 retries, 5 minutes apart."),
            ("cert", "Where is the certificate of the gateway kept?", "In the vault, under gateway/cert."),
            ("queue", "Why is the refund queue growing?", "The consumer was paused, resume it with payctl resume."),
            ("flag", "Who turns on the payout flag?", "I do, on Mondays, after the ledger is closed."),
            ("cache", "How long do we cache exchange rates?", "For 15 minutes, longer only at weekends."),
            ("log", "Where do webhook logs go?", "To the log search, index webhook-prod, kept for 30 days."),
        )
    )
    for n, (text, own) in enumerate(((asked, False), (said, True)))
)


def sure(asked: str) -> float:
    index = Index()
    index.add(TALK)
    return draft(Question("lin", asked, "en"), find(index, asked, readers=None), calibration()).confidence


def test_what_ships_tells_a_good_match_from_a_bad_one() -> None:
    """Asked through the search that ships, because its signals only mean something together."""
    for asked in ("How many times is a failed charge retried?", "Where is the gateway certificate kept?"):
        assert sure(asked) > 0.6, asked
    for asked in ("Who feeds the office cat at weekends?", "Where do we keep the keys of the meeting room?"):
        assert sure(asked) < 0.3, asked


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


def test_conversation_and_documents_are_judged_by_trees_of_their_own() -> None:
    """Every tree asks first what the material is (docs/calibration.md), and adds nothing to the other kind."""
    shipped = calibration()
    kind = shipped.features.index("talk")
    chat = documents = 0
    for tree in shipped.trees[1:]:
        assert tree.feature[0] == kind
        chat += tree.feature[tree.left[0]] == -1 and tree.split[tree.left[0]] == 0
        documents += tree.feature[tree.right[0]] == -1 and tree.split[tree.right[0]] == 0
    assert chat == documents == len(shipped.trees[1:]) / 2


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
