"""The DingTalk adapter: connection and delivery; what it can do besides is in the rooms next door."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs

from adapters.dingtalk import cards, check, inbound, webhook
from adapters.dingtalk.addresses import direct
from adapters.dingtalk.calls import Calls
from adapters.dingtalk.card_sender import CardSender
from adapters.dingtalk.client import CARDS, EVENTS, Frame
from adapters.dingtalk.failures import PLATFORM
from adapters.dingtalk.gateway import LONGEST_WAIT, Gateway, spread
from adapters.dingtalk.people import People
from adapters.dingtalk.quoting import Quoting
from adapters.dingtalk.rooms import Rooms
from adapters.dingtalk.sender import Sender
from adapters.dingtalk.sessions import Sessions
from adapters.dingtalk.status import Status
from adapters.dingtalk.streaming import Streamer
from adapters.errors import AdapterError, RateLimited, Unauthorised, Unreachable
from adapters.model import Audience, Message, Person, Post, Press, Receipt, Thread
from adapters.protocol import Finding, Host, Retracted
from adapters.secret import Secret

Json = dict[str, Any]

ASK_AGAIN = 600.0  # seconds between two looks whether the credentials are still good, in HTTP mode

log = logging.getLogger("adapters.dingtalk")


class Config(Struct, frozen=True):
    """`mode` is stream (no public address) or http. `robot_code` is the client id unless the robot's page says
    otherwise. `card_template`: deploy/dingtalk/card.md. International organisations: api.dingtalk.io."""

    client_id: str
    client_secret: Secret
    robot_code: str = ""
    mode: str = "stream"
    card_template: str = ""
    api_url: str = "https://api.dingtalk.com"
    oapi_url: str = "https://oapi.dingtalk.com"
    stream: bool = False  # whether a long answer appears while it is read
    ping_seconds: float = 20.0
    quiet_seconds: float = 600.0
    recycle_seconds: float = 6 * 3600.0

    @property
    def robot(self) -> str:
        return self.robot_code or self.client_id


class DingTalkAdapter:
    """One app, one robot, one organisation; what is said is Markdown messages."""

    name = PLATFORM

    def __init__(
        self,
        config: Config,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._now = now
        self._ticks = ticks
        self._calls = Calls(config.client_id, config.client_secret, config.api_url, config.oapi_url, ticks)
        self._people = People(self._calls, ticks)
        self._rooms = Rooms(self._calls, self._people, ticks)
        self._sessions = Sessions(lambda: self._now().timestamp())
        self._status = Status(self._calls, self._sessions, config.robot)
        self._quoting = Quoting()
        self._sender = self._made_sender()
        self._host: Host | None = None
        self._gateway: Gateway | None = None
        self._good = False  # whether our credentials were taken when we last asked
        self._organisation = ""  # our organisation's id: only messages tell it
        self._other_robot = ""  # whose messages came here last, too

    def _made_sender(self) -> Sender:
        return Sender(self._calls, self._sessions, self._quoting, self._config.robot)

    # listening -------------------------------------------------------------------------------------------------

    async def run(self, host: Host) -> None:
        self._host = host
        await self._until_reached()
        if self._config.mode == "http":
            await self._stay()
            return
        config = self._config
        self._gateway = Gateway(
            self._calls,
            self._deliver,
            self._ticks,
            ping_seconds=config.ping_seconds,
            quiet_seconds=config.quiet_seconds,
            recycle_seconds=config.recycle_seconds,
        )
        await self._gateway.run()

    async def connected(self) -> bool:
        """In stream mode that a link is up; in HTTP mode, where DingTalk comes to us, that our credentials are
        good."""
        if self._config.mode == "http":
            return self._good
        return self._gateway is not None and self._gateway.connected()

    async def _until_reached(self) -> None:
        """DingTalk being away at the start is waited out; refused credentials are not."""
        wait = 1.0
        while not self._good:
            try:
                await self._calls.identify()
                self._good = True
                return
            except (RateLimited, Unreachable) as error:
                wait = max(wait, getattr(error, "retry_after", 0.0))
                log.warning("%s; trying again in %.0f s", error, wait)
            await asyncio.sleep(spread(wait))
            wait = min(wait * 2, LONGEST_WAIT)

    async def _stay(self) -> None:
        """What DingTalk brings is taken whatever we find; but that we can answer is asked now and then."""
        while True:
            await asyncio.sleep(ASK_AGAIN)
            try:
                await self._calls.identify()
                self._good = True
            except AdapterError as error:
                self._good = self._good and not isinstance(error, Unauthorised)
                log.warning("%s", error)

    def routes(self, host: Host) -> webhook.Routes:
        if self._config.mode != "http":
            return ()
        self._host = host
        secret = self._config.client_secret.reveal()
        return webhook.routes(secret, self._called, lambda: self._now().timestamp())

    async def _called(self, data: Json) -> int:
        """A robot message by HTTP, whose body nobody signed."""
        if not self._is_for_us(str(data.get("robotCode") or "")):
            return 401
        try:
            await self._message(data, signed=False)
        except Exception as error:
            # whatever kept the event from being kept: it must not look as if it had been
            log.warning("dingtalk: an event was not kept and not acknowledged (%s)", type(error).__name__)
            return 500
        return 200

    async def _deliver(self, frame: Frame) -> Json | None:
        """One frame. Returning acknowledges it; raising has DingTalk bring it again."""
        if frame.topic == CARDS:
            return await self._pressed(frame)
        if frame.topic == EVENTS:
            self._forget_changed(frame)
            return None
        await self._message(frame.data, signed=True)
        return None

    async def _message(self, data: Json, *, signed: bool) -> None:
        host = self._listening()
        event: Message | Press | None = None
        with _reading("message"):
            if self._is_for_us(str(data.get("robotCode") or "")):
                event = inbound.message(data, self._people.known, self._quoting)
        if event is None:
            return
        event = structs.replace(event, unsigned=not signed)
        if signed:
            self._organisation = str(data.get("chatbotCorpId") or "")
        if not event.thread.direct:
            self._quoting.stands_in(event.id, event.thread.root)
        with _reading("reply address"):  # without it there is the robot API
            session = inbound.session(data, replies=signed and self._calls.trusts(data.get("sessionWebhook")))
            self._sessions.keep(event.thread.chat, session)
        await host.receive(event)

    def _is_for_us(self, robot: str) -> bool:
        """Another robot answers for itself (peers.md D10). If nobody meant there to be one, our robot code is wrong
        and nobody is ever answered: that is said, once."""
        ours = robot in ("", self._config.robot)
        if not ours and robot != self._other_robot:
            self._other_robot = robot
            log.warning(
                "dingtalk: what is said to robot %r is not ours · UNDERSTUDY_DINGTALK_ROBOT_CODE", robot[:80]
            )
        return ours

    async def _pressed(self, frame: Frame) -> Json | None:
        host = self._listening()
        pressed: inbound.Pressed | None = None
        with _reading("card"):
            pressed = inbound.pressed(
                frame.data, frame.id, self._now(), self._people.known, ours=self._organisation
            )
        if pressed is None or pressed.event is None:
            return cards.answer(cards.closed()) if pressed is not None else None
        if pressed.opens_form:
            form = await host.form(pressed.event)
            if form is not None:
                return cards.answer(cards.opened(form))
        await host.receive(pressed.event)
        return cards.answer(cards.closed()) if pressed.closes_form else None

    def _listening(self) -> Host:
        if self._host is None:
            raise Unreachable(PLATFORM, "an event came before the start was done")
        return self._host

    def _forget_changed(self, frame: Frame) -> None:
        if frame.kind in ("user_leave_org", "user_modify_org", "user_active_org"):
            with _reading("change of the organisation"):
                ids = frame.data.get("userId") or frame.data.get("UserId") or ()
                self._people.forget([str(id) for id in ids] if isinstance(ids, list) else [str(ids)])

    # speaking --------------------------------------------------------------------------------------------------

    async def post(self, thread: Thread, post: Post) -> Receipt:
        receipt = await self._sender.post(thread, post)
        self._status.done(thread)
        return receipt

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        return await self._sender.retract(receipt, marked)

    async def direct(self, person: Person) -> Thread:
        return direct(person.id)

    async def working(self, thread: Thread, text: str) -> None:
        await self._status.working(thread, text)

    # knowing ---------------------------------------------------------------------------------------------------

    async def audience(self, thread: Thread) -> Audience:
        return await self._rooms.audience(thread)

    async def person(self, id: str) -> Person:
        return await self._people.person(id)

    async def check(self) -> Sequence[Finding]:
        config = self._config
        found = check.findings(
            self._calls,
            robot=config.robot,
            template=config.card_template,
            streams=config.stream,
            mode=config.mode,
            now=self._now(),
        )
        return [finding async for finding in found]

    async def close(self) -> None:
        await self._status.close()
        await self._calls.close()


class CardAdapter(DingTalkAdapter):
    """The same with a card template: what is said is cards, which can be looked for and rewritten."""

    _sender: CardSender

    def _made_sender(self) -> Sender:
        config = self._config
        streamer = Streamer(self._calls) if config.stream else None
        return CardSender(self._calls, self._sessions, self._quoting, config.robot, config.card_template, streamer)

    async def find(self, thread: Thread, key: str) -> Receipt | None:
        id = await self._sender.find(key)
        return Receipt(id, thread) if id else None

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        return await self._sender.rewrite(receipt, post)


@contextlib.contextmanager
def _reading(what: str) -> Iterator[None]:
    """What cannot be read is named and acknowledged: a redelivery would read no better."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        log.error("dingtalk: a %s cannot be read (%s)", what, type(error).__name__)
