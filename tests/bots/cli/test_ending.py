"""A persona ends at the command line: what was said for it goes too, with no bot running."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from adapters.model import Card, Post, Receipt, Thread
from bots import unsaying
from bots.app import connect, open_app
from bots.options import Data, Settings, Store
from persona_store.protocols import Batch
from tests.bots.cli.shell import Shell


async def _said_on_the_local_page(data: Path) -> Receipt:
    """As a bot that ran before left it: a post that stands, and the note of where."""
    settings = Settings(
        adapters=("local",), data=Data(dir=data), store=Store(url=f"sqlite:///{data / 'understudy.db'}")
    )
    adapters = connect(settings)
    async with open_app(settings, adapters=adapters) as app:
        [room] = [room for room in adapters["local"].team.rooms if room.members is None][:1]
        thread = Thread("local", room.id)
        receipt = await adapters["local"].post(thread, Post("k1", Card("It runs every 15 minutes.", label="AI")))
        later = app.services.clock.now() + timedelta(days=30)
        await app.services.store.commit(Batch(puts=(unsaying.note("lin", receipt, later),)))
    return receipt


def test_l12_retiring_here_takes_back_what_a_bot_said_before(sh: Shell) -> None:
    """No bot runs: the command connects to the platforms itself, and the certificate counts."""
    sh.done("persona", "create", "lin", "--owner", "slack:U0OWN", "--chats", "slack:*")
    asyncio.run(_said_on_the_local_page(sh.data))
    certificate = sh.done("persona", "retire", "lin", "--yes", "--json").json
    posted = next(item for item in certificate["inventory"] if item["store"] == "posted messages")
    assert posted["result"] == "deleted 1, replaced by a mark 0, gone before 0"
    assert b"every 15 minutes" not in (sh.data / "local-chat.db").read_bytes()


def test_l12_where_a_platform_is_away_all_that_is_ours_is_gone_and_the_rest_is_told(sh: Shell) -> None:
    """The running bot goes on with it; nothing is promised that did not happen."""
    sh.done("persona", "create", "lin", "--owner", "slack:U0OWN", "--chats", "slack:*")
    asyncio.run(_said_elsewhere(sh.data))
    told = sh.done("persona", "retire", "lin", "--yes", "--json")
    assert told.json == {"persona": "lin", "left": 1}
    assert "1 messages posted for it still stand" in told.err
    assert list((sh.data / "keys").glob("lin.dek*")) == []
    assert sh.done("persona", "show", "lin", "--json").json["state"] == "erasing"


async def _said_elsewhere(data: Path) -> None:
    """On a platform this command line is not connected to."""
    settings = Settings(adapters=(), data=Data(dir=data), store=Store(url=f"sqlite:///{data / 'understudy.db'}"))
    async with open_app(settings) as app:
        later = app.services.clock.now() + timedelta(days=30)
        receipt = Receipt("1.1", Thread("slack", "C1"))
        await app.services.store.commit(Batch(puts=(unsaying.note("lin", receipt, later),)))
