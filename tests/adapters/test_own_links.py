"""A page of our own that a card leads to is a link on every platform, and no other address in its words is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from adapters.dingtalk import outbound as dingtalk
from adapters.feishu import outbound as feishu
from adapters.model import Card, Post, Thread
from adapters.slack import outbound as slack

OURS = "https://bot.example/subject#t=abc_-123"
THEIRS = "https://evil.example/x"
CARD = Card(f"[open]({OURS}) or [look]({THEIRS})", label="automatic", links=(OURS,))

SHOWN: dict[str, Callable[[Post], object]] = {
    "slack": slack.messages,
    "feishu": lambda post: feishu.messages(post, Thread("feishu", "oc_1", "t")),
    "dingtalk": lambda post: [part.text for part in dingtalk.parts(post, "")],
}


@pytest.mark.parametrize("platform", SHOWN)
def test_only_our_own_address_is_a_link(platform: str) -> None:
    told = json.dumps(SHOWN[platform](Post("k", CARD)), ensure_ascii=False)
    assert OURS in told
    assert THEIRS not in told
    assert "look" in told


@pytest.mark.parametrize("platform", SHOWN)
def test_without_being_named_it_is_none_either(platform: str) -> None:
    told = json.dumps(SHOWN[platform](Post("k", Card(CARD.text, label="automatic"))), ensure_ascii=False)
    assert OURS not in told
