"""Language: of the prose, whatever identifiers stand in it."""

from __future__ import annotations

import pytest

from bots.agent.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("付款失败怎么办？", "zh-CN"),
        ("請問退款要多久", "zh-CN"),
        ("E1007 怎么排查", "zh-CN"),
        ("payctl recon rerun 用法", "zh-CN"),
        ("Corvo 的超时时间能不能从 25 秒改短一点？", "zh-CN"),
        ("`def f(x): return x` 报错", "zh-CN"),
        ("How do refunds work?", "en"),
        ("what does 对账 mean in the docs?", "en"),
        ("retry?", "en"),
        ("Is `对账任务` the name?", "en"),
        ("", "en"),
        ("12345 :-)", "en"),
    ],
)
def test_the_language_of_the_prose_counts(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_page_of_anything_is_told_quickly() -> None:
    """Time grows with the length, not its square: this would take minutes otherwise."""
    assert language_of("字" * 2_000_000) == "zh-CN"
    assert language_of("a" * 2_000_000 + " `" * 1000) == "en"
