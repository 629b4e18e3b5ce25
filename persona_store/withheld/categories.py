"""One sentence → the categories it belongs to, how surely, and by what it shows that. Pure.

Two lists of cues are read: those of distilling, so that whatever would become a facet of a category is one of its
sentences, and this package's own. Shapes say what a list of words cannot: a name behind "ask", a number behind
"must".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from msgspec import Struct

from persona_store.distill.cues import STRENGTHS, Cues
from persona_store.distill.cues import cues as distilling
from persona_store.distill.scene import LONGEST, Line
from persona_store.model import Passage
from persona_store.withheld.levels import CATEGORIES, Category

STRONG, PLAIN, WEAK = STRENGTHS["strong"], STRENGTHS["plain"], STRENGTHS["weak"]

_DISTILLED: Mapping[str, Category] = {
    "pitfall": "pitfall",
    "whom_to_ask": "people",
    "priority": "judgement",
    "push_back": "judgement",
    "condition": "judgement",
    "trade_off": "judgement",
    "decision": "context",
}
"""Sections of distill/cues.txt."""
_HEADED: Mapping[str, Category] = {
    "heading.pitfall": "pitfall",
    "heading.whom_to_ask": "people",
    "heading.priority": "judgement",
    "heading.decision": "context",
}
_NEEDS: Mapping[str, str] = {
    "pitfall": "directs",
    "condition": "decides",
    "trade_off": "decides",
    "priority": "decides",
    "decision": "reason",
}
"""What a cue of distilling needs beside it to be taken for what it says; alone it is a weak sign."""

_ORDERS = re.compile(
    r"\b(?:must|never|always|has to|have to|at most|at least|no more than|otherwise|only)\b"
    r"|必须|不能|不得|超过|低于|最多|至少|否则|不然|只能|千万|务必",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)?\s?(?:%|[a-zA-Z]+\b|[\u3400-\u9fff])?")
_TURN_TO = re.compile(
    r"\b(?:[Aa]sk|[Pp]ing|[Cc]all|[Mm]ail|[Cc]ontact|(?:[Tt]alk|[Ss]peak|[Ww]rite|[Gg]o) to|[Cc]heck with)\s+"
    r"(?!I\b|The\b|For\b|If\b|It\b|In\b|Me\b)[A-Z][a-z]+\b"
    r"|\b[A-Z][a-z]+ (?:knows|owns|decides|is the (?:real |right )?(?:one|owner|person))\b"
    r"|(?:找|问|联系|请教|咨询|拉上|叫上|抄送)(?:一下|下)?\s?(?:[老小阿][\u3400-\u9fff]|[\u3400-\u9fff]{1,3}(?:哥|姐|总|工|老师|同学|经理|主管))"
    r"|(?:^|[，。；\s])(?:[老小阿][\u3400-\u9fff]|[\u3400-\u9fff]{1,2}(?:哥|姐|总|工))(?:才|最|说了算|拍板|负责|懂|管)"
)
_ITEM = re.compile(r"^\W*\d{1,2}[.)、）]\s*")
_ANY_ORDER = re.compile(r"^(?:first|step 1|1[.)、])|先.{1,20}(?:再|然后)", re.IGNORECASE)
_SYMPTOM = re.compile(
    r"\b(?:alert|alarm|error|log|queue|latency|dashboard|stuck|backlog|restart)\w*\b|告警|报警|日志|积压|队列|延迟|卡住|重启|报错",
    re.IGNORECASE,
)


class Sign(Struct, frozen=True):
    """That a sentence belongs to a category: how surely (STRENGTHS), and which cue or shape says so."""

    category: Category
    strength: float
    reason: str  # `cue`, `heading`, `number`, `name`, `order`, `style`, `mark`: what a person is told, by key


@cache
def cues() -> Cues:
    return Cues(files("persona_store.withheld").joinpath("cues.txt").read_text(encoding="utf-8"))


def signs(line: Line) -> tuple[Sign, ...]:
    """The strongest sign of each category, strongest first. A question asks and tells nothing."""
    found = [*headed(line.passage)]
    if not line.question:
        found += [*_by_cues(line), *_by_shape(line.text)]
    best: dict[Category, Sign] = {}
    for sign in found:
        if sign.category not in best or best[sign.category].strength < sign.strength:
            best[sign.category] = sign
    return tuple(sorted(best.values(), key=lambda sign: (-sign.strength, CATEGORIES.index(sign.category))))


def headed(passage: Passage) -> tuple[Sign, ...]:
    """By what it stands below: everything under a heading belongs where the heading says. How somebody writes, as
    others describe it, is what only they are known for."""
    found = list(under(passage.title)) if passage.title else []
    if passage.facet in ("communication_style", "name_avatar"):
        found.append(Sign("unique", STRONG, "style"))
    return tuple(found)


@lru_cache(maxsize=4096)
def under(title: str) -> tuple[Sign, ...]:
    """What headings, joined by ` › `, say of everything below them."""
    found: set[Category] = set()
    for heading in title.split(" › "):
        shown = distilling().of(heading)
        if "heading.faq" not in shown:  # answers to what everybody asks
            found.update(category for section, category in _HEADED.items() if section in shown)
        found.update(_own(section) for section in cues().of(heading) if section.startswith("heading."))
    return tuple(Sign(category, STRONG, "heading") for category in CATEGORIES if category in found)


def _own(section: str) -> Category:
    name = section.removeprefix("heading.")
    return next(category for category in CATEGORIES if category == name)


def _by_cues(line: Line) -> list[Sign]:
    found = []
    shown = line.shows
    for section, category in _DISTILLED.items():
        strength = shown.get(section, 0.0)
        if not strength or f"{section}_not" in shown:
            continue
        if section in _NEEDS and _NEEDS[section] not in shown and strength < STRONG:
            strength = WEAK
        found.append(Sign(category, strength, "cue"))
    if any(section.startswith("asks_first") for section in shown):
        found.append(Sign("judgement", WEAK, "cue"))
    for section, strength in cues().of(line.text[:LONGEST]).items():
        if not section.startswith("heading."):
            found.append(Sign(_own(section), strength, "cue"))
    return found


def _by_shape(text: str) -> list[Sign]:
    found = []
    if _NUMBER.search(_ITEM.sub("", text)) and _ORDERS.search(text):
        found.append(Sign("pitfall", PLAIN, "number"))
    if _TURN_TO.search(text):
        found.append(Sign("people", STRONG, "name"))
    if _ANY_ORDER.search(text) and _SYMPTOM.search(text):
        found.append(Sign("incident", PLAIN, "order"))
    return found
