"""The Slack adapter: identity, connection and delivery; what it can do besides is in the rooms next door."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs

from adapters.errors import AdapterError, RateLimited, Unauthorised, Unreachable
from adapters.model import Audience, Inbound, Message, Person, Post, Press, Receipt, Thread
from adapters.protocol import Finding, Host, Retracted
from adapters.secret import Secret
from adapters.slack import check, inbound, outbound, webhook
from adapters.slack.client import Gateway, Web
from adapters.slack.failures import PLATFORM
from adapters.slack.people import People, ids_in
from adapters.slack.rooms import Rooms
from adapters.slack.sender import Sender
from adapters.slack.status import Status
from adapters.slack.streaming import Streamer

Json = dict[str, Any]

NAMES_WITHIN = 1.0  # seconds of the three before the ack that may go into learning names
ASK_AGAIN = 600.0  # how often a running bot asks whether its tokens are still good

log = logging.getLogger("adapters.slack")


class Config(Struct, frozen=True):
    """`mode` is socket (an app-level token, no public address) or http (a signing secret and a public address)."""

    bot_token: Secret
    app_token: Secret
    signing_secret: Secret
    mode: str = "socket"
    api_url: str = "https://slack.com/api/"
    stream: bool = False
    ping_seconds: float = 5.0


class SlackAdapter:
    """One workspace, one bot token."""

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
        self._web = Web(config.bot_token, config.api_url)
        self._people = People(self._web, ticks)
        self._rooms = Rooms(self._web, self._people, ticks)
        self._status = Status(self._web)
        streamer = Streamer(self._web) if config.stream else None
        self._sender = Sender(self._web, self._rooms, self._identity, streamer)
        self._known: inbound.Me | None = None
        self._host: Host | None = None
        self._gateway: Gateway | None = None

    # listening -------------------------------------------------------------------------------------------------

    async def run(self, host: Host) -> None:
        self._host = host
        gateway = self._open_gateway()
        try:
            await self._until_reached(self._identity)
            if self._config.mode == "socket":
                await self._until_reached(gateway.open)
            await self._watch(gateway)
        finally:
            await gateway.close()

    async def connected(self) -> bool:
        """In Socket Mode that the link is up; in HTTP mode, where Slack comes to us, that our token was taken."""
        if self._known is None or self._gateway is None:
            return False
        return self._config.mode == "http" or await self._gateway.connected()

    async def _until_reached(self, step: Callable[[], Any]) -> None:
        """Slack being away at the start is waited out; a refused token is not."""
        wait = 1.0
        while True:
            try:
                await step()
                return
            except RateLimited as error:
                wait = error.retry_after
            except Unreachable as error:
                log.warning("%s; trying again in %.0f s", error, wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60.0)

    async def _watch(self, gateway: Gateway) -> None:
        """The SDK reconnects; but when a token is revoked it would try, and we would post, for ever in vain."""
        beat = self._config.ping_seconds * 3
        since_asked = 0.0
        while True:
            await asyncio.sleep(beat)
            since_asked += beat
            lost = self._config.mode == "socket" and not await gateway.connected()
            if not lost and since_asked < ASK_AGAIN:
                continue
            since_asked = 0.0
            try:
                await self._web.identify()
                if lost:
                    await gateway.may_connect()
            except Unauthorised:
                raise
            except AdapterError as error:
                log.warning("%s", error)

    def routes(self, host: Host) -> webhook.Routes:
        if self._config.mode != "http":
            return ()
        self._host = host
        secret = self._config.signing_secret.reveal()
        return webhook.routes(secret, self._dispatch, lambda: self._now().timestamp())

    async def _dispatch(self, body: str, headers: Mapping[str, str]) -> int:
        return await self._open_gateway().dispatch(body, headers)

    def _open_gateway(self) -> Gateway:
        if self._gateway is None:
            config = self._config
            self._gateway = Gateway(
                self._web,
                config.app_token,
                config.signing_secret,
                self._deliver,
                ping_seconds=config.ping_seconds,
            )
        return self._gateway

    async def _deliver(self, payload: Json) -> None:
        """One payload in whatever mode it came. Returning acknowledges it; raising has Slack bring it again."""
        if self._host is None or self._known is None:
            raise Unreachable(PLATFORM, "an event came before the start was done")
        me = self._known
        self._forget_changed(payload)
        try:
            event = inbound.parse(payload, me, self._now(), self._people.known)
            if event is None:
                return
            await self._learn(payload, event, me)
            event = inbound.parse(payload, me, self._now(), self._people.known) or event
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # a redelivery would read no better
            log.error("slack: a payload of type %s cannot be read (%r)", payload.get("type"), type(error).__name__)
            return
        if isinstance(event, Press) and inbound.opens_form(payload):
            form = await self._host.form(event)
            if form is not None:
                view = outbound.modal(form, event)
                await self._web.write("views.open", trigger_id=event.trigger, view=view)
                return
        if isinstance(event, Message) and event.command and event.thread.direct:
            event = structs.replace(event, thread=await self._our_direct(event))
        elif isinstance(event, Message | Press) and not event.thread.direct:
            event = structs.replace(event, thread=self._rooms.named(event.thread))
        await self._host.receive(event)

    async def _learn(self, payload: Json, event: Inbound, me: inbound.Me) -> None:
        """The names of people and of the chat, as far as they can be had in time for the ack."""
        unknown = [id for id in ids_in(payload) if id not in ("", me.user) and not self._people.known(id)]
        chat = event.thread.chat if isinstance(event, Message | Press) and not event.thread.direct else ""
        if unknown or (chat and not self._rooms.knows(chat)):
            people = self._people.learn(unknown, me, within=NAMES_WITHIN)
            await asyncio.gather(people, *([self._rooms.learn(chat, within=NAMES_WITHIN)] if chat else []))

    async def _our_direct(self, command: Message) -> Thread:
        """A command may be typed in the direct chat of two people, which we cannot write to: it is then taken as
        said in ours with its author."""
        try:
            async with asyncio.timeout(NAMES_WITHIN):
                return await self.direct(command.author)
        except (AdapterError, TimeoutError):
            return command.thread

    def _forget_changed(self, payload: Json) -> None:
        event = payload.get("event") or {}
        kind = str(event.get("type", ""))
        if kind in ("member_joined_channel", "member_left_channel") or kind.startswith(("channel_", "group_")):
            chat = event.get("channel")
            self._rooms.forget(chat if isinstance(chat, str) else (chat or {}).get("id", ""))
        if kind == "user_change":
            self._people.forget((event.get("user") or {}).get("id", ""))

    # speaking --------------------------------------------------------------------------------------------------

    async def post(self, thread: Thread, post: Post) -> Receipt:
        receipt = await self._sender.post(thread, post)
        await self._status.done(thread)
        return receipt

    async def edit(self, receipt: Receipt, post: Post) -> Receipt:
        return await self._sender.rewrite(receipt, post)

    async def retract(self, receipt: Receipt, marked: Post) -> Retracted:
        return await self._sender.retract(receipt, marked)

    async def find(self, thread: Thread, key: str) -> Receipt | None:
        return await self._sender.find(thread, key)

    async def direct(self, person: Person) -> Thread:
        return await self._rooms.direct(person, await self._identity())

    async def working(self, thread: Thread, text: str) -> None:
        await self._status.working(thread, text)

    # knowing ---------------------------------------------------------------------------------------------------

    async def audience(self, thread: Thread) -> Audience:
        return await self._rooms.audience(thread.chat, await self._identity())

    async def person(self, id: str) -> Person:
        return await self._people.person(id, await self._identity())

    async def _identity(self) -> inbound.Me:
        if self._known is None:
            answer, _ = await self._web.identify()
            self._known = inbound.Me(
                user=answer["user_id"],
                bot=answer.get("bot_id", ""),
                team=answer["team_id"],
                enterprise=answer.get("enterprise_id") or "",
            )
        return self._known

    async def check(self) -> Sequence[Finding]:
        try:
            answer, headers = await self._web.identify()
        except AdapterError as error:
            return [Finding(False, str(error), f"{check.APPS} → OAuth & Permissions → Bot User OAuth Token")]
        granted = [scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")]
        findings = [check.identity(answer), *check.scopes(granted), *check.clock(headers, self._now())]
        if self._config.mode == "socket":
            findings.append(check.socket(await self._socket_error()))
        return [*findings, *check.unseen(self._config.mode)]

    async def _socket_error(self) -> AdapterError | None:
        try:
            await self._open_gateway().may_connect()
        except AdapterError as error:
            return error
        return None

    async def close(self) -> None:
        await self._web.close()
