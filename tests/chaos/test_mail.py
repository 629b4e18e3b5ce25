"""The bot killed with a letter in its hand: the letter goes once, when it is back."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bots.app import open_app
from bots.letters import sending
from bots.letters.sending import Mailer
from bots.options import Data, Settings, Store
from persona_store.clock import ManualClock
from persona_store.protocols import Batch
from tests.bots.cli.conftest import sh
from tests.bots.cli.shell import Shell
from tests.bots.letters.postbox import LIN, postbox, settings

__all__ = ["sh"]
pytestmark = pytest.mark.slow


def free() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


async def test_killed_before_the_server_has_a_letter_each_goes_once(
    sh: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 while the server thinks about the reader: after the restart there is one of each, and no second."""
    async with postbox() as post:
        variables = {"HOST": "127.0.0.1", "PORT": str(post.port), "SENDER": "bot@acme.example", "TLS": "none"}
        for name, value in variables.items():
            monkeypatch.setenv(f"UNDERSTUDY_MAIL_{name}", value)
        monkeypatch.setenv("UNDERSTUDY_WEB_PORT", free())
        await asyncio.to_thread(typed, sh)
        post.stall = 30.0
        first = sh.process("run", "--no-sample")
        await asyncio.wait_for(post.knocked.wait(), 30)
        os.kill(first.pid, signal.SIGKILL)
        await asyncio.to_thread(first.wait)
        assert post.box == []
        post.stall = 0.0
        assert await taken_over(sh, post.port) == 2
    sent = Counter(str(mail["Message-ID"]) for mail in post.mails)
    assert set(sent.values()) == {1}
    assert len(sent) == 2  # the receipt, and that it is live
    assert set(post.recipients) == {LIN}


async def taken_over(sh: Shell, port: int) -> int:
    """The next process, a minute later, when nobody holds the letters any more; returns how many it had in hand."""
    mail = settings(port, sender="bot@acme.example")
    kept = Settings(data=Data(dir=sh.data), store=Store(url=f"sqlite://{sh.data / 'understudy.db'}"), mail=mail)
    done = 0
    async with open_app(kept, clock=ManualClock(datetime.now(UTC) + timedelta(minutes=1))) as app:
        store = app.services.store
        while (claim := await store.claim((sending.MAIL,), lease=60)) is not None:
            batch = await Mailer(app.services).send(claim)
            assert batch is not None
            await store.commit(batch.plus(Batch(finish=claim)))
            done += 1
    return done


def typed(sh: Shell) -> None:
    sh.draft()
    sh.done("consent", "sign", "lin", "--sources", "slack-export", "--cooling-off", "0", "--mail", LIN, "--yes")
    sh.done("persona", "live", "lin")
