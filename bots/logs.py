"""Log lines for an operator: one line each, readable or JSON, without secrets and without what anybody said.

What leaves through here is decided by three rules (rights: the log must survive being shown to a stranger):
fields come from the closed list below; anything that looks like a credential becomes `***`; and words written by
someone else's library are cut before the first bracket, because SDKs quote whole payloads there ("Unhandled
request ({…})"), while the text of an exception is kept only if it is one of ours or the system's.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from adapters.errors import AdapterError
from bots.options import Log
from persona_store.errors import StoreError

FIELDS = (
    "adapter", "attempts", "code", "count", "due", "escalation", "job", "kind", "lane", "outcome", "persona",
    "platform", "port", "reason", "seconds", "seq", "state", "version",
)  # fmt: skip
"""What `extra={…}` may carry into a line; anything else is dropped."""

OURS = ("adapters", "bots", "persona_store")
NOISY = (
    "slack_bolt", "slack_sdk", "Lark", "dingtalk_stream", "aiohttp.access", "asyncio", "websockets", "openai",
    "httpx2", "httpcore2",
)  # fmt: skip

_SECRETS = tuple(
    (re.compile(pattern, re.IGNORECASE), shown)
    for pattern, shown in (
        (r"\b(xox[a-z]|xapp)-[\w-]+", "***"),  # Slack tokens
        (r"\bsk-[\w-]{8,}", "***"),  # keys of language models
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", "***"),  # signed tokens (JWS, RFC 7515)
        (r"(authorization\W{1,4}(?:bearer|basic)?\s*)[^\s'\",}]+", r"\1***"),
        (r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", r"\1***"),
        # Addresses that let whoever holds them post: Slack's response_url, DingTalk's sessionWebhook
        (r"https?://hooks\.slack(?:-gov)?\.com/\S+", "***"),
        (r"https?://[^\s'\"]*sendBySession[^\s'\"]*", "***"),
        (r"(\b(?:response_url|session_?webhook)\b['\"]?\s*[:=]\s*['\"]?)[^\s'\",}]+", r"\1***"),
        (r"(\b[\w-]*(?:token|ticket|secret|password|access_key|api_key|apikey|encrypt_key|signature)\b"
         r"['\"]?\s*[:=]\s*['\"]?)[^\s'\"&,}]+", r"\1***"),
        (r"(://[^\s/:@]*:)[^\s/@]+@", r"\1***@"),  # a password inside an address
    )
)  # fmt: skip


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced by `***`."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


def setup(wanted: Log, stream: TextIO | None = None) -> None:
    """Send every logger's lines to `stream` (standard error). `auto` is readable on a terminal, else JSON."""
    stream = sys.stderr if stream is None else stream
    readable = wanted.format == "console" or (wanted.format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ConsoleLines() if readable else JsonLines())
    logging.basicConfig(handlers=[handler], level=wanted.level.upper(), force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)


class _Lines(logging.Formatter):
    """One record as plain safe data; the two below only differ in how they write it down."""

    def data(self, record: logging.LogRecord) -> dict[str, object]:
        message = redact(_message(record))
        data: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        for name in FIELDS:
            if (value := getattr(record, name, None)) is not None:
                data[name] = value if isinstance(value, int | float) else redact(str(value))
        if record.exc_info and (error := record.exc_info[1]) is not None:
            data["error"] = told(error)
            data["trace"] = trace(error)
        return data


class JsonLines(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.data(record), ensure_ascii=False)


class ConsoleLines(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        data = self.data(record)
        at, level, logger, message = (str(data.pop(name)) for name in ("at", "level", "logger", "message"))
        rest = "".join(f"  {name}={value}" for name, value in data.items())
        return _one_line(f"{at[11:19]} {level:7} {logger}: {message}{rest}")


def told(error: BaseException) -> str:
    """An exception as one safe line. The text of a stranger's exception may quote what somebody said, so only
    ours, which never do, and the system's (a file, an address) keep theirs."""
    name = type(error).__name__
    if isinstance(error, AdapterError | StoreError):
        return _one_line(redact(str(error)))
    if isinstance(error, OSError) and error.strerror:
        return _one_line(redact(f"{name}: {error.strerror}"))
    return name


def trace(error: BaseException) -> str:
    """Where it happened, innermost last: files and lines, never values."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return " > ".join(f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}" for frame in frames)


def install_hooks() -> None:
    """What nothing caught becomes one line on standard error (and in the log), in every thread."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: logging.getLogger("bots").error(
        "a thread died", exc_info=args.exc_value, extra={"kind": args.thread.name if args.thread else ""}
    )


def _uncaught(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    place = trace(error).rpartition(" > ")[2]
    print(f"understudy: {told(error)}" + ("" if isinstance(error, StoreError) else f" at {place}"), file=sys.stderr)


def _message(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.name.split(".")[0] in OURS:
        return text
    return re.split(r"[\[{(\n]", text, maxsplit=1)[0].strip()[:160]


def _one_line(text: str) -> str:
    """No line break or control character gets through, so that nobody can forge a second line."""
    return "".join(char if char.isprintable() else " " for char in text)
