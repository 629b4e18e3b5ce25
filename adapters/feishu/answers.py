"""What came back of a call, or did not. Pure: an answer of the documented form, or the error that says what it
means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.errors import Unreachable
from adapters.feishu.failures import PLATFORM, error_for

Json = dict[str, Any]

NEVER_ARRIVED = frozenset(
    {"NewConnectionError", "ConnectTimeoutError", "ConnectTimeout", "NameResolutionError", "ProxyError", "SSLError"}
)
DEEPEST = 12  # causes of causes


def read(what: str, status: int, headers: Mapping[str, str], content: bytes, *, placed: bool) -> Json:
    """The answer to `what`, if it is a yes. `placed`: whether the call may have had effect when nobody can tell."""
    answer = _documented(content)
    if answer is None:
        if status < 400:
            raise Unreachable(PLATFORM, f"{what} was answered with something else than JSON", placed=placed)
        answer = {}
    code = int(answer.get("code") or 0)
    if code or status >= 400:
        error = error_for(what, code, str(answer.get("msg") or ""), status=status, headers=headers)
        if isinstance(error, Unreachable):
            error.placed = error.placed and placed
        raise error
    return answer


def _documented(content: bytes) -> Json | None:
    """An answer, if it has the form every answer has, so that nothing after this has to doubt it."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("code", 0), int):
        return None
    data = answer.get("data") or {}
    if not isinstance(data, dict) or not isinstance(answer.get("bot") or {}, dict):
        return None
    lists = [data.get(part) or [] for part in ("items", "scopes")]
    objects = [data.get(part) or {} for part in ("user", "app")]
    for listed in lists:
        objects += listed if isinstance(listed, list) else [None]
    return answer if all(isinstance(each, dict) for each in objects) else None


def broken(what: str, error: BaseException, *, placed: bool) -> Unreachable:
    """A call that got no answer: it found nobody, or was cut off when it may have been heard."""
    if NEVER_ARRIVED.intersection(_kinds(error)):
        return Unreachable(PLATFORM, f"{what} found nobody")
    return Unreachable(PLATFORM, f"{what} was cut off ({type(error).__name__})", placed=placed)


def _kinds(error: BaseException | None) -> Iterator[str]:
    """The names of an error and of all that caused it: the library that raises them is the SDK's affair."""
    for _ in range(DEEPEST):
        if error is None:
            return
        yield type(error).__name__
        inner = (getattr(error, "reason", None), *error.args)
        cause = next((each for each in inner if isinstance(each, BaseException)), None)
        error = cause or error.__cause__ or error.__context__
