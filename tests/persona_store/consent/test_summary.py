"""What is read before signing says everything that the record grants."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from msgspec.structs import replace

from persona_store.consent.draft import Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.record import Recipient
from persona_store.consent.summary import WORDS, lines
from persona_store.licence import terms


def told(choices: Choices, now: datetime, language: str = "en", **changes: object) -> str:
    return "\n".join(lines(parse(draft(replace(choices, **changes), now)), language))


def test_every_language_has_every_sentence_with_the_same_gaps() -> None:
    gaps = {
        language: {key: sorted(re.findall(r"{(\w+)}", sentence)) for key, sentence in words.items()}
        for language, words in WORDS.items()
    }
    assert gaps["zh-CN"] == gaps["en"]


@pytest.mark.parametrize("language", ["en", "zh-CN", "fr"])
def test_everything_that_is_granted_is_told(choices: Choices, start: datetime, language: str) -> None:
    text = told(
        choices, start, language, deputy="slack:U2", containers=("C1", "G2"), audiences=("slack:C9", "feishu:oc_1"),
        facets=("work_knowledge", "name_avatar"), excluded_keywords=("salary",), excluded_people=("slack:U3",),
        recipients=(
            Recipient("box", "processor", "CN", 0, False), Recipient("api.example", "processor", "US", 30, False),
        ), uses=("Explain the retry service",), days=10,
        cooling_off_days=7,
    )  # fmt: skip
    for granted in (
        "C1", "G2", "slack:C9", "feishu:oc_1", "work_knowledge", "name_avatar", "salary", "slack:U3",
        "box (CN)", "api.example (US)", "30",
        "Explain the retry service", "slack:U1", "slack:U2", "2026-03-09 09:00", "2026-03-12", "2000-01-01",
    ):  # fmt: skip
        assert granted in text
    assert "communication_style" not in text


def test_what_a_star_stands_for_is_spelt_out(choices: Choices, start: datetime) -> None:
    text = told(choices, start)
    assert "everything the whole team could read" in text
    assert "every group chat of slack" in text
    assert "one-to-one chats with the bot on slack" in text
    assert "*" not in text


def test_whether_replies_are_learnt_is_said_either_way(choices: Choices, start: datetime) -> None:
    assert "Kept as well: the owner's own replies" in told(choices, start)
    assert "replies are not kept" in told(choices, start, learn=False)


def test_it_says_when_there_is_no_cooling_off_and_nobody_else_gets_anything(
    choices: Choices, start: datetime
) -> None:
    text = told(choices, start)
    assert "there is no cooling-off" in text
    assert "nobody outside" in text
    assert "Left out" not in text


def test_the_last_day_is_the_earlier_of_term_and_employment(choices: Choices, start: datetime) -> None:
    assert "after 2026-03-11" in told(choices, start, employment_end=date(2025, 12, 11))


def test_kinds_facets_and_purpose_are_told_in_the_readers_language(choices: Choices, start: datetime) -> None:
    """Who signs reads words, beside the codes that are signed."""
    text = told(choices, start, "zh-CN", sources=("feishu_export", "mail"), facets=("work_knowledge",))
    for words in (
        "飞书消息 (feishu_export)",
        "邮件 (mail)",
        "工作知识 (work_knowledge)",
        "回答同事关于所交接工作的问题",
    ):
        assert words in text
    assert "Answer teammates" not in text


@pytest.mark.parametrize(
    ("typed", "language", "said"),
    [
        ({"model": "none"}, "en", "Use costs nothing"),
        ({"model": "none"}, "zh-CN", "使用不收费"),
        ({"model": "per_call", "price": "0.50"}, "en", "each answer 0.50 CNY, paid to you by acme, globex"),
        ({"model": "per_call", "price": "0.50"}, "zh-CN", "每次回答 0.50 CNY，由 acme、globex 付给你"),
        (
            {"model": "subscription", "price": "500", "currency": "JPY"},
            "en",
            "calendar month that begins 500 JPY",
        ),
        ({"model": "subscription", "price": "500", "currency": "JPY"}, "zh-CN", "每开始一个自然月 500 JPY"),
        ({"model": "revenue_share", "share": "12.5"}, "en", "12.5% of what acme, globex earns with it, in CNY"),
        ({"model": "revenue_share", "share": "12.5"}, "zh-CN", "所得收入的 12.5%（以 CNY 计）"),
    ],
)
def test_what_use_costs_is_said_and_what_happens_when_it_is_not_paid(
    choices: Choices, start: datetime, typed: dict[str, str], language: str, said: str
) -> None:
    paid = typed["model"] != "none"
    licence = terms.terms(**typed, orgs=("acme", "globex") if paid else (), stop_after=12)
    text = told(choices, start, language, licence=licence)
    assert said in text
    overdue = "unpaid for 12 days" if language == "en" else "到期后 12 天仍未支付"
    assert (overdue in text) == paid
