"""One token for however many calls."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.errors import Unreachable
from adapters.feishu import bearer
from adapters.feishu.bearer import EARLY, Bearer

CALLS = 8


class Platform:
    """Hands out tokens, or fails, when it is told to go on."""

    def __init__(self, *, lasts: float = 7200.0) -> None:
        self.lasts = lasts
        self.asked = 0
        self.away = False
        self.go_on = threading.Event()

    def ask(self) -> tuple[str, float]:
        self.asked += 1
        assert self.go_on.wait(5)
        if self.away:
            raise Unreachable("feishu", "away")
        return f"t-{self.asked}", self.lasts


def waiting(tokens: Bearer, platform: Platform, pool: ThreadPoolExecutor) -> list[BaseException | str]:
    """What each of many gets who want a token while it is asked for."""
    begun = threading.Barrier(CALLS + 1)

    def want() -> str:
        begun.wait(5)
        return tokens.token()

    calls = [pool.submit(want) for _ in range(CALLS)]
    begun.wait(5)
    threading.Timer(0.05, platform.go_on.set).start()  # all of them stand before the lock by then
    return [call.exception(5) or call.result() for call in calls]


def test_many_want_a_token_and_one_asks() -> None:
    platform = Platform()
    with ThreadPoolExecutor(CALLS) as pool:
        assert waiting(Bearer(platform.ask), platform, pool) == ["t-1"] * CALLS


def test_a_platform_that_hangs_is_heard_of_once_by_all() -> None:
    """Each asking in turn, the last would wait for as many time limits as there are calls."""
    platform = Platform()
    platform.away = True
    tokens = Bearer(platform.ask)
    with ThreadPoolExecutor(CALLS) as pool:
        assert all(isinstance(got, Unreachable) for got in waiting(tokens, platform, pool))
    assert platform.asked < CALLS / 2
    platform.away = False
    assert tokens.token().startswith("t-")


def test_a_token_is_left_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of its life at the latest for one that is short."""
    now = [0.0]
    monkeypatch.setattr(bearer.time, "monotonic", lambda: now[0])
    for lasts, good in ((7200.0, 7200.0 - EARLY), (100.0, 50.0)):
        platform = Platform(lasts=lasts)
        platform.go_on.set()
        tokens = Bearer(platform.ask)
        begun = now[0]
        assert tokens.token() == "t-1"
        now[0] = begun + good - 1
        assert tokens.token() == "t-1"
        now[0] = begun + good
        assert tokens.token() == "t-2"


def test_what_is_worthless_is_forgotten_and_what_came_since_is_not() -> None:
    platform = Platform()
    platform.go_on.set()
    tokens = Bearer(platform.ask)
    old = tokens.token()
    tokens.forget(old)
    new = tokens.token()
    tokens.forget(old)
    assert tokens.token() == new != old
