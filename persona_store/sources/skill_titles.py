"""What a section of a skill is about, by the headings it stands under. Chinese and English titles of all dialects.

Closed lists: in a portrait what no title claims has no facet and is not kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Mode = Literal["work", "portrait", "memory", "whole"]
"""What a text is unless a heading says otherwise: about work; about the person; somebody's memories, of which only
those about work have a facet; or a whole skill, which is about work except where it is about the person."""

WORK, STYLE, DECISIONS = "work_knowledge", "communication_style", "decision_patterns"
ORDERS, NOTHING = "instruction", "no_facet"

_PART = re.compile(r"part\s*([abc])\b\s*[:：]?\s*(.*)", re.IGNORECASE)
_LIFE = re.compile(r"自我|记忆|关系|人生|memor|self|relation", re.IGNORECASE)
_RULES = re.compile(r"运行规则|運行規則|operating rules", re.IGNORECASE)

_ORDERS = re.compile(
    r"layer\s*[06]\b|运行规则|運行規則|行为总原则|行為總原則|工作能力使用说明|system prompt|系统提示|"
    r"operating rules|how to use this skill|^usage(?: guide| notes| instructions)?$|"
    r"^continuity$|^deeper material$|^limits$",
    re.IGNORECASE,
)
# In a text about work these are things one works on: 账号激活流程, guardrails of a model.
_MANNERS = re.compile(
    r"核心性格|硬规则|角色扮演|^(?:激活|触发|使用说明|使用方法)|"
    r"hard rules|general (?:rules|principles)|role[- ]?play|guardrails|never send|^activation",
    re.IGNORECASE,
)
_CORRECTIONS = re.compile(r"corrections?\b|纠正|修正记录", re.IGNORECASE)
_STYLE = re.compile(
    r"layer\s*2\b|表达|口头禅|说话|语气|措辞|会怎么说|如何回答|^voice$|expression|communication style|speaking|"
    r"tone of voice|catch[- ]?phrases?|^interaction\b|sample replies",
    re.IGNORECASE,
)
_DECISIONS = re.compile(
    r"layer\s*[35]\b|决策|判断|优先级|取舍|心智模型|启发式|边界|雷区|如何说.{0,2}不|面对质疑|"
    r"^core truths$|decisions?\b|judge?ment|heuristics?|mental models?|priorities|boundaries|trade-?offs",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"layer\s*[14]\b|身份|性格|人际|关系|价值观|情感|经历与成长|印象|生平|时间线|"
    r"^values?$|identity|personality|interpersonal|relationships?|working with others|impression|^vibe$|about me",
    re.IGNORECASE,
)
_AT_WORK = re.compile(
    r"工作|职业|职责|项目|技术|技能|系统|流程|规范|经验|"
    r"^facts$|^experience|\bwork\b|career|\bprojects?\b|technical|responsibilit|know-?how|workflows?|^scope$",
    re.IGNORECASE,
)


def part(title: str) -> tuple[str, Mode] | None:
    """(letter, mode) where a PART begins; None for any other title. What is pasted into PART A is work, or with the
    siblings somebody's memories."""
    begins = _PART.match(title)
    if not begins:
        return None
    letter = begins[1].lower()
    if letter != "a":
        return letter, "portrait"
    return letter, "memory" if _LIFE.search(begins[2]) else "work"


def ends_parts(title: str) -> bool:
    return _RULES.search(title) is not None


def kind(titles: Sequence[str], mode: Mode) -> str:
    """The facet, ORDERS or NOTHING, for titles from the outermost in. The innermost that says it decides; orders
    win wherever they stand above."""
    if any(_ORDERS.search(title) or (mode != "work" and _MANNERS.search(title)) for title in titles):
        return ORDERS
    if mode == "work":
        return WORK
    below = (
        titles[1:] if mode == "memory" and len(titles) > 1 else titles
    )  # 工作记忆 names a file, not what is in it
    for title in reversed(below):
        if mode != "whole" and _CORRECTIONS.search(title):
            return DECISIONS
        if mode == "memory" and _AT_WORK.search(title):
            return WORK
        if _STYLE.search(title):
            return STYLE
        if _DECISIONS.search(title):
            return DECISIONS
        if _PERSON.search(title):
            return NOTHING
    return WORK if mode == "whole" else NOTHING
