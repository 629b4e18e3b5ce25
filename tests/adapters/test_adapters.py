"""The table of adapters: each room opens, and a missing library is one line that says what to install."""

from __future__ import annotations

import sys

import pytest

from adapters import ADAPTERS, adapter_module
from adapters.errors import AdapterError


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_room_can_be_opened_and_makes_an_adapter_from_a_config(name: str) -> None:
    room = adapter_module(name)
    assert callable(room.create)
    assert room.Config


def test_an_unknown_name_is_no_adapter() -> None:
    with pytest.raises(KeyError):
        adapter_module("irc")


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each platform's SDK is an extra; without it there is one line and no traceback."""
    for module in [name for name in sys.modules if name.startswith("adapters.slack")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "slack_bolt", None)
    with pytest.raises(AdapterError, match=r"pip install 'understudy\[slack\]'"):
        adapter_module("slack")
