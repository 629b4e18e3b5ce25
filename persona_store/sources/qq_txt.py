"""QQ's message manager (消息管理器) as text: sections of one chat each, and under each head the words.

    ================================================================
    消息分组:我的QQ群
    ================================================================
    消息对象:支付运维
    ================================================================

    2026-03-02 09:30:00 林薇(10001)
    每天 09:00

Groups tell numbers, or the address of who is known by none; chats of two tell names only. Seen in the readers of
https://github.com/hellodigua/ChatLab (qq-native-txt.ts).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from persona_store.sources import chat_headed
from persona_store.sources.chat_dialect import Place
from persona_store.sources.chat_json import Json
from persona_store.sources.chat_line import Line

_HEAD = re.compile(
    r"(?P<time>\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}:\d{2})[ \t](?:【[^】\n]{0,40}】)*(?P<name>[^\n]{0,120}?)"
    r"(?P<id>\(\d{5,12}\)|<[^<>\s]{3,80}@[^<>\s]{3,80}>)?[ \t]{0,9}"
)
_GROUP, _CHAT, _RULE = re.compile(r"消息分组[:：](.*)"), re.compile(r"消息对象[:：](.+)"), re.compile(r"={16,}")
_OF_MANY = ("群", "多人聊天", "讨论组")
_BEGINNING = "消息记录"  # "（此消息记录为文本格式，不支持重新导入）"


def messages(pieces: Iterable[str], place: Place) -> Iterator[Json | Line | str]:
    """Rows (see chat_table) with their chat; before those of a chat of two one `{"chat_id", "direct"}`."""
    section: Json = {}
    for part in _sections(chat_headed.split(pieces)):
        if isinstance(part, dict):
            section = part
            yield {"chat_id": section["chat"], "members": [], "direct": section["direct"]}
            continue
        for said in chat_headed.read(part, place, _HEAD):
            if isinstance(said, dict):
                said["sender_id"] = said["sender_id"].strip("()<>")
                yield {**said, "chat_id": section["chat"]} if section else said
            else:
                yield said


def _sections(lines: Iterator[str]) -> Iterator[Json | Iterator[str]]:
    """What each section is, then its lines; the caller reads these to their end first."""
    following: list[Json] = []

    def until_next() -> Iterator[str]:
        held: list[str] = []  # a rule and what may turn out to be the beginning of a section
        for line in lines:
            held.append(line)
            if len(held) == 4 and (chat := _CHAT.fullmatch(line)):
                of_many = any(sign in held[1] for sign in _OF_MANY)
                following.append({"chat": chat[1].strip(), "direct": not of_many})
                return
            if not _fits(held):
                yield from (each for each in held if not each.startswith(_BEGINNING))
                held = []
        yield from held

    yield until_next()
    while following:
        yield following.pop()
        yield _without_rule(until_next())


def _fits(held: list[str]) -> bool:
    expected = (_RULE, _GROUP, _RULE, _CHAT)[len(held) - 1]
    return bool(expected.fullmatch(held[-1]))


def _without_rule(lines: Iterator[str]) -> Iterator[str]:
    """The last rule of a section's head."""
    first = next(lines, "")
    if not _RULE.fullmatch(first):
        yield first
    yield from lines
