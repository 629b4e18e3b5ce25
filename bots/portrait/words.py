"""The words of a page: what its parts are called, dates as people write them, and strangers' text made plain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from bots.wording import say
from persona_store.distill.model import Aspect, By, Gap, Status
from persona_store.hidden_text import reveal

ASPECTS: Mapping[Aspect, str] = {
    "answer": "portrait.answer",
    "workflow": "portrait.workflow",
    "decision": "portrait.decision",
    "pitfall": "portrait.pitfall",
    "standard": "portrait.standard",
    "responsibility": "portrait.responsibility",
    "boundary": "portrait.boundary",
    "system": "portrait.system",
    "term": "portrait.term",
    "whom_to_ask": "portrait.whom_to_ask",
    "priority": "portrait.priority",
    "push_back": "portrait.push_back",
    "condition": "portrait.condition",
    "trade_off": "portrait.trade_off",
    "asks_first": "portrait.asks_first",
    "length": "portrait.length",
    "openings": "portrait.openings",
    "phrases": "portrait.phrases",
    "punctuation": "portrait.punctuation",
    "emoji": "portrait.emoji",
    "languages": "portrait.languages",
    "shapes": "portrait.shapes",
}
"""Aspect → the key of its heading, in the order of the page. Name and avatar stand on top, with who this is."""

STATUSES: Mapping[Status, str] = {
    "standing": "portrait.is_standing",
    "single": "portrait.is_single",
    "stale": "portrait.is_stale",
    "conflicting": "portrait.is_conflicting",
    "superseded": "portrait.is_superseded",
}
BY: Mapping[By, str] = {
    "rules": "portrait.by_rules",
    "model": "portrait.by_model",
    "interview": "portrait.by_interview",
    "correction": "portrait.by_correction",
    "description": "portrait.by_description",
}
ONE_BY: Mapping[By, str] = {
    "model": "portrait.one_by_model",
    "interview": "portrait.one_by_interview",
    "correction": "portrait.one_by_correction",
    "description": "portrait.one_by_description",
}
SOURCES: Mapping[str, str] = {
    "slack_export": "portrait.source_slack",
    "feishu_export": "portrait.source_feishu",
    "feishu_api": "portrait.source_feishu_api",
    "dingtalk_export": "portrait.source_dingtalk",
    "dingtalk_api": "portrait.source_dingtalk_api",
    "wechat_export": "portrait.source_wechat",
    "wecom_export": "portrait.source_wecom",
    "qq_export": "portrait.source_qq",
    "telegram_export": "portrait.source_telegram",
    "mail": "portrait.source_mail",
    "doc": "portrait.source_doc",
    "screenshot": "portrait.source_screenshot",
    "self_written": "portrait.source_self_written",
    "interview": "portrait.source_interview",
    "description": "portrait.source_description",
    "imported_skill": "portrait.source_imported_skill",
}
GAPS: Mapping[str, str] = {
    "unanswered": "portrait.gap_unanswered",
    "unsure": "portrait.gap_unsure",
    "thin": "portrait.gap_thin",
    "stale": "portrait.gap_stale",
    "conflicting": "portrait.gap_conflicting",
    "missing": "portrait.gap_missing",
}


def gap_topic(gap: Gap, lang: str) -> str:
    """What a gap is about; where there is nothing of one aspect, what that aspect is called."""
    if gap.reason == "missing":
        return next((say(lang, key) for aspect, key in ASPECTS.items() if aspect == gap.topic), gap.topic)
    return gap.topic


_NO_PART = re.compile(r"[^!#$%&'*+,\-./0-9:;=?@A-Z_a-z~]")
_GAP = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """What somebody wrote, without what steers a screen instead of being read, and with one empty line at most."""
    seen, _ = reveal(text)
    lines = "\n".join(line.expandtabs(4).rstrip() for line in seen.splitlines())
    return _GAP.sub("\n\n", lines).strip("\n")


def one_line(text: str, most: int) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def clipped(text: str, most: int) -> str:
    told = plain(text)
    return told if len(told) <= most else told[: most - 1].rstrip() + "…"


def address(url: str) -> str:
    """A web address as it may stand in a file: nothing but http(s), and nothing in it that is no part of one
    (RFC 3986). "" if it is something else."""
    return _NO_PART.sub(_percent, url) if url.startswith(("https://", "http://")) else ""


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode(errors="replace"))


def day(at: date | datetime, lang: str) -> str:
    return say(lang, "portrait.day", day=at.day, month=_month(at.month, lang), year=at.year)


def month(year: int, number: int, lang: str) -> str:
    return say(lang, "portrait.month", month=_month(number, lang), year=year)


def _month(number: int, lang: str) -> str:
    return say(lang, "portrait.months").split()[number - 1]


def source(kind: str, lang: str) -> str:
    """What a source is called; one that nobody wrote words for is called by its code."""
    return say(lang, SOURCES[kind]) if kind in SOURCES else one_line(kind, 40)


def number(count: int) -> str:
    return f"{count:,}"


def listed(words: Iterable[str], lang: str) -> str:
    return say(lang, "portrait.between").join(words)
