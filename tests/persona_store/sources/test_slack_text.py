"""Slack's markup as plain text, and whose words a message holds."""

from __future__ import annotations

import time

import pytest

from persona_store.sources.slack_text import Names, message_text, plain, split_quotes

NAMES = Names(people={"U0LIN": "林薇"}, channels={"C_ops": "ops"})


@pytest.mark.parametrize(
    ("mrkdwn", "text"),
    [
        ("ask <@U0LIN>", "ask @林薇"),
        ("ask <@U0NEW|sam>", "ask @sam"),
        ("ask <@U0NEW>", "ask @U0NEW"),
        ("see <#C_ops>", "see #ops"),
        ("see <#C_x|general>", "see #general"),
        ("<!here> and <!channel> and <!subteam^S1|@pay>", "@here and @channel and @pay"),
        ("due <!date^1392734382^{date}|Feb 18>", "due Feb 18"),
        ("<https://x.dev/a?b=1&amp;c=2>", "https://x.dev/a?b=1&c=2"),
        ("<https://x.dev/|x.dev>", "https://x.dev/"),
        ("<https://x.dev/run|the runbook>", "the runbook (https://x.dev/run)"),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("*bold* `code`", "*bold* `code`"),
    ],
)
def test_markup_becomes_what_a_reader_sees(mrkdwn: str, text: str) -> None:
    assert plain(mrkdwn, NAMES) == text


RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "ask "},
                {"type": "user", "user_id": "U0LIN"},
                {"type": "text", "text": " in "},
                {"type": "channel", "channel_id": "C_ops"},
                {"type": "emoji", "name": "wave"},
            ],
        },
        {
            "type": "rich_text_list",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": "https://x.dev", "text": "two"}],
                },
            ],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "> ls"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
    ],
}


def test_a_message_with_blocks_only_is_read_from_its_blocks() -> None:
    expected = "ask @林薇 in #ops:wave:\n• one\n• two (https://x.dev)\n```\n> ls\n```\n> quoted"
    assert message_text({"text": "", "blocks": [RICH]}, NAMES) == expected
    assert message_text({"text": "words", "blocks": [RICH]}, NAMES) == "words"


def test_section_header_and_context_blocks_are_read() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Title"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "to <@U0LIN>"}, "fields": [{"text": "f"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}, {"type": "image"}]},
        {"type": "divider"},
    ]
    assert message_text({"blocks": blocks}, NAMES) == "Title\nto @林薇\nf\nc"


def test_own_attachments_are_read_and_shared_or_unfurled_ones_are_not() -> None:
    """IMP-16: a forwarded message or a link's preview holds somebody else's words."""
    own = {"pretext": "p", "title": "t", "text": "x"}
    assert message_text({"text": "", "attachments": [own]}, NAMES) == "p\nt\nx"
    for mark in ("from_url", "original_url", "author_id", "author_name", "is_share", "is_msg_unfurl"):
        assert message_text({"text": "", "attachments": [{**own, mark: "y"}]}, NAMES) == ""


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        "x",
        [],
        [5],
        [None],
        [{"type": 5}],
        [{"type": "rich_text", "elements": 7}],
        [{"type": "section", "text": "flat"}],
        [{"type": "section", "text": {"text": 5}}],
    ],
)
def test_blocks_of_any_shape_are_survived(broken: object) -> None:
    assert message_text({"text": None, "blocks": broken}, NAMES) == ""


@pytest.mark.parametrize("broken", [None, 5, "x", [5], [None], [{"text": 5}], {"text": "x"}])
def test_attachments_of_any_shape_are_survived(broken: object) -> None:
    assert message_text({"text": 5, "attachments": broken}, NAMES) == ""


def test_imp_16_quoted_lines_are_not_own_words() -> None:
    assert split_quotes("> should we retry?\nno, never") == ("no, never", "should we retry?")
    assert split_quotes("plain") == ("plain", "")
    assert split_quotes("a > b") == ("a > b", "")
    assert split_quotes("look:\n```\n> prompt\n```\ndone") == ("look:\n```\n> prompt\n```\ndone", "")
    assert split_quotes("mine\n>>> all of\nthis is theirs") == ("mine", "all of\nthis is theirs")


def test_hostile_markup_takes_linear_time() -> None:
    begin = time.process_time()
    for text in ("<" * 200_000, "<a" * 100_000, "<https:" * 50_000, "<@" + "|" * 200_000, "&amp;" * 50_000):
        plain(text, NAMES)
    assert time.process_time() - begin < 2
