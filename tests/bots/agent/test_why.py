"""The sentence of *Why?* names what people asked for, in whole words of theirs."""

from __future__ import annotations

import pytest

from bots.agent.why import learnt, reasons
from bots.model import Question
from persona_store.model import Evidence, Findings
from persona_store.tokens import terms
from tests.persona_store.passages import passage


def unseen(text: str, lang: str = "zh-CN") -> str:
    """What the sentence names when nothing of the question stands anywhere; "" if there is no such sentence."""
    found = Findings((), {}, weights=dict.fromkeys(terms(text), 0.0))
    told = dict(reasons(Question("lin", text, lang), found, (), {}))
    return told["why.unseen"]["words"] if told else ""


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("支付重试任务多久跑一次？", "支付重试任务"),
        ("线上对账失败之后怎么处理？", "对账失败、处理"),
        ("退款走哪个队列呢", "退款、队列"),
        ("灰度发布到一半回滚会不会丢消息", "灰度发布、回滚会不会丢消息"),
        ("超时阈值能不能调大一点", "超时阈值、调大"),
        ("青桥的 E3002 怎么处理", "青桥、E3002、处理"),
    ],
)
def test_chinese_is_named_in_whole_words_and_without_what_only_holds_it_together(asked: str, named: str) -> None:
    assert unseen(asked) == named


def test_english_is_named_word_by_word() -> None:
    assert unseen("What about quantum chromodynamics in pay_retry?", "en") == "quantum, chromodynamics, pay_retry"


def test_what_stands_somewhere_parts_what_does_not() -> None:
    """`对账` is known; the words around it are named each for itself."""
    text = "支付对账任务"
    weights = dict.fromkeys(terms(text), 0.0) | {"对账": 1.0}
    [(_, given)] = reasons(Question("lin", text, "zh-CN"), Findings((), {}, weights=weights), (), {})
    assert given["words"] == "支付、任务"


def test_a_question_of_nothing_but_small_words_is_not_told_as_scraps() -> None:
    assert unseen("之后多久一次") == ""


def quote(id: str, text: str) -> tuple[Evidence, str, float]:
    return Evidence(passage(id, text), 1.0), text, 0.9


def told(*quotes: tuple[Evidence, str, float]) -> dict[str, dict[str, str]]:
    weights = dict.fromkeys(terms("how often does the payment retry job run"), 1.0)
    return dict(reasons(Question("lin", "How often?", "en"), Findings((), {}, weights=weights), quotes, {}))


def test_it_says_how_many_of_its_quotes_agree() -> None:
    first = quote("a", "The payment retry job runs every 15 minutes.")
    same = quote("b", "the payment retry job runs every 15 minutes now")
    assert told(first, same)["why.agree"] == {"count": "1"}


@pytest.mark.parametrize(
    "other",
    ["The payment retry job runs every 20 minutes.", "Refunds go to the slow queue.", "Every 15 days we rest."],
)
def test_another_number_or_another_matter_is_no_agreement(other: str) -> None:
    first = quote("a", "The payment retry job runs every 15 minutes.")
    assert "why.agree" not in told(first, quote("b", other))


def test_it_says_what_the_teams_judgements_changed() -> None:
    assert learnt(0.8, 0.8) == learnt(0.801, 0.802) == ()
    assert learnt(0.8, 0.62) == (("why.learnt_less", {"before": "80", "now": "62"}),)
    assert learnt(0.6, 0.7) == (("why.learnt_more", {"before": "60", "now": "70"}),)


def covering(
    covered: float, text: str = "the retry job runs hourly", unseen: float = 0.0
) -> tuple[str, dict[str, str]]:
    """The first sentence, of a question of four words of which the quoted message has `retry`, `job` and `run`."""
    weights = dict.fromkeys(terms("payment retry job run"), 1.0)
    found = Findings((), {"unseen": unseen}, weights=weights)
    return reasons(Question("lin", "?", "en"), found, (quote("a", text),), {"covered": covered})[0]


def test_what_only_the_conversation_holds_is_not_said_of_the_source() -> None:
    key, given = covering(1.0)
    assert (key, given["percent"], given["own"]) == ("why.covered_around", "100", "75")
    key, given = covering(0.8)
    assert (key, given["percent"]) == ("why.covered", "75")


def test_what_stands_nowhere_lowers_the_share() -> None:
    assert covering(0.375, unseen=0.5)[1]["percent"] == "38"
