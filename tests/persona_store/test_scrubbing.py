"""Secrets spread over several messages of one author (T12), and a stream that loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.model import Document
from persona_store.scrubbing import BATCH, MOST_HELD, REACH, Scrubber

START = datetime(2026, 3, 2, tzinfo=UTC)


def document(number: int, author: str, text: str, container: str = "C1") -> Document:
    return Document(
        id=f"{container}/{number}",
        source="slack_export",
        container=container,
        container_name=container,
        thread="t",
        author=author,
        author_name=author,
        by_subject=author == "lin",
        at=START + timedelta(seconds=number),
        text=text,
    )


def scrub(said: Sequence[tuple[str, str]]) -> tuple[list[str], dict[str, int]]:
    scrubber = Scrubber()
    found = [
        clean.text
        for number, (author, text) in enumerate(said)
        for clean in scrubber.push(document(number, author, text))
    ]
    found += [clean.text for clean in scrubber.flush()]
    return found, dict(scrubber.removed)


KEY = "[removed: access key]"


def test_imp_19_a_key_in_two_messages_is_gone_from_both() -> None:
    texts, removed = scrub([("lin", "here: AKIA"), ("lin", "IOSFODNN7EXAMPLE use it")])
    assert texts == ["here: " + KEY, KEY + " use it"]
    assert removed == {"access key": 1}


@pytest.mark.parametrize("between", range(REACH))
def test_others_may_speak_in_between_and_the_author_up_to_three_times(between: int) -> None:
    middle = ["IOS", "FOD"][:between]
    parts = ["AKIA", *middle, "IOSFODNN7EXAMPLE".removeprefix("".join(middle))]
    said = [line for part in parts for line in (("lin", part), ("bob", "what?"))]
    assert scrub(said) == ([KEY, "what?"] * len(parts), {"access key": 1})


def test_parts_by_different_people_are_not_joined() -> None:
    said = [("lin", "AKIA"), ("bob", "IOSFODNN7EXAMPLE")]
    assert scrub(said) == (["AKIA", "IOSFODNN7EXAMPLE"], {})


def test_parts_in_different_channels_are_not_joined() -> None:
    scrubber = Scrubber()
    first = scrubber.push(document(1, "lin", "AKIA", "C1"))
    second = scrubber.push(document(2, "lin", "IOSFODNN7EXAMPLE", "C2"))
    assert [clean.text for clean in (*first, *second, *scrubber.flush())] == ["AKIA", "IOSFODNN7EXAMPLE"]


@pytest.mark.parametrize(
    ("announced", "value"),
    [
        ("the password is", "hunter2"),
        ("密码是", "Tr0ub4dor&3"),
        ("测试库密码：", "letmein"),
        ("DB_PASSWORD=", "hunter2"),
        ("wifi password:", "c0rrect-horse"),
    ],
)
def test_a_password_announced_in_the_message_before_is_gone(announced: str, value: str) -> None:
    texts, removed = scrub([("lin", announced), ("bob", "?"), ("lin", value)])
    assert texts == [announced, "?", "[removed: password]"]
    assert removed == {"password": 1}


@pytest.mark.parametrize(
    "said",
    [
        ["I forgot my password", "thanks"],
        ["忘记密码", "怎么办"],
        ["see you", "tomorrow"],
        ["the key", "is under the mat"],
        ["v1", "0.2"],
    ],
)
def test_ordinary_neighbours_stay(said: list[str]) -> None:
    assert scrub([("lin", text) for text in said]) == (said, {})


def test_a_private_key_pasted_line_by_line_is_gone() -> None:
    lines = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy",
        "-----END RSA PRIVATE KEY-----",
    ]
    texts, removed = scrub([("lin", line) for line in (*lines, "done")])
    assert texts == ["[removed: private key]"] * 3 + ["done"]
    assert removed["private key"] >= 1


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40))
def test_a_secret_is_found_wherever_it_falls_in_the_stream(before: int) -> None:
    """Whatever the place of the parts in the batches that are settled together."""
    filler = [("lin" if n % 3 else "bob", f"words {n}") for n in range(BATCH - 20 + before)]
    texts, removed = scrub([*filler, ("lin", "AKIA"), ("bob", "hm"), ("lin", "IOSFODNN7EXAMPLE"), *filler])
    assert sorted(texts) == sorted([text for _, text in filler] * 2 + ["hm", KEY, KEY])
    assert removed == {"access key": 1}


def test_nothing_is_lost_and_each_author_keeps_their_order() -> None:
    said = [(f"author{n * n % 7}", f"author{n * n % 7} {n}") for n in range(3 * BATCH + 5)]
    texts, removed = scrub(said)
    assert removed == {}
    for author in {author for author, _ in said}:
        assert [text for text in texts if text.startswith(author)] == [
            text for name, text in said if name == author
        ]


def test_what_is_held_back_does_not_grow_with_the_number_of_authors() -> None:
    """A mailing list has thousands; each one's last messages would be held to the end."""
    scrubber = Scrubber()
    given = sum(len(scrubber.push(document(number, f"u{number}", "hello"))) for number in range(6000))
    assert 6000 - given < MOST_HELD + BATCH
    assert given + len(scrubber.flush()) == 6000
