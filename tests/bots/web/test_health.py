"""Health: ready only when a message that is sent now will be kept and worked on."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.model import Person, Post, Receipt, Thread
from adapters.protocol import Host
from bots import keys
from bots.metrics import Metrics
from bots.web.health import STUCK, Health, judge
from bots.web.server import serving
from persona_store.backends import open_store
from persona_store.clock import SystemClock
from persona_store.protocols import Backlog, Batch, NewJob, Put


class Platform:
    """An adapter that has a connection, which the test switches."""

    name = "slack"
    up = True

    async def connected(self) -> bool:
        return self.up

    async def run(self, host: Host) -> None: ...

    async def post(self, thread: Thread, post: Post) -> Receipt:
        return Receipt("1", thread)

    async def direct(self, person: Person) -> Thread:
        return Thread("slack", person.id, direct=True)


async def test_it_is_ready_when_store_and_platforms_are_there(tmp_path: Path) -> None:
    clock, platform, metrics = SystemClock(), Platform(), Metrics()
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    health = Health(store, clock, {"slack": platform}, metrics)
    assert (await health.report()).ready
    platform.up = False
    report = await health.report()
    assert not report.ready
    assert report.adapters == {"slack": False}
    assert 'understudy_adapter_connected{platform="slack"} 0.0' in metrics.text().decode()
    await store.close()


async def test_what_waits_is_counted(tmp_path: Path) -> None:
    clock, metrics = SystemClock(), Metrics()
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    await store.commit(
        Batch(jobs=(NewJob("event", "lane", b"{}"),), puts=(Put(keys.open_question("lin", "e1"), b"{}"),))
    )
    report = await Health(store, clock, {}, metrics).report()
    assert report.waiting == 1
    assert "understudy_jobs_waiting 1.0" in metrics.text().decode()
    assert "understudy_escalations_open 1.0" in metrics.text().decode()
    await store.close()


async def test_a_reminder_for_tomorrow_is_no_backlog(tmp_path: Path) -> None:
    """Escalations wait for days by design: what is not due yet does not make us late."""
    clock = SystemClock()
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    await store.commit(Batch(jobs=(NewJob("remind", "lane", b"{}", due=clock.now() + timedelta(days=1)),)))
    report = await Health(store, clock, {}, Metrics()).report()
    assert report.ready
    assert report.oldest_seconds == 0
    await store.close()


async def test_a_process_that_is_about_to_stop_wants_no_new_work(tmp_path: Path) -> None:
    clock = SystemClock()
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    health = Health(store, clock, {}, Metrics())
    health.stop()
    assert not (await health.report()).ready
    await store.close()


@pytest.mark.parametrize(("oldest", "ready"), [(0.0, True), (STUCK - 1, True), (STUCK, False)])
def test_a_job_that_waits_too_long_means_that_nobody_works(oldest: float, ready: bool) -> None:
    assert judge(Backlog(waiting=1, claimed=0, oldest=None), {}, oldest, stopping=False).ready is ready


async def test_the_three_addresses_answer(tmp_path: Path) -> None:
    """/readyz turns to 503 while /healthz stays 200: not ready is no reason to be killed."""
    clock, platform = SystemClock(), Platform()
    store = await open_store(f"sqlite:///{tmp_path}/s.db", clock=clock)
    health = Health(store, clock, {"slack": platform}, Metrics("9.9"))
    async with serving("127.0.0.1", 0, health.routes()) as port, aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{port}"
        async with session.get(f"{base}/readyz") as answer:
            assert answer.status == 200
            assert json.loads(await answer.text())["ready"] is True
        platform.up = False
        async with session.get(f"{base}/readyz") as answer:
            assert answer.status == 503
        async with session.get(f"{base}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{base}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            assert 'understudy_build{version="9.9"} 1.0' in await answer.text()
    await store.close()
