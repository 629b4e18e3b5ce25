"""Skills of each dialect, as their makers lay them out. The folders beside this file are ours and invented; only
their form is that of the others."""

from __future__ import annotations

import os
from pathlib import Path

from persona_store.sources.colleague_skill import ColleagueSkill
from tests.persona_store.sources.office_material import DAY
from tests.persona_store.sources.shapes import Item, Shape

SKILLS = Path(__file__).parent / "skills"
AT = "2026-03-02T09:00:00Z"


def material(dialect: str) -> dict[str, bytes]:
    root = SKILLS / dialect
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()
    }


def opened(path: Path) -> ColleagueSkill:
    for file in [path, *path.rglob("*")]:
        os.utime(file, (DAY.timestamp(), DAY.timestamp()))
    return ColleagueSkill(path)


def item(ident: str, text: str, at: str = AT) -> Item:
    return Item(f"skill:{ident}", text, "", False, at, f"skill:{ident}", None)


def shape(form: str, dialect: str, author: str, *items: Item, **left: int) -> Shape:
    return Shape("Skills", form, material(dialect), opened, items, left, author, "each file", "everybody")


SHAPES = (
    shape(
        "同事.skill, schema 3",
        "colleague",
        "others; nobody named",
        item(
            "linwei/persona.md/communication_style",
            "# 林薇 — Persona\n\n## Layer 2：表达风格\n\n"
            "### 口头禅与高频词\n\n你的口头禅：「先看监控」「灰度了吗」",
        ),
        item(
            "linwei/persona.md/decision_patterns",
            "# 林薇 — Persona\n\n## Layer 3：决策与判断\n\n### 你的优先级\n\n数据 > 排期\n\n"
            "## Layer 5：边界与雷区\n\n- 没有排期的需求不接\n\n"
            "## Correction 记录\n\n- [被催进度] should not 道歉; should 说“灰度里，下午看数据”",
        ),
        item(
            "linwei/work.md",
            "# 林薇 — Work Skill\n\n"
            "## 职责范围\n\n你负责支付网关（pay-gateway）和退款队列。\n- 对账报表不归你，找数据组\n\n"
            "## 技术规范\n\n### 接口设计\n\n"
            "- 回调接口必须验签，验签失败返回 401\n- 重试任务每 15 分钟跑一次，最多 3 次\n\n"
            "## 经验知识库\n\n"
            "- 退款走 refund-slow 队列，银行每秒只收两个请求 [k0012]\n- 缓存要懒加载，启动时不预热",
        ),
        defaming_tag=3,
        personal_judgement=9,
        instruction=4,
        no_facet=2,
        rendered=4,
        old_version=1,
        raw_material=2,
    ),
    shape(
        "colleague-skill, legacy `colleagues/`, English, SKILL.md alone",
        "legacy",
        "others: `author`",
        item(
            "lin/SKILL.md/communication_style", "## Layer 2: Expression\n\nShort sentences, the conclusion first."
        ),
        item(
            "lin/SKILL.md",
            "# Lin — Work Skill\n\n## Responsibilities\n\n"
            "You own the payment gateway. Reports are not yours, ask the data team.\n\n## Lessons\n\n"
            "- Lazy loading hides the first slow call, so warm the cache after a release.\n"
            "- The nightly settlement starts at 03:20 and takes 40 minutes.",
        ),
        defaming_tag=1,
        personal_judgement=1,
        instruction=2,
    ),
    shape(
        "yourself-skill, `selves/`",
        "yourself",
        "others; nobody named",
        item("lin/persona.md/communication_style", "## Layer 2：表达风格\n\n爱用短句。"),
        item("lin/self.md", "# 自我记忆\n\n## 工作经验\n\n发版车周二、周四发，过了十点就等下一班。"),
        personal_judgement=1,
        no_facet=1,
        empty=1,
    ),
    shape("ex-skill, `exes/`", "ex", "–", defaming_tag=1, instruction=1, no_facet=1),
    shape(
        "immortal-skill",
        "immortal",
        "others; nobody named",
        item("lin/SKILL.md", "# Lin\n\nSee procedure.md first."),
        item(
            "lin/procedure.md",
            "# Procedure\n\n- Roll back first when errors pass one percent. `artifact` (runbook, 2026-02-11)\n"
            "- Ask ops before touching the ledger. `verbatim` (chat, 2026-02-12)",
        ),
        personal_judgement=1,
        no_facet=1,
    ),
    shape(
        "nuwa, AgentSkills folder with `references/`",
        "nuwa",
        "others; nobody named",
        item("lin-perspective/SKILL.md/communication_style", "# Lin · 思维操作系统\n\n## 表达DNA\n\n短句。"),
        item(
            "lin-perspective/SKILL.md/decision_patterns",
            "# Lin · 思维操作系统\n\n## 核心心智模型\n\n先问可不可以回滚。\n\n## 诚实边界\n\n不知道就说不知道。",
        ),
        item("lin-perspective/SKILL.md", "# Lin · 思维操作系统\n\n## 对账流程\n\n对账任务每天凌晨 3 点 20 分跑。"),
        item(
            "lin-perspective/references/research/01-writings.md",
            "# Writings\n\nThe refund queue takes two requests a second.",
        ),
        instruction=1,
        no_facet=1,
    ),
    shape(
        "WeClone-Skills",
        "weclone",
        "others; nobody named",
        item("lin/persona_examples.md/communication_style", '# Speaking\n\n"Roll back first, ask later."'),
        item("lin/profile.md", "# Profile\n\n## Work\n\nKeeps the payment gateway."),
        instruction=1,
        no_facet=2,
    ),
    shape(
        "anti-distill, `_cleaned` beside the original",
        "cleaned",
        "others; nobody named",
        item("li/work.md", "# 李 — Work Skill\n\n- 账本服务要注意并发控制"),
        private_backup=1,
        set_aside=2,
    ),
    shape(
        "HybridClaw bundle",
        "hybridclaw",
        "others; claims with their `doc_…`",
        item(
            "maya/state.json/communication_style",
            "# Voice\n\n- Answers with the conclusion first. [doc_0123456789ab]",
        ),
        item(
            "maya/state.json/decision_patterns",
            "# Decisions\n\n- Asks for the customer impact before anything else.",
        ),
        item(
            "maya/state.json",
            "# Experience\n\n- Refund tickets older than 30 days go to finance. [doc_0123456789ab]",
        ),
        item("maya/corpus/doc_0123456789ab", "In December two people are on call.", "2026-01-05T00:00:00Z"),
        item("maya/corpus/doc_00000000000e", "The ticket form is called intake, not desk.", "2026-02-03T00:00:00Z"),
        item(
            "maya/skills/maya-playbook/SKILL.md",
            "# Maya — Work Module\n\n## Workflows\n\n### Escalations [doc_0123456789ab]\n\n"
            "1. Call the customer before noon.",
        ),
        ENCODING=1,
        JSON_BROKEN=1,
        defaming_tag=1,
        duplicate=1,
        instruction=1,
        malformed=4,
        no_facet=2,
        old_version=1,
        other_author=1,
        personal_judgement=1,
        raw_material=1,
        rendered=1,
    ),
)
