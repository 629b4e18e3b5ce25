"""Passages that speak to a machine instead of a colleague: instructions planted in the material (rights.md T02).

A quotation lends its words the persona's authority, and whoever pastes an answer into another assistant carries
them there; and a model that puts answers into words may obey what it reads. So they are neither quoted nor given to
one. A filter of words is a heuristic: what keeps us safe is that nothing in a passage can do more than be shown.
"""

from __future__ import annotations

import re

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,24}\b(?:previous|prior|above|earlier|preceding|all|any|your)\b"
    r".{0,24}\b(?:instructions?|prompts?|rules|guidelines|directives)\b|"
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,8}\b(?:instructions?|prompts?|rules) (?:above|before)\b|"
    r"\b(?:reveal|print|repeat|output|show|leak)\b.{0,24}\b(?:system prompt|your (?:prompt|instructions))|"
    r"\byou are now (?:dan\b|in \w+ mode|an? (?:unrestricted|unfiltered|different|new) |no longer )|"
    r"\b(?:note|message|instructions?) (?:to|for) (?:any |all |the |an )?"
    r"(?:ai|llm|language model|assistant|chatbot)s?\b|"
    r"\b(?:ai|llm|language model|assistant|chatbot)s? (?:reading|processing|summari[sz]ing) this\b|"
    r"(?-i:(?:^|\n|[.!?。！？…]\s*)\W{0,4}(?:SYSTEM|ASSISTANT|DEVELOPER)(?: PROMPT| MESSAGE)?\s*[:：])|"
    r"<\|(?:im_start|im_end|system|endoftext)\|>|\[/?INST\]|<</?SYS>>|</?system>|"
    r"(?:忽略|无视|忘记|忘掉|跳过|不要理会)(?:掉|你)?(?:以上|上述|上面|之前|前面|此前|先前|所有|一切|全部)(?:的)?"
    r"(?:所有|全部|一切|任何)?(?:的)?(?:系统)?(?:指令|规则|提示词?|设定|限制|约束)|"
    r"(?:系统|开发者)(?:提示词?|指令|消息)\s*[:：]|(?:输出|打印|泄露|重复)(?:你的|系统)+(?:提示词?|指令)",
    re.IGNORECASE,
)


def to_machines(text: str) -> bool:
    """Whether a text reads like an instruction to a model."""
    return _ORDER.search(text) is not None
