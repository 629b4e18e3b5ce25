"""What a WeChat message says, as plain text: pure functions over its kind and content.

Kinds are the numbers of the protocol (1 text, 3 picture, 34 voice, 43 video, 47 sticker, 49 the XML of everything
else, 10000 and 10002 the client's own) or what tools call them. Whatever is shared, as a link or a card, has a
title that is not the sender's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from persona_store.errors import Refused
from persona_store.sources.xml_events import events

TEXT, APP, SYSTEM, RECALLED = 1, 49, 10000, 10002
QUOTE, RECORD, FILES, CHAIN, PAT = 57, 19, (6, 74), 53, 62

NAMES = {
    **dict.fromkeys(("text", "文本", "文本消息"), (TEXT, 0)),
    **dict.fromkeys(("引用", "引用消息", "引用回复", "带有引用的文本消息", "quote"), (APP, QUOTE)),
    **dict.fromkeys(("文件", "文件消息", "file"), (APP, FILES[0])),
    **dict.fromkeys(("聊天记录合并转发", "合并转发", "合并转发的聊天记录", "聊天记录"), (APP, RECORD)),
    **dict.fromkeys(("系统消息", "系统通知", "系统", "system", "撤回消息", "拍一拍", "拍一拍消息"), (SYSTEM, 0)),
}
"""What tools call the kinds that have words; all others (图片, 动画表情, 语音消息, 红包卡片 …) have none."""

_LONGEST = 50_000
_BY = re.compile(r"\n?引用[:：]")  # as 留痕 writes an answer as text: the words, then what they answer
_BEFORE = re.compile(r"\[(?:引用|回复)[^\n]{0,2000}?\][ \t]{0,9}\n?")
_DECLARED = re.compile(r"\s{0,99}<\?xml[^>]{0,200}\?>")


class Said(NamedTuple):
    """`reason`: why nobody said it, "" if somebody did."""

    own: str = ""
    quoted: str = ""
    quotes: str = ""  # the server's number of what is quoted
    reason: str = ""


def kind_of(given: str, sub: str = "") -> tuple[int, int]:
    """(kind, kind within 49). In 4.x the upper half of the number is the second."""
    if given.lower() in NAMES:
        return NAMES[given.lower()]
    if not given.isascii() or not given.isdecimal() or len(given) > 19:
        return (TEXT, 0) if not given else (0, 0)
    number = int(given)
    inner = int(sub) if sub.isascii() and sub.isdecimal() and len(sub) < 10 else 0
    return number & 0xFFFFFFFF, number >> 32 or inner


def said(kind: int, inner: int, content: str) -> Said:
    if kind in (SYSTEM, RECALLED) or (kind == APP and inner == PAT):
        return Said(reason="system")
    if kind == TEXT:
        return Said(own=content.strip())
    if kind != APP:
        return Said()
    if _is_xml(content):
        return _app(content)
    if inner == QUOTE:
        return _apart(content)
    if inner == RECORD:
        return Said(quoted=content.strip())
    return Said(own=f"[file] {name}") if inner in FILES and (name := _bare(content)) else Said()


def _apart(content: str) -> Said:
    """An answer and what it answers, as tools write them into one text."""
    if match := _BEFORE.match(content):
        return Said(own=content[match.end() :].strip(), quoted=match[0].strip().strip("[]"))
    own, by, quoted = content, _BY.search(content), ""
    if by:
        own, quoted = content[: by.start()], content[by.end() :]
    return Said(own=own.strip(), quoted=quoted.strip())


def _bare(content: str) -> str:
    return " ".join(content.removeprefix("[文件]").split())[:200]


def _is_xml(content: str) -> bool:
    return content.lstrip()[:1] == "<" and "<appmsg" in content


# ------------------------------------------------------------------ the XML of kind 49


def _app(content: str) -> Said:
    try:
        found = dict(_texts(content))
    except Refused:
        return Said(reason="malformed")
    inner = found.get("type", "").strip()
    title = found.get("title", "").strip()
    if inner == str(QUOTE):
        return Said(own=title, quoted=_referred(found), quotes=found.get("refermsg/svrid", "").strip())
    if inner == str(RECORD):
        return Said(quoted=_recorded(found))
    if inner == str(CHAIN):  # a list that everybody adds a line to
        return Said(quoted=title)
    if inner == str(PAT):
        return Said(reason="system")
    return Said(own=f"[file] {title}") if inner in map(str, FILES) and title else Said()


def _referred(found: dict[str, str]) -> str:
    words = found.get("refermsg/content", "").strip()
    if _is_xml(words):
        try:
            words = dict(_texts(words)).get("title", "").strip()
        except Refused:
            return ""
    elif words.startswith("<"):
        return ""  # a picture, a voice, a sticker
    name = found.get("refermsg/displayname", "").strip()
    return f"{name}：{words}" if name and words else words


def _recorded(found: dict[str, str]) -> str:
    """The lines of a forwarded record with the names it gives, else its summary."""
    record, lines = found.get("recorditem", "").strip(), []
    if record.startswith("<"):
        name = ""
        try:
            for path, words in _texts(record, top=""):
                name = words.strip() if path.endswith("/sourcename") else name
                if path.endswith("/datadesc"):
                    lines.append(f"{name}：{words.strip()}" if name else words.strip())
        except Refused:
            lines = []
    return "\n".join(lines) or found.get("des", "").strip()


def _texts(content: str, top: str = "appmsg") -> Iterator[tuple[str, str]]:
    """(path below the element called `top`, text) for each element with text. Raises Refused."""
    path: list[str] = []
    held: list[list[str]] = []
    raw = _DECLARED.sub("", content[:_LONGEST], count=1)
    for event, what, _ in events([raw.encode(errors="replace")], "message"):
        if event == "start":
            path.append(what)
            held.append([])
        elif event == "text" and held:
            held[-1].append(what)
        elif event == "end":
            words = "".join(held.pop())
            below = path[path.index(top) + 1 :] if top in path else path if not top else []
            if below and words.strip():
                yield "/".join(below), words
            path.pop()
