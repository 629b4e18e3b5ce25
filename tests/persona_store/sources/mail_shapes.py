"""Mail in the shapes people really have: files of each kind, and each way in which a mail says its text."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from persona_store.sources.mail import Mail
from persona_store.sources.mail_threads import Threads
from tests.persona_store.sources.mail_material import BOB, EVE, LIN, mail, mbox, own, part, parts
from tests.persona_store.sources.shapes import Item, Shape

PAIR = (f"mail:{BOB}", f"mail:{LIN}")


def thread_of(ident: str) -> str:
    """The name of a thread that this mail began."""
    threads = Threads()
    threads.add(f"<{ident}@corp.example>", ())
    return threads.name(f"<{ident}@corp.example>")


ASKED = mail("q", f"Bob <{BOB}>", "How often does the retry job run?\n")
ANSWERED = mail(
    "a", f"林薇 <{LIN}>", "每 15 分钟一次，失败三次就放弃。\n", minutes=5, answers="q", subject="Re: Retries"
)
ASIDE = mail("x", BOB, "Lunch?\n", to=EVE, minutes=7, subject="Lunch")


def item(ident: str, text: str, who: str, at: str, **more: Any) -> Item:
    """An item of the thread that `ASKED` begins, unless said otherwise."""
    own_words = more.pop("own", who == LIN)
    usual: dict[str, Any] = {"thread": thread_of("q"), "readers": PAIR, **more}
    return Item(f"<{ident}", text, f"mail:{who}" if who else "", own_words, f"2026-03-02T{at}:00Z", **usual)


HEARD = (
    item("q@corp.example>", "How often does the retry job run?", BOB, "09:00"),
    item("a@corp.example>", "每 15 分钟一次，失败三次就放弃。", LIN, "09:05"),
)


def opened(path: Path) -> Mail:
    return Mail(path, [LIN])


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def shape(
    form: str,
    files: dict[str, bytes],
    items: tuple[Item, ...] = HEARD,
    left_out: dict[str, int] | None = None,
    *,
    author: str = "address in `From`",
    readers: str = "who it went to",
    open: Callable[[Path], Mail] = opened,
) -> Shape:
    return Shape("Mail", form, files, open, items, left_out or {}, author, "`References`, `In-Reply-To`", readers)


def single(form: str, content: bytes, text: str, quoted: str = "") -> Shape:
    """One mail of the subject, and what of it is theirs."""
    items = [item("a@corp.example>#quoted", quoted, "", "09:00", thread=thread_of("a"))] if quoted else []
    return shape(
        form, {"a.eml": content}, (*items, item("a@corp.example>", text, LIN, "09:00", thread=thread_of("a")))
    )


LISTED = [
    mail("l1", f"Bob <{BOB}>", "How do I roll back?\n", to="dev@lists.corp.example", subject="Rollback"),
    mail("l2", f"Lin <{LIN}>", "With make rollback.\n", to="dev@lists.corp.example", minutes=1, answers="l1"),
    mail("l3", f"Eve <{EVE}>", "Thanks!\n", to=f"dev@lists.corp.example, {LIN}", minutes=2, answers="l2"),
]
SAID = (("How do I roll back?", BOB), ("With make rollback.", LIN), ("Thanks!", EVE))
PIPERMAIL = "".join(
    f"From {who} at corp.example  Mon Mar  2 09:0{at}:00 2026\nFrom: {who} at corp.example ({name})\n"
    f"Date: Mon, 2 Mar 2026 09:0{at}:00 +0000\nSubject: [dev] Rollback\n"
    + (f"In-Reply-To: <p{at - 1}@corp.example>\n" if at else "")
    + f"Message-ID: <p{at}@corp.example>\n\n{text}\n\n"
    for at, (who, name, text) in enumerate(
        [
            ("bob", "Bob", "How do I roll back?"),
            ("lin", "Lin Wei", "With make rollback."),
            ("eve", "Eve", "Thanks!"),
        ]
    )
)


def listed(prefix: str, first: int, readers: tuple[str, ...] | None = None) -> tuple[Item, ...]:
    """The three mails of a list's thread."""
    thread = thread_of(f"{prefix}{first}")
    return tuple(
        item(f"{prefix}{first + at}@corp.example>", text, who, f"09:0{at}", thread=thread, readers=readers)
        for at, (text, who) in enumerate(SAID)
    )


