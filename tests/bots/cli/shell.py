"""A stranger's shell: an installation of its own under a folder, and `understudy` typed into it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bots import seeding, settings
from bots.app import connect, open_app
from bots.cli import main
from bots.operator import found
from bots.subject import changing
from tests.persona_store.sources.exports import export, said, write_folder, write_zip

OWN = [
    said("U0BOB", "How often does the payment retry job run?", 0),
    said(
        "U0LIN",
        "The payment retry job runs every 15 minutes and gives up after 3 attempts.",
        60,
        client_msg_id="m1",
    ),
    said("U0BOB", "Which queue do refunds go to?", 40_000),
    said("U0LIN", "Refunds go to the refund-slow queue, the bank takes two requests a second.", 40_060),
]
"""A channel in which Lin (U0LIN) explains and Bob (U0BOB) asks."""


class Said(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def refused(self, code: str) -> bool:
        """Exit status 2, one line on standard error with this code, nothing on standard output."""
        one_line = self.err.count("\n") == 1 and self.err.startswith(f"error[{code}]: ")
        return (self.status, self.out) == (2, "") and one_line and "Traceback" not in self.err


class Shell:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._capsys = capsys
        for name in list(os.environ):
            if name.startswith(("UNDERSTUDY_", "LC_", "LANG", "XDG_")):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(self.data))
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "stdin", None)  # nobody sits there

    def __call__(self, *words: str) -> Said:
        self._capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as left:  # argparse ends a process itself
            status = int(left.code or 0)
        return Said(status, *self._capsys.readouterr())

    def done(self, *words: str) -> Said:
        """A command that must succeed."""
        result = self(*words)
        assert result.status == 0, result.err
        return result

    def process(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """The same as a real process."""
        command = [sys.executable, "-m", "bots", *words]
        root = str(Path(__file__).parents[3])
        env = {**os.environ, "PYTHONPATH": root, **more.pop("env", {})}
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def slack(self, name: str = "export.zip", channels: dict[str, list[Any]] | None = None) -> str:
        """The path of a small honest export."""
        return str(write_zip(self.folder / name, export({"payments": OWN} if channels is None else channels)))

    def documents(self, files: dict[str, bytes], name: str = "documents") -> str:
        return str(write_folder(self.folder / name, files))

    def draft(self, name: str = "lin", *more: str) -> None:
        self.done("persona", "create", name, "--owner", "slack:U0BOB", "--chats", "slack:*", *more)

    def signed(self, name: str = "lin", sources: str = "slack-export,documents", *more: str) -> None:
        self.draft(name, *more)
        self.done("consent", "sign", name, "--sources", sources, "--cooling-off", "0", "--yes")

    def live(self, name: str = "lin") -> None:
        self.signed(name)
        self.done("import", "slack-export", self.slack(), "--persona", name, "--subject", "U0LIN")
        self.done("persona", "live", name)

    def approved(self, name: str = "lin") -> None:
        """What its subject does on their page."""

        async def approve() -> None:
            async with open_app(settings.load(None)) as app:
                persona = await found(app, name)
                await app.services.store.commit(await changing.approve(app.services, persona, persona.subject))

        asyncio.run(approve())

    def sample(self) -> None:
        """The sample persona, as `understudy run` puts it there."""

        async def seed() -> None:
            wanted = seeding.with_sample_admins(settings.load(None))
            async with open_app(wanted, adapters=connect(wanted)) as app:
                assert await seeding.seed_if_empty(app, wanted)

        asyncio.run(seed())
