"""The table of adapters: each room opens, and a missing library is one line that says what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapters import ADAPTERS, adapter_module

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_room_can_be_opened_and_makes_an_adapter_from_a_config(name: str) -> None:
    room = adapter_module(name)
    assert callable(room.create)
    assert room.Config


def test_an_unknown_name_is_no_adapter() -> None:
    with pytest.raises(KeyError):
        adapter_module("irc")


def test_a_missing_library_names_the_extra() -> None:
    """Each platform's SDK is an extra; without it there is one line and no traceback. (In a process of its own,
    where nothing has been imported before.)"""
    code = "import sys; sys.modules['slack_bolt'] = None\nfrom adapters import *\n" + (
        "try: adapter_module('slack')\nexcept AdapterError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert said.stdout == "slack: needs slack_bolt · pip install 'understudy[slack]'\n", said.stderr
