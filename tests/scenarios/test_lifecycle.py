"""From any sequence of events: nothing is ever quoted for a persona outside `live`, and nobody is left without a
word (rights.md §2B)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.model import Post, Receipt, Thread
from tests.scenarios.stages import STAGES
from tests.scenarios.world import World, folder, world

RETRY = "How often does the payment retry job run?"
UNKNOWN = "What is the SLA we promised to the Lisbon warehouse?"
EVENTS = (
    "ask", "ask", "ask unknown", "slow", "wait", "owner answers", "down", "topics", "why",
    "pause", "subject pauses", "resume", "retire", "confirm", "withdraw",
)  # fmt: skip


class Watched:
    """Notes in which state the persona was whenever something was placed."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.spoken: list[tuple[str, Post]] = []
        self._post = w.chat.adapter.post
        w.chat.adapter.post = self.post  # looks over its shoulder

    async def post(self, thread: Thread, post: Post) -> Receipt:
        persona = await self.w.app.services.personas.get("lin")
        receipt = await self._post(thread, post)
        self.spoken.append((persona.state if persona else "", post))
        return receipt


async def play(w: World, event: str, id: str) -> None:
    match event:
        case "ask":
            await w.say(w.mei, RETRY, id=id)
        case "ask unknown":
            await w.say(w.ann, UNKNOWN, id=id)
        case "slow":
            if "limits" not in w.chat.lacks:
                w.chat.later(90)
        case "wait":
            await w.pass_time(minutes=30)
        case "owner answers":
            await w.say(w.owner, "Four hours, on weekdays.", direct=True)
        case "topics":
            await w.say(w.mei, "topics")
        case "why":
            await w.say(w.mei, "why")
        case "pause":
            await w.say(w.admin, "/pause lin")
        case "subject pauses":
            await w.say(w.subject, "/pause lin", direct=True)
        case "resume":
            await w.say(w.admin, "/resume lin")
        case "retire":
            await w.say(w.admin, "/retire lin")
        case "withdraw":
            await w.say(w.subject, "withdraw", direct=True)
        case "down" | "confirm":
            for posted in reversed(w.posts):
                if event in [button.action for button in posted.post.card.buttons]:
                    await w.press(w.admin if event == "confirm" else w.mei, posted, event)
                    break


async def live_through(stage: str, events: list[str]) -> None:
    with folder() as path:
        async with world(path, STAGES[stage]) as w:
            await w.persona()
            watched = Watched(w)
            heard: set[str] = set()  # at any time: what stood there is taken back when the persona ends
            for n, event in enumerate(events):
                await play(w, event, f"said{n}")
                heard |= {posted.thread.root for posted in w.posts}
            await w.pass_time(hours=2)
            heard |= {posted.thread.root for posted in w.posts}
            for n, event in enumerate(events):
                if event.startswith("ask"):
                    assert f"said{n}" in heard, f"{event!r} got no word"
            for state, post in watched.spoken:
                assert not post.card.quotes or state == "live", post.card.text
                assert not post.card.quotes or post.card.label or post.card.tone == "owner"


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_nothing_is_quoted_outside_live_and_every_question_gets_a_word(stage: str) -> None:
    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(EVENTS), min_size=4, max_size=10))
    def lives(events: list[str]) -> None:
        asyncio.run(live_through(stage, events))

    lives()


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_an_answer_that_is_under_way_when_the_persona_is_paused_becomes_a_plain_sentence(stage: str) -> None:
    """The watcher sees what it should: the answer waits for the platform, the pause comes first."""
    asyncio.run(live_through(stage, ["slow", "ask", "pause", "wait"]))
