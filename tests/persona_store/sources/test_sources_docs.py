"""What an import may say is explained in docs/sources.md, or this fails."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = [*(ROOT / "persona_store" / "sources").glob("*.py"), ROOT / "persona_store" / "importing.py"]
RULES = [ROOT / "persona_store" / name for name in ("secret_rules.py", "personal_rules.py", "redaction.py")]


def found(pattern: str, files: list[Path]) -> set[str]:
    return {match for file in files for match in re.findall(pattern, file.read_text(encoding="utf-8"))}


def test_every_code_reason_and_kind_is_in_the_docs() -> None:
    said = found(r'Refused\(\s*"([A-Z_]+)"', CODE)
    said |= found(r'dropped\["(\w+)"\]', CODE)
    said |= found(r'return "([a-zA-Z_]+)"', [file for file in CODE if file.stem in ("slack_lines", "documents")])
    said |= found(r'_rule\(\s*"([a-z ]+)"', RULES) | found(r'Span\(\*match.span\(\), "([a-z ]+)"', RULES)
    assert len(said) > 40
    explained = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")))
    assert said - explained == set()
