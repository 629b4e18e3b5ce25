"""What is left alone for how long, and how much is remembered."""

from __future__ import annotations

import pytest

from adapters.errors import AdapterError, NotFound, RateLimited, Rejected, Unauthorised, Unreachable
from adapters.feishu.memory import remember
from adapters.feishu.rest import AWAY, SCOPELESS, Rest


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (Unauthorised("feishu", "a scope"), SCOPELESS),
        (RateLimited("feishu", "later", 33.0), 33.0),
        (Unreachable("feishu", "away"), AWAY),
        (TimeoutError(), AWAY),
        (NotFound("feishu", "nobody"), 0.0),
        (Rejected("feishu", "no"), 0.0),
    ],
)
def test_a_call_rests_as_long_as_what_is_wrong_will_last(
    error: AdapterError | TimeoutError, seconds: float
) -> None:
    now = [100.0]
    rest = Rest(lambda: now[0])
    assert rest.over()
    rest.after(error)
    now[0] += seconds
    assert rest.over()
    now[0] -= 0.001
    assert rest.over() == (seconds == 0.0)


def test_a_short_rest_does_not_end_a_long_one() -> None:
    now = [0.0]
    rest = Rest(lambda: now[0])
    rest.after(Unauthorised("feishu", "a scope"))
    rest.after(TimeoutError())
    now[0] = AWAY + 1
    assert not rest.over()


def test_what_was_kept_longest_ago_is_forgotten() -> None:
    kept: dict[str, int] = {}
    for key in ("a", "b", "a", "c"):
        remember(kept, key, len(kept), 2)
    assert list(kept) == ["a", "c"]
