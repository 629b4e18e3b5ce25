"""A letter as bytes: whole as text, the same each time, and nothing that anybody is called ends a header."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.letters.addresses import checked, hinted, mailable
from bots.letters.html import html
from bots.letters.mime import message
from bots.letters.model import Attachment, Copy, Facts, Letter, Link, Points, Words
from bots.letters.plain import plain
from persona_store.errors import Refused

AT = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)
LETTER = Letter(
    "live:1",
    "zh-CN",
    "林的笔记 已上线",
    (
        Words("从现在起。\n第二行"),
        Facts((("负责人", "slack:U0OWN"),)),
        Points(("一", "二")),
        Link("打开", "https://bot.acme.example/subject#t=abc"),
        Copy("understudy/4f1c\n128\nAAAA\n\n— understudy/4f1c kXj2\n"),
    ),
    (Attachment("record.json", "application/json", b'{\n "a": 1\n}\r\n\x0b'),),
)


def made(letter: Letter = LETTER) -> bytes:
    return message(letter, sender="understudy@acme.example", to="lin@home.example", at=AT)


def test_text_and_html_and_the_very_bytes_of_what_is_attached() -> None:
    mail = message_from_bytes(made(), policy=default)
    assert mail["Subject"] == "林的笔记 已上线"
    assert mail["From"] == "understudy <understudy@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == plain(LETTER)
    shown = mail.get_body(("html",))
    assert shown is not None
    assert "打开" in shown.get_content()
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("record.json", LETTER.attachments[0].content)


def test_a_checkpoint_can_be_taken_out_of_the_text_as_it_went_in() -> None:
    copy = LETTER.parts[-1]
    assert isinstance(copy, Copy)
    assert copy.text in plain(LETTER)


def test_the_same_letter_is_the_same_bytes() -> None:
    """So that what is sent again after a crash is the same message to whoever gets it."""
    assert made() == made()
    assert message(LETTER, sender="understudy@acme.example", to="ann@home.example", at=AT) != made()


NASTY = st.text(alphabet=st.sampled_from("a林\r\n\x00:\x0b\x85\u2028<>@ ,;=?\t"), max_size=60)


@given(NASTY)
def test_what_a_persona_is_called_adds_no_header(name: str) -> None:
    mail = message_from_bytes(
        made(Letter(f"x{name}", "en", f"{name}\r\nBcc: eve@evil.example", ())), policy=default
    )
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    assert not mail.defects


@given(st.text(alphabet=st.sampled_from('ab@.\r\n<>,; \t"()林%\\'), max_size=30))
def test_an_address_is_one_address_or_none(text: str) -> None:
    if not mailable(text.strip()):
        with pytest.raises(Refused, match="ADDRESS"):
            checked(text)
        return
    address = checked(text)
    assert re.fullmatch(r"[!-;=?-~]+@[a-z0-9.-]+", address)
    assert address.count("@") == 1
    made_of = message(LETTER, sender="understudy@acme.example", to=address, at=AT)
    assert message_from_bytes(made_of, policy=default)["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    "bad",
    ["", "lin", "lin@", "@home.example", "lin@home..example", "a b@c.d", "a@b\r\nBcc: c@d.e", "<a@b.c>",
     "a@b.c,d@e.f", '"a"@b.c', "a@[127.0.0.1]", "a" * 65 + "@b.c", "a@" + "b" * 260, "林@home.example"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(bad: str) -> None:
    with pytest.raises(Refused, match="ADDRESS"):
        checked(bad)


def test_a_domain_in_chinese_is_written_as_the_wire_wants_it() -> None:
    assert checked("lin@例子.中国") == "lin@xn--fsqu00a.xn--fiqs8s"
    assert hinted("lin@home.example") == "l…@h…"


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]


def test_no_word_becomes_a_link_or_a_picture() -> None:
    """WEB-07, T26: only the part that is a link is one."""
    evil = '<img src=x onerror=alert(1)><a href="https://evil.example">x</a> https://evil.example'
    parts = (Words(evil), Facts(((evil, evil),)), Points((evil,)), Copy(evil), *LETTER.parts)
    reader = Reader()
    reader.feed(html(Letter("x", "en", evil, parts)))
    assert reader.links == ["https://bot.acme.example/subject#t=abc"]
    assert not {"img", "script", "iframe", "form", "link"} & set(reader.tags)
