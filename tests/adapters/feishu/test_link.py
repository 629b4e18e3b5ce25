"""The link without the SDK: its frames against the local Feishu's codec, which was written apart from them, and
against the SDK's own; and events in parts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import AdapterError, RateLimited, Unreachable
from adapters.feishu.client import Api
from adapters.feishu.frames import DATA, Frame, decode, encode, ping
from adapters.feishu.link import Keeper, Take
from adapters.feishu.parts import MOST, WAIT, Parts
from adapters.secret import Secret
from tests.platforms import feishu_frames as theirs

NUMBERS = st.integers(0, 2**64 - 1)
SMALL = st.integers(0, 2**31 - 1)
TEXT = st.text(max_size=20)
FRAMES = st.builds(
    Frame,
    method=st.sampled_from([0, 1]),
    service=SMALL,
    headers=st.dictionaries(TEXT, TEXT, max_size=6).map(lambda given: tuple(given.items())),
    payload=st.binary(max_size=300),
    seq_id=NUMBERS,
    log_id=NUMBERS,
    encoding=TEXT,
    kind=TEXT,
    log_id_new=TEXT,
)


@given(FRAMES)
def test_a_frame_survives_the_wire(frame: Frame) -> None:
    assert decode(encode(frame)) == frame


@given(FRAMES)
def test_both_codecs_read_each_other(frame: Frame) -> None:
    read = theirs.decode(encode(frame))
    assert (read.method, read.service, read.payload) == (frame.method, frame.service, frame.payload)
    assert (read.seq_id, read.log_id, tuple(read.headers.items())) == (frame.seq_id, frame.log_id, frame.headers)
    again = decode(theirs.encode(read))
    assert (again.headers, again.payload, again.seq_id) == (frame.headers, frame.payload, frame.seq_id)


def test_the_sdk_reads_our_frames_and_we_its() -> None:
    from lark_oapi.ws.client import _new_ping_frame
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame as Sdk

    assert _new_ping_frame(33554678).SerializeToString() == ping(33554678)
    frame = Frame(DATA, 7, (("type", "event"), ("sum", "1")), "中文".encode(), 1, 2**63, "enc", "kind", "log")
    sdk = Sdk()
    sdk.ParseFromString(encode(frame))
    assert (sdk.payload, sdk.LogID, sdk.LogIDNew, sdk.payload_type) == ("中文".encode(), 2**63, "log", "kind")
    assert decode(sdk.SerializeToString()) == frame


@given(st.binary(max_size=60))
def test_no_bytes_are_an_accident(wire: bytes) -> None:
    try:
        decode(wire)
    except ValueError:  # UnicodeDecodeError is one
        return


def test_fields_nobody_knows_are_passed_over() -> None:
    new = bytes([15 << 3 | 2, 2]) + b"xy" + bytes([14 << 3, 5]) + bytes([13 << 3 | 5]) + b"1234"
    frame = Frame(DATA, 1, (("type", "event"),), b"{}")
    assert decode(encode(frame) + new) == frame
    with pytest.raises(ValueError, match="no known form"):
        decode(encode(frame) + bytes([13 << 3 | 3]))


def test_parts_are_put_together_in_whatever_order_they_come() -> None:
    parts = Parts()
    assert parts.whole("m1", "3", "2", b"c", 0.0) is None
    assert parts.whole("m1", "3", "0", b"a", 0.0) is None
    assert parts.whole("m2", "1", "0", b"x", 0.0) == b"x"
    assert parts.whole("m1", "3", "1", b"", 0.0) == b"ac"
    assert parts._held == {}


def test_parts_that_never_become_whole_are_forgotten() -> None:
    parts = Parts()
    for n in range(200):
        assert parts.whole(f"m{n}", "2", "0", b"a", float(n) * WAIT * 2) is None
    assert len(parts._held) <= 2
    for n in range(200):
        assert parts.whole(f"n{n}", "2", "0", b"a", 9e9) is None
    assert len(parts._held) <= MOST + 1


@pytest.mark.parametrize(
    ("total", "number"),
    [
        ("2000000000", "0"),
        ("9" * 5000, "0"),
        ("2", "2"),
        ("2", ""),
        ("²", "0"),
        ("2", "²"),
        ("-2", "0"),
        ("x", "0"),
    ],
)
def test_what_cannot_be_a_part_is_none_and_makes_no_room(total: str, number: str) -> None:
    """The SDK makes a list of as many parts as a frame claims there are."""
    parts = Parts()
    assert parts.whole("m1", total, number, b"{}", 0.0) is None
    assert parts._held == {}


@pytest.mark.parametrize("total", ["", "0", "1"])
def test_what_says_nothing_of_parts_is_whole(total: str) -> None:
    assert Parts().whole("m1", total, "", b"{}", 0.0) == b"{}"


class Standing:
    """A connection that ended after so many seconds."""

    heard = 1e18

    def __init__(self, lasts: float) -> None:
        self.lasts = lasts
        self.ended = asyncio.Event()

    async def beat(self) -> None: ...

    async def shut(self) -> None: ...


async def test_the_wait_between_attempts_grows_and_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is hammered: not while Feishu is away, nor while it takes a connection only to drop it. One that held
    is replaced at once."""
    waits: list[float] = []
    now = [0.0]
    outcomes = iter([Standing(3600.0), None, None, Standing(0.0), Standing(0.0), Standing(100.0), None])

    async def connect(take: Take) -> Standing:
        outcome = next(outcomes)
        if outcome is None:
            raise Unreachable("feishu", "away")
        return outcome

    async def watch(connection: Standing) -> None:
        now[0] += connection.lasts

    async def pause(seconds: float, at_least: float = 0.0) -> None:
        waits.append(seconds)
        if len(waits) == 7:
            raise asyncio.CancelledError

    monkeypatch.setattr("adapters.feishu.link._pause", pause)
    monkeypatch.setattr("adapters.feishu.link.time.monotonic", lambda: now[0])
    keeper = Keeper(connect, ping_seconds=30.0, reconnect_seconds=1.0)
    monkeypatch.setattr(keeper, "_watch", watch)
    with pytest.raises(asyncio.CancelledError):
        await keeper.keep(_never, Future())
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 0.0, 1.0]


