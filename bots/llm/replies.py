"""What an endpoint answers, as far as it is read: chat completions, their pieces and their errors. Pure.

Every field may be missing or of another kind: servers differ, and proxies answer in a server's place.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
from msgspec import Struct

from persona_store.completion import Usage

LONGEST_NAME = 200


class Reply(Struct, frozen=True):
    """`found`: there was a choice at all."""

    text: str = ""
    refusal: bool = False
    finish: str = ""
    usage: Usage | None = None
    model: str = ""
    found: bool = False


def reply_in(raw: bytes) -> Reply | None:
    """None for what is no JSON object."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return reply_of(value, "message") if isinstance(value, dict) else None


def reply_of(value: dict[str, Any], part: str) -> Reply:
    """`part` is where the words are: `message` of a whole answer, `delta` of a piece."""
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message = choice.get(part)
    message = message if isinstance(message, dict) else {}
    return Reply(
        text=_text(message.get("content")),
        refusal=bool(message.get("refusal")),
        finish=_word(choice.get("finish_reason")),
        usage=usage_of(value.get("usage")),
        model=_word(value.get("model")),
        found=bool(choice),
    )


def usage_of(value: Any) -> Usage | None:
    """None where it was not counted, or not in numbers that can be."""
    if not isinstance(value, dict):
        return None
    given, made = value.get("prompt_tokens"), value.get("completion_tokens")
    if type(given) is not int or type(made) is not int or min(given, made) < 0 or given + made > 10**9:
        return None
    return Usage(given, made) if given + made else None


def error_in(raw: bytes) -> tuple[str, str]:
    """An error's code and everything it says, lower case: to be looked through, never to be shown."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "", raw[:2000].decode("utf-8", "replace").lower()
    error = value.get("error", value) if isinstance(value, dict) else value
    code = error.get("code") if isinstance(error, dict) else ""
    said = msgspec.json.encode(error)[:4000].decode("utf-8", "replace").lower()
    return _word(code).lower(), said


def seconds(header: str) -> float | None:
    """Of a Retry-After header in seconds (RFC 9110, 10.2.3); its other form, a date, is worth no parser here."""
    try:
        value = float(header)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _text(content: Any) -> str:
    """Some servers answer with a list of parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(char for char in text if char.isprintable())[:LONGEST_NAME]
