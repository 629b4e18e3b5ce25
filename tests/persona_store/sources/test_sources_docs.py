"""What an import may say is explained in docs/sources.md, or this fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bots.cli.importing import reason_of

ROOT = Path(__file__).parents[3]
CODE = [*(ROOT / "persona_store" / "sources").glob("*.py"), ROOT / "persona_store" / "importing.py"]
RULES = [ROOT / "persona_store" / name for name in ("secret_rules.py", "personal_rules.py", "redaction.py")]
STEMS = (
    "screenshots",
    *("wechat_lines", "wecom_lines", "qq_lines", "telegram_lines", "chat_headed"),
    *("slack_lines", "feishu_lines", "dingtalk_lines", "chat_txt", "documents", "mail", "mail_signs"),
)
"""Files in which what is returned as a plain word is a reason."""


def found(pattern: str, files: list[Path]) -> set[str]:
    return {match for file in files for match in re.findall(pattern, file.read_text(encoding="utf-8"))}


def test_every_code_reason_and_kind_is_in_the_docs() -> None:
    said = found(r'Refused\(\s*"([A-Z_]+)"', CODE)
    said |= found(r'dropped\["(\w+)"\]', CODE)
    said |= found(r'return "([a-zA-Z_]+)"', [file for file in CODE if file.stem in STEMS])
    said |= found(r'yield (?:reason or )?"([a-zA-Z_]+)"', [file for file in CODE if file.stem in STEMS])
    said |= found(r'left\["(\w+)"\]', CODE) | found(r'left=\{"(\w+)"', CODE)
    said |= found(r'_rule\(\s*"([a-z ]+)"', RULES) | found(r'Span\(\*match.span\(\), "([a-z ]+)"', RULES)
    assert len(said) > 40
    explained = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")))
    assert said - explained == set()


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_every_reason_of_the_report_has_words(lang: str) -> None:
    """In the table of reasons each stands as a code; on the terminal nobody should meet one."""
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    table = page.partition("## Reasons in the report")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.split("\n") if line.startswith("| `")]
    reasons = {code for cell in cells for code in re.findall(r"`(\w+)`", cell)} - {"CONSENT_"}
    assert len(reasons) > 40
    assert [code for code in sorted(reasons) if reason_of(lang, code) == code] == []
