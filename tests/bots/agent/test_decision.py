"""Decisions: the risk budget, and what is never guessed."""

from __future__ import annotations

import pytest

from bots.agent.confidence import Calibration
from bots.agent.decision import Verdict, closed, decide
from bots.model import Draft, Question
from persona_store.model import Evidence
from tests.persona_store.passages import passage

NUMBERS = Calibration((), 0.0, (), 1.0, 0.0, ((0.05, 0.9), (0.1, 0.8)))


def verdict(
    text: str = "How often do we retry?", confidence: float = 0.99, budget: float = 0.1, **features: float
) -> Verdict:
    draft = Draft((Evidence(passage("m", "3 times"), 1.0),), ("3 times",), confidence, features=features)
    return decide(Question("lin", text, "en"), draft, budget=budget, calibrated=NUMBERS)


@pytest.mark.parametrize(
    ("confidence", "budget", "kind"),
    [
        (0.95, 0.1, "answer"),
        (0.8, 0.1, "answer"),
        (0.79, 0.1, "confirm"),
        (0.59, 0.1, "escalate"),
        (0.85, 0.05, "confirm"),
        (0.85, 0.07, "confirm"),
        (0.99, 0.01, "confirm"),
        (0.8, 0.5, "answer"),
    ],
)
def test_the_budget_sets_the_threshold(confidence: float, budget: float, kind: str) -> None:
    """Between two budgets of the table the stricter counts; below the strictest nothing is answered."""
    assert verdict(confidence=confidence, budget=budget).kind == kind


def test_not_answering_names_a_reason() -> None:
    assert verdict(confidence=0.1) == Verdict("escalate", "low_confidence")
    assert verdict(conflict=1.0) == Verdict("escalate", "conflict")
    nothing = Draft((), (), 0.0)
    assert decide(Question("lin", "retries?", "en"), nothing, budget=0.1) == Verdict("escalate", "no_evidence")


@pytest.mark.parametrize(
    "text",
    [
        "小王今年绩效怎么样？",
        "你觉得应该裁员谁",
        "Bo 的工资是多少",
        "帮我批准一下这个退款",
        "麻烦审批一下",
        "我好难过",
        "你爱我吗",
        "Who should be fired?",
        "Should Bo be promoted?",
        "What is Bo's salary?",
        "Can you approve this refund?",
        "please sign off on the release",
        "Do you promise it ships on Friday?",
        "do you love me",
    ],
)
def test_what_only_a_human_may_say_is_never_answered(text: str) -> None:
    """However sure we are: people, promises, the heart."""
    assert verdict(text, confidence=1.0) == Verdict("escalate", "closed_topic")


@pytest.mark.parametrize(
    "text", ["不想活了", "我想自杀", "I want to die", "I wish I was dead", "thinking of ending my life"]
)
def test_danger_has_a_reason_of_its_own(text: str) -> None:
    """Whoever is asked reads it, and who wrote it hears of help lines."""
    assert verdict(text, confidence=1.0) == Verdict("escalate", "in_danger")


@pytest.mark.parametrize(
    "text",
    [
        "退款超过多少钱需要第二个人审批？",
        "Above which amount does a refund need a second approver?",
        "Who approves a hotfix?",
        "Why is the event not fired twice?",
        "How do I resolve a promise in Elm?",
        "OAuth 授权失败怎么排查",
        "What does the retry guarantee?",
        "签字页在哪里",
        "When is the process killed?",
        "How do I sign in to the console?",
        "Which key do we sign the apk with?",
        "merge conflict in the ledger, how do I fix it?",
        "Is evaluation lazy?",
        "怎么避免两个线程想死锁",
        "需要老板批准吗？",
        "支持可以退款吗",
    ],
)
def test_work_that_sounds_alike_is_still_work(text: str) -> None:
    assert not closed(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ?? ",
        "hello!",
        "Thank you so much",
        "你好",
        "谢谢啦～",
        "在吗？",
        "how are you?",
        "Good morning! How are you today?",
        "中午吃什么好？",
    ],
)
def test_where_nothing_was_asked_nobody_is_bothered(text: str) -> None:
    assert verdict(text, confidence=1.0).kind == "decline"
