"""What judges a person is refused; what one works on is not."""

from __future__ import annotations

import pytest

from persona_store.sources.judgements import DEFAMING, JUDGEMENT, judged, tag


@pytest.mark.parametrize(
    "line",
    [
        *(
            "甩锅高手",
            "PUA 高手",
            "职场政治玩家",
            "向上管理专家",
            "阴阳怪气",
            "他爱画大饼",
            "已读不回",
            "冷暴力专家",
        ),
        *(
            "blame-shifter",
            "A gaslighter at heart.",
            "passive-aggressive in reviews",
            "an office politician",
            "slacker",
        ),
    ],
)
def test_what_damages_a_name_is_refused_in_any_text(line: str) -> None:
    assert judged(line, portrait=False) == judged(line, portrait=True) == DEFAMING


@pytest.mark.parametrize("line", ["MBTI 是 INTJ", "典型的 ENFP-T", "摩羯座", "His zodiac sign"])
def test_types_of_people_are_refused_in_any_text(line: str) -> None:
    assert judged(line, portrait=False) == judged(line, portrait=True) == JUDGEMENT


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("他很懒", DEFAMING),
        ("He is lazy.", DEFAMING),
        ("绝不先认自己的责任", DEFAMING),
        ("最近心情不好", JUDGEMENT),
        ("很忠诚", JUDGEMENT),
        ("burned out since May", JUDGEMENT),
        ("a talented engineer", JUDGEMENT),
        ("绩效一般", JUDGEMENT),
    ],
)
def test_more_words_are_judgements_in_a_portrait(line: str, reason: str) -> None:
    assert judged(line, portrait=True) == reason
    assert judged(line, portrait=False) == ""


@pytest.mark.parametrize(
    "line",
    [
        *(
            "缓存要懒加载",
            "Lazy loading hides the first call",
            "绩效系统每天凌晨同步",
            "loyalty points expire in May",
        ),
        *("the friendly name of a host", "INTO the queue", "sentinel mood light API", "健康检查每 5 秒一次"),
    ],
)
def test_what_one_works_on_is_no_judgement(line: str) -> None:
    assert judged(line, portrait=False) == ""


def test_every_label_for_a_person_is_refused() -> None:
    """Also one that nobody listed: it is a label for a person."""
    assert [tag(label) for label in ("甩锅高手", "话少", "INTJ", "字节范", "x")] == [DEFAMING, *[JUDGEMENT] * 4]
