"""Logs: one safe line per record, whatever the record holds (rights: T34)."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from adapters.errors import Unreachable
from bots import logs
from bots.options import Log
from persona_store.errors import Refused

SECRETS = [
    "xoxb-123-456-AbCd", "xapp-1-A0-9-ff00ff", "xoxe.xoxp-1-Mi0yLTEyMzQ",
    "Authorization: Bearer tok9999999", "{'Authorization': 'Bearer tok9999999'}",
    "authorization=Basic dXNlcjpwYXNz",
    "wss://x.example/ws?access_key=tok9999999&ticket=tok8888888", "https://a.example/v1?access_token=tok9999999",
    "https://hooks.slack.com/commands/T1/2/tok9999999", '{"response_url": "https://x.example/tok9999999"}',
    "https://oapi.dingtalk.com/robot/sendBySession?session=tok9999999",
    "'sessionWebhook': 'https://x.example/tok9999999'", "app_secret=tok9999999", "'encrypt_key': 'tok9999999'",
    "redis://user:tok9999999@db.example:6379/0", "sk-proj-tok99999999", "eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln",
]  # fmt: skip
LEAKS = ("tok9", "tok8", "AbCd", "ff00ff", "Mi0yL", "dXNlcjpwYXNz", "c2ln")


@pytest.fixture(params=["json", "console"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Logging set up as the program does it, and put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    logs.setup(Log("debug", request.param), stream)
    yield stream
    root.handlers[:], root.level = before
    logging.captureWarnings(False)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_credential_never_gets_out(stream: io.StringIO, secret: str) -> None:
    """Neither in the message, nor in its arguments, nor in a field, nor in an exception's text."""
    log = logging.getLogger("bots.test")
    log.warning("connecting with " + secret)
    log.warning("connecting with %s", secret)
    log.warning("a field", extra={"reason": secret})
    try:
        raise Unreachable("slack", f"no answer from {secret}")
    except Unreachable:
        log.exception("failed")
    assert stream.getvalue().count("\n") == 4
    assert not [leak for leak in LEAKS if leak in stream.getvalue()]
    assert "***" in stream.getvalue()


def test_ordinary_words_survive() -> None:
    """Redaction that eats everything would pass the test above."""
    line = "adapter slack connected after 3 attempts, token refreshed, see https://api.slack.com/docs?page=2"
    assert logs.redact(line) == line


def test_the_text_of_a_strangers_exception_stays_inside(stream: io.StringIO) -> None:
    """`int(text)` quotes the text: only the kind of error and the place are told."""
    try:
        int("my salary is 12345")
    except ValueError:
        logging.getLogger("bots.test").exception("handler failed")
    assert "salary" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "test_logs.py:" in stream.getvalue()


def test_an_sdk_that_quotes_a_payload_is_cut_before_it(stream: io.StringIO) -> None:
    """slack_bolt warns with the whole request body of an event nobody listens to."""
    logging.getLogger("slack_bolt.AsyncApp").warning("Unhandled request ({'type': 'event', 'text': 'my salary'})")
    assert "Unhandled request" in stream.getvalue()
    assert "salary" not in stream.getvalue()


def test_sdks_are_quiet_below_warning(stream: io.StringIO) -> None:
    for name in logs.NOISY:
        logging.getLogger(name).info("chatter")
        logging.getLogger(f"{name}.client").info("chatter")
    assert stream.getvalue() == ""


def test_nobody_can_forge_a_second_line(stream: io.StringIO) -> None:
    logging.getLogger("bots.test").warning("name is %s", "x\n10:00:00 info bots: persona retired\x1b[2J")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_only_known_fields_get_out(stream: io.StringIO) -> None:
    logging.getLogger("bots.test").warning("job done", extra={"kind": "post", "seconds": 0.5, "text": "my salary"})
    assert "post" in stream.getvalue()
    assert "0.5" in stream.getvalue()
    assert "salary" not in stream.getvalue()


def test_json_lines_can_be_read_back() -> None:
    record = logging.LogRecord("bots.x", logging.INFO, "f.py", 1, "started %s", ("好",), None)
    data = json.loads(logs.JsonLines().format(record))
    assert data["message"] == "started 好"
    assert data["level"] == "info"
    assert data["at"].endswith("+00:00")


@pytest.mark.parametrize(("error", "line"), [
    (Refused("SETTINGS", "no file", "check --config"), "understudy: error[SETTINGS]: no file · check --config"),
    (ValueError("my salary"), "understudy: ValueError at "),
    (PermissionError(13, "Permission denied", "/x"), "understudy: PermissionError: Permission denied"),
])  # fmt: skip
def test_what_nobody_caught_is_one_line(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.install_hooks()
    try:
        raise error
    except Exception as caught:
        sys.excepthook(type(caught), caught, caught.__traceback__)
    shown = capsys.readouterr().err
    assert shown.startswith(line)
    assert shown.count("\n") == 1
    assert "salary" not in shown


def test_a_thread_that_dies_is_logged_without_its_words(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.install_hooks()
    thread = threading.Thread(target=lambda: int("my salary"))
    thread.start()
    thread.join()
    assert "ValueError" in stream.getvalue()
    assert "salary" not in stream.getvalue()
