"""Workflows: numbered steps and "first … then …", of things that are done."""

from __future__ import annotations

from tests.persona_store.distill.talks import ground, of, one

KNOWN = ground("gateway", "settlement", "网关", "对账")


def quotes(text: str, **more: object) -> list[str]:
    return [facet.citations[0].quote for facet in of("workflow", *KNOWN, one(text, **more))]


def test_numbered_steps_are_one_workflow_with_what_announces_them() -> None:
    text = "To move the settlement jobs:\n1. Stop the gateway\n2. Copy the lock file\n3. Start it on the other host"
    assert quotes(f"Hi!\n{text}\nThat is all.") == [text]
    text = "网关切换流程：\n1、停掉对账\n2、修改路由\n3、重启网关"
    assert quotes(text) == [text]


def test_an_enumeration_of_thoughts_or_questions_is_no_workflow() -> None:
    assert quotes("My reasons:\n1. the gateway is slow\n2. settlement is late\n3. nobody likes it") == []
    assert quotes("Before settlement:\n1. Run the gateway?\n2. Stop it?\n3. Check the lock?") == []
    assert quotes("1. Run the gateway\n2. Stop settlement") == []


def test_steps_in_one_sentence_or_in_several() -> None:
    assert quotes("First stop the settlement jobs, then restart the gateway.") != []
    chain = "First, stop the settlement jobs. Then restart the gateway. Finally check the lock."
    assert quotes(chain) == [chain]
    assert quotes("先查网关监控，再重启对账") == ["先查网关监控，再重启对账"]
    assert quotes("先这样，网关的对账下周再说") == []
    assert quotes("First of all I like the settlement gateway, then again who does not.") == []


def test_nobody_elses_words_stand_between_the_steps() -> None:
    text = (
        "First, stop the settlement jobs.\n> and what about the gateway?\nThen restart the gateway.\n"
        "After that check the lock."
    )
    assert all(">" not in quote for quote in quotes(text))


def test_what_stands_below_a_heading_that_announces_steps() -> None:
    text = "Stop the settlement jobs. Restart the gateway."
    assert quotes(text, source="doc", title="Gateway › Runbook", thread="") == [text]
    assert quotes(text, source="doc", title="Gateway › History", thread="") == []