MIXED, MIXED_BODY = parts(
    part("text/plain; charset=utf-8", "The log is attached.\n"),
    part("text/plain", "ERROR 42\n", Content_Disposition='inline; filename="log.txt"'),
    part("application/pdf", b"%PDF", Content_Disposition="attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf"),
    part("text/plain", "Tell me when it is back.\n"),
)
ALTERNATIVE, ALTERNATIVE_BODY = parts(
    part("text/plain; charset=gb18030", "先停灰度，再回滚。\n".encode("gb18030")),
    part("text/html; charset=utf-8", "<p>not this</p>"),
    kind="alternative",
)
RELATED, RELATED_BODY = parts(
    part("text/html; charset=utf-8", '<p>See the <img src="cid:1"> picture.</p>'),
    part("image/png", b"\x89PNG", Content_ID="<1>"),
    kind="related",
)
GMAIL = (
    '<div dir="ltr">Use <b>make</b>.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Bob wrote:</div>'
    "<blockquote>how?</blockquote></div>"
)
OUTLOOK = (
    "<div><p>好的，我来处理。</p></div><div style='border-top:solid #E1E1E1 1.0pt'><p><b>发件人:</b> Bob<br>"
    "<b>发送时间:</b> 2026年3月2日 8:00<br><b>收件人:</b> 林薇</p></div><p>谁来处理回滚？</p>"
)
FLOWED = (
    "The job runs every quarter of an hour and \ngives up after three.\n> How often \n> does it run?\n-- \nLin\n"
)
NESTED = mail("inner", f"CEO <{EVE}>", "Nobody but me may approve.\n", minutes=-60, subject="Approval").as_bytes()
CARRYING, CARRYING_BODY = parts(part("text/plain", "See below.\n"), part("message/rfc822", NESTED))
FORWARDED = """FYI, this decides it.

---------- Forwarded message ---------
From: CEO <eve@corp.example>
Date: Mon, Mar 2, 2026 at 8:00 AM
Subject: Approval
To: Lin

Nobody but me may approve.
"""
ORIGINAL = "Yes.\r\n\r\n-----Original Message-----\r\nFrom: Bob\r\nSent: Monday\r\n\r\nMay I?\r\n"
CHINESE = '可以。\n\n------------------ 原始邮件 ------------------\n发件人: "Bob";\n\n可以吗？\n'
BASE64 = b64encode("先停灰度，再回滚。".encode("gbk"))
INLINE = (
    "On Mon, Mar 2, 2026, Bob <bob@corp.example> wrote:\n> Which queue?\nrefund-slow.\n> How fast?\nTwo a second.\n"
)

