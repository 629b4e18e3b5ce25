"""Asking back at the terminal: what counts as a yes, and that silence is none."""

from __future__ import annotations

import argparse
import os
import pty
import sys
from collections.abc import Callable, Iterator

import pytest

from bots.cli.context import Context
from bots.options import Settings
from persona_store.errors import Refused

Typed = Callable[[str], bool]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """Somebody sits at a real terminal and types a line."""
    terminal, theirs = pty.openpty()
    context = Context(Settings(), argparse.Namespace(), "en")
    with open(theirs, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)

        def answer(line: str) -> bool:
            os.write(terminal, f"{line}\n".encode())
            return context.agreed("consent_sure")

        yield answer
    os.close(terminal)


@pytest.mark.parametrize("line", ["yes", "y", " YES ", "Y", "是", "同意"])
def test_yes_in_either_language(typed: Typed, line: str) -> None:
    assert typed(line)


@pytest.mark.parametrize("line", ["", "no", "n", "yes please", "不同意", "不是", "否"])
def test_anything_else_is_a_no(typed: Typed, line: str) -> None:
    assert not typed(line)


def test_where_nobody_sits_nobody_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is no yes, and the way out is named."""
    with open(os.devnull, encoding="utf-8") as nobody:
        for stdin in (None, nobody):
            monkeypatch.setattr(sys, "stdin", stdin)
            with pytest.raises(Refused, match="add --yes") as refused:
                Context(Settings(), argparse.Namespace(), "en").agreed("consent_sure")
            assert refused.value.code == "NOT_AGREED"
