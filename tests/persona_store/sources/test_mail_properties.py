"""Mail, for any input: nothing crashes, nobody's words become the subject's, and Python's own reader agrees."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from persona_store.errors import Refused
from persona_store.model import Document
from persona_store.sources.html_text import html_text
from persona_store.sources.mail import Mail
from persona_store.sources.mail_addresses import author, mailboxes
from persona_store.sources.mail_boxes import mails
from persona_store.sources.mail_charsets import decode
from persona_store.sources.mail_flowed import unflowed
from persona_store.sources.mail_headers import divide, params, parse, words
from persona_store.sources.mail_parts import content_of
from persona_store.sources.mail_quotes import split
from tests.persona_store.sources.mail_material import BOB, HEAD, LIN, mail, mbox, own

LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=60)
SECRET = "bobsword"  # what Bob said, and nobody may say in Lin's name


def marked(text: str, mark: str = "> ") -> str:
    return re.sub("(?m)^", mark, text)


QUOTED = {
    "marked": lambda text: (
        "On Mon, 2 Mar 2026 at 09:00, Bob <bob@x.example> wrote:\n" + re.sub("(?m)^", "> ", text)
    ),
    "marked tightly": lambda text: re.sub("(?m)^", ">", text),
    "marked twice": lambda text: re.sub("(?m)^", "> > ", text),
    "broken over lines": lambda text: "On Mon, 2 Mar 2026\nat 09:00, Bob\n<bob@x.example>\nwrote:\n\n" + text,
    "Chinese": lambda text: "在 2026年3月2日，Bob <bob@x.example> 写道：\n\n" + text,
    "NetEase": lambda text: '在 2026-03-02 09:00:00，"Bob" <bob@x.example> 写道：\n' + text,
    "Gmail in Chinese": lambda text: (
        "Bob <bob@x.example> 于2026年3月2日周一 09:00写道：\n\n" + re.sub("(?m)^", "> ", text)
    ),
    "Outlook": lambda text: "-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Lin\nSubject: x\n\n" + text,
    "Outlook, fields only": lambda text: "From: Bob\nSent: Monday\nTo: Lin\nSubject: x\n\n" + text,
    "Outlook, starred": lambda text: "*From:* Bob\n*Sent:* Monday\n*To:* Lin\n\n" + text,
    "Outlook in Chinese": lambda text: "发件人: Bob\n发送时间: 2026年3月2日 9:00\n收件人: Lin\n主题: x\n\n" + text,
    "QQ": lambda text: '------------------ 原始邮件 ------------------\n发件人: "Bob";\n\n' + text,
    "forwarded by Gmail": lambda text: "---------- Forwarded message ---------\nFrom: Bob\nDate: Mon\n\n" + text,
    "forwarded by Apple": lambda text: "Begin forwarded message:\n\nFrom: Bob\nDate: Monday\n\n" + text,
    "forwarded in Chinese": lambda text: "开始转发的邮件：\n\n" + text,
    "German": lambda text: "Am 02.03.2026 um 09:00 schrieb Bob:\n" + marked(text),
    "Emacs": lambda text: marked(text, "Bob> "),
}
LINES = st.lists(st.sampled_from(["fine", "From here on", "a: b", "| x |", "", "--", "___", "1. x"]), max_size=4)


@settings(max_examples=150, deadline=None)
@given(before=LINES, how=st.sampled_from(sorted(QUOTED)), quoted=LINES, html=st.booleans())
def test_what_others_wrote_is_never_the_subjects_however_it_is_quoted(
    before: list[str], how: str, quoted: list[str], html: bool
) -> None:
    said = "\n".join([SECRET, *(f"{line} {SECRET}" for line in quoted)])
    text = "\n".join(["Mine.", *before, "", QUOTED[how](said)])
    if html:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        content = own(f"<div>{escaped.replace(chr(10), '<br>')}</div>", Content_Type="text/html; charset=utf-8")
    else:
        content = own(text, Content_Type="text/plain; charset=utf-8")
    found = read(mbox(content, escape="rd"))
    own_words = "\n".join(document.text for document in found if document.by_subject)
    assert "Mine." in own_words
    assert SECRET not in own_words
    assert any(SECRET in document.text for document in found if not document.by_subject)


@settings(max_examples=100, deadline=None)
@given(
    who=st.sampled_from([BOB, "lin@corp.example.evil", "lin+x@corp.example"]),
    name=st.sampled_from(["Lin Wei", LIN, f"<{LIN}>", "=?utf-8?q?lin=40corp.example?=", ""]),
    body=st.sampled_from(
        ["plain", f"From: Lin Wei <{LIN}>\n\n{SECRET}", f"> {SECRET}", f"From {LIN} Mon Mar  2 09:00:00 2026"]
    ),
)
def test_whatever_others_write_stays_theirs(who: str, name: str, body: str) -> None:
    other = mail("b", BOB, f"{SECRET}\n{body}", answers="a").as_bytes()
    other = other.replace(f"From: {BOB}".encode(), f'From: "{name}" <{who}>'.encode())
    assert all(SECRET not in d.text for d in read(mbox(own("mine"), other)) if d.by_subject)


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=400))
@example(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b--")
@example(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n====")
@example(b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 300 + b"-\xff")
@example(b"Date: Mon, 99 Foo 0000 99:99:99 +9999\nReceived: ;\n\nx")
def test_no_mail_crashes(content: bytes) -> None:
    read(mbox(own("mine"), HEAD.encode().replace(b"<a@", b"<b@") + content, escape=""))
    read(mbox(HEAD.encode() + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + content))
    list(mails(iter([content[:7], content[7:]])))


@settings(max_examples=200, deadline=None)
@given(text=LETTERS)
@example("=?utf-8?b?=?=")
@example("=?x?q?=?=")
@example('"\\')
@example("a*0*=;a*1*=%")
def test_no_field_crashes(text: str) -> None:
    for read_field in (words, params, unflowed, split, html_text):
        read_field(text)
    author([text])
    mailboxes([text, text])


@settings(max_examples=200, deadline=None)
@given(
    raw=st.binary(max_size=60),
    label=st.sampled_from(["", "gb2312", "utf-7", "hex", "zip", "punycode", "utf-16", "x"]),
)
@example(b"+2AA-", "utf-7")
def test_any_bytes_are_text_under_any_label(raw: bytes, label: str) -> None:
    decode(raw, label).encode()


def tokens(text: str) -> list[str]:
    return text.split()


@settings(max_examples=150, deadline=None)
@given(
    text=st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12), min_size=1, max_size=12),
    charset=st.sampled_from(["utf-8", "gb18030"]),
    cte=st.sampled_from(["base64", "quoted-printable"]),
    files=st.integers(0, 2),
    alternative=st.booleans(),
)
def test_python_reads_the_same_text(text: list[str], charset: str, cte: str, files: int, alternative: bool) -> None:
    made = EmailMessage(policy=SMTP)
    made["From"] = LIN
    made.set_content(" ".join(text), charset=charset, cte=cte)
    if alternative:
        made.add_alternative("<p>no</p>", subtype="html")
    for number in range(files):
        made.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"报告{number}.pdf")
    raw = made.as_bytes()
    theirs = email.message_from_bytes(raw, policy=default)
    body = theirs.get_body(("plain",))
    assert body is not None
    head, rest = divide(raw)
    content = content_of(parse(head), rest)
    assert tokens(content.text) == tokens(body.get_content())
    assert content.files == [part.get_filename() for part in theirs.iter_attachments()]


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(LETTERS, min_size=1, max_size=4), size=st.integers(1, 200), crlf=st.booleans())
def test_an_mbox_gives_back_its_mails_however_it_is_cut(texts: list[str], size: int, crlf: bool) -> None:
    made = [own(text.strip() or "x").replace(b"<a@", b"<%d@" % n) for n, text in enumerate(texts)]
    raw = mbox(*made, ends=b"\r\n" if crlf else b"\n", escape="rd")
    whole = list(mails(iter([raw])))
    assert list(mails(iter([raw[at : at + size] for at in range(0, len(raw), size)]))) == whole
    assert len(whole) == len(made)


def read(content: bytes) -> list[Document]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "box.mbox"
        path.write_bytes(content)
        try:
            return list(Mail(path, [LIN]).read())
        except Refused:
            return []