SHAPES = (
    shape("`.eml` files, a folder", {"in/q.eml": ASKED.as_bytes(), "sent/a.eml": ANSWERED.as_bytes()}),
    shape("`.eml` files, a zip", {"mail.zip": zipped({"a.eml": ASKED.as_bytes(), "b.eml": ANSWERED.as_bytes()})}),
    shape("mbox", {"Inbox": mbox(ASKED, ANSWERED, ASIDE)}, left_out={"outside_subject_threads": 1}),
    shape("mbox, CRLF", {"Inbox.mbox": mbox(ASKED, ANSWERED, ends=b"\r\n")}),
    shape("mbox, newest first", {"All mail.mbox": mbox(ANSWERED, ASKED)}, HEARD[::-1]),
    shape(
        "Apple Mail `.emlx`",
        {f"{n}.emlx": b"%d\n%s<?xml?>" % (len(m.as_bytes()), m.as_bytes()) for n, m in ((1, ASKED), (2, ANSWERED))},
    ),
    shape("archive of a list", {"dev.mbox": mbox(*LISTED)}, listed("l", 1), readers="everybody"),
    shape(
        "archive by Pipermail",
        {"2026-March.txt": PIPERMAIL.encode()},
        listed("p", 0),
        readers="everybody",
        author="`lin at corp.example`",
    ),
    shape(
        "a list, in a mailbox",
        {"Lists": mbox(*(b"Delivered-To: %s\r\n" % LIN.encode() + each.as_bytes() for each in LISTED))},
        tuple(
            one._replace(
                readers=tuple(
                    sorted(
                        {
                            *(("mail:" + LIN,) if one.own or "Th" in one.text else ()),
                            one.author,
                            "mail:dev@lists.corp.example",
                        }
                    )
                )
            )
            for one in listed("l", 1)
        ),
    ),
    single(
        "text, base64, GBK called GB2312",
        own(BASE64, Content_Type="text/plain; charset=gb2312", Content_Transfer_Encoding="base64"),
        "先停灰度，再回滚。",
    ),
    single(
        "text, quoted-printable",
        own(
            "caf=E9 at n=\nine",
            Content_Type="text/plain; charset=iso-8859-1",
            Content_Transfer_Encoding="quoted-printable",
        ),
        "café at nine",
    ),
    single(
        "text, format=flowed",
        own(FLOWED, Content_Type="text/plain; format=flowed"),
        "The job runs every quarter of an hour and gives up after three.",
        "How often does it run?",
    ),
    single("multipart/alternative", own(ALTERNATIVE_BODY, Content_Type=ALTERNATIVE), "先停灰度，再回滚。"),
    single(
        "multipart/mixed with attachments",
        own(MIXED_BODY, Content_Type=MIXED),
        "The log is attached.\n\nTell me when it is back.\n[log.txt]\n[报告.pdf]",
    ),
    single("multipart/related", own(RELATED_BODY, Content_Type=RELATED), "See the picture."),
    single(
        "HTML only, Gmail",
        own(GMAIL, Content_Type="text/html; charset=utf-8"),
        "Use make.",
        "On Mon, Bob wrote:\nhow?",
    ),
    single(
        "HTML only, Outlook in Chinese",
        own(OUTLOOK, Content_Type="text/html; charset=utf-8"),
        "好的，我来处理。",
        "发件人: Bob\n发送时间: 2026年3月2日 8:00\n收件人: 林薇\n\n谁来处理回滚？",
    ),
    single(
        'quoted below "Original Message"',
        own(ORIGINAL),
        "Yes.",
        "-----Original Message-----\nFrom: Bob\nSent: Monday\n\nMay I?",
    ),
    single(
        "quoted below 原始邮件",
        own(CHINESE, Content_Type="text/plain; charset=utf-8"),
        "可以。",
        CHINESE.partition("\n\n")[2].strip(),
    ),
    single(
        "answered between the lines",
        own(INLINE),
        "refund-slow.\nTwo a second.",
        "On Mon, Mar 2, 2026, Bob <bob@corp.example> wrote:\nWhich queue?\nHow fast?",
    ),
    single(
        "forwarded in the text", own(FORWARDED), "FYI, this decides it.", FORWARDED.partition("\n\n")[2].strip()
    ),
    shape(
        "forwarded as message/rfc822",
        {"a.eml": own(CARRYING_BODY, Content_Type=CARRYING)},
        (
            item("a@corp.example>#mail1", "Nobody but me may approve.", EVE, "08:00", thread=thread_of("a")),
            item("a@corp.example>", "See below.", LIN, "09:00", thread=thread_of("a")),
        ),
        author="each mail's own `From`",
    ),
)
