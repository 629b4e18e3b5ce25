"""What a message of WeCom's archive says, as plain text: pure functions over its content.

The types: https://developer.work.weixin.qq.com/document/path/91774
"""

from __future__ import annotations

from typing import Any

from persona_store.sources.chat_json import decoded, dicts, string

_RECORD = "chatrecord"
_DEEPEST = 6


def spoken(kind: str, body: Any) -> tuple[str, str]:
    """(words of who sent it, words of others that stand in it). What is shared, as a link or a card, is named or
    nothing: its title is not the sender's."""
    body = decoded(body)
    if isinstance(body, str):
        return (body.strip(), "") if kind in ("text", "markdown", "mixed", "") else ("", "")
    if kind in ("text", "markdown"):
        return string(body, "content"), ""
    if kind == "mixed":
        parts = [spoken(string(item, "type", "msgtype").lower(), item.get("content")) for item in _items(body)]
        return "\n".join(filter(None, (own for own, _ in parts))), "\n".join(
            filter(None, (said for _, said in parts))
        )
    if kind == _RECORD:
        return "", "\n".join(filter(None, _recorded(body, 0)))
    name = string(body, "filename") if kind in ("file", "qydiskfile") else ""
    title = string(body, "title") if kind == "docmsg" else ""
    return (f"[file] {name or title}", "") if name or title else ("", "")


def _items(body: Any) -> list[Any]:
    return list(dicts(body.get("item"))) if isinstance(body, dict) else []


def _recorded(body: Any, depth: int) -> list[str]:
    """The texts of a forwarded record. It does not tell who wrote them."""
    found: list[str] = []
    for item in _items(body) if depth < _DEEPEST else ():
        kind = string(item, "type").removeprefix("ChatRecord").lower()
        content = decoded(item.get("content"))
        if kind == "mixed":
            found.append(spoken("mixed", content)[0])
        elif isinstance(content, dict) and "item" in content:
            found += _recorded(content, depth + 1)
        elif kind in ("text", "markdown", "file"):
            found.append(spoken(kind, content)[0])
    return found
