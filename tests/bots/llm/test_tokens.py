"""About how many tokens a text is: compared with what real tokenisers counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.llm.tokens import estimate

COUNTED: dict[str, tuple[str, tuple[int, int, int]]] = {
    "english": (
        (
            "We moved the payment retry job to the new scheduler last Tuesday. It r"
            "uns every 15 minutes and gives up after three attempts; whoever is on "
            "call gets a page only if the queue holds more than two hundred items. "
            "If the bank answers with a timeout, do not restart the worker, because"
            " it would send the refund twice."
        ),
        (67, 67, 66),
    ),
    "chinese": (
        (
            "支付重试任务上周二迁移到了新的调度系统。现在每十五分钟运行一次，失败三次以后放弃；只有当队"
            "列里超过两百条的时候，值班的同事才会收到告警。如果银行返回超时，不要重启进程，否则退款会被"
            "重复发送一次。"
        ),
        (57, 61, 69),
    ),
    "traditional": (
        (
            "上線前請先在測試環境跑一次 migration，確認 schema 版本是 2026.11"
            "，然後在 #release 頻道通知大家。設定檔在 deploy/helm/values-"
            "prod.yaml，密碼由維運同事保管。"
        ),
        (52, 57, 58),
    ),
    "code": (
        (
            "def retry(job: Job, attempts: int = 3) -> bool:\n    for number in rang"
            "e(attempts):\n        try:\n            return job.run(timeout=30.0)\n   "
            '     except TransientError as error:\n            log.warning("attempt '
            '%d failed", number)\n    return False\n'
        ),
        (65, 61, 61),
    ),
    "figures": (
        (
            "2026-03-02 09:14:07 ERROR payments.worker: refund 48213 failed (HTTP 5"
            "04, 30002 ms), next try at 09:29:07\n2026-03-02 09:14:08 INFO payments."
            "worker: queue=refund-slow waiting=37 oldest=412s"
        ),
        (72, 97, 69),
    ),
    "json": (
        (
            '{"text": "退款走 refund-slow 队列，银行每秒只接受两个请求。", "'
            'cites": ["m1", "C012/1709370000.000100"], "n"'
            ": 2}"
        ),
        (46, 61, 48),
    ),
}
"""Texts with what DeepSeek-V4, Qwen3 and o200k make of them (their own tokenisers, 2026-11)."""


@pytest.mark.parametrize("name", COUNTED)
def test_it_is_near_what_three_tokenisers_count(name: str) -> None:
    text, counts = COUNTED[name]
    assert all(abs(estimate(text) / count - 1) <= 0.33 for count in counts)  # they are as far from each other
    assert abs(estimate(text) / (sum(counts) / 3) - 1) <= 0.2


def test_nothing_is_nothing() -> None:
    assert estimate("") == 0


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    """So that a budget cannot be got round by adding to a prompt."""
    assert estimate(one + "\n" + other) >= max(estimate(one), estimate(other))
