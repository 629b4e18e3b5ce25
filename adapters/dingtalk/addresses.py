"""How people and chats are called. Pure.

A direct chat is named by its reader, `u:<staffId>`: the robot API addresses it so, anybody in the organisation can
be written to without a call before, and what comes in and what goes out are one and the same chat. (DingTalk's own
id for it is good for nothing but showing a reaction.) Somebody without a staffId of our organisation is
`x:<encrypted id>`, which no robot can write to.
"""

from __future__ import annotations

from adapters.dingtalk.failures import PLATFORM
from adapters.errors import NotFound
from adapters.model import Thread

_DIRECT, _OUTSIDER = "u:", "x:"
_ENCRYPTED = "$:LWCP_v1:$"  # stands before an encrypted id, but not always (peers.md D11)


def bare(id: object) -> str:
    """An encrypted id without its mark, so that two spellings of one are equal."""
    return str(id or "").removeprefix(_ENCRYPTED)


def outsider(id: object) -> str:
    return _OUTSIDER + bare(id)


def is_outsider(id: str) -> bool:
    return id.startswith((_OUTSIDER, _ENCRYPTED))


def is_outside(thread: Thread) -> bool:
    """Whether this is the direct chat of somebody from outside."""
    return thread.direct and is_outsider(thread.chat.removeprefix(_DIRECT))


def lane_of(id: str) -> str:
    """What a group's thread hangs from: DingTalk has no threads, so one asker's questions in a group are one."""
    return _DIRECT + id


def direct(id: str, *, root: str = "", anchor: str = "") -> Thread:
    """The private thread with somebody. It has no tenant: one app belongs to one organisation, and whether we have
    heard its id yet must not make two threads of one."""
    return Thread(PLATFORM, _DIRECT + id, root=root, anchor=anchor, direct=True)


def staff_of(thread: Thread) -> str:
    """Whom a direct thread reaches. Raises NotFound for somebody no robot can write to."""
    id = thread.chat.removeprefix(_DIRECT)
    if not id or is_outsider(id):
        raise NotFound(PLATFORM, "somebody from outside has no staffId and cannot be written to directly")
    return id
