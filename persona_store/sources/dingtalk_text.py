"""What a DingTalk message says, as plain text: pure functions over its content.

The official workspace CLI writes contents as words with marks in them for what is no text, or as the client's own
JSON; a bot receives them as https://open.dingtalk.com/document/orgapp/receive-message describes.
"""

from __future__ import annotations

import re
from typing import Any

from persona_store.sources.chat_json import decoded, dicts, string

_CIPHER = re.compile(r"[A-Za-z0-9+/=\s]{24,}\|\|\d{1,3}\|\|\d{1,3}\|\|\d{1,6}\s*")
_MEDIA = re.compile(r"!?\[[^\[\]\n]{0,20}\]\((?:mediaId|downloadCode|fileId)=[^()\n]{0,400}\)")
_FILE = re.compile(r"\[文件\]\s{0,9}(\S[^\n]{0,200}?)[ \t]{1,9}fileId:[^\n]*")
_NOTHING = re.compile(r"\[(?:图片|语音|视频|表情|动画表情|图片消息|语音消息|视频消息|卡片|位置|名片)\]")
_DEEPEST = 4


def message_text(content: Any, depth: int = 0) -> str:
    """The words; "" if there are none, as in a picture."""
    content = decoded(content)
    if isinstance(content, str):
        return _plain(content)
    if isinstance(content, list):
        return "".join(_part(part) for part in content).strip()
    if not isinstance(content, dict) or depth >= _DEEPEST:
        return ""
    for key in ("text", "content", "richText", "plainText", "markdown"):
        if words := message_text(content.get(key), depth + 1):
            return words
    name = string(content, "fileName")
    return f"[file] {name}" if name else ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    words = part.get("text") if isinstance(part, dict) else None
    return words if isinstance(words, str) else ""


def _plain(words: str) -> str:
    words = _FILE.sub(lambda found: f"[file] {found[1]}", _MEDIA.sub("", words))
    return "" if _NOTHING.fullmatch(words.strip()) else words.strip()


def is_encrypted(content: Any) -> bool:
    """Whether only the ciphertext was saved."""
    words = content if isinstance(content, str) else string(content, "text", "content")
    return bool(_CIPHER.fullmatch(words))


def is_made(content: Any) -> bool:
    """Whether the client's own card language stands in it: cards, and the answers DingTalk gives for the absent."""
    words = content if isinstance(content, str) else string(content, "text", "content")
    lines = [line for line in words.split("\n") if line.startswith(("[{", "{"))] if "items" in words else []
    return any(_holds_card(decoded(line)) for line in lines)


def _holds_card(value: Any) -> bool:
    blocks = list(dicts(value)) if isinstance(value, list) else [value] if isinstance(value, dict) else []
    inner = [block["text"] if isinstance(block.get("text"), dict) else block for block in blocks]
    return any(isinstance(item.get("data"), dict) for block in inner for item in dicts(block.get("items")))
