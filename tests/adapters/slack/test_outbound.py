"""Posts rendered within Slack's limits; the local Slack's own checks are the judge of what it would take."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.model import Button, Card, Field, Form, Person, Post, Press, Quote, Thread
from adapters.slack import outbound
from tests.platforms.slack_state import Posted, bad_view, fault_of

LIN = Person("slack", "U2", "Lin")
EVIL = "<!channel> <@U9> <!subteam^S1> <https://evil.example|x> @all ![p](https://evil.example/p) javascript:f()"


def shown(part: dict[str, Any]) -> str:
    return Posted("", "C1", "1", part["text"], part["blocks"]).shown


def elements(node: Any, kind: str) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for child in node for found in elements(child, kind)]
    if not isinstance(node, dict):
        return []
    inner = [found for child in node.values() for found in elements(child, kind)]
    return [node, *inner] if node.get("type") == kind else inner


def a_card(**more: Any) -> Card:
    return Card(**{"text": "Lin approves them.", "label": "AI answer", **more})


def test_a_card_reads_label_title_text_quotes_notes_buttons() -> None:
    card = a_card(
        title="Invoices",
        quotes=(Quote("I approve all of them.", "Lin", "3 May", "#finance", "https://t.slack.example/p1"),),
        notes=("Why: one passage", "Owner: Ana"),
        buttons=(Button("up", "👍", "id-1"), Button("ask", "Ask a human", "id-1", style="primary")),
    )
    (part,) = outbound.messages(Post("k1", card, mention=(LIN,)))
    assert shown(part).split("\n") == [
        "AI answer",
        "Invoices",
        "<@U2> Lin approves them.",
        "I approve all of them.",
        "Lin · 3 May · <https://t.slack.example/p1|#finance>",
        "Why: one passage",
        "Owner: Ana",
        "👍",
        "Ask a human",
    ]
    assert part["metadata"] == {
        "event_type": "understudy_ai",
        "event_payload": {"key": "k1", "part": 1, "of": 1},
    }
    assert [e["user_id"] for e in elements(part["blocks"], "user")] == ["U2"]


def test_the_fallback_text_begins_with_the_label_and_is_never_empty() -> None:
    """It is what a phone's lock screen and a screen reader say."""
    (part,) = outbound.messages(Post("k1", a_card(text=EVIL)))
    assert part["text"].startswith("AI answer\n")
    (bare,) = outbound.messages(Post("k2", Card("", buttons=(Button("up", "👍"),))))
    assert bare["text"]
    assert fault_of(bare) == ""


def test_nothing_in_a_card_calls_links_or_draws() -> None:
    """rights.md T25, T26, in every place a card has."""
    quote = Quote(EVIL, EVIL, EVIL, EVIL, "")
    card = Card(EVIL, EVIL, EVIL, (quote,), (EVIL,), (Button("up", EVIL),))
    (part,) = outbound.messages(Post("k1", card))
    assert elements(part["blocks"], "user") == []
    assert elements(part["blocks"], "link") == []
    assert elements(part["blocks"], "image") == []
    marked = elements(part["blocks"], "mrkdwn")
    assert marked
    assert all("<" not in e["text"] and e["verbatim"] for e in marked)
    assert "<" not in part["text"]
    assert (part["parse"], part["link_names"]) == ("none", False)


def test_only_addresses_of_the_quotes_become_links() -> None:
    card = a_card(
        text="See [it](https://ok.example/1) or [that](https://evil.example).",
        quotes=(
            Quote("x", "Lin", "May", "wiki", "https://ok.example/1"),
            Quote("y", "Lin", "May", "z", "javascript:1"),
        ),
    )
    (part,) = outbound.messages(Post("k1", card))
    assert [e["url"] for e in elements(part["blocks"], "link")] == ["https://ok.example/1"]
    assert "javascript" not in json.dumps(part["blocks"])


