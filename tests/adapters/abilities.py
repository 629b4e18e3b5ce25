"""docs/adapters/abilities.md: which ability works on which platform, read off the harnesses that the contract suite
tries. `python -m tests.adapters.abilities` writes it anew; tests/test_docs.py compares."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.adapters.contract import ABILITIES, discovered

PAGE = Path(__file__).parents[2] / "docs" / "adapters" / "abilities.md"
HEAD = """# What works where

Made from the contract suite (`python -m tests.adapters.abilities`): every ✓ is a law of
`tests/adapters/test_contract.py` that holds over that platform's real wire protocol, with every permission granted.
So on Feishu a follow-up without @ needs the optional `im:message.group_msg`, and on DingTalk who reads along is
known only in groups that were made from the app's own template. A number leads to the reason below.

"""


async def lacking() -> dict[str, Mapping[str, str]]:
    """What each harness says its platform has not got. The scripted fake is no platform."""
    found: dict[str, Mapping[str, str]] = {}
    for name, open_harness in sorted(discovered().items()):
        if name != "scripted":
            async with open_harness() as harness:
                found[name] = dict(harness.lacks)
    return found


def page(found: Mapping[str, Mapping[str, str]]) -> str:
    reasons: list[str] = []
    rows = [f"| | {' | '.join(found)} |", "|---|" + ":-:|" * len(found)]
    for ability, words in ABILITIES.items():
        cells = list(_cells(ability, found, reasons))
        rows.append(f"| {words} | {' | '.join(cells)} |")
    notes = "\n".join(f"{number}. {reason}" for number, reason in enumerate(reasons, 1))
    return HEAD + "\n".join(rows) + "\n\n" + notes + "\n"


def _cells(ability: str, found: Mapping[str, Mapping[str, str]], reasons: list[str]) -> Iterator[str]:
    for lacks in found.values():
        reason = lacks.get(ability)
        if reason is None:
            yield "✓"
            continue
        if reason not in reasons:
            reasons.append(reason)
        yield f"– ({reasons.index(reason) + 1})"


if __name__ == "__main__":
    PAGE.write_text(page(asyncio.run(lacking())), encoding="utf-8")
