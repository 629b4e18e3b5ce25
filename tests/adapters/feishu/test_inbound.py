"""Payloads → events. The payloads are as Feishu sends them, with made-up people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.feishu import inbound, wire
from adapters.feishu.inbound import Me, Place, parse, time_of
from adapters.feishu.people import ids_in
from adapters.feishu.typed import read
from adapters.model import Inbound, Person

PAYLOADS = Path(__file__).parent / "payloads"
ME = Me("ou_bot", "cli_fixture0001", "understudy")
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PEOPLE = {
    "ou_ana": Person("feishu", "ou_ana", "Ana", "tenant_1"),
    "ou_lin": Person("feishu", "ou_lin", "Lin", "tenant_1"),
}
FILES = sorted(PAYLOADS.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    return dict(json.loads((PAYLOADS / f"{name}.json").read_text("utf-8")))


def parsed(recorded: Mapping[str, Any]) -> Inbound | None:
    stands = Place(*recorded["stands"]) if "stands" in recorded else None
    return parse(recorded["payload"], ME, NOW, PEOPLE.get, stands)


def at(event: object, path: str) -> object:
    value: object = event
    for name in path.split("."):
        value = getattr(value, name)
    if isinstance(value, Person):
        return value.key
    if isinstance(value, tuple):
        return [item.key if isinstance(item, Person) else item for item in value]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_payload_is_read_as_its_file_says(path: Path) -> None:
    recorded = json.loads(path.read_text("utf-8"))
    expected = recorded["expect"]
    if expected == "ValueError":
        with pytest.raises(ValueError, match="."):
            parsed(recorded)
        return
    event = parsed(recorded)
    if expected is None:
        assert event is None
        return
    assert event is not None
    assert type(event).__name__ == expected.pop("kind")
    assert {name: at(event, name) for name in expected} == expected


@pytest.mark.parametrize(("name", "part"), [("mention", "message.create_time"), ("menu", "timestamp")])
def test_what_comes_late_was_said_when_it_was_said(name: str, part: str) -> None:
    """A redelivery comes hours later, and what was said before something is not said after it."""
    payload = load(name)["payload"]
    *above, last = part.split(".")
    inner = payload["event"]
    for step in above:
        inner = inner[step]
    inner[last] = "1767500000000"
    event = parse(payload, ME, NOW, PEOPLE.get)
    assert event is not None
    assert at(event, "at") == datetime.fromtimestamp(1_767_500_000, UTC)


def test_keys_of_different_kinds_never_meet() -> None:
    """A recall of a message must not be taken for the message."""
    by_key: dict[str, set[str]] = {}
    for path in FILES:
        recorded = json.loads(path.read_text("utf-8"))
        event = None if recorded["expect"] == "ValueError" else parsed(recorded)
        if event is not None:
            by_key.setdefault(event.key, set()).add(type(event).__name__)
    assert all(len(kinds) == 1 for kinds in by_key.values())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1767603600123", 1767603600.123),  # milliseconds, as most events
        ("1767603600123456", 1767603600.123456),  # microseconds, as callbacks
        (1767603600, 1767603600.0),  # seconds, as the menu
        ("", NOW.timestamp()),
        ("soon", NOW.timestamp()),
        ("1e309", NOW.timestamp()),
        ("nan", NOW.timestamp()),
        (-5, NOW.timestamp()),
        (10**30, NOW.timestamp()),
    ],
)
def test_every_unit_of_time_feishu_uses_is_understood(given: object, expected: float) -> None:
    assert time_of(given, NOW).timestamp() == pytest.approx(expected)


def test_only_a_thumb_of_a_person_is_looked_up() -> None:
    """Every other reaction in every chat would else cost a call."""
    assert inbound.reaction_on(load("thumbs_up")["payload"], ME) == "om_9"
    for name in ("heart", "mention", "press", "recalled"):
        assert inbound.reaction_on(load(name)["payload"], ME) == ""


def test_a_change_of_members_or_name_is_told_from_other_events() -> None:
    assert inbound.changed_chat(load("joined")["payload"]) == "oc_2"
    assert inbound.changed_chat(load("unknown_event")["payload"]) == "oc_room"
    assert inbound.changed_chat(load("mention")["payload"]) == ""


@given(st.text(alphabet=st.characters(exclude_characters="\r\u2028\u2029", codec="utf-8"), max_size=200))
def test_typed_text_survives_the_wire(typed: str) -> None:
    """Apart from blanks at the edges of lines and runs of them."""
    bot = {"key": "@_user_1", "id": {"open_id": "ou_bot"}, "name": "understudy"}
    content = json.dumps({"text": f"@_user_1 {typed}"})
    said = read({"message_type": "text", "content": content, "mentions": [bot]}, "ou_bot")
    assert said.addressed
    if "@_" not in typed:
        assert "".join(said.text.split()) == "".join(typed.split())


KEYS = st.sampled_from(["content", "title", "tag", "text", "user_id", "zh_cn", "href"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5), lambda s: st.lists(s) | st.dictionaries(KEYS, s), max_leaves=12
)


@given(ANYTHING)
def test_no_post_whatever_its_shape_is_an_accident(content: object) -> None:
    """Anything at all may be in there: it is read, or is an error of the kinds that are acknowledged."""
    message = {"message_type": "post", "content": json.dumps(content)}
    try:
        read(message, "ou_bot")
    except (AttributeError, KeyError, TypeError, ValueError):
        return


JUNK = st.sampled_from([None, "", "x", 7, -1, True, [], [[]], {}, {"open_id": 7}, ["x"], {"a": {}}])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_whatever_its_shape_is_an_accident(path: Path, data: st.DataObject) -> None:
    """Some part of it is something else than documented: it is read, or is an error that is acknowledged."""
    payload = json.loads(path.read_text("utf-8"))["payload"]
    at: Any = payload
    for _ in range(data.draw(st.integers(1, 5))):
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys)) if keys else None
        if key is None:
            break
        if not isinstance(at[key], dict | list) or not at[key]:
            at[key] = data.draw(JUNK)
            break
        if data.draw(st.booleans()):
            at[key] = data.draw(JUNK)
            break
        at = at[key]
    try:
        event = parse(payload, ME, NOW, PEOPLE.get, Place("oc_room"))
        list(ids_in(payload))
        inbound.callback_value(payload)
        inbound.changed_chat(payload)
        inbound.reaction_on(payload, ME)
        inbound.pressed_card(payload)
    except (AttributeError, KeyError, TypeError, ValueError):
        return
    if event is not None:
        assert isinstance(event.key, str)
        assert msgspec.json.decode(msgspec.json.encode(event), type=type(event)) == event


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b"[1]", b"7", b'"x"', b"{", b"[" * 100_000, b'{"n": ' + b"9" * 5000 + b"}"]
)
def test_what_is_no_object_is_nothing(raw: bytes) -> None:
    assert wire.read(raw) is None


def test_half_a_character_becomes_a_question_mark() -> None:
    """JSON can write one; the store could not, and the event would come again and again."""
    half = json.dumps({"text": "a\ud800b \U0001f600"})
    outer = json.dumps({"content": half, "name": "\udfff"}).encode()
    read_back = wire.read(outer)
    assert read_back is not None
    assert (read_back["name"], wire.read(read_back["content"])) == ("?", {"text": "a?b \U0001f600"})
