"""The extractive answerer: quotes what answers, says how sure it is, and why."""

from __future__ import annotations

from datetime import datetime

import pytest

from bots.agent.confidence import calibration
from bots.agent.decision import decide
from bots.agent.extractive import ELSEWHERE, ExtractiveAnswerer, ruled
from bots.agent.features import answers_nothing
from bots.agent.grounding import grounded
from bots.agent.language import language_of
from bots.agent.refit import Refit
from bots.model import Draft, Question
from bots.wording import LANGUAGES, say
from persona_store.index import Index
from persona_store.model import Findings, Passage, Readers
from persona_store.search import find
from tests.persona_store.passages import correction, passage


class InMemory:
    """A Retriever over a handful of passages."""

    def __init__(self, *passages: Passage) -> None:
        self._index = Index()
        self._index.add(passages)

    async def search(
        self,
        persona: str,
        text: str,
        *,
        context: str = "",
        readers: Readers,
        as_of: datetime | None = None,
        limit: int = 20,
    ) -> Findings:
        return find(self._index, text, context=context, readers=readers, as_of=as_of, limit=limit)


NOISE = tuple(
    passage(f"n{n}", text)
    for n, text in enumerate(
        (
            "The kitchen is closed on Friday.",
            "发布班车周二、周四发车。",
            "Please rotate the api keys each quarter.",
            "周会改到下午三点了。",
            "The dashboard of the warehouse moved.",
            "新人入职文档在 wiki 首页。",
            "Our staging host sleeps at night.",
            "报销单找小周签字。",
            "Feature flags are removed after 30 days.",
            "数据库迁移要早一班车上线。",
            "Use payctl gw health to see an outage.",
            "灰度从 5% 开始。",
        )
    )
)
RETRY = (
    passage("q", "How many times do we retry a failed card charge?", own=False, thread="t"),
    passage(
        "a",
        "Failed card charges: at most 3 retries, 5 minutes apart. Then the order is cancelled. Ask me if unsure.",
        thread="t",
        minutes=1,
    ),
)


async def ask(text: str, *passages: Passage, context: str = "") -> Draft:
    answerer = ExtractiveAnswerer(InMemory(*NOISE, *passages))
    return await answerer.answer(Question("lin", text, language_of(text), context), readers=None)


async def test_an_answer_is_quoted_from_the_subject_and_grounded() -> None:
    draft = await ask("How many times is a failed card charge retried?", *RETRY)
    assert draft.evidence[0].passage.id == "a"
    assert "at most 3 retries" in draft.quotes[0]
    assert all(grounded(q, e.passage) for q, e in zip(draft.quotes, draft.evidence, strict=True))
    assert draft.ranked_ids[0] == "a"


async def test_a_good_match_is_trusted_and_a_poor_one_is_not() -> None:
    good = await ask("How many times is a failed card charge retried?", *RETRY)
    poor = await ask("How many people in the Lisbon office have a parking card?", *RETRY)
    assert good.confidence > calibration().threshold(0.1) > poor.confidence


async def test_chinese_is_answered_from_chinese() -> None:
    draft = await ask("数据库迁移什么时候上线？")
    assert draft.quotes[0] == "数据库迁移要早一班车上线。"
    assert draft.confidence > 0.4


async def test_nothing_found_is_a_draft_without_evidence() -> None:
    draft = await ask("quantum chromodynamics?", *RETRY)
    assert (draft.evidence, draft.quotes, draft.confidence) == ((), (), 0.0)
    assert draft.why == (("why.unseen", {"words": "quantum, chromodynamics"}),)


async def test_a_non_answer_is_never_quoted() -> None:
    """ "Not sure" stands right below the question, and says nothing."""
    draft = await ask(
        "Where is the Zanzibar ledger?",
        passage("q", "Where is the Zanzibar ledger?", own=False, thread="z"),
        passage("a", "not sure, let me check", thread="z", minutes=1),
    )
    assert "a" not in [e.passage.id for e in draft.evidence]


@pytest.mark.parametrize(
    "text",
    [
        "不知道",
        "我也不太清楚",
        "我看一下",
        "没用过这个",
        "not sure",
        "I don't know",
        "let me check",
        "same here",
        "thanks!",
    ],
)
def test_what_answers_nothing(text: str) -> None:
    assert answers_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "不知道的话就看 wiki 首页，里面写了三步：先登录，再" + "点" * 120,
        "3 times",
        "知道，重启就好",
        "Set it to 3.",
    ],
)
def test_what_answers_something(text: str) -> None:
    assert not answers_nothing(text)


async def test_two_peoples_words_are_never_in_one_quote() -> None:
    draft = await ask(
        "failed card charge",
        *RETRY,
        passage("b", "A failed card charge pages the on-call.", thread="t", minutes=2, author="slack:U1"),
    )
    assert len(draft.quotes) == len(draft.evidence)
    assert not any("How many times" in quote for quote in draft.quotes)


