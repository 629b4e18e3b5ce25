"""What is said where something is kept back: pure over a draft, what was found, and what is known of the rest."""

from __future__ import annotations

import hmac
from typing import Any

import pytest

from bots.agent.decision import Verdict, decide
from bots.agent.extractive import ExtractiveAnswerer
from bots.model import Draft, Question
from bots.withheld.answering import Known, held_back, weighed
from bots.withheld.preview import _Over
from persona_store.index import Index
from persona_store.model import Passage
from persona_store.tokens import terms
from persona_store.withheld.cutting import Held
from persona_store.withheld.hints import Hints, hint
from persona_store.withheld.levels import Rule
from tests.persona_store.passages import correction, passage

PITFALL = "Never retry a refund by hand, otherwise the bank pays it twice."
ASKED = "May I retry a refund by hand?"
FILLING = [passage(f"f{n}", f"The {word} service runs on node {n}.", minutes=500) for n, word in enumerate("abcde")]


def mac(value: bytes) -> bytes:
    return hmac.digest(b"key", value, "sha256")


def known(*texts: str, kind: str = "pitfall", told: bool = False, thread: str = "k", **more: Any) -> Known:
    hints = [hint(passage("k", text, thread=thread, **more), Held(text, kind, "cue"), None, mac) for text in texts]
    return Known(b"", Rule({"pitfall": "medium"}, told), Hints([each for each in hints if each], mac), mac)


async def said(text: str, there: list[Passage], what: Known, readers: Any = None) -> tuple[Draft, Verdict]:
    index = Index()
    index.add([*FILLING, *there])
    over, question = _Over(index), Question("lin", text, "en")
    draft = await ExtractiveAnswerer(over).answer(question, readers=readers)
    found = await over.search("lin", text, readers=readers)
    draft = held_back(draft, question, found, what, readers, None)
    return draft, decide(question, draft, budget=0.1)


async def test_t04_no_filler_poses_as_knowledge() -> None:
    """The next best speaks of refunds as well, and is no answer."""
    near = [passage("n", "Refunds go to the refund-slow queue, which is emptied at night.")]
    draft, verdict = await said(ASKED, near, known(PITFALL))
    assert (verdict.kind, verdict.reason) == ("escalate", "withheld")
    assert (draft.evidence, draft.quotes, draft.confidence) == ((), (), 0.0)
    assert draft.why == (("why.withheld", {}),)


async def test_what_covers_the_question_as_well_answers_it() -> None:
    same = [passage("s", "You may retry a refund by hand only with Mei at the console.")]
    draft, _ = await said(ASKED, same, known(PITFALL))
    assert [e.passage.id for e in draft.evidence] == ["s"]


async def test_the_owners_answer_to_that_very_question_goes_before() -> None:
    taught = [correction("c", ASKED, "Only with two of us at the console.")]
    draft, verdict = await said(ASKED, taught, known(PITFALL))
    assert (verdict.kind, draft.evidence[0].passage.id) == ("answer", "c")


async def test_a_question_for_something_else_is_answered_as_before() -> None:
    there = [passage("q", "The ledger lives in the Lisbon database.")]
    draft, _ = await said("Where does the ledger live?", there, known(PITFALL))
    assert [e.passage.id for e in draft.evidence] == ["q"]


async def test_what_a_colleague_asked_there_does_not_make_the_rest_an_answer() -> None:
    """Bob asked exactly this, the answer is kept back, and what the Subject said next is about lunch."""
    thread = "k"
    there = [
        passage("b", ASKED, own=False, thread=thread),
        passage("l", "I am at lunch until two, see you at the refund desk.", thread=thread, minutes=2),
    ]
    _, verdict = await said(ASKED, there, known(PITFALL, thread=thread))
    assert verdict.reason == "withheld"


async def test_the_category_is_in_the_verdict_only_if_it_may_be_told() -> None:
    _, untold = await said(ASKED, [], known(PITFALL))
    _, told = await said(ASKED, [], known(PITFALL, told=True))
    _, item = await said(ASKED, [], known(PITFALL, told=True, kind="item"))
    assert (untold.reason, told.reason, item.reason) == ("withheld", "withheld_pitfall", "withheld")


async def test_t06_who_could_not_have_read_it_hears_nothing_of_it() -> None:
    _, verdict = await said(ASKED, [], known(PITFALL, readers=("slack:U1",)))
    assert verdict.reason == "no_evidence"
    _, verdict = await said(ASKED, [], known(PITFALL, readers=("slack:U1",)), (frozenset({"slack:U1"}),))
    assert verdict.reason == "withheld"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("Can you approve that I retry a refund by hand?", "closed_topic"), ("thanks!", "no_evidence")],
)
async def test_what_is_nobodys_but_a_humans_stays_so(text: str, reason: str) -> None:
    _, verdict = await said(text, [], known(PITFALL))
    assert verdict.reason == reason


async def test_in_chinese_it_is_known_as_well() -> None:
    _, verdict = await said("退款可以手动重试吗？", [], known("千万不要手动重试退款，否则银行会付两次。"))
    assert verdict.reason == "withheld"


def test_a_term_that_stands_nowhere_any_more_weighs_most() -> None:
    weights = weighed("refund quetzal", dict.fromkeys(terms("refund"), 2.0))
    assert weights["quetzal"] > weights["refund"]
