"""Inputs on which other distillers lose or misattribute words, and the shapes our own tests read, for both sides.

The bad ones are those on which colleague-skill's and HybridClaw's readers were seen to fail. `said` is what the
subject wrote in them, `others` what somebody else did.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from persona_store.sources.chat_export import Told
from persona_store.sources.documents import Documents
from persona_store.sources.feishu_export import FeishuExport
from persona_store.sources.mail import Mail
from persona_store.sources.slack_export import SlackExport
from tests.benchmarks import described_parsers as described
from tests.persona_store.sources import feishu_shapes, mail_shapes
from tests.persona_store.sources.exports import export, said
from tests.persona_store.sources.feishu_material import BOB, LIN, answer, dump, item, lines
from tests.persona_store.sources.mail_material import BOB as BOB_MAIL
from tests.persona_store.sources.mail_material import LIN as LIN_MAIL
from tests.persona_store.sources.mail_material import mail, mbox, own, part, parts
from tests.persona_store.sources.shapes import Readable, Shape


class Input(NamedTuple):
    """The same files for both readers."""

    reader: str  # whose other reader it is
    name: str
    files: Mapping[str, bytes]
    theirs: Callable[[Path], list[str]]
    ours: Callable[[Path], Readable]
    said: tuple[str, ...]
    others: tuple[str, ...] = ()


FEISHU, MAIL, CLAW = "colleague-skill, Feishu", "colleague-skill, mail", "HybridClaw"
ANSWER, QUESTION = "控制台里换，每季度一次", "张三，密钥在哪换？"
NAMED = [
    {"sender_name": "李四", "content": QUESTION, "timestamp": "2026-03-02 17:00"},
    {"sender_name": "张三", "content": ANSWER, "timestamp": "2026-03-02 17:01"},
]
SUBJECT = "张三"


def by_name(path: Path) -> FeishuExport:
    return FeishuExport(path, LIN, Told(names=(SUBJECT,)))


def their_feishu(path: Path, target: str = SUBJECT) -> list[str]:
    """What its next step is given."""
    return described.handed_on(described.feishu(path, target))


def named(
    name: str, content: bytes, heard: tuple[str, ...] = (ANSWER,), *others: str, file: str = "chat.json"
) -> Input:
    """Feishu material in the form colleague-skill asks for, or what became of it."""
    return Input(FEISHU, name, {file: content}, their_feishu, by_name, heard, others or (QUESTION,))


def with_third(third: Any) -> bytes:
    return dump({"messages": [*NAMED, third]})


def third(content: Any) -> bytes:
    return with_third({"sender_name": "张三", "content": content, "timestamp": "2026-03-02 17:03"})


TALK = "2026-03-02 17:00 李四：张三，密钥在哪换？\n2026-03-02 17:01 张三：控制台里换\n"
GOSSIP = "昨天张三说他要离职了，谁都别告诉"
NAMESAKE = {"sender_name": "张三丰", "content": "我也想知道", "timestamp": "2026-03-02 17:02"}
QUOTES = {"sender": {"name": "李四", "about": "张三"}, "content": "我来回答", "timestamp": "2026-03-02 17:02"}
MANY = [
    {
        "sender_name": "张三",
        "content": f"第 {number} 步做完了",
        "timestamp": f"2026-03-02 {9 + number // 60:02}:{number % 60:02}",
    }
    for number in range(300)
]

BAD_FEISHU = (
    named("truncated JSON", dump({"messages": NAMED})[:-20]),
    named("GBK", json.dumps({"messages": NAMED}, ensure_ascii=False).encode("gbk")),
    named("UTF-8 with a byte order mark", b"\xef\xbb\xbf" + dump({"messages": NAMED})),
    named("a message that is `null`", with_third(None)),
    named("a message that is a string", with_third("你好")),
    named("content that is a number", third(5)),
    named("content `{text: 5}`", third({"text": 5})),
    named("content `[{text: null}]`", third([{"text": None}])),
    named("one message a line", lines(*NAMED), file="chat.jsonl"),
    named("an empty file", b"", (), file="chat.json"),
    named("`{items: []}`", dump({"items": []}), ()),
    named("text in GBK", TALK.encode("gbk"), ("控制台里换",), file="chat.txt"),
    named("text in GBK, encoding told", TALK.encode("gbk"), ("控制台里换",), file="chat.txt")._replace(
        ours=lambda path: FeishuExport(path, LIN, Told(names=(SUBJECT,), encoding="gb18030"))
    ),
    named("a message of two lines", f"{TALK}每季度一次\n".encode(), ("控制台里换", "每季度一次"), file="chat.txt"),
    named(
        "a line about the subject",
        f"公告：{GOSSIP}\n{TALK}".encode(),
        ("控制台里换",),
        QUESTION,
        GOSSIP,
        file="chat.txt",
    ),
    named("somebody whose name begins with the subject's", with_third(NAMESAKE), (ANSWER,), QUESTION, "我也想知道"),
    named(
        "a sender that is an object and mentions the subject", with_third(QUOTES), (ANSWER,), QUESTION, "我来回答"
    ),
    named("300 short messages", dump({"messages": MANY}), tuple(each["content"] for each in MANY)),
)

LETTER = "先停灰度，再回滚。"
CARRIED = "only the CEO may say this"
LOGGED, LOGGED_BODY = parts(
    part("text/html; charset=utf-8", f"<p>{LETTER}</p>"),
    part("text/plain", "ERROR 42\n", Content_Disposition='inline; filename="log.txt"'),
)
UTF8 = "text/plain; charset=utf-8"


def letter(
    name: str, content: bytes, heard: tuple[str, ...] = (LETTER,), *others: str, file: str = "a.eml"
) -> Input:
    theirs = partial(described.mail, target="lin@")
    return Input(MAIL, name, {file: content}, theirs, lambda path: Mail(path, [LIN_MAIL]), heard, others)


BAD_MAIL = (
    letter(
        "an HTML letter with a log attached in line", own(LOGGED_BODY, Content_Type=LOGGED), (LETTER,), "ERROR 42"
    ),
    letter(
        "a letter that is HTML alone",
        own(f"<p>{LETTER}</p>", Content_Type="text/html; charset=utf-8"),
        (LETTER,),
        f"<p>{LETTER}",
    ),
    letter(
        "words below a line of `___`",
        own(f"{LETTER}\n\n______\nAnd one more thing.\n", Content_Type=UTF8),
        (LETTER, "And one more thing."),
    ),
    letter(
        "somebody whose address holds the subject's",
        mbox(
            mail("q", BOB_MAIL, "How?\n", to=LIN_MAIL),
            mail("b", "eve+lin@corp.example", CARRIED, to=BOB_MAIL, answers="q"),
            mail("a", LIN_MAIL, "With make.\n", to=BOB_MAIL, answers="q"),
        ),
        ("With make.",),
        CARRIED,
        file="Inbox.mbox",
    ),
    letter(
        "a line that begins with `From `",
        mbox(own("First we stop it.\nFrom here on nobody deploys.\nThen we look.\n")),
        ("First we stop it.\nFrom here on nobody deploys.\nThen we look.",),
        file="Inbox.mbox",
    ),
)

WORKSPACE = export(
    {
        "ops": [
            said("U0BOB", "When does it run?", 0),
            said("U0LIN", "At nine, every day.", 60),
        ],
        "quiet": [],
    },
    dms={"D_1": ["U0LIN", "U0BOB"]},
)


def slack(path: Path) -> SlackExport:
    return SlackExport(path, "U0LIN")


def papers(path: Path) -> Documents:
    return Documents(path, "slack:U0LIN", names=("Lin Wei",))


def claw(
    name: str, files: Mapping[str, bytes], ours: Callable[[Path], Readable], heard: tuple[str, ...], *others: str
) -> Input:
    theirs = partial(described.hybridclaw, aliases=("U0LIN", LIN, LIN_MAIL, "Lin Wei"))
    return Input(CLAW, name, files, theirs, ours, heard, others)


BASE64 = b64encode(LETTER.encode("gb18030")).decode()
ENCODED = own(BASE64, Content_Type="text/plain; charset=gb2312", Content_Transfer_Encoding="base64")
LISTS = ('"members"', "When does it run?", "[]")

BAD_CLAW = (
    claw("a Slack export: lists, a day, an empty day", WORKSPACE, slack, ("At nine, every day.",), *LISTS),
    claw(
        "Feishu's API answer",
        {"page.json": dump(answer(item(1, BOB, "几点跑？", 0), item(2, LIN, "每天九点", 60)))},
        lambda path: FeishuExport(path, LIN),
        ("每天九点",),
        "几点跑？",
    ),
    claw(
        "mbox with CRLF",
        {"Inbox.mbox": mbox(own("With make.\n"), ends=b"\r\n")},
        lambda path: Mail(path, [LIN_MAIL]),
        ("With make.",),
    ),
    claw("mbox, base64 in GBK", {"Inbox.mbox": mbox(ENCODED)}, lambda path: Mail(path, [LIN_MAIL]), (LETTER,)),
    claw(
        "Markdown by somebody else",
        {"plan.md": b"---\nauthor: Eve\n---\nEve decides when.\n"},
        papers,
        (),
        "Eve decides when.",
    ),
    claw(
        "text in GBK",
        {"how.txt": LETTER.encode("gbk")},
        partial(Documents, subject="slack:U0LIN", encoding="gbk"),
        (LETTER,),
    ),
    claw("text in GBK, encoding not told", {"how.txt": LETTER.encode("gbk")}, papers, (LETTER,)),
)


def of_shape(shape: Shape, reader: str, theirs: Callable[[Path], list[str]]) -> Input:
    """What the tests say of the shape, as far as anybody could know it: names of attachments are ours."""
    heard = tuple(_without_files(each.text) for each in shape.items if each.own)
    others = tuple(each.text for each in shape.items if not each.own)
    return Input(reader, shape.form, shape.files, theirs, shape.open, heard, others)


def _without_files(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not (line.startswith("[") and line.endswith("]")))


def inputs() -> Iterator[Input]:
    yield from BAD_FEISHU
    for shape in feishu_shapes.SHAPES:
        target = SUBJECT if "张三" in shape.form or "colleague-skill" in shape.form else LIN
        yield of_shape(shape, FEISHU, partial(their_feishu, target=target))
    yield from BAD_MAIL
    for shape in mail_shapes.SHAPES:
        yield of_shape(shape, MAIL, partial(described.mail, target=LIN_MAIL))
    yield from BAD_CLAW
