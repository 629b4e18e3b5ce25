"""Definitions: what a word means in this team."""

from __future__ import annotations

import pytest

from tests.persona_store.distill.talks import ground, of, one

KNOWN = ground("gateway", "settlement", "网关", "对账")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("QQS stands for the settlement service of the gateway.", "QQS"),
        ("`recon` is short for the reconciliation of settlement files.", "recon"),
        ("`pay_hook` is a queue between gateway and settlement.", "pay_hook"),
        ("We watch the TTL (time to live) of the gateway lock.", "TTL"),
        ("The gateway has a loss given default (LGD) of its own.", "LGD"),
        ("T+1 是指网关第二天结算对账", "T+1"),
        ("“冲正”就是网关把对账的一笔反着记", "冲正"),
        ("网关对账用 MCC（行业代码）分类", "MCC"),
    ],
)
def test_a_word_and_what_it_means(text: str, term: str) -> None:
    (facet,) = of("term", *KNOWN, one(text))
    assert (facet.topic, facet.citations[0].quote) == (term, text)


@pytest.mark.parametrize(
    "text",
    [
        "That means the gateway is down and settlement is late.",
        "`recon` is a good name for the settlement gateway.",
        "What does QQS stand for in the settlement gateway?",
        "The problem is a lock in the settlement gateway.",
        "We saw the gateway (and it was slow) in settlement.",
        "The LGX (nothing of the kind) of the settlement gateway.",
        "问题就是网关对账太慢了",
        "这个就是网关的对账任务",
    ],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert of("term", *KNOWN, one(text)) == []