async def test_an_owners_answer_stands_alone_and_is_trusted() -> None:
    taught = correction("c", "How many times do we retry a failed card charge?", "Since May: 4 times.")
    draft = await ask("How many times is a failed card charge retried?", *RETRY, taught)
    assert draft.quotes == ("Since May: 4 times.",)
    assert draft.confidence > 0.8
    assert draft.why == (("why.taught", {"name": "Bo", "date": "2026-03-03"}),)


async def test_a_paraphrase_of_what_was_taught_is_answered_at_the_default_budget() -> None:
    taught = correction("c", "青桥的结算文件用什么编码打开？", "用 GBK 打开，UTF-8 会乱码。")
    asked = "青桥结算文件是什么编码？"
    draft = await ask(asked, taught)
    assert decide(Question("lin", asked, "zh-CN"), draft, budget=0.1).kind == "answer"


async def test_an_episode_without_the_name_asked_about_is_doubted() -> None:
    """Everything fits but the one thing it was about: the near miss."""
    reserve = passage("r", "Corvo keeps back 5 percent of the volume as a reserve.")
    right = await ask("What share of the volume does Corvo keep back as a reserve?", reserve)
    wrong = await ask("What share of the volume does Qingqiao keep back as a reserve?", reserve)
    assert right.features["named_missing"] == 0.0 < 1.0 == wrong.features["named_missing"]
    assert wrong.confidence < ELSEWHERE * right.confidence


async def test_material_in_another_language_is_doubted_and_said_so() -> None:
    mixed = passage("e", "Corvo timeout: the timeout of Corvo is 25 seconds, do not change it.")
    draft = await ask("Corvo 的 timeout 能不能改短一点？", mixed)
    assert draft.evidence[0].passage.id == "e"
    assert draft.confidence < 0.45
    assert ("why.foreign", {}) in draft.why


async def test_contradicting_sources_go_to_a_human() -> None:
    asked = "How many times is a card charge retried?"
    draft = await ask(
        asked,
        passage("one", "A card charge is retried 3 times."),
        passage("two", "A card charge is retried 5 times."),
    )
    assert len(draft.quotes) == 2
    assert decide(Question("lin", asked, "en"), draft, budget=0.3).reason == "conflict"


async def test_a_follow_up_is_read_with_its_thread() -> None:
    draft = await ask("and how often?", *RETRY, context="What happens when a card charge failed?")
    assert draft.evidence[0].passage.id == "a"


async def test_every_reason_can_be_said_in_every_language() -> None:
    """The wording exists with exactly these parameters; the reader sees words, not terms."""
    drafts = [
        await ask(text, *RETRY) for text in ("retry a failed card charge in Lisbon", "灰度 dashboard", "nothing?")
    ]
    reasons = [reason for draft in drafts for reason in draft.why]
    assert {"why.covered", "why.words", "why.unseen"} <= {key for key, _ in reasons}
    for lang in LANGUAGES:
        for key, parameters in [
            *reasons,
            ("why.alone", {}),
            ("why.rivals", {"count": "3"}),
            ("why.foreign", {}),
            ("why.conflict", {}),
            ("why.taught", {"name": "Bo", "date": "2026-03-03"}),
        ]:
            assert say(lang, key, **parameters)


async def test_what_an_owner_answered_is_said_however_careful_feedback_made_the_rest() -> None:
    """A label of a calibrator's draft says nothing about the likeness of two questions."""

    class Careful:
        async def of(self, persona: str) -> Refit:
            return Refit(0.5, -3.0, 40, thresholds=((0.1, 0.99),))

    asked = Question("lin", "How many times is a failed card charge retried?", "en")
    taught = correction("c", "How many times do we retry a failed card charge?", "Since May: 4 times.")
    careful = await ExtractiveAnswerer(InMemory(*NOISE, *RETRY), refits=Careful()).answer(asked, readers=None)
    assert decide(asked, careful, budget=0.1).kind != "answer"
    assert careful.confidence < careful.shipped
    said = await ExtractiveAnswerer(InMemory(*NOISE, *RETRY, taught), refits=Careful()).answer(asked, readers=None)
    assert decide(asked, said, budget=0.1).kind == "answer"


@pytest.mark.parametrize(("talk", "covered", "kept"), [(0.0, 0.45, False), (0.0, 0.5, True), (0.5, 0.45, True)])
def test_documents_that_speak_of_less_than_half_of_the_question_are_trusted_less(
    talk: float, covered: float, kept: bool
) -> None:
    """In a chat an answer need not repeat the question; in a page about something else a neighbour looks alike."""
    assert (ruled(0.9, {"talk": talk, "covered": covered}) == 0.9) is kept


async def test_what_only_asks_back_is_not_quoted_where_the_answer_stands_beside_it() -> None:
    """Of one conversation. Where there is nothing else, the question back is what the persona said."""
    asked = passage("q", "The settlement import fails with a broken header, what now?", own=False, thread="t")
    back = passage("b", "Is it the settlement import with the broken header?", thread="t", minutes=1)
    told = passage("a", "The import needs the header of the settlement in GBK.", thread="t", minutes=2)
    found = await ask(asked.text, asked, back, told)
    assert found.quotes == (told.text,)
    assert (await ask(asked.text, asked, back)).quotes == (back.text,)
