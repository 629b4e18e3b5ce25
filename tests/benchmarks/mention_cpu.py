"""CPU per mention, from the raw payload to the posted answer: the whole bot beside plain slack-bolt that echoes.

    python -m tests.benchmarks.mention_cpu [mentions each] [in flight]

Both are handed the same raw payloads the way bolt's Socket Mode hands them on, and post through the same SDK into a
Web API that lives in this process. The bot keeps each event durably, reads consent and persona,
retrieves in the sample persona's material, decides, audits, quotes and posts by its outbox. Retrieval is also
measured alone. CPU is that of the whole process with the store's writer thread; fsync moves the time, not the CPU.
`--profile` prints where the bot's CPU goes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest, AsyncSay

from adapters.secret import Secret
from adapters.slack import Config, SlackAdapter, create
from bots import sample
from bots.agent.decision import decide
from bots.app import App, open_app
from bots.model import Question
from bots.operator import create as create_persona
from bots.operator import found, import_into, keep_consent, switch
from bots.options import Data, Limits, Settings, Store
from bots.sample.source import sample_sources
from persona_store.consent import draft, signing
from persona_store.model import Persona
from tests.benchmarks.slack_stub import TOKEN, StubSession, mention
from tests.benchmarks.store import fsync_p50_ms

Dispatch = Callable[[str], Awaitable[None]]


async def sample_persona(app: App) -> None:
    """The sample's material for a persona that answers on Slack."""
    given, now = sample.persona(), app.services.clock.now()
    owner = given.owner.replace("local:", "slack:")
    persona = Persona(
        name=given.name,
        display_name=given.display_name,
        state="draft",
        created_at=now,
        state_at=now,
        subject=given.subject.replace("local:", "slack:"),
        owner=owner,
        chats=("slack:*",),
        aliases=given.aliases,
        rules=given.rules,
    )
    await create_persona(app, persona)
    made, key = await found(app, given.name), signing.generate_key()
    wishes = draft.Choices(
        owner=owner,
        sources=("slack_export", "doc"),
        containers=("*",),
        audiences=("slack:*",),
        cooling_off_days=0,
        days=365,
    )
    raw = draft.draft(wishes, now)
    await keep_consent(app, made, raw, signing.sign(raw, key), signing.public_key(key))
    for source in sample_sources():
        await import_into(app, made, source)
    await switch(app, made, "live")


@asynccontextmanager
async def whole_bot(folder: Path) -> AsyncIterator[tuple[App, StubSession, Dispatch]]:
    session = StubSession()
    adapter: SlackAdapter = create(
        Config(bot_token=Secret(TOKEN), app_token=Secret(""), signing_secret=Secret("fixture"), mode="http")
    )
    adapter._web._client = session.client()  # the only thing that is not as in production
    store = Store(url=f"sqlite:///{folder / 'understudy.db'}")
    settings = Settings(data=Data(dir=folder), store=store, limits=Limits(0, 0, 0, 0))
    async with open_app(settings, adapters={"slack": adapter}) as app:
        await sample_persona(app)
        adapter.routes(app.inbox)  # as `understudy run` does: events may come before the sweep of the start is over
        running = asyncio.create_task(app.run())
        await adapter._identity()
        try:
            yield app, session, dispatching(adapter._open_gateway()._app)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def plain_bolt() -> tuple[StubSession, Dispatch]:
    """What the documentation's first page shows."""
    session = StubSession()
    app = AsyncApp(client=session.client(), signing_secret="fixture")

    @app.event("app_mention")
    async def echo(event: dict[str, str], say: AsyncSay) -> None:
        await say(event["text"])

    return session, dispatching(app)


def dispatching(app: AsyncApp) -> Dispatch:
    """What slack_bolt's own Socket Mode handler does with a frame (adapter/socket_mode/async_internals.py)."""

    async def dispatch(raw: str) -> None:
        request = AsyncBoltRequest(mode="socket_mode", body=json.loads(raw), headers={})
        assert (await app.async_dispatch(request)).status == 200

    return dispatch


async def answerable(app: App) -> list[str]:
    """The sample questions this persona answers by itself in a public room."""
    chosen, persona = [], sample.persona()
    for asked in sample.questions():
        question = Question(persona.name, asked.text, asked.lang, "")
        drafted = await app.services.answerer.answer(question, readers=None)
        if decide(question, drafted, budget=persona.rules.risk_budget).kind == "answer":
            chosen.append(asked.text)
    assert chosen, "the sample persona answers nothing"
    return chosen


async def measure(
    session: StubSession,
    dispatch: Dispatch,
    texts: Sequence[str],
    count: int,
    in_flight: int,
    *,
    twins: bool = False,
) -> tuple[float, float]:
    """(µs of CPU a mention, mentions a second)."""
    cpu, begun, done = time.process_time(), time.perf_counter(), 0
    while done < count:
        bodies = []
        for n in range(in_flight):
            text = texts[(done + n) % len(texts)]
            ts = f"1700{_numbers():06d}.000100"
            bodies.append(mention(text, ts=ts))
            if twins:
                bodies.append(mention(text, kind="message", ts=ts))
        wanted = len(session.placed) + in_flight
        await asyncio.gather(*map(dispatch, bodies))
        await session.expect(wanted)
        done += in_flight
    return 1e6 * (time.process_time() - cpu) / done, done / (time.perf_counter() - begun)


def _numbers(last: list[int] = [0]) -> int:  # noqa: B006  # one counter for the process
    last[0] += 1
    return last[0]


async def retrieval(app: App, texts: Sequence[str], count: int) -> float:
    """µs of CPU of drafting one answer: search, features, confidence, quotes."""
    name, cpu = sample.persona().name, time.process_time()
    for n in range(count):
        await app.services.answerer.answer(Question(name, texts[n % len(texts)], "en", ""), readers=None)
    return 1e6 * (time.process_time() - cpu) / count


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=1500)
    parser.add_argument("in_flight", nargs="?", type=int, default=32)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder)
        fsync = fsync_p50_ms(path)
        async with whole_bot(path) as (app, session, dispatch):
            texts = await answerable(app)
            await measure(session, dispatch, texts, 100, 10)  # names, consent, caches
            if given.profile:
                profiler = cProfile.Profile()
                profiler.enable()
                await measure(session, dispatch, texts, given.count, given.in_flight)
                profiler.disable()
                pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
                return
            echo_session, echo = plain_bolt()
            await measure(echo_session, echo, texts, 100, 10)
            print(f"{len(texts)} sample questions, {given.count} mentions each, fsync p50 {fsync:.2f} ms")
            for in_flight in (1, given.in_flight):
                base, base_rate = await measure(echo_session, echo, texts, given.count, in_flight)
                found = await retrieval(app, texts, given.count)
                bot, rate = await measure(session, dispatch, texts, given.count, in_flight)
                twin, _ = await measure(session, dispatch, texts, given.count, in_flight, twins=True)
                row("slack-bolt echo", in_flight, base, base_rate, base)
                row("the whole bot", in_flight, bot, rate, base)
                row("… of it drafting", in_flight, found, 0, base)
                row("… of it the rest", in_flight, bot - found, 0, base)
                row("with Slack's twin", in_flight, twin, 0, base)
            assert all(body["blocks"] for body in session.placed[-10:])


def row(name: str, in_flight: int, cpu: float, rate: float, base: float) -> None:
    speed = f"{rate:6.0f}/s" if rate else ""
    print(f"{name:18} {in_flight:3} in flight · {cpu:6.0f} µs CPU a mention · {cpu / base:5.1f} × the echo {speed}")


if __name__ == "__main__":
    asyncio.run(main())
