"""The permissions we ask for, and for each what does not work without it.

They are applied for one by one in the developer console (Permission Management), most are granted at once; the app
is then published anew. `check.py` probes them against this table.
"""

from __future__ import annotations

from msgspec import Struct


class Permission(Struct, frozen=True):
    """`code` is what DingTalk calls it and the console's search finds; `title` what it shows, where that is known;
    `needed` says for what."""

    code: str
    title: str
    without: str
    needed: str = "always"  # always | cards | streaming | groups


PERMISSIONS = (
    Permission(
        "qyapi_robot_sendmsg",
        "企业内机器人发送消息权限",
        "nobody can be written to directly, and late answers do not reach their group",
    ),
    Permission(
        "qyapi_get_member",
        "成员信息读权限",
        "who is a colleague, and who has left, is unknown: names are missing and owners cannot be checked",
    ),
    Permission("Card.Instance.Write", "互动卡片实例写权限", "answers are plain messages instead of cards", "cards"),
    Permission(
        "Card.Streaming.Write", "AI卡片流式更新权限", "answers appear at once instead of word by word", "streaming"
    ),
    Permission(
        "qyapi_chat_read",
        "",
        "who reads along in a group is unknown, so only what everyone may read is said there",
        "groups",
    ),
)
BY_CODE = {permission.code: permission for permission in PERMISSIONS}
