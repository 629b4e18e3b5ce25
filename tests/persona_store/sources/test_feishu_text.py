"""What each type of Feishu message says, and each part of a post."""

from __future__ import annotations

import json
from typing import Any

import pytest

from persona_store.sources.feishu_text import message_text


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text", {"text": "你好"}, "你好"),
        ("text", {"text": '<at user_id="ou_1">Bob</at> 看'}, "@Bob 看"),
        ("text", {"text": "写 @_user_1 和 @_all"}, "写 @Bob 和 @all"),
        ("text", {"text": "@_user_10 与 @_user_1x"}, "@_user_10 与 @_user_1x"),
        ("file", {"file_key": "f", "file_name": "手册.pdf"}, "[file] 手册.pdf"),
        ("media", {"file_key": "f", "file_name": "演示.mp4", "image_key": "i"}, "[file] 演示.mp4"),
        ("folder", {"file_name": "资料"}, "[file] 资料"),
        ("image", {"image_key": "i"}, ""),
        ("audio", {"file_key": "f", "duration": 2000}, ""),
        ("sticker", {"file_key": "f"}, ""),
        ("share_user", {"user_id": "ou_1"}, ""),
        ("location", {"name": "家", "longitude": "1"}, ""),
        ("todo", {"summary": {"content": [[{"tag": "text", "text": "周四发布"}]]}}, "周四发布"),
        ("vote", {"topic": "哪天？", "options": ["周三", "周四", 5]}, "哪天？\n• 周三\n• 周四"),
        ("hologram", {"text": "x"}, ""),
        ("", ["一", {"text": "二"}, {"text": None}, 3], "一二"),
        ("", {"content": "内容"}, "内容"),
        ("", '{"approved": false}', '{"approved": false}'),
    ],
)
def test_types(kind: str, content: Any, text: str) -> None:
    assert message_text(kind, content, {"@_user_1": "Bob"}) == text
    if isinstance(content, dict):
        assert message_text(kind, json.dumps(content), {"@_user_1": "Bob"}) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"tag": "text", "text": " 空格也算 "}, "空格也算"),
        ({"tag": "text", "text": "粗", "style": ["bold"]}, "粗"),
        ({"tag": "a", "text": "网关", "href": "https://gw"}, "网关 (https://gw)"),
        ({"tag": "a", "href": "https://gw"}, "https://gw"),
        ({"tag": "a", "text": "https://gw", "href": "https://gw"}, "https://gw"),
        ({"tag": "at", "user_id": "@_user_1"}, "@Bob"),
        ({"tag": "at", "user_id": "ou_9", "user_name": "Eve"}, "@Eve"),
        ({"tag": "at", "user_id": "all"}, "@all"),
        ({"tag": "emotion", "emoji_type": "SMILE"}, ":SMILE:"),
        ({"tag": "code_block", "language": "PYTHON", "text": "x = 1\n"}, "```python\nx = 1\n```"),
        ({"tag": "md", "text": "**要点**"}, "**要点**"),
        ({"tag": "img", "image_key": "i"}, ""),
        ({"tag": "media", "file_key": "f"}, ""),
        ({"tag": "hr"}, ""),
        ({"tag": "new", "text": "新"}, "新"),
        ({"tag": 5, "text": None}, ""),
    ],
)
def test_parts_of_a_post_below_any_language(part: dict[str, Any], text: str) -> None:
    body = {"title": "", "content": [[part], ["", None]]}
    for post in (body, {"zh_cn": body}, {"en_us": body, "ja_jp": {}}, {"post": {"zh_cn": body}}, {"fr_fr": body}):
        assert message_text("post", post, {"@_user_1": "Bob"}) == text


def test_a_post_says_its_title_its_later_form_and_its_files() -> None:
    post = {
        "title": "回滚",
        "content": [[{"tag": "text", "text": "旧"}]],
        "content_v2": [[{"tag": "md", "text": "新"}]],
        "files": [{"file_key": "f", "file_name": "a.pdf"}, 5],
    }
    assert message_text("post", post, {}) == "回滚\n新\n[file] a.pdf"