def test_the_subset_becomes_structure() -> None:
    text = "**Who**: `lin`\n\n- one\n- two\n1. three\n\n> said\n\n```sql\nselect '<!here>'\n```"
    (part,) = outbound.messages(Post("k1", a_card(text=text)))
    (rich,) = elements(part["blocks"], "rich_text")
    assert [e["type"] for e in rich["elements"]] == [
        "rich_text_section",
        "rich_text_list",
        "rich_text_list",
        "rich_text_quote",
        "rich_text_preformatted",
    ]
    assert rich["elements"][0]["elements"][0] == {"type": "text", "text": "Who", "style": {"bold": True}}
    assert [e["style"] for e in rich["elements"][1:3]] == ["bullet", "ordered"]
    assert rich["elements"][4]["elements"][0]["text"] == "select '<!here>'"


def test_a_long_text_goes_on_below_and_every_part_says_whose_it_is() -> None:
    text = "\n\n".join(f"Paragraph {n}. " + "word " * 60 for n in range(100))
    card = a_card(text=text, quotes=(Quote("q" * 9000, "Lin", "May", "#a"),) * 12, buttons=(Button("up", "👍"),))
    parts = outbound.messages(Post("k1", card))
    assert len(parts) > 2
    assert [fault_of(part) for part in parts] == [""] * len(parts)
    assert all(shown(part).startswith("AI answer") for part in parts)
    assert "Paragraph 99." in shown(parts[-1])
    assert [part["metadata"]["event_payload"] for part in parts] == [
        {"key": "k1", "part": n, "of": len(parts)} for n in range(1, len(parts) + 1)
    ]
    assert [bool(elements(part["blocks"], "actions")) for part in parts] == [True] + [False] * (len(parts) - 1)


def test_a_cut_fence_is_a_fence_in_both_messages() -> None:
    """peers.md S12."""
    code = "```\n" + "\n".join(f"line {n} {'x' * 80}" for n in range(200)) + "\n```"
    parts = outbound.messages(Post("k1", a_card(text=code)))
    assert len(parts) > 1
    assert all(elements(part["blocks"], "rich_text_preformatted") for part in parts)


@settings(max_examples=60)
@given(
    text=st.text(max_size=40).map(lambda t: t * 400),
    label=st.text(max_size=500),
    title=st.text(max_size=300),
    quotes=st.lists(st.text(max_size=3000), max_size=14),
    notes=st.lists(st.text(max_size=2500), max_size=14),
    labels=st.lists(st.text(min_size=1, max_size=120), max_size=30),
)
def test_whatever_a_card_holds_slack_takes_it(
    text: str, label: str, title: str, quotes: list[str], notes: list[str], labels: list[str]
) -> None:
    """peers.md S11: 50 blocks, 3000 a section, 150 a header, 75 a button, 13,200 in all; also for chat.update."""
    card = Card(
        text,
        label,
        title,
        tuple(Quote(q, q[:200], q[:90], q[:200], "https://ok.example/" + "x" * 300) for q in quotes),
        tuple(notes),
        tuple(Button("a", b, b * 40) for b in labels),
    )
    for part in outbound.messages(Post("k", card, mention=(LIN,))):
        assert fault_of(part, update=True) == ""
        assert part["text"]


@pytest.mark.parametrize("kind", ["text", "lines", "person"])
def test_a_form_keeps_to_slacks_limits(kind: str) -> None:
    form = Form(
        "edited", "v" * 200, "T" * 50, "S" * 50, "C" * 50, (Field("f", "L" * 3000, "i" * 9000, kind, "p" * 300),)
    )
    thread = Thread("slack", "C1", "T1", root="1.1")
    view = outbound.modal(form, Press("p", thread, LIN, "edit", "v", datetime.now(UTC), "1.2", trigger="t"))
    assert bad_view(view) == ""
    assert json.loads(view["private_metadata"]) == {
        "action": "edited",
        "value": "v" * 200,
        "chat": "C1",
        "root": "1.1",
        "message": "1.2",
    }
    wanted = "users_select" if kind == "person" else "plain_text_input"
    assert view["blocks"][0]["element"]["type"] == wanted


def test_a_message_of_ours_is_known_by_its_key_alone() -> None:
    (part,) = outbound.messages(Post("k1", a_card()))
    assert outbound.part_of(part, "k1") == (1, 1)
    assert outbound.part_of(part, "k2") == (0, 0)
    assert outbound.part_of({"text": "x"}, "k1") == (0, 0)
    assert outbound.part_of({"metadata": {"event_type": "other", "event_payload": {"key": "k1"}}}, "k1") == (0, 0)
