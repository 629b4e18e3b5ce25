"""One question across three platforms: asked in a Feishu group, owned on DingTalk, administered from Slack.

The whole bot with the three unmodified SDKs, each on its own local platform.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.dingtalk import create as open_dingtalk
from adapters.feishu import create as open_feishu
from adapters.protocol import HasConnection
from adapters.slack import create as open_slack
from bots.app import App, open_app
from bots.operator import create, keep_consent, switch
from bots.options import Data, Settings, Store
from persona_store.consent import draft, signing
from persona_store.model import Persona, PersonaRules
from tests.adapters.dingtalk.harness import config_for as dingtalk_config
from tests.adapters.feishu.harness import config_for as feishu_config
from tests.adapters.slack.harness import config_for as slack_config
from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.feishu import FeishuServer
from tests.platforms.slack import SlackServer
from tests.scenarios.world import KEY, passages

GROUP, ROOM = "oc_pay", "C1"
MEI, ANN = "ou_mei", "ou_ann"  # who ask, on Feishu
LAN_THERE, LAN, TOMAS = "ou_lan", "staff_lan", "staff_tomas"  # the owner's two accounts; the deputy
MAYA = "U0ADM"  # the admin, on Slack

RETRY = "how often does the payment retry job run?"
UNKNOWN = "what is the SLA we promised to the Lisbon warehouse?"
AGAIN = "What SLA did we promise the Lisbon warehouse?"
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


@dataclass
class Platforms:
    feishu: FeishuServer
    ding: DingTalkServer
    slack: SlackServer
    app: App

    async def at_rest(self, *, within: float = 10.0) -> None:
        async with asyncio.timeout(within):
            while True:
                await asyncio.gather(self.feishu.settled(), self.ding.settled(), self.slack.settled())
                backlog = await self.app.services.store.backlog()
                if backlog.waiting == backlog.claimed == 0:
                    return
                await asyncio.sleep(0.02)


def furnish(feishu: FeishuServer, ding: DingTalkServer, slack: SlackServer) -> None:
    for id, name in {MEI: "Mei", ANN: "Ann", LAN_THERE: "Lan"}.items():
        feishu.space.add_user(id, name)
    feishu.space.add_chat(GROUP, "payments", [MEI, ANN, LAN_THERE, feishu.space.bot_open_id])
    for id, name in {LAN: "Zhou Lan", TOMAS: "Tomas"}.items():
        ding.space.add_user(id, name)
    slack.space.add_user(MAYA, "Maya")
    slack.space.add_channel(ROOM, "ops", [MAYA, slack.space.bot_user])


async def live(app: App) -> None:
    """Answers on Feishu, is owned on DingTalk; its material is of people on Feishu."""
    now = app.services.clock.now()
    persona = Persona(
        name="lin",
        display_name="Lin's notes",
        state="draft",
        created_at=now,
        state_at=now,
        subject="feishu:ou_lin",
        owner=f"dingtalk:{LAN}",
        deputy=f"dingtalk:{TOMAS}",
        chats=("feishu:*",),
        rules=PersonaRules(quiet_from="00:00", quiet_to="00:00"),
    )
    await create(app, persona)
    wishes = draft.Choices(
        owner=persona.owner,
        sources=("slack_export",),
        containers=("*", "G0SEC"),
        audiences=("feishu:*",),
        cooling_off_days=0,
        learn=True,
        days=365,
    )
    raw = draft.draft(wishes, now)
    await keep_consent(app, persona, raw, signing.sign(raw, KEY), signing.public_key(KEY))
    called = {"U0LIN": "ou_lin", "U0MEI": MEI}
    await (await app.services.library.file("lin")).add(passages("feishu", now, called.__getitem__))
    await switch(app, persona, "live", quiet=True)


@pytest.fixture
async def p(tmp_path: Path) -> AsyncIterator[Platforms]:
    settings = Settings(
        adapters=("feishu", "dingtalk", "slack"),
        admins=(f"slack:{MAYA}",),
        data=Data(dir=tmp_path),
        store=Store(url=f"sqlite:///{tmp_path / 'understudy.db'}"),
    )
    async with AsyncExitStack() as stack:
        feishu = await stack.enter_async_context(FeishuServer())
        ding = await stack.enter_async_context(DingTalkServer())
        slack = await stack.enter_async_context(SlackServer())
        furnish(feishu, ding, slack)
        adapters: dict[str, Any] = {
            "feishu": open_feishu(feishu_config(feishu)),
            "dingtalk": open_dingtalk(dingtalk_config(ding)),
            "slack": open_slack(slack_config(slack)),
        }
        app = await stack.enter_async_context(open_app(settings, adapters=adapters))
        await live(app)
        running = asyncio.create_task(app.run())
        try:
            await connected(adapters)
            yield Platforms(feishu, ding, slack, app)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def connected(adapters: dict[str, HasConnection], *, within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while True:
            if all([await adapter.connected() for adapter in adapters.values()]):
                return
            await asyncio.sleep(0.02)


async def test_asked_on_feishu_owned_on_dingtalk_administered_from_slack(p: Platforms) -> None:
    """The whole loop, once around: answer, escalation, relay into the first thread, learning, retirement."""
    lan = p.ding.space.direct(LAN).id

    known = p.feishu.say(MEI, GROUP, RETRY)
    answer = await p.feishu.next_post(GROUP)
    assert answer.root == known
    assert answer.shown.startswith("[AI-generated · Lin's notes · not the person]")
    assert "every 15 minutes" in answer.shown
    assert "Zhou Lan" in answer.shown  # who is answerable is called as on their own platform

    asked = p.feishu.say(MEI, GROUP, UNKNOWN)
    told = await p.feishu.next_post(GROUP)
    assert told.root == asked
    assert "Zhou Lan" in told.shown
    card = await p.ding.next_post(lan)
    assert UNKNOWN in card.shown
    assert "Mei" in card.shown

    p.ding.dm(LAN, "Four hours on working days.")
    relayed = await p.feishu.next_post(GROUP)
    assert relayed.root == asked
    assert "Four hours on working days." in relayed.shown
    assert relayed.shown.startswith("[Answered by a person · Zhou Lan]")
    assert MEI in relayed.mentions
    await p.at_rest()

    again = p.feishu.say(ANN, GROUP, AGAIN)
    learnt = await p.feishu.next_post(GROUP)
    assert learnt.root == again
    assert "Four hours on working days." in learnt.shown

    waiting = p.feishu.say(ANN, GROUP, "who signs the lease of the Porto office?")
    assert (await p.feishu.next_post(GROUP)).root == waiting
    await p.at_rest()
    assert (await p.slack.slash(MAYA, ROOM, "retire lin")).acked
    sure = await p.slack.next_post()
    assert (await p.slack.press(MAYA, sure, "confirm")).acked
    await p.at_rest()
    assert any(posted.root == waiting and "has been retired" in posted.shown for posted in p.feishu.standing(GROUP))
    p.feishu.say(MEI, GROUP, RETRY)
    await p.at_rest()
    last = p.feishu.standing(GROUP)[-1]
    assert "retired" in last.shown
    assert "15 minutes" not in last.shown


async def test_the_owner_proves_an_account_and_answers_from_either(p: Platforms) -> None:
    """`link` on DingTalk, the code on Feishu; then a plain reply in the Feishu thread is the owner's."""
    p.ding.dm(LAN, "/link")
    code = CODE.search((await p.ding.next_post(p.ding.space.direct(LAN).id)).shown)
    assert code is not None
    p.feishu.dm(LAN_THERE, f"/link {code[0]}")
    sure = await p.feishu.next_post(p.feishu.space.direct(LAN_THERE).id)
    assert "Zhou Lan" in sure.shown
    await p.feishu.press(LAN_THERE, sure, "confirm")
    await p.at_rest()
    assert await p.app.services.directory.same(f"dingtalk:{LAN}", f"feishu:{LAN_THERE}")

    asked = p.feishu.say(MEI, GROUP, UNKNOWN)
    await p.at_rest()
    p.feishu.say(LAN_THERE, GROUP, "Four hours on working days.", thread=asked)
    await p.at_rest()
    p.feishu.say(ANN, GROUP, AGAIN)
    await p.at_rest()
    assert "Four hours on working days." in p.feishu.standing(GROUP)[-1].shown
