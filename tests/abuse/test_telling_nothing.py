"""What an operator can see of a dialogue: that it happened, and not a word of it (rights.md T34)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.errors import RateLimited, Rejected, Unauthorised, Unreachable
from bots.logs import setup
from bots.options import Log
from bots.pipeline import Pipeline
from tests.abuse.material import teach
from tests.abuse.page import MEI, OWNER, local_bot
from tests.scenarios.world import world

ASKED = "asked-canary-7f3a"
KNOWN = "known-canary-91bd"
ANSWERED = "answered-canary-c02e"
TOKEN = "xoxb-canary-1234567890-abcdefghij"
NAME = "named-canary-5d11"
CANARIES = (ASKED, KNOWN, ANSWERED, TOKEN, NAME)


@pytest.fixture(params=["json", "console"])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything any logger says at the most talkative level, as it leaves the process."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.Logger.manager.loggerDict)}
    stream = io.StringIO()
    setup(Log(level="debug", format=request.param), stream)
    for name in ("asyncio", "aiohttp.access", "slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("bots").debug("the log is on")
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)


def assert_silent(text: str) -> None:
    assert "the log is on" in text
    assert [canary for canary in CANARIES if canary in text] == []


async def test_t34_no_line_tells_what_was_said(tmp_path: Path, lines: io.StringIO) -> None:
    """T34: asked, answered, escalated, relayed, commanded, and with a platform that fails in every way it can."""
    async with world(tmp_path) as w:
        mei, ann = w.chat.add("U0MEI", NAME), w.chat.add("U0ANN", "Ann")
        await w.persona()
        await teach(w, f"The Madrid failover switch is in rack nine, {KNOWN}.")
        await w.say(mei, f"where is the Madrid failover switch {ASKED}? the token is {TOKEN}")
        await w.say(mei, f"What is the SLA we promised to the Lisbon warehouse {ASKED}?")
        await w.say(w.owner, f"Four hours, {ANSWERED}, {TOKEN}.", direct=True)
        for error in (
            Unauthorised("chat", f"invalid token {TOKEN}"),
            Rejected("chat", "no_text"),
            RateLimited("chat", "slow down", 1),
            Unreachable("chat", "gone"),
        ):
            w.chat.fail(error)
            await w.chat.say(ann, f"what did {ASKED} do about refunds?", id=f"q-{type(error).__name__}")
            await w.pass_time(minutes=30)
        for command in (f"/retire {ASKED}", f"/{ASKED}", f"/lang {ASKED}", f"/owner lin {ASKED}"):
            await w.say(w.admin, command)
        metrics = w.app.services.metrics.text().decode()
    assert_silent(lines.getvalue())
    assert [canary for canary in CANARIES if canary in metrics] == []


async def test_t34_a_crash_in_the_middle_tells_where_and_not_what(
    tmp_path: Path, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T34: a bug of ours, with question and token in its locals and in its own words."""

    async def crash(self: Pipeline, asked: object) -> None:
        secret = f"{asked} {TOKEN}"
        raise ValueError(f"cannot handle {secret}\nINFO forged: a second line with {ASKED}")

    monkeypatch.setattr(Pipeline, "answer", crash)
    async with world(tmp_path) as w:
        await w.persona()
        await w.chat.say(w.mei, f"where is the Madrid failover switch {ASKED}?")
        await w.pass_time(hours=4)
    text = lines.getvalue()
    assert_silent(text)
    assert "ValueError" in text
    assert "test_telling_nothing.py" in text
    assert "forged" not in text


async def test_t34_the_open_addresses_tell_numbers_only(tmp_path: Path, lines: io.StringIO) -> None:
    """T34: /readyz, /healthz and /metrics after a dialogue on the page; the web server's own log as well."""
    async with local_bot(tmp_path) as page:
        await page.say(MEI, f"@understudy What is the SLA we promised to the Lisbon warehouse {ASKED}?")
        await page.say(OWNER, f"Four hours, {ANSWERED}.", f"D-{OWNER}")
        await page.get(f"/local/rooms/{KNOWN}?as={NAME}")
        await page.get(f"/{TOKEN}")
        await page.post(f"/local/say?as={MEI}", f'{{"text": "{ASKED}\xff'.encode("latin-1"))
        told = [await page.get(path) for path in ("/readyz", "/healthz", "/metrics")]
    assert [status for status, _ in told] == [200, 200, 200]
    assert json.loads(told[0][1])["ready"] is True
    for _, body in told:
        assert [canary for canary in CANARIES if canary in body] == []
        assert MEI not in body
    assert_silent(lines.getvalue())
