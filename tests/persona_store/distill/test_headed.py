"""Headed: documents say by their headings what stands below."""

from __future__ import annotations

from persona_store.distill.confidence import DESCRIBED_MOST
from tests.persona_store.distill.talks import found, of
from tests.persona_store.passages import passage


def doc(title: str, text: str, **more: object) -> list[object]:
    return [passage("d#1", text, source="doc", title=title, **more)]


def test_each_sentence_below_a_heading_is_one() -> None:
    text = "The cron host has no twin. The client retries DNS failures by itself."
    facets = of("pitfall", doc("Handover › Pitfalls", text))
    assert [facet.text for facet in facets] == [
        *("The client retries DNS failures by itself.", "The cron host has no twin."),
    ]
    assert len(of("pitfall", doc("交接 › 注意事项", "对账的机器没有备份。\n网关的客户端自己会重试。"))) == 2


def test_a_heading_that_asks_is_answered_below_it() -> None:
    text = "Merchants settle in CNY, EUR or GBP. Others are converted."
    assert of("answer", doc("Guide › Which currencies can a merchant settle in?", text))
    assert of("answer", doc("Guide › Currencies", text)) == []
    (facet,) = of("answer", doc("FAQ › Which currencies can a merchant settle in?", text))
    assert (facet.topic, facet.text) == ("Which currencies can a merchant settle in?", text)
    (facet,) = of("answer", doc("支付 FAQ › 幂等键保存时间", "实测保存 24 小时，超过的订单人工确认。"))
    assert facet.topic == "幂等键保存时间"


def test_a_heading_in_a_chat_or_of_somebody_else_says_nothing() -> None:
    text = "The cron host has no twin. The client retries DNS failures by itself."
    assert found([passage("m", text, title="Pitfalls")]) == []
    assert found(doc("Handover › Pitfalls", text, own=False)) == []


def test_what_others_describe_is_marked_and_never_above_evidence() -> None:
    text = "网关的对账任务由他负责设计和维护。"
    (facet,) = found([passage("s#1", text, source="imported_skill", title="work › 职责范围", own=False)])
    assert (facet.aspect, facet.by) == ("responsibility", "description")
    assert facet.confidence <= DESCRIBED_MOST
