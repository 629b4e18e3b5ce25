"""A process that is measured from outside: its CPU time and its memory, as Linux accounts for them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SCHEDULED = 2  # CPUCLOCK_SCHED: what clock_getcpuclockid(3) makes of a process's id
PAGE = os.sysconf("SC_PAGE_SIZE")
ENDS_WITHIN = 10.0


class Measured:
    """A Python process with this repository on its path; ended with `close`. What it said on standard error is
    shown if it ends by itself."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None, talks: bool = False) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `close`
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if talks else subprocess.DEVNULL,
            stderr=self._said,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **(environment or {})},
            text=True,
        )

    def cpu(self) -> float:
        """Seconds of user and system time so far, of all its threads. /proc counts in hundredths only."""
        self.check()
        return time.clock_gettime(~self.process.pid << 3 | SCHEDULED)

    def rss(self) -> float:
        """MiB in memory."""
        self.check()
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE / 2**20

    def check(self) -> None:
        """Raises RuntimeError with its last words if it has ended."""
        if self.process.poll() is not None:
            self._said.seek(0)
            raise RuntimeError(f"{self.process.args} ended: {self._said.read().decode()[-2000:]}")

    async def close(self) -> float:
        """Stopped as an orchestrator stops it, while the servers of this process go on; returns the seconds that
        took. One that has not ended after ten seconds is killed."""
        begun = time.perf_counter()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(self.process.wait, ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self._said):
            if pipe is not None:
                pipe.close()
        return time.perf_counter() - begun
