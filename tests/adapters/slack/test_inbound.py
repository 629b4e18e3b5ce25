"""Every payload under payloads/ is read as its file says: `expect` names the event's kind and what must be in it,
or is null where the payload is acknowledged and forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.model import Inbound, Person
from adapters.slack.inbound import Me, action_id, opens_form, parse
from adapters.slack.mrkdwn import read
from adapters.text import escape_mrkdwn

PAYLOADS = Path(__file__).parent / "payloads"
ME = Me("U0BOT", "B0BOT", "T1")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PEOPLE = {
    "U1": Person("slack", "U1", "Ana", "T1"),
    "U2": Person("slack", "U2", "Lin", "T1"),
    "U3": Person("slack", "U3", "Gast", "T1", external=True),
}


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))["payload"])


def at(event: object, path: str) -> object:
    value: object = event
    for name in path.split("."):
        value = getattr(value, name)
    if isinstance(value, Person):
        return value.key
    if isinstance(value, tuple):
        return [item.key if isinstance(item, Person) else item for item in value]
    return value


def parsed(payload: dict[str, Any], people: Mapping[str, Person] = PEOPLE) -> Inbound | None:
    return parse(payload, ME, NOW, people.get)


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_payload_is_read_as_its_file_says(path: Path) -> None:
    recorded = json.loads(path.read_text("utf-8"))
    event, expected = parsed(recorded["payload"]), recorded["expect"]
    if expected is None:
        assert event is None
        return
    assert event is not None
    assert type(event).__name__ == expected.pop("kind")
    assert {name: at(event, name) for name in expected} == expected


def test_twins_and_retries_have_one_key_and_other_messages_another() -> None:
    """S2, S3: two event ids, one message."""
    first, twin = parsed(load("app_mention")), parsed(load("app_mention_twin"))
    other = load("app_mention")
    other["event"]["ts"] = "1515449522.000017"
    another = parsed(other)
    assert first == twin
    assert first is not None
    assert another is not None
    assert first.key != another.key


def test_keys_of_different_kinds_never_meet() -> None:
    """A deletion of a message must not be taken for the message."""
    events = [parsed(load(path.stem)) for path in PAYLOADS.glob("*.json")]
    by_key: dict[str, set[str]] = {}
    for event in events:
        if event is not None:
            by_key.setdefault(event.key, set()).add(type(event).__name__)
    assert all(len(kinds) == 1 for kinds in by_key.values())


def test_a_stranger_is_external_only_while_the_profile_says_nothing_else() -> None:
    """In an Enterprise Grid a colleague's team id differs from ours: the payload alone cannot tell."""
    payload = load("slack_connect")
    known = {**PEOPLE, "U7": Person("slack", "U7", "Kim", "T1")}
    assert at(parsed(payload, known), "author.external") is False
    grid = parse(payload, Me("U0BOT", "B0BOT", "T1", enterprise="E1"), NOW, PEOPLE.get)
    assert at(grid, "author.external") is False


def test_a_press_knows_whether_it_wants_a_form() -> None:
    payload = load("press")
    assert not opens_form(payload)
    payload["actions"][0]["action_id"] = action_id(0, "edit", opens_form=True)
    assert opens_form(payload)
    assert at(parsed(payload), "action") == "edit"
    assert not opens_form(load("app_mention"))


@given(st.text(alphabet=st.characters(exclude_characters="\r", codec="utf-8"), max_size=200))
def test_typed_text_survives_the_wire(typed: str) -> None:
    """What Slack escapes comes back as typed, apart from blanks at the edges of lines and runs of them."""
    said = read(f"<@U0BOT> {escape_mrkdwn(typed)}", "U0BOT", {}.get)
    assert "".join(said.text.split()) == "".join(typed.split())
    if "`" not in typed:
        assert said.addressed
