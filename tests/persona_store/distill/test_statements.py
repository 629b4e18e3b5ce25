"""Statements: what a sentence says of work and decisions, in both languages, and what only sounds like it."""

from __future__ import annotations

import pytest

from persona_store.distill.model import Aspect
from tests.persona_store.distill.talks import found, ground, of, one, talk

KNOWN = ground("gateway", "settlement", "网关", "对账")

SAID: list[tuple[Aspect, str]] = [
    ("responsibility", "I maintain the settlement jobs and the gateway client."),
    ("responsibility", "我负责支付网关的对账任务"),
    ("boundary", "I'm not responsible for the gateway certificates, the platform people are."),
    ("boundary", "网关的证书不归我管，那是平台组的"),
    (
        "standard",
        "Settlement amounts must never be floats, by convention we always use integers of the minor unit.",
    ),
    ("standard", "对账的金额一律用最小货币单位的整数"),
    ("decision", "We decided to poll the gateway because its webhooks get lost."),
    ("decision", "网关最后决定用轮询，因为回调会丢"),
    ("pitfall", "Never run two settlement jobs on the gateway at once."),
    ("pitfall", "千万不要直接改网关的线上配置，否则会丢单"),
    ("whom_to_ask", "Questions about the settlement gateway: ask @Mei Chen on the platform team."),
    ("whom_to_ask", "对账网关的权限问题找 @周岚 处理"),
    (
        "priority",
        "For the settlement gateway we should look at what matters: correctness, because money gets lost.",
    ),
    ("priority", "网关我们优先保证对账正确，再谈速度，因为错账很难查"),
    ("push_back", "I don't think we should restart the gateway, because settlement would run twice."),
    ("push_back", "不建议现在重启网关，因为对账会跑两遍"),
    ("condition", "I'd only merge the gateway change unless settlement is running."),
    ("condition", "除非对账跑完，否则我们不上线网关"),
    ("trade_off", "I'd rather have a slow settlement than a gateway that loses payments."),
    ("trade_off", "网关宁可慢一点，也不能丢对账数据"),
]


@pytest.mark.parametrize(("aspect", "text"), SAID)
def test_what_the_subject_says_is_found_in_their_words(aspect: Aspect, text: str) -> None:
    facets = of(aspect, *KNOWN, one(text))
    assert [facet.citations[0].quote for facet in facets] == [text]
    assert facets[0].status == "single"
    assert facets[0].confidence >= 0.35


@pytest.mark.parametrize(("aspect", "text"), SAID)
def test_the_same_words_of_somebody_else_are_nobodys_facet(aspect: Aspect, text: str) -> None:
    """Not even in a talk the Subject takes part in, right between two words of theirs."""
    assert of(aspect, *KNOWN, talk("theirs", "ok", f"Ann: {text}", "fine, the gateway it is")) == []


