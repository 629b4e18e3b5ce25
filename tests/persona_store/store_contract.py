"""What every Store promises, whichever backend it stands on.

A backend's test module subclasses StoreContract and gives two fixtures: `clock`, a ManualClock, and `store`, an
empty Store that reads that clock. In two places a test waits for real time, because that is what it is about.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import pytest

from persona_store.clock import ManualClock
from persona_store.errors import Conflict, StoreBroken
from persona_store.protocols import Batch, Claim, NewJob, Put, Store

KINDS = ("event", "post")


def put(key: str, value: bytes = b"", **more: object) -> Batch:
    return Batch(puts=(Put(key, value, **more),))


def job(body: str, *, lane: str = "lane", kind: str = "event", **more: object) -> Batch:
    return Batch(jobs=(NewJob(kind, lane, body.encode(), **more),))


async def pairs(store: Store, prefix: str = "") -> dict[str, bytes]:
    return {key: value async for key, value in store.scan(prefix)}


async def lines(store: Store) -> list[bytes]:
    return [entry.body async for entry in store.log()]


async def take(store: Store, *, lease: float = 60) -> Claim:
    claim = await store.claim(KINDS, lease=lease)
    assert claim is not None
    return claim


async def nothing(store: Store) -> bool:
    return await store.claim(KINDS, lease=60) is None


class StoreContract:
    # -------------------------------------------------------------- keys and values

    async def test_what_was_put_is_read_until_it_is_deleted(self, store: Store) -> None:
        assert await store.get("a") is None
        await store.commit(put("a", b"1"))
        await store.commit(put("a", b"2"))
        await store.commit(put("b", b""))
        assert (await store.get("a"), await store.get("b")) == (b"2", b"")
        await store.commit(Batch(deletes=("a", "unknown")))
        assert await store.get("a") is None

    async def test_a_batch_deletes_before_it_puts(self, store: Store) -> None:
        """So that joining two Batches never loses the value that one of them wants kept."""
        await store.commit(put("a", b"1"))
        await store.commit(Batch(puts=(Put("a", b"2"), Put("a", b"3")), deletes=("a",)))
        assert await store.get("a") == b"3"

    async def test_a_scan_gives_what_begins_with_the_prefix_in_order(self, store: Store) -> None:
        keys = ["p/", "p/1", "p/2", "p/中文", "p/\U0001f600", "p0", "o/9", "P/1", "p/%", "p/_"]
        await store.commit(Batch(puts=tuple(Put(key, key.encode()) for key in keys)))
        found = [key async for key, _ in store.scan("p/")]
        assert found == sorted(key for key in keys if key.startswith("p/"))
        assert list(await pairs(store)) == sorted(keys)

    async def test_a_scan_never_shows_half_a_batch(self, store: Store) -> None:
        """Every Batch moves a token from one end of the keys to the other; a scan sees exactly one token."""
        middle = tuple(Put(f"k/m{number:04d}", b"") for number in range(1200))
        await store.commit(Batch(puts=(Put("k/a", b""), *middle)))

        async def move() -> None:
            for _ in range(20):
                await store.commit(Batch(puts=(Put("k/z", b""),), deletes=("k/a",)))
                await store.commit(Batch(puts=(Put("k/a", b""),), deletes=("k/z",)))

        moving = asyncio.create_task(move())
        while not moving.done():
            found = [key async for key, _ in store.scan("k/")]
            assert len(found) == 1201
            await asyncio.sleep(0)
        await moving

    async def test_an_expired_key_is_gone_for_everyone_and_the_sweep_removes_it(
        self, store: Store, clock: ManualClock
    ) -> None:
        soon = clock.now() + timedelta(seconds=10)
        await store.commit(Batch(puts=(Put("a", b"1", soon), Put("b", b"2", soon), Put("c", b"3"))))
        clock.advance(9)
        assert await store.sweep() == 0
        assert len(await pairs(store)) == 3
        await store.commit(put("b", b"kept"))  # a put without `expires` keeps it for good
        clock.advance(1)
        assert await pairs(store) == {"b": b"kept", "c": b"3"}
        assert await store.get("a") is None
        await store.commit(Batch(absent=("a",), unchanged=(("a", None),)))
        assert await store.sweep() == 1
        assert await store.sweep() == 0

    # -------------------------------------------------------------- all or nothing

    @pytest.mark.parametrize(
        "precondition",
        [
            Batch(absent=("held",)),
            Batch(unchanged=(("held", b"other"),)),
            Batch(unchanged=(("held", None),)),
            Batch(unchanged=(("unknown", b""),)),
        ],
    )
    async def test_a_conflict_writes_nothing_at_all(self, store: Store, precondition: Batch) -> None:
        await store.commit(put("held", b"x").plus(job("first")))
        claim = await take(store)
        whole = Batch(
            puts=(Put("new", b""),),
            deletes=("held",),
            log=(b"line",),
            jobs=(NewJob("post", "other", b""),),
            finish=claim,
        )
        with pytest.raises(Conflict):
            await store.commit(whole.plus(precondition))
        assert await pairs(store) == {"held": b"x"}
        assert await lines(store) == []
        assert await nothing(store)
        assert await store.holds(claim)

    async def test_preconditions_that_hold_let_the_batch_pass(self, store: Store) -> None:
        await store.commit(put("a", b"1"))
        whole = Batch(absent=("b",), unchanged=(("a", b"1"), ("c", None)), puts=(Put("b", b"2"),))
        await store.commit(whole)
        assert await store.get("b") == b"2"

    async def test_of_many_that_want_the_same_key_one_wins_and_the_rest_hurt_nobody(self, store: Store) -> None:
        async def attempt(number: int) -> bool:
            try:
                await store.commit(Batch(puts=(Put(f"seen/{number % 10}", b""),), absent=(f"seen/{number % 10}",),
                                         log=(b"%d" % (number % 10),)))  # fmt: skip
            except Conflict:
                return False
            return True

        won = await asyncio.gather(*(attempt(number) for number in range(200)))
        assert sum(won) == 10
        assert sorted(await lines(store)) == [b"%d" % number for number in range(10)]

    async def test_a_key_that_is_no_text_fails_alone(self, store: Store) -> None:
        """Lone surrogates come out of broken JSON. The batch fails whole, its neighbours in the group do not."""
        broken = Batch(puts=(Put("fine", b""), Put("\ud800", b"")), log=(b"line",))
        results = await asyncio.gather(
            store.commit(put("before")), store.commit(broken), store.commit(put("after")), return_exceptions=True
        )
        assert [type(result) is type(None) for result in results] == [True, False, True]
        assert sorted(await pairs(store)) == ["after", "before"]
        assert await lines(store) == []

    async def test_a_cancelled_caller_does_not_harm_the_others(self, store: Store) -> None:
        commits = [asyncio.create_task(store.commit(put(f"{number}"))) for number in range(50)]
        await asyncio.sleep(0)
        for task in commits[::2]:
            task.cancel()
        results = await asyncio.gather(*commits, return_exceptions=True)
        assert [result for result in results[1::2] if result is not None] == []
        await store.commit(put("later"))
        assert len(await pairs(store)) >= 26

    # -------------------------------------------------------------- the log

    async def test_the_log_is_one_chain_in_order(self, store: Store) -> None:
        await asyncio.gather(*(store.commit(Batch(log=(b"%d" % n, b"%d+" % n))) for n in range(300)))
        previous, seen = bytes(32), []
        async for entry in store.log():
            assert entry.seq == len(seen) + 1
            assert entry.hash == hashlib.sha256(previous + entry.body).digest()
            previous = entry.hash
            seen.append(entry.body)
        assert len(seen) == 600
        assert all(second == first + b"+" for first, second in zip(seen[::2], seen[1::2], strict=True))
        assert [entry.seq async for entry in store.log(after=598)] == [599, 600]

    # -------------------------------------------------------------- lanes

    async def test_a_job_is_claimed_once_and_finished_with_its_outcome(self, store: Store) -> None:
        await store.commit(job("one", id="i"))
        claim = await take(store)
        assert (claim.job.body, claim.job.kind, claim.job.lane, claim.job.id) == (b"one", "event", "lane", "i")
        assert claim.job.attempts == 1
        assert await nothing(store)
        await store.commit(Batch(puts=(Put("outcome", b"done"),), finish=claim))
        assert await nothing(store)
        with pytest.raises(Conflict):
            await store.commit(Batch(puts=(Put("outcome", b"twice"),), finish=claim))
        assert await store.get("outcome") == b"done"

    async def test_lanes_run_side_by_side_and_what_is_longest_due_comes_first(
        self, store: Store, clock: ManualClock
    ) -> None:
        for number in range(5):
            await store.commit(job(str(number), lane=f"l{number}"))
            clock.advance(1)
        assert [(await take(store)).job.body for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]

    async def test_only_the_kinds_that_were_asked_for_are_claimed(self, store: Store) -> None:
        await store.commit(job("p", kind="post", lane="a").plus(job("e", kind="event", lane="b")))
        assert await store.claim((), lease=60) is None
        assert await store.claim(("other",), lease=60) is None
        claim = await store.claim(("event",), lease=60)
        assert claim is not None
        assert claim.job.body == b"e"
        assert await store.claim(("event",), lease=60) is None

    async def test_a_lane_keeps_its_order_even_while_its_first_waits_for_a_retry(
        self, store: Store, clock: ManualClock
    ) -> None:
        await store.commit(job("first").plus(job("second")).plus(job("elsewhere", lane="other")))
        first = await take(store)
        await store.release(first, due=clock.now() + timedelta(seconds=30))
        assert (await take(store)).job.body == b"elsewhere"
        assert await nothing(store)
        clock.advance(30)
        again = await take(store)
        assert (again.job.body, again.job.attempts) == (b"first", 2)
        assert await nothing(store)
        await store.commit(Batch(finish=again))
        assert (await take(store)).job.body == b"second"

    async def test_a_delayed_job_holds_nobody_up_and_joins_its_lane_when_due(
        self, store: Store, clock: ManualClock
    ) -> None:
        """A reminder for later lets today's messages pass; once due it stands before what comes after it."""
        later = clock.now() + timedelta(seconds=60)
        await store.commit(job("reminder", due=later).plus(job("early")))
        await store.commit(Batch(finish=await take(store)))
        assert await nothing(store)
        clock.advance(60)
        await store.commit(job("late"))
        bodies = []
        for _ in range(2):
            claim = await take(store)
            assert await nothing(store)
            bodies.append(claim.job.body)
            await store.commit(Batch(finish=claim))
        assert bodies == [b"reminder", b"late"]

    async def test_delayed_jobs_join_in_the_order_of_their_time(self, store: Store, clock: ManualClock) -> None:
        for name, seconds in (("third", 30), ("first", 10), ("second", 20)):
            await store.commit(job(name, due=clock.now() + timedelta(seconds=seconds)))
        clock.advance(60)
        for name in (b"first", b"second", b"third"):
            claim = await take(store)
            assert claim.job.body == name
            await store.commit(Batch(finish=claim))

    async def test_a_delayed_job_that_becomes_due_waits_for_the_one_in_hand(
        self, store: Store, clock: ManualClock
    ) -> None:
        await store.commit(job("reminder", due=clock.now() + timedelta(seconds=5)).plus(job("now")))
        claim = await take(store)
        clock.advance(10)
        assert await nothing(store)
        await store.commit(Batch(finish=claim))
        assert (await take(store)).job.body == b"reminder"

    async def test_an_id_is_unique_among_unfinished_jobs(self, store: Store, clock: ManualClock) -> None:
        later = clock.now() + timedelta(seconds=60)
        await store.commit(job("one", id="a").plus(job("two", id="a", lane="x")))
        await store.commit(job("one", id="b", due=later))
        await store.commit(job("two", id="b", lane="y"))
        claim = await take(store)
        await store.commit(job("two", id="a", lane="z"))
        assert await nothing(store)
        await store.commit(Batch(finish=claim).plus(job("successor", id="a")))
        assert (await take(store)).job.body == b"successor"

    async def test_jobs_without_an_id_are_all_kept(self, store: Store) -> None:
        await store.commit(job("same", lane="a").plus(job("same", lane="b")))
        assert {(await take(store)).job.lane for _ in range(2)} == {"a", "b"}

    async def test_a_cancelled_job_never_runs_and_frees_its_lane(self, store: Store, clock: ManualClock) -> None:
        later = clock.now() + timedelta(seconds=60)
        await store.commit(job("waiting", id="w").plus(job("timer", id="t", due=later, lane="t")).plus(job("next")))
        await store.commit(Batch(cancel=("w", "t", "unknown", "")))
        clock.advance(60)
        assert (await take(store)).job.body == b"next"
        assert await nothing(store)

    async def test_a_job_cancelled_in_hand_can_no_longer_finish(self, store: Store) -> None:
        await store.commit(job("one", id="i").plus(job("next")))
        claim = await take(store)
        await store.commit(Batch(cancel=("i",)))
        assert not await store.holds(claim)
        with pytest.raises(Conflict):
            await store.commit(Batch(finish=claim, puts=(Put("said", b""),)))
        assert await store.get("said") is None
        assert (await take(store)).job.body == b"next"

    async def test_cancel_and_the_same_id_again_is_a_new_job(self, store: Store, clock: ManualClock) -> None:
        await store.commit(job("old", id="timer", due=clock.now() + timedelta(seconds=60)))
        await store.commit(Batch(cancel=("timer",)).plus(job("new", id="timer")))
        assert (await take(store)).job.body == b"new"

    # -------------------------------------------------------------- the fence

    async def test_a_worker_that_was_overtaken_can_neither_finish_nor_send(
        self, store: Store, clock: ManualClock
    ) -> None:
        await store.commit(job("one"))
        slow = await take(store, lease=10)
        assert await store.holds(slow)
        clock.advance(10)
        assert not await store.holds(slow), "after its lease it must not send, even if nobody took over yet"
        quick = await take(store, lease=10)
        assert quick.token > slow.token
        assert quick.job.attempts == 2
        for attempt in (
            store.commit(Batch(finish=slow)),
            store.extend(slow, lease=9),
            store.release(slow, due=clock.now()),
        ):
            with pytest.raises(Conflict):
                await attempt
        assert await store.holds(quick)
        await store.commit(Batch(finish=quick))

    async def test_a_late_worker_whom_nobody_overtook_may_still_finish(
        self, store: Store, clock: ManualClock
    ) -> None:
        await store.commit(job("one"))
        claim = await take(store, lease=10)
        clock.advance(11)
        await store.commit(Batch(finish=claim))
        assert await nothing(store)

    async def test_a_lease_can_be_extended(self, store: Store, clock: ManualClock) -> None:
        await store.commit(job("one"))
        claim = await take(store, lease=10)
        assert claim.until == clock.now() + timedelta(seconds=10)
        clock.advance(8)
        longer = await store.extend(claim, lease=10)
        assert longer.until == clock.now() + timedelta(seconds=10)
        clock.advance(8)
        assert await nothing(store)
        assert await store.holds(longer)
        await store.commit(Batch(finish=longer))

    async def test_what_was_released_is_no_longer_in_hand(self, store: Store, clock: ManualClock) -> None:
        await store.commit(job("one"))
        claim = await take(store)
        await store.release(claim, due=clock.now())
        assert not await store.holds(claim)
        with pytest.raises(Conflict):
            await store.commit(Batch(finish=claim))
        assert (await take(store)).token > claim.token

    async def test_a_claim_of_a_finished_job_never_fits_a_later_one(self, store: Store) -> None:
        await store.commit(job("one"))
        claim = await take(store)
        await store.commit(Batch(finish=claim))
        await store.commit(job("two"))
        second = await take(store)
        assert not await store.holds(claim)
        with pytest.raises(Conflict):
            await store.commit(Batch(finish=claim))
        assert await store.holds(second)

    async def test_a_claim_nobody_waits_for_any_more_is_given_back(self, store: Store) -> None:
        """A cancelled worker must not leave its conversation locked for a whole lease."""
        await store.commit(job("one"))
        for pause in (0, 0, 0.0001, 0.0002, 0.0004, 0.0008):  # cancelled before, while and after the store works
            asking = asyncio.create_task(store.claim(KINDS, lease=3600))
            await asyncio.sleep(pause)
            if asking.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await asking
            elif (claim := await asking) is not None:
                await store.commit(Batch(finish=claim).plus(job("one")))
            await store.commit(Batch())
            assert (await store.backlog()).claimed == 0

    # -------------------------------------------------------------- many at once

    async def test_under_concurrency_every_lane_keeps_its_order_and_nothing_runs_twice(self, store: Store) -> None:
        lanes, each = 7, 30
        done: dict[str, list[int]] = {f"l{number}": [] for number in range(lanes)}
        running: set[str] = set()

        async def feed(lane: str) -> None:
            for number in range(each):
                await store.commit(job(str(number), lane=lane))

        async def work() -> None:
            while sum(map(len, done.values())) < lanes * each:
                claim = await store.claim(KINDS, lease=60)
                if claim is None:
                    await store.wait(seconds=0.01)
                    continue
                lane = claim.job.lane
                assert lane not in running
                running.add(lane)
                await asyncio.sleep(0)
                done[lane].append(int(claim.job.body))
                running.remove(lane)
                await store.commit(Batch(finish=claim))

        async with asyncio.timeout(30):
            await asyncio.gather(*(feed(lane) for lane in done), *(work() for _ in range(16)))
        assert all(order == list(range(each)) for order in done.values())

    # -------------------------------------------------------------- waiting

    async def test_waiting_ends_with_a_new_job_at_once(self, store: Store) -> None:
        assert await nothing(store)
        waiting = asyncio.create_task(store.wait(seconds=3600))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await store.commit(job("one"))
        await asyncio.wait_for(waiting, 1)

    async def test_a_job_that_came_between_asking_and_waiting_is_not_missed(self, store: Store) -> None:
        async def worker() -> None:
            assert await nothing(store)
            await asyncio.create_task(store.commit(job("one")))
            await store.wait(seconds=3600)

        await asyncio.wait_for(worker(), 1)

    async def test_waiting_ends_after_so_many_seconds(self, store: Store, clock: ManualClock) -> None:
        waiting = asyncio.create_task(store.wait(seconds=5))
        await asyncio.sleep(0.05)
        clock.advance(4.9)
        await asyncio.sleep(0.1)
        assert not waiting.done()
        clock.advance(0.1)
        await asyncio.wait_for(waiting, 1)

    @pytest.mark.parametrize("how", ["delayed", "retry", "lease"])
    async def test_waiting_ends_when_a_job_becomes_due(self, store: Store, clock: ManualClock, how: str) -> None:
        soon = clock.now() + timedelta(seconds=5)
        await store.commit(job("one", due=soon if how == "delayed" else None))
        if how != "delayed":
            claim = await take(store, lease=5)
            if how == "retry":
                await store.release(claim, due=soon)

        async def worker() -> Claim:
            while (claim := await store.claim(KINDS, lease=60)) is None:
                await store.wait(seconds=3600)
            return claim

        working = asyncio.create_task(worker())
        await asyncio.sleep(0.1)
        clock.advance(4.9)
        await asyncio.sleep(0.1)
        assert not working.done()
        clock.advance(0.1)
        assert (await asyncio.wait_for(working, 1)).job.body == b"one"

    # -------------------------------------------------------------- health

    async def test_the_backlog_counts_what_waits(self, store: Store, clock: ManualClock) -> None:
        empty = await store.backlog()
        assert (empty.waiting, empty.claimed, empty.oldest, empty.by_kind, empty.delayed) == (0, 0, None, {}, 0)
        began = clock.now()
        await store.commit(job("1", lane="a").plus(job("2", lane="a")).plus(job("3", lane="b", kind="post")))
        await store.commit(job("4", due=began + timedelta(days=1)))
        await take(store)
        clock.advance(20)
        backlog = await store.backlog()
        assert (backlog.waiting, backlog.claimed, backlog.delayed) == (2, 1, 1)
        assert backlog.oldest == began
        assert backlog.by_kind == {"event": 2, "post": 1}

    async def test_closing_writes_what_was_asked_for_and_refuses_what_comes_later(self, store: Store) -> None:
        commits = [asyncio.create_task(store.commit(put(str(number)))) for number in range(100)]
        await asyncio.sleep(0)
        await store.close()
        assert await asyncio.gather(*commits) == [None] * 100
        with pytest.raises(StoreBroken, match="closed"):
            await store.commit(put("late"))
        with pytest.raises(StoreBroken, match="closed"):
            await store.get("0")
        await store.close()
