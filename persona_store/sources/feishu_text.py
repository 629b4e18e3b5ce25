"""What a Feishu message says, as plain text: pure functions over its content.

The content of each type of message:
https://open.feishu.cn/document/server-docs/im-v1/message-content-description/message_content
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from persona_store.sources.chat_json import Json, decoded, dicts, string

Mentions = Mapping[str, str]
"""What is called what: `@_user_1` → the name."""

_MENTION = re.compile(r"@_(?:user_\d+|all)(?![0-9A-Za-z_])")
_AT = re.compile(r"<at\b[^<>]{0,200}>([^<>]{0,200})</at>")
_LANGUAGES = ("zh_cn", "en_us", "ja_jp")
_DEEPEST = 4


def message_text(kind: str, content: Any, mentions: Mentions) -> str:
    """The words of a message of this type; "" if there are none, as in a picture. `content` is what stands in
    `body.content`, decoded or not."""
    write = _KINDS.get(kind)
    if write is None:
        return ""
    inner = decoded(content)
    if isinstance(inner, str):  # some tool has made plain words of it
        return _mentioned(inner, mentions).strip() if kind in ("text", "post", "") else ""
    words = write(inner, mentions) if isinstance(inner, dict) else _listed(inner, mentions)
    if not words and not kind and isinstance(content, str):
        return content.strip()  # somebody wrote JSON
    return words.strip()


def _listed(content: Any, mentions: Mentions) -> str:
    """Scripts write a list of parts, words or {text}."""
    if not isinstance(content, list):
        return ""
    parts = (
        item if isinstance(item, str) else _words(item, mentions)
        for item in content
        if isinstance(item, str | dict)
    )
    return _mentioned("".join(filter(None, parts)), mentions)


def _mentioned(words: str, mentions: Mentions) -> str:
    if "@_" in words:
        words = _MENTION.sub(lambda found: "@" + mentions.get(found[0], _unnamed(found[0])), words)
    return _AT.sub(lambda found: f"@{found[1]}", words) if "<at" in words else words


def _unnamed(key: str) -> str:
    return "all" if key == "@_all" else key.removeprefix("@")


# ------------------------------------------------------------------ types


def _text(content: Json, mentions: Mentions) -> str:
    return _mentioned(string(content, "text", "content"), mentions)


def _post(content: Json, mentions: Mentions) -> str:
    body = _body(content)
    lines = body.get("content_v2") or body.get("content")
    lines = lines if isinstance(lines, list) else []
    said = [string(body, "title")]
    for line in lines:
        parts = line if isinstance(line, list) else [line]
        said.append("".join(_part(part, mentions) for part in parts if isinstance(part, dict)))
    files = content.get("files")
    said += [_named(file) for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    return "\n".join(line for line in said if line)


def _body(content: Json, depth: int = 0) -> Json:
    """The post itself, below the languages it may come in."""
    if "content" in content or "content_v2" in content or "title" in content or depth >= _DEEPEST:
        return content
    inner = [content[key] for key in (*_LANGUAGES, "post", *sorted(content)) if isinstance(content.get(key), dict)]
    return _body(inner[0], depth + 1) if inner else {}


def _part(part: Json, mentions: Mentions) -> str:
    write = _PARTS.get(string(part, "tag"))
    return _mentioned(write(part, mentions) if write else _words(part, mentions), mentions)


def _words(part: Json, mentions: Mentions) -> str:
    """As they stand: the blanks between two parts belong to one of them."""
    words = part.get("text")
    return words if isinstance(words, str) else ""


def _link(part: Json, mentions: Mentions) -> str:
    label, target = string(part, "text"), string(part, "href")
    return f"{label} ({target})" if label and target and label != target else target or label


def _at(part: Json, mentions: Mentions) -> str:
    key = string(part, "user_id")
    if key in ("all", "@_all"):
        return "@all"
    name = mentions.get(key) or string(part, "user_name")
    return "@" + (name or key.removeprefix("@_"))


def _code(part: Json, mentions: Mentions) -> str:
    return f"\n```{string(part, 'language').lower()}\n{_words(part, mentions).rstrip()}\n```\n"


def _named(content: Json, mentions: Mentions | None = None) -> str:
    name = string(content, "file_name")
    return f"[file] {name}" if name else ""


def _todo(content: Json, mentions: Mentions) -> str:
    summary = content.get("summary")
    return _post(summary, mentions) if isinstance(summary, dict) else ""


def _vote(content: Json, mentions: Mentions) -> str:
    options = content.get("options")
    options = [option for option in options if isinstance(option, str)] if isinstance(options, list) else []
    return "\n".join([string(content, "topic"), *(f"• {option}" for option in options)])


_KINDS: dict[str, Callable[[Json, Mentions], str]] = {
    "": lambda content, mentions: _text(content, mentions) or _post(content, mentions),
    "text": _text,
    "post": _post,
    "file": _named,
    "folder": _named,
    "media": _named,
    "audio": _named,
    "todo": _todo,
    "vote": _vote,
}

_PARTS: dict[str, Callable[[Json, Mentions], str]] = {
    "text": _words,
    "md": _words,
    "a": _link,
    "at": _at,
    "emotion": lambda part, mentions: f":{string(part, 'emoji_type')}:",
    "code_block": _code,
    "img": lambda part, mentions: "",
    "media": _named,
    "file": _named,
    "hr": lambda part, mentions: "",
}


def mention_names(mentions: Any) -> dict[str, str]:
    """From the list beside a message: key → name."""
    return {
        key: name for item in dicts(mentions) if (key := string(item, "key")) and (name := string(item, "name"))
    }
