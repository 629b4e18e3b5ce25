import pytest

from bots.questions import is_answer, looks_like_question, same_question


@pytest.mark.parametrize("text", ["why?", "and who approves that", "谁来审批", "这个能改吗", "how long"])
def test_reads_like_a_question(text: str) -> None:
    assert looks_like_question(text)


@pytest.mark.parametrize("text", ["thanks", "deployed it", "好的", "I'll try", "已经发布了"])
def test_reads_like_no_question(text: str) -> None:
    assert not looks_like_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'll look",
        "I’ll check later",
        "let me check",
        "ok",
        "👍",
        "on it!",
        "稍等",
        "我看看",
        "好的，",
        "明天看",
        "one sec",
        "收到。",
        " ",
    ],
)
def test_a_promise_is_no_answer(text: str) -> None:
    """E7: what only promises must not be relayed as the answer."""
    assert not is_answer(text)


@pytest.mark.parametrize(
    "text",
    ["yes, since May", "Four hours.", "看 wiki 的退款页", "好的话用 v2，不行就回滚", "Let me check: yes, v2", "5"],
)
def test_words_that_say_something_are_an_answer(text: str) -> None:
    assert is_answer(text)


def test_two_wordings_of_one_question_are_the_same() -> None:
    one = frozenset(("sla", "promis", "lisbon", "warehouse"))
    assert same_question(one, frozenset(("sla", "promis", "lisbon", "warehouse", "again")))
    assert not same_question(one, frozenset(("badge", "printer", "lisbon")))
    assert not same_question(one, frozenset())


@pytest.mark.parametrize("text", ["hi", "Good morning!", "你好", "在的", "早上好"])
def test_a_greeting_answers_nothing(text: str) -> None:
    assert not is_answer(text)


@pytest.mark.parametrize("text", ["tell me about refunds", "Show the retries", "介绍一下退款流程", "告诉我在哪"])
def test_a_request_reads_like_a_question(text: str) -> None:
    """So an owner's request in a direct chat is never relayed as an answer."""
    assert looks_like_question(text)
