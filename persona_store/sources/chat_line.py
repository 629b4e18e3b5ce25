"""What somebody said in a chat, whichever platform's export tells it, before it is known whether it is needed."""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

Ids = tuple[str, str, str]
"""A person's ids, the one that a person key is made of first; "" where it is not told. What the three are is the
platform's matter: Feishu's open_id, union_id, user_id; DingTalk's staffId, openDingTalkId and nothing."""

NOBODY: Ids = ("", "", "")

_ID = re.compile(r"[A-Za-z0-9_\-+/=.:$|@]{3,160}")
_NOT_AN_ID = frozenset(("null", "none", "nil", "undefined", "unknown", "anonymous", "n/a", "-", "0"))
_PERSON = re.compile(r"[^\s/#,]{1,160}")
_LIKE_SLACK = re.compile(r"[A-Z0-9]+/\d{1,10}\.\d{1,6}")


class Line(Struct, gc=False, array_like=True):
    """A message. Who said it is known by `ids`; `name` counts only where there is none."""

    id: str
    chat: str  # "" if it does not tell
    at: float  # seconds
    ids: Ids
    name: str
    text: str
    tenant: str = ""
    thread: str = ""  # the platform's own thread
    parents: tuple[str, ...] = ()  # messages it answers or quotes, by id
    version: float = 0.0  # of two editions of a message the later is kept
    inside: str = ""  # the forward it was passed on in
    quoted: str = ""  # words of somebody else that stand in it
    quotes: str = ""  # the message they are from, by id
    link: str = ""
    forwards: bool = False  # it passes on what others said
    gone: bool = False  # taken back: an edition that ends all others


def made_id(chat: str, at: float, who: str, text: str) -> str:
    """For a message that has none: the same whenever the same material is read."""
    digest = hashlib.sha256(f"{who}\0{text}".encode(errors="replace")).hexdigest()[:12]
    return f"{chat}/{int(at * 1000)}-{digest}"


def fit_id(given: object) -> str:
    """A message's own id, or "" for what could be meant to pass for the id of something else."""
    if not isinstance(given, str) or not _ID.fullmatch(given) or _LIKE_SLACK.fullmatch(given):
        return ""
    return given


def fit_person(given: object) -> str:
    """A person's id as it may stand in a person key, else "": what scripts write for nobody is nobody's id."""
    if not isinstance(given, str) or given.lower() in _NOT_AN_ID or not given.isprintable():
        return ""
    return given if _PERSON.fullmatch(given) else ""
