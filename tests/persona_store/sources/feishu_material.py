"""Makes Feishu messages as its API lists them, and what tools and scripts make of them."""

from __future__ import annotations

import json
from typing import Any

START = 1_772_442_000  # 2026-03-02T09:00:00Z, 17:00 in Beijing
LIN, BOB, EVE = "ou_lin0001", "ou_bob0002", "ou_eve0003"
NAMES = {LIN: "林薇", BOB: "Bob Hart", EVE: "林薇儿"}
OPS, HR, PAIR = "oc_ops00001", "oc_hr000002", "oc_pair0003"
TENANT = "t-acme"

Json = dict[str, Any]


def item(number: int, by: str, content: Any, after: float, kind: str = "text", **more: Any) -> Json:
    """An item of `GET im/v1/messages`, `after` seconds into the day. Words are a text message."""
    content = {"text": content} if isinstance(content, str) and kind == "text" else content
    body = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    moment = str(int((START + after) * 1000))
    return {
        "message_id": f"om_{number:04}",
        "msg_type": kind,
        "create_time": moment,
        "update_time": moment,
        "deleted": False,
        "updated": False,
        "chat_id": OPS,
        "sender": {"id": by, "id_type": "open_id", "sender_type": "user", "tenant_key": TENANT},
        "body": {"content": body},
        **more,
    }


def answer(*items: Any, **more: Any) -> Json:
    """What the API answers."""
    return {
        "code": 0,
        "msg": "success",
        "data": {"has_more": False, "page_token": "", "items": list(items), **more},
    }


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def lines(*values: Any) -> bytes:
    return b"".join(dump(value) + b"\n" for value in values)


def mention(number: int, who: str) -> Json:
    return {
        "key": f"@_user_{number}",
        "id": who,
        "id_type": "open_id",
        "name": NAMES.get(who, who),
        "tenant_key": TENANT,
    }


def members(*who: str) -> Json:
    """What `GET im/v1/chats/:id/members` answers."""
    return answer(
        *({"member_id": id, "member_id_type": "open_id", "name": NAMES[id], "tenant_key": TENANT} for id in who)
    )
