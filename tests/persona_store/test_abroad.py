"""Material in the other language than the question: found, shown first, and never answered from."""

from __future__ import annotations

import pytest

from bots.agent.confidence import calibration
from bots.agent.decision import decide
from bots.agent.extractive import ABROAD, draft, ruled
from bots.agent.language import language_of
from bots.model import Draft, Question
from persona_store.index import Index
from persona_store.model import Findings, Passage, Readers
from persona_store.search import find
from tests.persona_store.passages import passage

TEAM = (
    passage("money", "退款由财务在月底统一支付，证书放在保险柜里。"),
    passage("server", "服务器的错误日志每天备份到仓库，保存三个月。"),
    passage("lunch", "中午吃什么？还是那家面馆。"),
    passage("people", "人口数据来自统计局，每年更新。"),
    passage("deploy-en", "The release train leaves every Tuesday after the stand-up."),
    passage("cat-en", "Somebody feeds the office cat in the morning."),
)


def ask(text: str, *more: Passage, readers: Readers = None, without: str = "") -> tuple[Findings, Draft]:
    index = Index()
    index.add(each for each in (*TEAM, *more) if each.id != without)
    found = find(index, text, readers=readers)
    return found, draft(Question("lin", text, language_of(text)), found, calibration())


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("When are refund payments made?", "money"),
        ("Where are server error logs kept?", "server"),
        ("Where does the population data come from?", "people"),
    ],
)
def test_english_finds_chinese(asked: str, right: str) -> None:
    found, made = ask(asked)
    assert found.ranked_ids[0] == right
    assert decide(Question("lin", asked, "en"), made, budget=0.3).kind != "answer"


def test_chinese_finds_english() -> None:
    more = passage("pay-en", "Payment certificates are renewed by the finance department each year.")
    found, made = ask("支付证书由谁更新？", more, without="money")
    assert found.ranked_ids[0] == "pay-en"
    assert decide(Question("lin", "支付证书由谁更新？", "zh-CN"), made, budget=0.3).kind != "answer"


def test_an_identifier_counts_in_both_languages() -> None:
    more = passage("code", "E3002 表示青桥的证书过期，联系财务更新。")
    found, _ = ask("What does E3002 of the certificate mean?", more)
    assert found.ranked_ids[0] == "code"


def test_what_stands_in_the_language_of_the_question_is_left_where_it_is() -> None:
    found, _ = ask("When does the release train leave?")
    assert found.ranked_ids[0] == "deploy-en"
    assert found.signals["abroad"] == 0
    assert ask("退款什么时候支付？")[0].ranked_ids[0] == "money"


def test_a_foreign_word_in_it_makes_material_no_foreign_material() -> None:
    more = passage("mixed", "我们的 refund 和 payment 都走老系统，finance 每月对一次账，别改流程。")
    assert ask("退款什么时候支付？", more)[0].signals["abroad"] == 0


def test_a_neighbour_is_trusted_less_where_the_other_language_speaks_of_it_too() -> None:
    asked = "When are refund payments made by the office?"
    lonely, _ = ask(asked, without="money")
    found, _ = ask(asked)
    assert found.signals["abroad"] > lonely.signals["abroad"]
    assert ruled(0.9, {"abroad": 0.3, "covered": 0.5}) == pytest.approx(0.9 * ABROAD)
    assert ruled(0.9, {"abroad": 0.3, "covered": 0.9}) == ruled(0.9, {"abroad": 0.1, "covered": 0.5}) == 0.9


def test_nothing_that_the_readers_may_not_read_is_found_abroad() -> None:
    secret = passage("secret", "退款由财务在月底统一支付，证书放在保险柜里。", readers=("slack:U9",))
    found, _ = ask("When are refund payments made?", secret, without="money")
    assert "secret" not in found.ranked_ids
    found, _ = ask("When are refund payments made?", secret)  # its words stand in something they may read, too
    assert found.ranked_ids[0] == "money"
    assert "secret" not in found.ranked_ids
    allowed, _ = ask("When are refund payments made?", secret, without="money", readers=(frozenset({"slack:U9"}),))
    assert allowed.ranked_ids[0] == "secret"


def test_what_was_removed_is_not_found_any_more() -> None:
    index = Index()
    index.add(TEAM)
    index.remove(["money"])
    assert "money" not in find(index, "When are refund payments made?", readers=None).ranked_ids