def keeper_of(*outcomes: Standing | Exception) -> tuple[Keeper, list[object]]:
    """One whose attempts end so, the last of them for ever; and what came of them."""
    ahead, met = list(outcomes), []

    async def connect(take: Take) -> Standing:
        outcome = ahead.pop(0) if len(ahead) > 1 else ahead[0]
        met.append(outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Keeper(connect, ping_seconds=30.0, reconnect_seconds=0.001), met


@pytest.mark.parametrize("surprise", [ValueError("Invalid IPv6 URL"), RuntimeError("closed"), KeyError("x")])
async def test_no_surprise_ends_the_keeping(surprise: Exception) -> None:
    """An address nobody can parse, say. A keeper that fell over would leave a bot that is deaf for good and says
    nothing of it."""
    ended, stands = Standing(0.0), Standing(0.0)
    ended.ended.set()
    keeper, met = keeper_of(ended, surprise, surprise, stands)
    keeping = asyncio.create_task(keeper.keep(_never, Future()))
    async with asyncio.timeout(5):
        while stands not in met:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.001)
    assert not keeping.done()
    assert met.count(surprise) == 2
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_a_surprise_at_the_first_attempt_is_an_error_of_ours() -> None:
    """It is waited out like a platform that is away."""
    keeper, _ = keeper_of(ValueError("Invalid IPv6 URL"))
    first: Future[None] = Future()
    await keeper.keep(_never, first)
    assert isinstance(first.exception(), AdapterError)


async def test_the_next_attempt_comes_when_the_platform_says(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def asleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    ended = Standing(0.0)
    ended.ended.set()
    keeper, _ = keeper_of(ended, RateLimited("feishu", "later", 77.0))
    monkeypatch.setattr("adapters.feishu.link.asyncio.sleep", asleep)
    with pytest.raises(asyncio.CancelledError):
        await keeper.keep(_never, Future())
    assert waits[1:] == [77.0, 77.0]


async def test_a_connection_that_is_not_heard_is_not_connected() -> None:
    """At once, and not only when it is replaced."""
    stands = Standing(0.0)
    keeper, met = keeper_of(stands)
    keeping = asyncio.create_task(keeper.keep(_never, Future()))
    async with asyncio.timeout(5):
        while not keeper.connected():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.001)
    stands.heard = time.monotonic() - 91.0
    assert not keeper.connected()
    stands.heard = time.monotonic() - 80.0
    assert keeper.connected()
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    assert met == [stands]


async def test_an_address_without_encryption_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ticket is in it, and all that people say goes over it; for a server of this machine it is all right."""
    given = ["ws://open.feishu.cn/ws?ticket=1", "", "https://open.feishu.cn", "wss://open.feishu.cn/ws"]
    for domain, fine in (("https://open.feishu.cn", 1), ("http://127.0.0.1:1", 2)):
        api = Api("cli_1", Secret("s"), domain, timeout=1.0)
        taken = []
        for url in given:
            monkeypatch.setattr(api, "_ask", lambda *a, url=url, **k: ({"data": {"URL": url}}, {}))
            with contextlib.suppress(Unreachable):
                taken.append(await api.endpoint())
        assert len(taken) == fine
        await api.close()


async def _never(event: dict[str, object]) -> tuple[bool, None]:
    raise AssertionError("no event comes")
