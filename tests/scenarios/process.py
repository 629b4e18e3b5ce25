"""The bot as its operator runs it: `python -m bots run` in a process of its own, to be stopped and killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from bots.options import Limits
from tests.platforms.base import PlatformServer
from tests.platforms.dingtalk import DingTalkServer
from tests.platforms.feishu import FeishuServer
from tests.platforms.slack import SlackServer

REPOSITORY = Path(__file__).parents[2]


class BotProcess:
    """Started by `async with`; whatever still runs at its end is killed."""

    def __init__(
        self, platform: PlatformServer | Sequence[PlatformServer], data: Path, *, port: int = 0, **settings: str
    ) -> None:
        self.port = port or free_port()
        self.said = ""  # on standard error
        self._process: asyncio.subprocess.Process | None = None
        platforms = [platform] if isinstance(platform, PlatformServer) else platform
        found = [settings_of(each) for each in platforms]
        given = {
            "adapters": ",".join(name for name, _ in found),
            "data_dir": str(data),
            "web_port": str(self.port),
            "log_level": "warning",
            **{f"limits_{name}": "0" for name in Limits.__struct_fields__},  # a crowd asks faster than people do
            **{f"{name}_{key}": value for name, section in found for key, value in section.items()},
            **settings,
        }
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(data),
            "PYTHONPATH": str(REPOSITORY),
            **{f"UNDERSTUDY_{name.upper()}": value for name, value in given.items()},
        }

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bots", "run",
            env=self._environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def ready(self, *, within: float = 20.0) -> None:
        """Until /readyz says so, which is what an orchestrator waits for."""
        async with asyncio.timeout(within), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """At once, as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """As an orchestrator does; returns the exit status."""
        return await self._end(signal.SIGTERM)

    async def ended(self, *, within: float = 20.0) -> int:
        """Until it ends by itself; returns the exit status."""
        assert self._process is not None
        async with asyncio.timeout(within):
            _, said = await self._process.communicate()
        self.said += said.decode()
        return self._process.returncode or 0

    async def _end(self, number: int) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return await self.ended()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()


def settings_of(platform: PlatformServer) -> tuple[str, dict[str, str]]:
    """A platform's name and what its section of the settings must say to reach this server."""
    match platform:
        case SlackServer():
            return "slack", {
                "api_url": platform.api_url,
                "bot_token": platform.bot_token,
                "app_token": platform.app_token,
                "signing_secret": platform.signing_secret,
            }
        case FeishuServer():
            return "feishu", {
                "domain": platform.url,
                "app_id": platform.app_id,
                "app_secret": platform.app_secret,
                "encrypt_key": platform.encrypt_key,
                "verification_token": platform.verification_token,
            }
        case DingTalkServer():
            return "dingtalk", {
                "api_url": platform.url,
                "oapi_url": platform.url,
                "client_id": platform.client_id,
                "client_secret": platform.client_secret,
                "robot_code": platform.robot_code,
            }
    raise TypeError(f"no bot connects to a {type(platform).__name__}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