NOT_SAID: list[tuple[Aspect, str]] = [
    ("responsibility", "Do you know who is responsible? I maintain the gateway, don't I?"),
    ("responsibility", "He said I maintain the settlement gateway."),
    ("responsibility", "是不是我负责支付网关的对账任务"),
    ("standard", "It must be the gateway that breaks settlement."),
    ("decision", "If we had decided to poll the settlement gateway, it would have been slower."),
    ("decision", "如果当初决定用轮询网关，对账早就好了，因为不丢"),
    ("pitfall", "I never run the settlement gateway on Fridays lol"),
    ("pitfall", 'The gateway dialog says "never run two settlement jobs at once" in red.'),
    ("pitfall", "要不要直接改网关的线上配置，对账会不会丢单"),
    ("pitfall", "哈哈千万不要直接改网关的线上配置"),
    ("push_back", "Not sure, but maybe we shouldn't restart the settlement gateway."),
    ("trade_off", "I would rather resign than run the settlement gateway again."),
    ("condition", "The gateway returns null unless settlement was configured."),
    ("whom_to_ask", "I'll ask @Mei Chen about the settlement gateway."),
    ("decision", "你说网关决定用轮询，因为对账回调会丢"),
    # what was taken for one on real people, in other words
    ("pitfall", "I run the settlement jobs myself and don't use the gateway scripts."),
    ("pitfall", "We argued for a slow gateway, careful, without settlement at night."),
    ("pitfall", "Note that the gateway of the settlement will still have that behaviour."),
    ("condition", "If you restart the gateway you should see the settlement in the log."),
    ("condition", "I would take the gateway for broken only if the settlement was late."),
    ("condition", "In this particular case you should restart the gateway, unless settlement runs."),
    ("decision", "I switched to the old gateway, just because the settlement was on my machine."),
    ("push_back", "Bad idea, because the gateway and the settlement would both run twice."),
    ("push_back", "I'd be very surprised if the gateway needs a settlement, because it has none."),
    ("responsibility", "There is a bug in my package of the settlement gateway."),
    ("responsibility", "I developed the habit of looking at the settlement gateway first."),
    ("boundary", "We don't know enough about the settlement gateway you run."),
    ("standard", "In this case, best practice is to restart the settlement gateway."),
    ("trade_off", "I'd rather see the settlement of the gateway in the log."),
    ("whom_to_ask", "Maybe ask @Mei Chen about the settlement gateway."),
    ("condition", "I need to load the settlement and only when it is there I can start the gateway, don't I."),
    ("condition", "必须先有对账的结果才能有网关的事件"),
    ("pitfall", "You shouldn't be comparing them in the settlement gateway."),
    ("standard", "有些网关和对账系统会这样，要求必须用户触发"),
    ("standard", "网关对账的代码不一样，建议你对比一下"),
    ("trade_off", "The settlement of the gateway is small and I much prefer the way this reads."),
    ("decision", "I had an issue where the settlement was changed to the gateway, because it lost calls, we saw."),
    ("priority", "If you marked the settlement gateway as a priority for us, tell me more."),
    ("decision", "Last time we replaced the gateway of the settlement, because the old one lost calls."),
    ("boundary", "That is fine as long as we don't provide the settlement gateway to others."),
    ("trade_off", "I'd prefer a flag of the settlement gateway if there was one."),
    ("priority", "In the proof of the settlement the gateway should come first."),
    ("condition", "If you add the settlement again, you should be\ngood to go with the gateway."),
    ("decision", "We had problems when we removed the `pay_hook` of the settlement gateway."),
    ("priority", "Let's focus on the log of the settlement gateway."),
    ("responsibility", "I maintain and curate several sets of settlement gateways building either on"),
]


@pytest.mark.parametrize(("aspect", "text"), NOT_SAID)
def test_questions_suppositions_jokes_quotes_and_others_words_are_not_taken(aspect: Aspect, text: str) -> None:
    assert of(aspect, *KNOWN, one(text)) == []


def test_a_sentence_that_points_back_is_shown_with_what_it_points_to() -> None:
    text = "The gateway keeps a settlement lock. It must never be deleted by hand."
    (facet,) = of("standard", *KNOWN, one(text))
    assert facet.citations[0].quote == text


def test_a_sentence_that_points_to_what_somebody_else_said_is_no_statement() -> None:
    assert of("pitfall", *KNOWN, one("That is a known bug of the settlement gateway.")) == []


def test_private_life_and_feelings_about_the_job_are_nobodys_business() -> None:
    """There is no facet for health, mood or loyalty (AI Act 5(1)(f)), and none of another kind is made of them."""
    lines = ("I'm exhausted, never run the settlement gateway with me.", "我请假去医院，网关对账千万不要等我")
    assert found(*(one(text) for text in lines)) == []


def test_a_sentence_about_nothing_the_subject_speaks_of_is_small_talk() -> None:
    assert of("pitfall", one("Never put milk into the second cup.")) == []
