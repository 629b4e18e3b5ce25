"""Does this read like a question? Pure, cheap, zh and en: decides who gets bothered, never what is answered."""

from __future__ import annotations

import re

_ASKING = re.compile(
    r"[?？]|"
    r"^\s*(and |so |but |ok,? |then )?"
    r"(who|what|when|where|which|why|how|is|are|was|were|do|does|did|can|could|should|would|will|has|have|any|"
    r"what's|who's|how's|where's)\b|"
    r"^\s*(please )?(tell|show|remind|explain|describe|list)\b|"
    r"(吗|么|呢|谁|什么|啥|怎么|怎样|如何|为什么|为啥|哪|几|多少|是否|能不能|可不可以|有没有|要不要|是不是|请问|告诉我|介绍一?下|说说|讲讲)",
    re.IGNORECASE,
)
# The whole of the words is one of these: a promise, a thank-you or a greeting, not an answer.
_PROMISE = re.compile(
    r"^(hi|hello|hey|good (morning|afternoon|evening)|你好|您好|早(上好|安)?|在的?|"
    r"ok(ay)?|sure|yes|yep|thanks?|thx|got it|noted|on it|looking( into it)?|later|will do|brb|hm+|hold on|"
    r"checking|let me (check|look|see|think)( .{0,30})?|"
    r"i('|’)?(ll| will) (check|look|have a look|take a look|get back|see|find out|ask)( .{0,40})?|"
    r"(give|gimme) me .{0,20}|(one|just a) (sec(ond)?|moment|minute)|"
    r"好的?|嗯+|收到|行|可以|了解|谢谢|知道了|在看了?|稍等.{0,10}|等一?下.{0,8}|等会儿?.{0,8}|"
    r"我?(先|来|去)?(看看|查查|看一?下|查一?下|问问|问一?下|确认一?下|想想)[^，,]{0,12}|"
    r"马上(看|查)?.{0,6}|回头.{0,10}|晚点.{0,10}|明天.{0,4}(看|查|回|说).{0,6})$",
    re.IGNORECASE,
)


def looks_like_question(text: str) -> bool:
    """Generous on purpose where a follow-up or an owner's words are told apart."""
    return bool(_ASKING.search(text.strip()))


def is_answer(text: str) -> bool:
    """Whether an owner's words answer anything: "I'll look" does not (peers.md E7)."""
    said = text.strip().strip("👀👍🙏✅ ").rstrip("。.!！~～…，,").strip()
    return bool(said) and _PROMISE.match(said) is None


def same_question(one: frozenset[str], other: frozenset[str]) -> bool:
    """Two wordings of one question: nearly all content words shared."""
    if not one or not other:
        return False
    shared = len(one & other)
    return shared >= 0.8 * min(len(one), len(other)) and shared >= 0.6 * max(len(one), len(other))
