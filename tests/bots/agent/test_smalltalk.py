"""Small talk: what asks for nothing, in all its wordings; and whatever asks for something stays a question."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.agent.smalltalk import LONGEST, only_talk, reply


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ?? ",
        "👍",
        ":+1:",
        "hello!",
        "Hi Lin Zhou!",
        "hey there",
        "Thank you so much",
        "thanks :slightly_smiling_face:",
        "thanks, that helped a lot!",
        "perfect, thank you Lin",
        "Thanks, Lin!",
        "thank you very much for your help",
        "great, thanks a lot for the detailed answer!",
        "That's exactly what I needed, cheers",
        "thx!! works now",
        "Thanks a lot! Have a nice weekend",
        "how are you?",
        "hey, how's it going?",
        "Good morning! How are you today?",
        "Happy new year everyone",
        "Good morning everyone, hope you are well",
        "See you tomorrow!",
        "are you a bot?",
        "tell me a joke",
        "Write a haiku about databases",
        "你好",
        "早啊，最近忙吗？",
        "在吗？",
        "中午吃什么好？",
        "谢谢啦～",
        "谢谢林舟",
        "太好了，谢谢",
        "好的，明白了",
        "非常感谢您的解答",
        "辛苦了",
        "你是机器人吗",
        "讲个笑话",
        "写一首关于秋天的诗",
        "Hello?",
        "Hi, O'Neil",
        "你好，老李",
        "各位好，大家辛苦了",
        "你帮了我大忙",
        "最近怎么样？",
        "还好吗？",
        "你好，请问",
        "谢谢，已解决",
        "謝謝您的幫忙！",
        "Ｈｅｌｌｏ！",
    ],
)
def test_nothing_is_asked(text: str) -> None:
    assert only_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "thanks, how do I roll back?",
        "Thanks, Redis?",
        "thanks but it still fails",
        "great, and who approves it?",
        "Hi, which key do we use",
        "hi how do i reset",
        "how is it going with the migration",
        "what's up with Corvo",
        "is it done?",
        "Redis?",
        "payments",
        "E1007",
        "ok to deploy on Friday?",
        "works on Windows?",
        "write a song parser",
        "Tell me a joke about cats. How do I roll back?",
        "who are you calling when the primary fails?",
        "new year release freeze",
        "Morning deploys allowed?",
        "你好，怎么退",
        "你好，退款？",
        "谢谢，对账几点跑",
        "明白了，那如果超时呢？",
        "好的命名规范是什么",
        "早班车几点",
        "对账怎么样",
        "收到回调之后做什么",
        "解决办法",
        "写一个诗歌解析函数",
        "thanks, but what about refunds?",
        "Hello. Rollback",
        "Hello\nVPN",
        "hi VPN",
        "Hi, E1007",
        "Hi, Help!",
        "Hello, Human please",
        "Thanks. Redis Cluster",
        "That is it?",
        "Solved?",
        "How is it now?",
        "how good?",
        "你好，退款",
        "你好 限流",
        "您好，报销",
        "你好，查余额",
        "你好，转人工",
        "你好，救命",
        "谢谢，退款呢",
        "晚上好 告警",
        "好评规则",
        "好友上限",
        "感谢信模板",
        "晚安模式",
        "怎么样？",
        "是谁？",
        "解决了？",
        "可以？",
        "没问题？",
    ],
)
def test_something_is_asked(text: str) -> None:
    assert not only_talk(text)


def test_one_question_among_kind_words_is_a_question() -> None:
    assert not only_talk("Hello Lin! Thanks a lot. Which command restarts pay-api? Have a nice day!")


def test_who_writes_at_length_is_never_small_talk() -> None:
    assert only_talk("thanks " * LONGEST)
    assert not only_talk("thanks " * (LONGEST + 1))


@given(st.text(alphabet="hi thanksgodvery,?!'’好谢早啊你吗 A:+", max_size=3000))
def test_whatever_is_written_it_is_judged_at_once(text: str) -> None:
    began = time.process_time()
    only_talk(text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text", ["hi " * 24, "thanks so much again " * 6, "谢谢" * 9000, "A-" * 5000, "that's " * 24]
)
def test_repeating_a_phrase_costs_nothing(text: str) -> None:
    """A pattern of repeated patterns once took minutes over such a message."""
    began = time.process_time()
    only_talk(text)
    assert time.process_time() - began < 0.5


def test_thanks_get_another_reply_than_greetings() -> None:
    assert reply("thanks, that helped a lot!") == reply("太好了，谢谢") == reply("謝謝") == "refused.thanked"
    assert reply("hey, how's it going?") == reply("早上好") == "refused.smalltalk"
