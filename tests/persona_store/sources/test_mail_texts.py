"""The small readers under a mail: charsets, encoded words, flowed text, files, addresses."""

from __future__ import annotations

import pytest

from persona_store.sources.mail_addresses import Mailbox, mailboxes
from persona_store.sources.mail_boxes import kind_of
from persona_store.sources.mail_charsets import decode
from persona_store.sources.mail_flowed import unflowed
from persona_store.sources.mail_footers import without_footers
from persona_store.sources.mail_headers import params, words
from persona_store.sources.mail_quotes import split


@pytest.mark.parametrize(
    ("raw", "label", "text"),
    [
        ("回滚".encode("gbk"), "gb2312", "回滚"),
        ("㐂𠮷".encode("gb18030"), "GB2312", "㐂𠮷"),  # characters GB 2312 does not have, in four bytes
        ("回滚".encode("gbk"), "", "回滚"),
        ("回滚".encode("gbk"), "us-ascii", "回滚"),
        ("回滚".encode("gbk"), "utf-8", "回滚"),
        ("值班手册里写得很清楚".encode(), "gb2312", "值班手册里写得很清楚"),
        ("café".encode(), "iso-8859-1", "café"),
        ("café".encode("latin-1"), "iso-8859-1", "café"),
        ("Müller über alles".encode("latin-1"), "", "Müller über alles"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("回復".encode("big5"), "x-no-such-charset", None),
        (b"+ADw-b+AD4-", "utf-7", "<b>"),
        (b"+ADw-b+AD4-", "utf-8", "+ADw-b+AD4-"),
        (b"abc", "rot13", "abc"),
        (b"a\x00b", "", "ab"),
    ],
)
def test_a_label_is_believed_as_far_as_it_makes_sense(raw: bytes, label: str, text: str | None) -> None:
    found = decode(raw, label)
    assert found.isprintable()
    assert text is None or found == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?Q?caf=C3=A9_au?= =?utf-8?Q?_lait?=", "café au lait"),
        ("a =?utf-8?b?5Zue?= b", "a 回 b"),
        ("=?gb2312?B?u9g=?= =?gb2312?B?uPY=?=", "回个"),
        ("=?utf-8?b?5Z?= =?utf-8?b?ue?=", None),
        ("=?x?b?YQ==?=", "a"),
        ("=?utf-8*en?q?a?=", "a"),
        ("plain =? text", "plain =? text"),
    ],
)
def test_encoded_words(value: str, text: str | None) -> None:
    assert text is None or words(value) == text


def test_a_file_name_may_come_in_pieces_and_in_a_charset() -> None:
    value = "attachment; filename*0*=UTF-8''%E6%8A%A5; filename*1*=%E5%91%8A; filename*2=.pdf"
    assert params(value) == ("attachment", {"filename": "报告.pdf"})
    assert params('text/plain; charset="utf-8"; name="a;b.txt"')[1] == {"charset": "utf-8", "name": "a;b.txt"}


@pytest.mark.parametrize(
    ("text", "joined", "plain"),
    [
        ("one \ntwo\nthree", False, "one two\nthree"),
        ("一 \n二", True, "一二"),
        ("> one \n> two\nmine", False, "> one two\nmine"),
        ("> one \n>> two", False, "> one\n>> two"),
        ("text \n-- \nLin", False, "text\n-- \nLin"),
        (" From here", False, "From here"),
    ],
)
def test_flowed_lines_are_joined_within_their_depth(text: str, joined: bool, plain: str) -> None:
    assert unflowed(text, joined=joined) == plain


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"From lin@x Mon Mar  2 09:00:00 2026\nFrom: lin@x\n", "mbox"),
        (b"From - Mon Mar 02 09:00:00 2026\r\nX-Mozilla-Status: 0001\r\n", "mbox"),
        (b"From 1790@xxx Mon Mar 02 09:00:00 +0000 2026\nX-GM-THRID: 1\n", "mbox"),
        (b"\xef\xbb\xbfReceived: from a\nFrom: lin@x\n\nx", "eml"),
        (b"123\nReturn-Path: <lin@x>\nFrom: lin@x\n", "emlx"),
        (b"From here on\nwe use make\n", ""),
        (b"key: value\nother: value\n", ""),
        (b"", ""),
    ],
)
def test_what_a_file_is_shows_in_its_first_lines(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


def test_recipients_are_read_with_groups_comments_and_names() -> None:
    team = 'Team: "Hart, Bob" <BOB@x.example>, eve@x.example (Eve <nobody@x.example>);'
    value = f"{team}, =?utf-8?b?5p6X?= <lin@x.example>"
    assert mailboxes([value, "bob@x.example"]) == (
        Mailbox("bob@x.example", "Hart, Bob"),
        Mailbox("lin@x.example", "林"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "On Monday he wrote a test.\nIt fails.",
        "From here on: make.",
        "Date: is a bad name for a column",
        "| a | b |\n| c | d |",
        "mysql> SELECT 1",
        "a > b and b > c",
        "he said: no",
    ],
)
def test_plain_sentences_stay_the_writers(text: str) -> None:
    """Where nothing is quoted, nothing is lost."""
    assert split(text).own == text


def test_a_letter_about_a_notice_is_no_notice() -> None:
    text = "The confidentiality notice has to go below every mail."
    assert without_footers(text) == text
