"""Slack, Feishu and DingTalk side by side: how soon an answer shows, what a mention costs, what memory it takes.

    python -m tests.benchmarks.platforms [--rounds N] [--mentions N] [--starts N] [--only slack,feishu]

Three things answer on each platform, each in a process of its own, through the platform's real SDK and our local
server in this process, so that CPU and memory are the bot's alone: the bare SDK with an echo (`sdk`), our adapter
with a host that keeps nothing and echoes (`adapter`), and `python -m bots run` with a small persona (`bot`). All of
them run at the same time and are asked in turn, round by round, so that what else the machine does meets them
alike. Shown are medians with the least and the most of the rounds. The bot shows a sign of work only if an answer
takes 0.7 s; so the adapter is asked for one, and the time until it stands is measured. Needs Linux's /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from msgspec import Struct, field

from adapters import ADAPTERS
from bots.app import open_app
from bots.options import Data, Limits, Settings, Store
from tests.benchmarks.platforms_process import Measured
from tests.benchmarks.platforms_sides import (
    ANSWER,
    QUESTION,
    SIGNED,
    DingTalkCards,
    DingTalkSide,
    FeishuSide,
    LocalSide,
    Side,
    SlackSide,
    called,
)
from tests.benchmarks.store import fsync_p50_ms
from tests.scenarios.process import free_port
from tests.scenarios.world import live_persona

IN_FLIGHT = 16
ALONE = 20  # questions one at a time in a round
TOGETHER = 10  # times IN_FLIGHT questions at once in a round
SIDES: dict[str, type[Side]] = {side.label: side for side in (SlackSide, FeishuSide, DingTalkSide, DingTalkCards)}
WARM = 12  # times IN_FLIGHT questions before anything is measured
READY_WITHIN = 60.0
HERE = Path.cwd()


class Round(Struct, frozen=True):
    """Of one case in one round: medians in ms, and CPU in ms a mention."""

    sign: float  # of the adapter with an echo, asked to show one
    one: float
    many: float
    cpu_one: float
    cpu_many: float


class Case(Struct):
    """Something that answers, and whoever asks it."""

    kind: str
    sides: Sequence[Side]
    process: Measured
    asked: int = 0
    ready: list[float] = field(default_factory=list)
    fresh: float = 0.0  # MiB when it was ready
    warm: tuple[int, float] = (0, 0.0)  # mentions and MiB, when everything that is loaded once was used
    rounds: list[Round] = field(default_factory=list)

    @property
    def label(self) -> str:
        return " + ".join(side.label for side in self.sides)

    @property
    def expects(self) -> str:
        return ANSWER if self.kind == "bot" else QUESTION

    async def burst(
        self, times: int, in_flight: int, text: str = QUESTION
    ) -> tuple[list[float], list[float], float]:
        """Seconds to the sign and to the answer of each, and the CPU of a mention."""
        cpu, signs, answers = self.process.cpu(), [], []
        for turn in range(times):
            side = self.sides[turn % len(self.sides)]
            asked = (side.ask(n, text, expect=self.expects) for n in range(in_flight))
            for took in await asyncio.gather(*asked):
                answers.append(took.answer)
                if took.sign is not None:
                    signs.append(took.sign)
            self.asked += in_flight
        return signs, answers, (self.process.cpu() - cpu) / len(answers)

    async def round(self) -> None:
        _, one, cpu_one = await self.burst(ALONE, 1)
        _, many, cpu_many = await self.burst(TOGETHER, IN_FLIGHT)
        sign = (await self.burst(ALONE // 2, 1, SIGNED))[0] if self.kind == "adapter" else [0.0]
        assert len(sign) == (ALONE // 2 if self.kind == "adapter" else 1), "no sign was shown"
        times = (statistics.median(each) for each in (sign, one, many))
        self.rounds.append(Round(*(1000 * each for each in (*times, cpu_one, cpu_many))))

    def of(self, name: str) -> list[float]:
        return [getattr(each, name) for each in self.rounds]


# what answers ----------------------------------------------------------------------------------------------------


async def echo(kind: str, side: Side) -> Case:
    """The bare SDK or our adapter."""
    code = "from tests.benchmarks.platforms_echo import main; main()"
    process = Measured("-c", code, kind, side.name, json.dumps(side.settings()))
    case = Case(kind, [side], process)
    await connected(case)
    return case


async def bot(folder: Path, sides: Sequence[Side], *, local: LocalSide | None = None) -> Case:
    """`understudy run` on a furnished folder, from its start until /readyz says yes."""
    names = [side.name for side in sides] + (["local"] if local else [])
    port = free_port()
    given = {f"{side.name}_{key}": value for side in sides for key, value in side.settings().items()} | {
        "adapters": ",".join(names),
        "data_dir": str(folder),
        "web_port": str(port),
        "log_level": "warning",
        **{f"limits_{name}": "0" for name in Limits.__struct_fields__},
    }
    environment = {f"UNDERSTUDY_{key.upper()}": value for key, value in given.items() if value}
    process = Measured("-m", "bots", "run", "--no-sample", environment={"HOME": str(folder), **environment})
    case = Case("bot", sides, process)
    async with aiohttp.ClientSession() as http:
        while time.perf_counter() - process.began < READY_WITHIN:
            process.check()
            try:
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        case.ready.append(time.perf_counter() - process.began)
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    assert case.ready, "the bot did not become ready"
    if local:
        local.port = port
    await connected(case)
    return case


async def furnish(folder: Path, platforms: Sequence[str]) -> None:
    """A live persona for each platform."""
    store = Store(url=f"sqlite:///{folder / 'understudy.db'}")
    settings = Settings(data=Data(dir=folder), store=store, limits=Limits(0, 0, 0, 0))
    async with open_app(settings) as app:
        for platform in platforms:
            await live_persona(app, f"lin-{platform}", platform=platform, called=called(platform))


async def connected(case: Case) -> None:
    while any(side.server.connections == 0 for side in case.sides):
        case.process.check()
        await asyncio.sleep(0.02)
    case.fresh = case.process.rss()


# what is shown ---------------------------------------------------------------------------------------------------


def spread(values: Sequence[float], unit: str = "") -> str:
    return f"{statistics.median(values):7.1f}{unit} ({min(values):.1f}–{max(values):.1f})"


def show_times(cases: Sequence[Case]) -> None:
    print(f"\nms from the person's message to … (1: one at a time; {IN_FLIGHT}: so many in flight)")
    print(f"{'':15} {'':8} {'answer, 1':>22} {f'answer, {IN_FLIGHT}':>24} {'the sign of work, 1':>24}")
    for case in cases:
        sign = spread(case.of("sign")) if case.kind == "adapter" else ""
        row = f"{case.label:15} {case.kind:8} {spread(case.of('one')):>22} {spread(case.of('many')):>24} {sign:>24}"
        print(row.rstrip())


def show_cpu(cases: Sequence[Case]) -> None:
    print("\nms of CPU a mention, and how many times the bare SDK's")
    print(f"{'':15} {'':8} {'1':>22} {'× sdk':>6} {IN_FLIGHT:>24} {'× sdk':>6}")
    for case in cases:
        sdk = next((other for other in cases if other.label == case.label and other.kind == "sdk"), case)
        cells = []
        for name in ("cpu_one", "cpu_many"):
            ratios = [mine / base for mine, base in zip(case.of(name), sdk.of(name), strict=True) if base]
            cells.append(f"{spread(case.of(name)):>22} {statistics.median(ratios or [0]):6.1f}")
        print(f"{case.label:15} {case.kind:8} {'  '.join(cells)}")


def show_memory(bots: Sequence[tuple[str, Case]]) -> None:
    print(
        f"\n{'the bot with':15} {'s until ready':>22} {'MiB then':>12} {'warm':>6} {'after':>12} {'KiB each':>10}"
    )
    for name, case in bots:
        warm, before = case.warm
        after = case.process.rss()
        each = 1024 * (after - before) / (case.asked - warm)
        grown = f"{case.fresh:12.0f} {before:6.0f} {f'{after:.0f} ({case.asked:,})':>12} {each:10.1f}"
        print(f"{name:15} {spread(case.ready):>22} {grown}")


# the run ---------------------------------------------------------------------------------------------------------


async def warmed(case: Case) -> None:
    """Names, tokens, connections, the index: whatever is there once."""
    await case.burst(WARM, IN_FLIGHT)
    case.warm = (case.asked, case.process.rss())


async def begun(folder: Path, sides: Sequence[Side], starts: int, *, local: LocalSide | None = None) -> Case:
    """The last of so many bots; the others are stopped again, and leave how long their start took."""
    await furnish(folder, [side.name for side in sides] + (["local"] if local else []))
    ready = []
    for _ in range(starts - 1):
        case = await bot(folder, sides, local=local)
        ready += case.ready
        await case.process.close()
    case = await bot(folder, sides, local=local)
    case.ready += ready
    return case


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mentions", type=int, default=2000, help="after which the bot's memory is looked at")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--only", default=",".join(SIDES), help="labels of platforms")
    given = parser.parse_args()
    labels = [label for label in given.only.split(",") if SIDES[label].name in ADAPTERS]
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HERE)))
        fsync = fsync_p50_ms(folder)
        print(f"{given.rounds} rounds, fsync p50 {fsync:.2f} ms")

        async def opened(label: str) -> Side:
            side = SIDES[label]()
            await stack.enter_async_context(side.server)
            side.furnish(IN_FLIGHT)
            return side

        def kept(case: Case) -> Case:
            stack.push_async_callback(case.process.close)
            return case

        cases = []
        for label in labels:
            for kind in ("sdk", "adapter"):
                cases.append(kept(await echo(kind, await opened(label))))
            side = await opened(label)
            cases.append(kept(await begun(folder / label, [side], given.starts)))
        for case in cases:
            await warmed(case)
        for _ in range(given.rounds):
            for case in cases:
                await case.round()
        show_times(cases)
        show_cpu(cases)

        local = LocalSide()
        stack.push_async_callback(local.close)
        alone = kept(await begun(folder / "local", [], given.starts, local=local))
        while alone.asked < given.mentions:
            await local.ask_all(IN_FLIGHT)
            alone.asked += IN_FLIGHT
            if alone.asked == WARM * IN_FLIGHT:
                alone.warm = (alone.asked, alone.process.rss())
        bots = [("local", alone), *((case.label, case) for case in cases if case.kind == "bot")]
        plain = [label for label in labels if label != DingTalkCards.label]
        sides = [await opened(label) for label in plain]
        together = kept(await begun(folder / "all", sides, given.starts, local=LocalSide()))
        await warmed(together)
        bots.append(("all of them", together))
        for _, case in bots:
            while case.asked < given.mentions:
                await case.burst(len(case.sides), IN_FLIGHT)
        show_memory(bots)


if __name__ == "__main__":
    asyncio.run(main())
