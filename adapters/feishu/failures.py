"""Feishu's error codes in the words of adapters/errors.py: the one place where they are mapped.

The codes and whether a retry can help are from the error tables of the calls in use (open.feishu.cn/document, *Send
message*, *Reply message*, *Generic error codes*) and from the field (peers.md F15, F16, F19, F26). A code nobody
listed is Rejected: retrying what is not understood would repeat it for ever.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable

PLATFORM = "feishu"

STALE_TOKEN = frozenset({99991661, 99991663, 99991664, 99991665, 99991667, 99991668, 99991671})
MISSING_SCOPE = frozenset({99991672, 99991679, 230027})
UNAUTHORISED = {
    10003: "app id or secret is malformed: copy both again from the developer console",
    10012: "there is no such app: copy the app id again from the developer console",
    10014: "the app secret is wrong: copy it again from the developer console",
    10015: "the app id is not this secret's: copy both again from the developer console",
    11205: "the bot is off: add the bot feature and publish a version",
    99991401: "this machine's address is not on the app's IP list",
    99991543: "the app secret is wrong: copy it again from the developer console",
    99991662: "the app is not active: publish a version, and have an admin enable it",
    99991673: "the app was uninstalled or is disabled: an admin must enable it",
    99991674: "the app is disabled for this tenant: an admin must enable it",
    212100: "the app is not installed: publish a version",
    230006: "the bot is off: turn on the bot feature and publish a version",
    1000040344: "app id or secret is missing or wrong",
    1000040345: "app id or secret is wrong: copy both again from the developer console",
}
NOT_FOUND = {
    41012: "nobody has this id",
    40001: "nobody has this id",
    99992351: "nobody has this id",
    99992352: "nobody has this id",
    99992360: "nobody has this id",
    99992364: "nobody has this id",
    99992361: "this open_id belongs to another app: use the one this app sees",
    230002: "the bot is not in this chat: add it",
    230003: "the chat does not exist",
    230011: "the message was recalled",
    230013: "this person is outside the app's availability: widen it in the developer console",
    230019: "the topic does not exist any more",
    230050: "the message cannot be seen by the bot",
    230053: "this person has blocked the bot",
    230110: "the message was deleted",
    231003: "the message is gone",
    232006: "the chat does not exist",
    232009: "the chat was disbanded",
    232010: "the bot is in another tenant's chat",
    232011: "the bot is not in this chat: add it",
    232033: "the chat does not exist, or the bot is not in it",
}
NOT_VISIBLE = 41050  # somebody exists and is outside of what the app may see
GONE = frozenset({"230011", "230110", "231003", "230050"})  # the message replied to
CARD_REFUSED = 230099  # what is wrong with the card is a code of its own within the message
NOBODY_TO_CALL = "100290"  # the card mentions somebody who is not there (any more)
NO_THREADS = "230071"  # this chat does not know topics
LATER = frozenset({99991400, 99991402, 99991403, 11020, 11021, 230020})
UNKNOWN_FATE = frozenset({1500, 2200, 99991500, 99991501, 230049})  # "the message is being sent"
NOTHING_HAPPENED = frozenset({1, 1000040343, 1000040350, 99991445})

DEFAULT_WAIT = 1.0  # for a refusal without x-ogw-ratelimit-reset: the limits are counted by the second
LONGEST_WAIT = 3600.0
_INNER = re.compile(r"ErrCode: (\d{3,9})")
_GRANT = re.compile(r"https?://[\w.:-]+/app/[^\s\"'<>，]+")


def error_for(
    what: str, code: int, message: str = "", *, status: int = 200, headers: Mapping[str, str] | None = None
) -> AdapterError:
    """The error to raise when the call `what` was answered with `code` (or with `status` alone, by a proxy).
    Of `message` only the address of the console where a scope is granted is passed on."""
    told = str(code or "")
    inner = _INNER.search(message) if code == CARD_REFUSED else None
    if inner:
        told = inner[1]
    error = _error(f"{what} was answered {told or status}", code, message, status, headers or {})
    error.code = told
    return error


def _error(what: str, code: int, message: str, status: int, headers: Mapping[str, str]) -> AdapterError:
    if code in LATER or status == 429:
        return RateLimited(PLATFORM, what, seconds(headers))
    if code in MISSING_SCOPE:
        return Unauthorised(PLATFORM, f"{what}: a scope is missing" + _where(message))
    if code in UNAUTHORISED:
        return Unauthorised(PLATFORM, f"{what}: {UNAUTHORISED[code]}")
    if code in STALE_TOKEN:
        return Unauthorised(PLATFORM, f"{what}: the token is refused although it is new")
    if code in NOT_FOUND:
        return NotFound(PLATFORM, f"{what}: {NOT_FOUND[code]}")
    if code == 230001 and ("receive_id" in message or "message_id" in message):
        return NotFound(PLATFORM, f"{what}: no such chat, person or message")
    if code in NOTHING_HAPPENED or status == 503:
        return Unreachable(PLATFORM, what)
    if code in UNKNOWN_FATE or status >= 500:
        return Unreachable(PLATFORM, what, placed=True)
    return Rejected(PLATFORM, what)


def grant_url(message: str) -> str:
    """Where an admin grants what is missing, as the platform itself says it (F26); "" if it does not."""
    found = _GRANT.search(message)
    return found[0] if found else ""


def _where(message: str) -> str:
    url = grant_url(message)
    return f": grant it at {url}" if url else ": grant it in the developer console and publish a version"


def seconds(headers: Mapping[str, str]) -> float:
    """How long a refused call has to wait (`x-ogw-ratelimit-reset`, else Retry-After); names in any case."""
    given = {name.lower(): value for name, value in headers.items()}
    for name in ("x-ogw-ratelimit-reset", "retry-after"):
        try:
            wait = float(given[name])
        except (KeyError, ValueError):
            continue
        if not math.isnan(wait):  # "nan" is a number to Python, and to nothing that waits
            return min(max(wait, DEFAULT_WAIT), LONGEST_WAIT)
    return DEFAULT_WAIT
