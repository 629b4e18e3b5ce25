"""What categories, levels and sides of a preview are called, and the preview as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bots.withheld.preview import Preview, Side
from bots.wording import say
from persona_store.model import Persona
from persona_store.withheld.backup import Backup, markdown
from persona_store.withheld.levels import CATEGORIES, LEVELS, Category, Level, Rule
from persona_store.withheld.sweep import Plan

KINDS: Mapping[str, str] = {
    "pitfall": "withhold.pitfall",
    "incident": "withhold.incident",
    "judgement": "withhold.judgement",
    "people": "withhold.people",
    "context": "withhold.context",
    "unique": "withhold.unique",
    "item": "withhold.item",
}
_LEVELS: Mapping[Level, str] = {
    "light": "withhold.light",
    "medium": "withhold.medium",
    "heavy": "withhold.heavy",
}
_CATEGORY_WORDS: Mapping[str, Category] = {
    **{category: category for category in CATEGORIES},
    **dict.fromkeys(("pitfalls", "坑", "踩坑", "踩坑经验"), "pitfall"),
    **dict.fromkeys(("incidents", "故障", "事故", "故障记忆"), "incident"),
    **dict.fromkeys(("judgment", "heuristics", "判断", "判断直觉"), "judgement"),
    **dict.fromkeys(("network", "people network", "人脉", "人际"), "people"),
    **dict.fromkeys(("implicit", "background", "背景", "隐性背景"), "context"),
    **dict.fromkeys(("behaviour", "behavior", "独特", "个人风格"), "unique"),
}
_LEVEL_WORDS: Mapping[str, Level] = {
    **{level: level for level in LEVELS},
    **{"轻": "light", "轻度": "light", "中": "medium", "中度": "medium", "重": "heavy", "重度": "heavy"},
}
QUOTED = 3  # lines of an answer that are shown in words


def category_of(word: str) -> Category | None:
    return _CATEGORY_WORDS.get(word.strip().casefold())


def level_of(word: str) -> Level | None:
    return _LEVEL_WORDS.get(word.strip().casefold())


def kind(name: str, lang: str) -> str:
    return say(lang, KINDS[name])


def level(name: Level, lang: str) -> str:
    return say(lang, _LEVELS[name])


def ruled(rule: Rule, lang: str) -> list[str]:
    """One line for each category of the rule."""
    return [f"{kind(each, lang)}: {level(rule.levels[each], lang)}" for each in CATEGORIES if each in rule.levels]


def counted(counts: Mapping[str, int], lang: str) -> list[str]:
    return [
        say(lang, "withhold.counted", what=kind(each, lang), count=str(counts[each]))
        for each in KINDS
        if each in counts
    ]


def lead(plan: Plan, lang: str) -> str:
    return say(
        lang,
        "withhold.lead",
        sentences=str(sum(plan.counts.values())),
        passages=str(len(plan.changes)),
        gone=str(plan.whole),
        own=str(plan.own),
    )


def side(said: Side, lang: str) -> str:
    """What is done where nothing is quoted; "" where something is."""
    if said.kind == "answer":
        return ""
    if said.reason.startswith("withheld"):
        return say(lang, "withhold.says_kept_back")
    return say(lang, "withhold.says_nothing" if said.kind == "decline" else "withhold.asks_owner")


def text(shown: Preview, persona: Persona, lang: str) -> str:
    """The preview for a terminal or a chat."""
    plan = shown.plan
    parts = [say(lang, "withhold.title", name=persona.display_name), lead(plan, lang)]
    if plan.counts:
        parts.append("\n".join(f"- {each}" for each in counted(plan.counts, lang)))
    parts += [_pair(pair.question, pair.before, pair.after, lang) for pair in shown.pairs if not pair.same]
    same = sum(pair.same for pair in shown.pairs)
    if same:
        parts.append(say(lang, "withhold.same_count", count=str(same)))
    return "\n\n".join(parts)


def _pair(question: str, before: Side, after: Side, lang: str) -> str:
    return "\n".join(
        [
            f"? {question}",
            *_told(say(lang, "withhold.before"), before, lang),
            *_told(say(lang, "withhold.after"), after, lang),
        ]
    )


def _told(when: str, said: Side, lang: str) -> Iterator[str]:
    lines = [side(said, lang)] if said.kind != "answer" else [" ".join(quote.split()) for quote in said.quotes]
    for line in lines[:QUOTED]:
        yield f"  {when}: {line}"


def backup_of(persona: Persona, kept: Backup, lang: str) -> str:
    """The readable half of a private backup."""
    titles = {"": say(lang, "withhold.backup_title", name=persona.display_name)}
    titles |= {each: kind(each, lang) for each in KINDS}
    return markdown(kept, titles, say(lang, "withhold.backup_lead"), say(lang, "withhold.backup_nothing"))
