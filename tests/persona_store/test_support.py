"""What stands in a text: quotes letter by letter, and the facts and words of a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_store.support import SHORTEST_QUOTE, facts, negated, support, verbatim

TOLD = "The payment-retry job runs every 15 minutes, never retry a “refund”."


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ('never retry a "refund"', "never retry a “refund”"),
        ("“never  retry\na refund”", None),
        ("never   retry\na “refund”", "never retry a “refund”"),
        ("NEVER retry a “refund”", None),
        ("“The payment-retry job”", "The payment-retry job"),
    ],
)
def test_blanks_and_quotation_marks_are_forgiven_and_nothing_else(quote: str, found: str | None) -> None:
    assert verbatim(quote, TOLD) == found


@given(text=st.text(max_size=60), start=st.integers(0, 60), length=st.integers(1, 60))
def test_a_quote_is_always_a_stretch_of_the_text(text: str, start: int, length: int) -> None:
    found = verbatim(text[start : start + length], text)
    assert found is None or found in text


@given(text=st.text(alphabet="ab １２“\n", min_size=8, max_size=40))
def test_the_text_itself_is_always_found(text: str) -> None:
    if len(text.strip("\"'“”‘’「」 \n")) >= SHORTEST_QUOTE:
        assert verbatim(text, text) is not None


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("It runs every 15 minutes.", "The job runs every 15 minutes"),
        ("It gives up after three attempts.", "It gives up after 3 attempts."),
        ("It gives up after 3 attempts.", "It gives up after three attempts."),
        ("Refunds above 5,000 wait.", "Refunds above 5000 wait until noon."),
        ("Refunds above 5000 wait.", "refunds above 5,000 wait"),
        ("任务重试三次。", "任务最多重试 3 次"),
        ("任务十五分钟跑一次。", "任务 15 分钟跑一次"),
        ("二十个任务。", "共有 20 个任务"),
        ("Run `payctl gw health`.", "then run payctl gw health, please"),
        ("It listens on pay_db-02.", "PAY_DB-02 is where it listens"),
        ("Ｖ２ of the API is used.", "we use v2 of the API"),
    ],
)
def test_facts_stand_there_however_numbers_are_written(sentence: str, source: str) -> None:
    assert support(sentence, source) > 0.5


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("It runs every 30 minutes.", "The job runs every 15 minutes"),
        ("It runs every 5 minutes.", "The job runs every 15 minutes"),
        ("It waits 2 minutes.", "It waits 2.5 minutes"),
        ("It waits 5 minutes.", "It waits 2.5 minutes"),
        ("Version v2 waits.", "Version v2.1 waits"),
        ("It gives up after five attempts.", "It gives up after 3 attempts."),
        ("任务重试五次。", "任务最多重试 3 次"),
        ("任务十二分钟跑一次。", "任务 15 分钟跑一次"),
        ("It listens on pay_db-03.", "PAY_DB-02 is where it listens"),
        ("Run `payctl gw drop`.", "then run payctl gw health, please"),
        ("The SLA holds.", "The agreement holds"),
        ("!?", "anything"),
    ],
)
def test_a_fact_that_does_not_stand_there_is_no_support(sentence: str, source: str) -> None:
    assert support(sentence, source) == 0


def test_support_is_the_share_of_what_it_speaks_of() -> None:
    assert support("Kafka partitions rebalance.", "the partitions grow") == pytest.approx(1 / 3)


def test_facts_are_what_may_not_be_put_in_other_words() -> None:
    assert facts("Run `x -y` on pay_db-02 at 3:20, see API v2.") == ["x -y", "pay_db-02", "3:20", "API", "v2"]
    assert facts("it is quick") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Never retry it.", True),
        ("It can't be retried.", True),
        ("There are no retries.", True),
        ("Not without a second approver.", False),
        ("Retry it now, note the number.", False),
        ("周五不发布。", True),
        ("没有重试", True),
        ("别重试", True),
        ("不过要特别注意未来的级别，差不多就行", False),
        ("无论如何都要重试，没问题", False),
        ("是不是要重试", False),
        ("Retry it no more than 3 times, not later than noon.", False),
        ("Retry it no more.", True),
        ("重试不超过 3 次，间隔不低于 5 分钟", False),
    ],
)
def test_whether_something_is_said_not_to_be(text: str, expected: bool) -> None:
    assert negated(text) is expected
